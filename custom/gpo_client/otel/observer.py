"""Calls as spans and measurements."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry import metrics, trace
from opentelemetry.context import Context, get_current
from opentelemetry.metrics import Meter
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gpo_client.flows.call_details import AttemptDetails, CallDetails, CallResult, ResumeDetails, RetryDetails
from gpo_client.flows.observers import CallObserver, Observer
from gpo_client.otel import attributes
from gpo_client.version import VERSION

# As the conventions advise, for answers and their first chunks …
_ANSWER_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
# … and for requests.
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class Instruments:
    """Instruments for what is counted and measured.

    Args:
        meter: Makes the instruments.
    """

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
        self._operation = attributes.of_operation(call)
        self._span = observer.tracer.start_span(
            attributes.span_name(call),
            context,
            trace.SpanKind.CLIENT,
            attributes.of_call(call, content=observer.capture_content),
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
        how = attributes.of_attempt(attempt)
        self._instruments.request_duration.record(attempt.duration, {**attributes.of_request(self._call), **how})
        if attempt.status_code is not None:
            self._span.set_attribute("http.response.status_code", attempt.status_code)
            self._span.set_attribute("http.response.header.x-request-id", [attempt.request_id])

    def retrying(self, retry: RetryDetails) -> None:
        self._span.add_event("gpo.retry", attributes.of_retry(retry))
        self._instruments.retries.add(1, self._operation)

    def resuming(self, resume: ResumeDetails) -> None:
        self._span.add_event("gpo.resume", attributes.of_resume(resume))
        self._instruments.resumes.add(1, self._operation)

    def first_chunk(self, seconds: float) -> None:
        self._span.add_event("gpo.first_chunk")
        self._span.set_attribute("gen_ai.response.time_to_first_chunk", seconds)
        self._instruments.time_to_first_chunk.record(seconds, self._operation)

    def call_ended(self, result: CallResult) -> None:
        self._measure(result)
        self._span.set_attributes(attributes.of_result(self._call, result, content=self._observer.capture_content))
        if result.error is not None:
            self._span.set_status(trace.StatusCode.ERROR, type(result.error).__name__)
        self._span.end()

    def _measure(self, result: CallResult) -> None:
        if self._call.is_stream:
            self._instruments.active_streams.add(-1, self._operation)
        if self._call.question is not None:
            how = {**attributes.of_error(result), **attributes.of_model(result)}
            self._instruments.operation_duration.record(result.elapsed, {**self._operation, **how})
