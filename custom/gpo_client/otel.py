"""Traces and metrics of a client's calls, for OpenTelemetry (extra ``otel``).

    from gpo_client import GPOCoreClient
    from gpo_client.otel import OpenTelemetryObserver

    client = GPOCoreClient(observers=[OpenTelemetryObserver()])

Names follow the semantic conventions of OpenTelemetry: those for generative AI (``gen_ai.*``, in development, as of
1.42) and for HTTP clients (stable); what they have no name for begins with ``gpo.``. See docs/observability.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

try:
    from opentelemetry import metrics, trace
    from opentelemetry.context import Context, get_current
    from opentelemetry.metrics import Meter
    from opentelemetry.propagators.textmap import TextMapPropagator
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ModuleNotFoundError as error:
    raise ImportError(
        'gpo_client.otel needs opentelemetry-api, which is not installed: pip install "gpo-client[otel]"'
    ) from error

from gpo_client.exceptions import APIStatusError
from gpo_client.flows.observers import (
    AttemptDetails,
    CallDetails,
    CallObserver,
    CallResult,
    Observer,
    ResumeDetails,
    RetryDetails,
)
from gpo_client.models.answer import text_of
from gpo_client.version import VERSION

Attributes = dict[str, str | bool | int | float | list[str]]

PROVIDER = "gpo"


def span_name(call: CallDetails) -> str:
    """``chat`` for questions; method and path template of other calls."""
    return "chat" if call.question is not None else f"{call.method} {call.path_template}"


@lru_cache(maxsize=128)
def server(base_url: str) -> tuple[str, int]:
    """Return the host and the port of the API."""
    url = urlsplit(base_url)
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)


def of_server(call: CallDetails) -> Attributes:
    """Whom the call goes to."""
    address, port = server(call.base_url)
    return {"server.address": address, "server.port": port}


def of_operation(call: CallDetails) -> Attributes:
    """Return what few values tell of a call, for metrics."""
    attributes = {**of_server(call), "gpo.operation.id": call.operation}
    return attributes if call.question is None else {**attributes, **_generating()}


def of_request(call: CallDetails) -> Attributes:
    """Return what few values tell of a request, for metrics."""
    scheme = urlsplit(call.base_url).scheme
    return {
        **of_server(call),
        "http.request.method": call.method,
        "url.scheme": scheme,
        "url.template": call.path_template,
    }


def of_call(call: CallDetails, *, content: bool) -> Attributes:
    """Return what is known when a call begins, the question itself only with ``content``."""
    attributes = {
        **of_request(call),
        "gpo.operation.id": call.operation,
        # Without its parameters: they may hold what a user has typed.
        "url.full": call.base_url + call.path,
        "http.request.header.x-request-id": [call.request_id],
    }
    if call.question is not None:
        attributes |= _generating()
        attributes["gen_ai.request.stream"] = call.is_stream
        if call.conversation_id is not None:
            attributes["gen_ai.conversation.id"] = call.conversation_id
        if content:
            attributes["gen_ai.input.messages"] = _message("user", call.question)
    return attributes


def of_attempt(attempt: AttemptDetails) -> Attributes:
    """How a request went: the status, or how it failed."""
    attributes: Attributes = {}
    if attempt.status_code is not None:
        attributes["http.response.status_code"] = attempt.status_code
    if attempt.failure is not None:
        attributes["error.type"] = attempt.failure.replace(" ", "_")
    elif attempt.status_code is not None and attempt.status_code >= 400:
        attributes["error.type"] = str(attempt.status_code)
    return attributes


def of_retry(retry: RetryDetails) -> Attributes:
    """Why and when a request is sent again. The reason in words is left out: it may quote the service."""
    attributes: Attributes = {"gpo.attempt": retry.attempt, "gpo.delay": retry.delay}
    if retry.status_code is not None:
        attributes["http.response.status_code"] = retry.status_code
    return attributes


def of_resume(resume: ResumeDetails) -> Attributes:
    """Return where and when a stream is continued."""
    attributes: Attributes = {
        "gpo.stream.resume_count": resume.resume_count,
        "gpo.stream.chunk_count": resume.chunk_count,
        "gpo.delay": resume.delay,
    }
    if resume.last_event_id is not None:
        attributes["gpo.stream.last_event_id"] = resume.last_event_id
    return attributes


def of_result(call: CallDetails, result: CallResult, *, content: bool) -> Attributes:
    """Return what is known when a call is over, the answer itself only with ``content``."""
    attributes: Attributes = {"gpo.outcome": result.outcome, **of_error(result)}
    if result.attempts > 1:
        attributes["http.request.resend_count"] = result.attempts - 1
    if call.is_stream:
        attributes["gpo.stream.chunk_count"] = result.chunk_count
        attributes["gpo.stream.resume_count"] = result.resume_count
    if result.message_id is not None:
        attributes["gen_ai.response.id"] = result.message_id
    attributes |= of_model(result)
    if content and result.answer is not None:
        attributes["gen_ai.output.messages"] = _message("assistant", text_of(result.answer), result.outcome)
    return attributes


def of_error(result: CallResult) -> Attributes:
    """Return the class of the error that a call ended with. Its message is left out: it may quote the service."""
    if result.error is None:
        return {}
    if isinstance(result.error, APIStatusError):
        return {"error.type": str(result.error.status_code)}
    kind = type(result.error)
    return {"error.type": f"{kind.__module__}.{kind.__qualname__}"}


def of_model(result: CallResult) -> Attributes:
    """Return the model that wrote the answer."""
    return {} if result.model is None else {"gen_ai.response.model": result.model}


def _generating() -> Attributes:
    return {"gen_ai.operation.name": "chat", "gen_ai.provider.name": PROVIDER}


def _message(role: str, text: str, outcome: str = "") -> str:
    """One message, as the JSON that the conventions prescribe where attributes are plain."""
    message: dict[str, object] = {"role": role, "parts": [{"type": "text", "content": text}]}
    if outcome:
        message["finish_reason"] = "stop" if outcome == "complete" else "error"
    return json.dumps([message], ensure_ascii=False)


# As the conventions advise, for answers and their first chunks …
_ANSWER_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
# … and for requests.
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class Instruments:
    """Instruments for what is counted and measured."""

    def __init__(self, meter: Meter) -> None:
        self.operation_duration = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "How long questions take, to the end of the answer.",
            explicit_bucket_boundaries_advisory=_ANSWER_S,
        )
        self.time_to_first_chunk = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            "s",
            "Time from the request to the first chunk of a stream.",
            explicit_bucket_boundaries_advisory=_ANSWER_S,
        )
        self.request_duration = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "How long single requests take, to the head of the answer.",
            explicit_bucket_boundaries_advisory=_REQUEST_S,
        )
        self.retries = meter.create_counter("gpo.client.retries", "{retry}", "Requests that were sent again.")
        self.resumes = meter.create_counter(
            "gpo.client.resumes", "{resume}", "Streams that were continued on a new connection."
        )
        self.active_streams = meter.create_up_down_counter(
            "gpo.client.active_streams", "{stream}", "Streams that are open at the moment."
        )


class OpenTelemetryObserver(Observer):
    """Makes a span of each call and each stream of a client, and measures them.

    ::

        client = GPOCoreClient(observers=[OpenTelemetryObserver()])

    A span is a child of the span that is current where the call is made (a stream: where it is opened), and ends with
    the call: when the answer is whole, when it fails, or when a stream is left or forgotten. It never becomes the
    current span itself. Its requests, retries and resumes among them, carry ``traceparent`` (W3C Trace Context), so
    that the service's spans become its children.

    Spans hold ids, counts and times. Tokens are never in them, questions and answers only with ``capture_content``.

    Thread and task safety: it may be shared by any number of clients, tasks and threads.

    Args:
        tracer_provider: Makes the spans. Default: the global one.
        meter_provider: Takes the measurements. Default: the global one.
        propagator: Writes the header fields. Default: W3C Trace Context alone; baggage is not sent to the service
            unless you say so with ``opentelemetry.propagate.get_global_textmap()``.
        capture_content: Whether spans shall hold the texts of questions and answers. Default False.
    """

    def __init__(
        self,
        *,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
        propagator: TextMapPropagator | None = None,
        capture_content: bool = False,
    ) -> None:
        self.tracer = trace.get_tracer("gpo_client", VERSION, tracer_provider)
        self.instruments = Instruments(metrics.get_meter("gpo_client", VERSION, meter_provider))
        self.propagator = propagator or TraceContextTextMapPropagator()
        self.capture_content = capture_content

    def call_started(self, call: CallDetails, parent: CallObserver | None) -> CallObserver:
        """Begin a span."""
        return _CallSpan(self, call, parent.context if isinstance(parent, _CallSpan) else get_current())


class _CallSpan(CallObserver):
    """The span of one call."""

    def __init__(self, observer: OpenTelemetryObserver, call: CallDetails, context: Context) -> None:
        self._call = call
        self._observer = observer
        self._instruments = observer.instruments
        self._operation = of_operation(call)
        self._span = observer.tracer.start_span(
            span_name(call), context, trace.SpanKind.CLIENT, of_call(call, content=observer.capture_content)
        )
        # Handed on explicitly. Attached, it would be current in whatever else the task does while a stream is open.
        self.context = trace.set_span_in_context(self._span, context)
        if call.is_stream:
            self._instruments.active_streams.add(1, self._operation)

    def request_headers(self) -> Mapping[str, str]:
        fields: dict[str, str] = {}
        # Its default setter is typed for fewer kinds of mappings than it sets.
        self._observer.propagator.inject(fields, self.context)  # pyright: ignore[reportArgumentType]
        return fields

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        how = of_attempt(attempt)
        self._instruments.request_duration.record(attempt.duration, {**of_request(self._call), **how})
        if attempt.status_code is not None:
            self._span.set_attribute("http.response.status_code", attempt.status_code)
            self._span.set_attribute("http.response.header.x-request-id", [attempt.request_id])

    def retrying(self, retry: RetryDetails) -> None:
        self._span.add_event("gpo.retry", of_retry(retry))
        self._instruments.retries.add(1, self._operation)

    def resuming(self, resume: ResumeDetails) -> None:
        self._span.add_event("gpo.resume", of_resume(resume))
        self._instruments.resumes.add(1, self._operation)

    def first_chunk(self, seconds: float) -> None:
        self._span.add_event("gpo.first_chunk")
        self._span.set_attribute("gen_ai.response.time_to_first_chunk", seconds)
        self._instruments.time_to_first_chunk.record(seconds, self._operation)

    def call_ended(self, result: CallResult) -> None:
        self._measure(result)
        self._span.set_attributes(of_result(self._call, result, content=self._observer.capture_content))
        if result.error is not None:
            self._span.set_status(trace.StatusCode.ERROR, type(result.error).__name__)
        self._span.end()

    def _measure(self, result: CallResult) -> None:
        if self._call.is_stream:
            self._instruments.active_streams.add(-1, self._operation)
        if self._call.question is not None:
            how = {**of_error(result), **of_model(result)}
            self._instruments.operation_duration.record(result.elapsed, {**self._operation, **how})
