"""Details of a call under way, for observers: ids, counts and times; no tokens and, unless asked for, no texts."""

from __future__ import annotations

from typing import Literal

import attrs

from gpo_client.limits.limiter import LimitReason
from gpo_client.models.answer import ChatResponse
from gpo_client.models.stream import StreamedResponse

#: How a call can end. Cancelled: nobody wanted the rest, because a task was cancelled or a stream was left early.
Outcome = Literal["complete", "failed", "cancelled"]


@attrs.frozen(kw_only=True)
class CallDetails:
    """A call that is about to be sent.

    Attributes:
        operation: The operationId, such as ``"chat"``.
        method: ``GET``, ``POST`` …
        base_url: The address of the API.
        path: The path below it, without parameters: they may hold what a user has typed.
        path_template: The path as the OpenAPI document has it, such as ``"/api/Chat/{conversation_id}/message"``.
        is_stream: Whether the answer is streamed.
        request_id: The ``X-Request-ID``.
        conversation_id: The conversation that a question belongs to; None when it names none, and of other calls.
        question: The text of a question; None of other calls. Not in ``repr``, and not for logs.
    """

    operation: str
    method: str
    base_url: str
    path: str
    path_template: str
    is_stream: bool
    request_id: str
    conversation_id: str | None = None
    question: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class AttemptDetails:
    """A request that got a response, or none.

    Attributes:
        number: Which request of the call it is, from 1.
        duration: Seconds from sending it to the head of the response, or to the failure.
        status_code: The HTTP status; None when there was no response.
        failure: Why there was none, in a few fixed words such as ``"connection refused"``; None when there was one.
        request_id: The ``X-Request-ID`` of the response, else that of the request.
    """

    number: int
    duration: float
    status_code: int | None
    failure: str | None
    request_id: str


@attrs.frozen(kw_only=True)
class WaitDetails:
    """A call that had to wait for its turn, before one of its requests was sent.

    Attributes:
        operation: The operationId, such as ``"chat"``.
        seconds: How long it waited.
        reason: What for: ``"max_concurrency"`` or ``"requests_per_second"``, the settings; ``"retry_after"``, which the
            service had asked for; ``"adaptive"``, what the service was found to take.
    """

    operation: str
    seconds: float
    reason: LimitReason


@attrs.frozen(kw_only=True)
class RetryDetails:
    """A request that failed and is about to be sent again.

    Attributes:
        operation: The operationId, such as ``"chat"``.
        attempt: How many requests have been sent.
        delay: Seconds until the next one.
        reason: What went wrong, in a sentence.
        status_code: The HTTP status, when a response arrived.
        request_id: The ``X-Request-ID``.
        elapsed: Seconds since the call began.
    """

    operation: str
    attempt: int
    delay: float
    reason: str
    status_code: int | None
    request_id: str | None
    elapsed: float


@attrs.frozen(kw_only=True)
class ResumeDetails:
    """A stream that broke and is about to be continued on a new connection.

    Attributes:
        last_event_id: The event after which it goes on; None when none had arrived.
        resume_count: Which resume of this stream it is, from 1.
        delay: Seconds until the request.
        reason: What went wrong, in a few words.
        chunk_count: How many chunks have arrived.
        request_id: The ``X-Request-ID`` of the connection that broke.
        elapsed: Seconds since the stream began.
    """

    last_event_id: str | None
    resume_count: int
    delay: float
    reason: str
    chunk_count: int
    request_id: str | None
    elapsed: float


@attrs.frozen(kw_only=True)
class CallResult:
    """A call that is over.

    Attributes:
        outcome: ``"complete"``, ``"failed"``, or ``"cancelled"``: nobody wanted the rest.
        elapsed: Seconds since it began.
        attempts: How many requests were sent.
        error: Why it failed; None when it did not. Not in ``repr``: its message may quote the service.
        chunk_count: How many chunks of a stream have arrived.
        resume_count: How often a stream was continued on a new connection.
        time_to_first_chunk: Seconds from the request to the first chunk of a stream; None when none arrived.
        message_id: The id of the answer to a question, when the service told it.
        model: The model that wrote it, when the service told it.
        answer: The answer to a question, or what had arrived of it; None of other calls. Not in ``repr``, and not for
            logs.
    """

    outcome: Outcome
    elapsed: float
    attempts: int
    error: BaseException | None = attrs.field(default=None, repr=False)
    chunk_count: int = 0
    resume_count: int = 0
    time_to_first_chunk: float | None = None
    message_id: str | None = None
    model: str | None = None
    answer: ChatResponse | StreamedResponse | None = attrs.field(default=None, repr=False)
