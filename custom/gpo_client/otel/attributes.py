"""Attributes of spans and measurements of a call, in the words of OpenTelemetry's semantic conventions.

``gen_ai.*`` is from the conventions for generative AI (in development, as of 1.42), the others from those for HTTP
(stable) unless they begin with ``gpo.``: those are ours.
"""

from __future__ import annotations

import json
from functools import lru_cache
from urllib.parse import urlsplit

from gpo_client.exceptions import APIStatusError
from gpo_client.flows.call_details import AttemptDetails, CallDetails, CallResult, ResumeDetails, RetryDetails
from gpo_client.models.answer import ChatResponse
from gpo_client.models.stream import StreamedResponse

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
    """Return what is known when a call begins.

    Args:
        call: The call.
        content: Whether to tell the question itself.
    """
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
    """Return what is known when a call is over.

    Args:
        call: The call.
        result: How it ended.
        content: Whether to tell the answer itself.
    """
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
        attributes["gen_ai.output.messages"] = _message("assistant", _text(result.answer), result.outcome)
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


def _text(answer: ChatResponse | StreamedResponse) -> str:
    return answer.message_content if isinstance(answer, ChatResponse) else answer.content


def _message(role: str, text: str, outcome: str = "") -> str:
    """One message, as the JSON that the conventions prescribe where attributes are plain."""
    message: dict[str, object] = {"role": role, "parts": [{"type": "text", "content": text}]}
    if outcome:
        message["finish_reason"] = "stop" if outcome == "complete" else "error"
    return json.dumps([message], ensure_ascii=False)
