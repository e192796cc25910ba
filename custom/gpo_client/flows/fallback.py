"""The fallback of a stream that is lost for good: the whole answer, and of it what is still missing."""

from __future__ import annotations

from gpo_client.exceptions import GPOClientError, StreamError, StreamInterruptedError
from gpo_client.flows.active_call import ActiveCall
from gpo_client.flows.call import call_flow
from gpo_client.flows.effects import Deliver, Flow
from gpo_client.flows.options import CreateOptions
from gpo_client.models.answer import ChatResponse
from gpo_client.models.stream import StreamingChunk
from gpo_client.operations.call import Call
from gpo_client.text.record import StreamRecord


def fall_back(
    active: ActiveCall,
    fallback_call: Call[ChatResponse],
    record: StreamRecord,
    error: StreamError,
    remaining: float | None,
) -> Flow[None]:
    """Ask for the whole answer and deliver what the stream still owed, as one last chunk.

    The question goes out under the stream's idempotency key, so the service gives the answer it has begun, if it can.
    It goes out once: the stream has had its tries, and what is left of its time is the time of one.

    Args:
        active: The stream's call.
        fallback_call: The same question for a whole answer.
        record: What the stream has delivered.
        error: How it failed.
        remaining: Seconds left of the stream's time; None: no limit.

    Raises:
        StreamError: The stream's own error, when no whole answer is to be had; a StreamInterruptedError with
            ``fallback_response``, when the whole answer is not the one that had begun.
    """
    try:
        answer = yield from call_flow(active.runtime, fallback_call, _options(active, remaining), active.reporter)
    except GPOClientError as second:
        error.add_note(f"the fallback to a whole answer failed too: {second}")
        raise error from second  # what happened to the stream is what the user has to know
    chunk = _remainder(record, answer)
    if chunk is None:
        raise _mismatch(record, answer, error) from error
    record.is_complete = True
    record.add((chunk,))
    if record.chunk_count == 1:
        active.reporter.first_chunk()
    active.reporter.end("complete")  # who leaves at the last chunk has seen it all
    yield from Deliver((chunk,))


def _options(active: ActiveCall, remaining: float | None) -> CreateOptions:
    # The stream may have no limit of its own, an ordinary call has one in any case unless both say none.
    timeouts = [limit for limit in (active.runtime.config.timeout, remaining) if limit is not None]
    options: CreateOptions = {"timeout": min(timeouts, default=None), "max_retries": 0}
    options["headers"] = active.users_headers
    if active.idempotency_key is not None:
        options["idempotency_key"] = active.idempotency_key
    return options


def _remainder(record: StreamRecord, answer: ChatResponse) -> StreamingChunk | None:
    """Return what the stream still owed; None when the answer does not continue what it had delivered."""
    delivered = record.partial
    if delivered.truncated or not answer.message_content.startswith(delivered.content):
        return None
    return StreamingChunk(
        content=answer.message_content[len(delivered.content) :] or None,
        sources=answer.sources,
        is_complete=True,
        metadata={
            "fallback": True,
            "message_id": answer.message_id,
            "model_used": answer.model_used,
            "response_time_ms": answer.response_time_ms,
        },
    )


def _mismatch(record: StreamRecord, answer: ChatResponse, error: StreamError) -> StreamInterruptedError:
    return StreamInterruptedError(
        "the stream was cut short, and the whole answer is not the one that had begun: compare partial.content with"
        " fallback_response.message_content",
        fallback_response=answer,
        partial=record.partial,
        last_event_id=error.last_event_id,
        request_id=error.request_id,
        attempts=error.attempts,
        elapsed=error.elapsed,
    )
