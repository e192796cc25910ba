"""An ordinary call: a request, its whole answer, a model or an exception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from gpo_client.exceptions import InvalidResponseError
from gpo_client.flows.answers import AnswerType, read_answer
from gpo_client.flows.body import Body, TooLong, read_whole
from gpo_client.flows.deadline import Deadline
from gpo_client.flows.effects import Close, Failure, Flow, Opened
from gpo_client.flows.engine import Engine
from gpo_client.flows.journey import Journey
from gpo_client.flows.options import CallOptions
from gpo_client.flows.request import Request
from gpo_client.flows.retry import Setback, lost, refused, with_retries
from gpo_client.flows.verdicts import charset, connection_error, media_type, redirect_error, status_error
from gpo_client.flows.watch import Watch
from gpo_client.models.secret import Secret, SecretBytes

T = TypeVar("T")

# Problem documents are small; of anything else that comes with an error status, the beginning is enough.
_PROBLEM_BYTES = 64 * 1024

# What servers say of JSON when they say nothing: the body tells.
_MAY_BE_JSON = ("", "text/plain", "application/octet-stream")

_ACCEPT = "application/json, application/problem+json"


@attrs.frozen
class Call(Generic[T]):
    """One operation of the API with its arguments, ready to be sent.

    Attributes:
        operation: The operationId in the OpenAPI document.
        request: What to send; the engine adds the headers that are the same for all.
        answer: How to read the body; None when the answer has none.
        token: The bearer; None: the configured API key, if there is one.
        creates: Whether it creates something, so that it goes under an idempotency key.
        question: The text of a question, for observers. Not in ``repr``.
        conversation_id: The conversation that a question belongs to, for observers.
    """

    operation: str
    request: Request
    answer: AnswerType[T] | None
    token: Secret | None = None
    creates: bool = False
    question: str | None = attrs.field(default=None, repr=False)
    conversation_id: str | None = None


def call_flow(engine: Engine, call: Call[T], options: CallOptions, within: Watch | None = None) -> Flow[T]:
    """Send a call and read its whole answer.

    Args:
        engine: The client's engine.
        call: What to send.
        options: What the caller said for this call.
        within: The call within which this one is made, if it is.

    Raises:
        GPOClientError: The request could not be sent, or its answer was an error or not what the contract says.
    """
    journey = Journey(engine, call, options, accept=_ACCEPT)
    timeout = options.get("timeout", engine.config.timeout)

    def attempt() -> Flow[T | Setback]:
        deadline = journey.deadline(timeout)
        head = yield from open_answer(journey, deadline)
        if isinstance(head, Setback):
            return head
        if call.answer is not None:
            _check_media_type(journey, head)  # before the body: of an endless stream there is no end to wait for
        body = yield from read_body(journey, head, engine.config.max_response_bytes, deadline)
        yield from Close()
        if isinstance(body, Setback):
            return body
        body = SecretBytes(body)  # it may hold a token, and tracebacks may show the variables of every frame
        return _read(journey, head, body, call)

    return (yield from journey.watched(with_retries(journey, attempt), within=within))


def open_answer(journey: Journey, deadline: Deadline, headers: dict[str, str] | None = None) -> Flow[Opened | Setback]:
    """Send the request once and judge the head of the answer; anything but success is a setback.

    Args:
        journey: The call under way.
        deadline: When the head must be there.
        headers: Header fields of this attempt alone.

    Raises:
        InvalidResponseError: The answer is a redirect.
    """
    head = yield from journey.send(deadline.remaining, headers)
    if isinstance(head, Failure):
        return lost(connection_error(head, journey.circumstances), head)
    if head.status >= 400:
        return (yield from _refusal(journey, head, deadline))
    if head.status >= 300:
        raise redirect_error(head, journey.circumstances)
    return head


def read_body(
    journey: Journey, head: Opened, limit: int, deadline: Deadline, on_bytes: Callable[[int], None] | None = None
) -> Flow[bytes | Setback]:
    """The whole body of a good answer; a setback when the connection breaks before its end.

    Args:
        journey: The call under way.
        head: The head of the answer.
        limit: The most bytes that it may have.
        deadline: When it must be there.
        on_bytes: Called with the number of bytes so far.

    Raises:
        InvalidResponseError: It is damaged, or longer than ``limit`` bytes.
    """
    try:
        body = yield from read_whole(Body(head), limit, deadline, on_bytes)
    except ValueError as error:
        raise journey.invalid(head, str(error)) from error
    if isinstance(body, Failure):
        return lost(connection_error(body, journey.circumstances), body)
    if isinstance(body, TooLong):
        raise journey.invalid(head, f"the answer is longer than max_response_bytes ({limit})")
    return body


def _refusal(journey: Journey, head: Opened, deadline: Deadline) -> Flow[Setback]:
    """The setback of an error status. A body that cannot be read must not hide the status."""
    try:
        body = yield from read_whole(Body(head), _PROBLEM_BYTES, deadline)
    except ValueError:
        body = b""
    yield from Close()
    return refused(status_error(head, body if isinstance(body, bytes) else b"", journey.circumstances))


def _check_media_type(journey: Journey, head: Opened) -> None:
    if "json" not in media_type(head) and media_type(head) not in _MAY_BE_JSON:
        raise journey.invalid(head, _not_json(journey, head))


def _not_json(journey: Journey, head: Opened) -> str:
    answer = f"{head.status} and {media_type(head) or 'no content'}"
    return f"{journey.call.operation} was answered with {answer} instead of JSON"


def _read(journey: Journey, head: Opened, body: bytes, call: Call[T]) -> T:
    if call.answer is None:
        # The contract says 204. Another success that says more has succeeded all the same.
        return None  # type: ignore[return-value]
    try:
        return read_answer(call.answer, body, charset(head))
    except InvalidResponseError as error:
        # Without the frames that hold the decoded answer.
        is_json = error.path is not None or "json" in media_type(head)
        message = error.message if is_json else _not_json(journey, head)
        raise journey.invalid(head, message, path=error.path) from error.with_traceback(None)
