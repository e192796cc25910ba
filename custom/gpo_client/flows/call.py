"""An ordinary call: one request, its whole answer, a model or an exception."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

from gpo_client.exceptions import InvalidResponseError
from gpo_client.flows.answers import AnswerType, read_answer
from gpo_client.flows.body import Body, TooLong, read_whole
from gpo_client.flows.deadline import Deadline
from gpo_client.flows.effects import Close, Failure, Flow, Open, Opened
from gpo_client.flows.engine import Engine, Journey
from gpo_client.flows.options import CallOptions
from gpo_client.flows.request import Request
from gpo_client.flows.verdicts import connection_error, media_type, redirect_error, status_error
from gpo_client.models.secret import Secret

T = TypeVar("T")

# Problem documents are small; of anything else that comes with an error status, the beginning is enough.
_PROBLEM_BYTES = 64 * 1024


@attrs.frozen
class Call(Generic[T]):
    """One operation of the API with its arguments, ready to be sent.

    Attributes:
        operation: The operationId in the OpenAPI document.
        request: What to send; the engine adds the headers that are the same for all.
        answer: How to read the body; None when the answer has none.
        token: The bearer; None: the configured API key, if there is one.
        creates: Whether it creates something, so that it goes under an idempotency key.
    """

    operation: str
    request: Request
    answer: AnswerType[T] | None
    token: Secret | None = None
    creates: bool = False


def call_flow(engine: Engine, call: Call[T], options: CallOptions) -> Flow[T]:
    """Send a call and read its whole answer.

    Raises:
        GPOClientError: The request could not be sent, or its answer was an error or not what the contract says.
    """
    journey = Journey(engine, call, options, accept="application/json, application/problem+json")
    deadline = journey.deadline(options.get("timeout", engine.config.timeout))
    head = yield from open_answer(journey, deadline)
    body = yield from read_body(journey, head, engine.config.max_response_bytes, deadline)
    yield from Close()
    return _read(journey, call, head, body)


def open_answer(journey: Journey, deadline: Deadline) -> Flow[Opened]:
    """Send the request and judge the head of the answer; only a good one comes back.

    Raises:
        GPOConnectionError: No answer came.
        APIStatusError: The answer has an error status.
        InvalidResponseError: The answer is a redirect.
    """
    journey.attempts += 1
    connect_timeout = journey.engine.config.connect_timeout
    head = yield from Open(journey.request, connect_timeout=connect_timeout, read_timeout=deadline.remaining)
    if isinstance(head, Failure):
        raise connection_error(head, journey.circumstances)
    if head.status >= 400:
        raise (yield from _refusal(journey, head, deadline))
    if head.status >= 300:
        raise redirect_error(head, journey.circumstances)
    return head


def read_body(journey: Journey, head: Opened, limit: int, deadline: Deadline) -> Flow[bytes]:
    """The whole body of a good answer.

    Raises:
        GPOConnectionError: The connection broke, or the deadline passed, before its end.
        InvalidResponseError: It is damaged, or longer than ``limit`` bytes.
    """
    try:
        body = yield from read_whole(Body(head), limit, deadline)
    except ValueError as error:
        raise journey.invalid(head, str(error)) from error
    if isinstance(body, Failure):
        raise connection_error(body, journey.circumstances)
    if isinstance(body, TooLong):
        raise journey.invalid(head, f"the answer is longer than max_response_bytes ({limit})")
    return body


def _refusal(journey: Journey, head: Opened, deadline: Deadline) -> Flow[Exception]:
    """The exception for an error status. A body that cannot be read must not hide the status."""
    try:
        body = yield from read_whole(Body(head), _PROBLEM_BYTES, deadline)
    except ValueError:
        body = b""
    yield from Close()
    return status_error(head, body if isinstance(body, bytes) else b"", journey.circumstances)


def _read(journey: Journey, call: Call[T], head: Opened, body: bytes) -> T:
    if call.answer is None:
        # The contract says 204. Another success that says more has succeeded all the same.
        return None  # type: ignore[return-value]
    if "json" not in media_type(head):
        what = media_type(head) or "no content"
        raise journey.invalid(head, f"{call.operation} was answered with {head.status} and {what} instead of JSON")
    try:
        return read_answer(call.answer, body)
    except InvalidResponseError as error:
        raise journey.invalid(head, error.message, path=error.path) from error
