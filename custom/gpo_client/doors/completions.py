"""OpenAI's chat completions (API of 2026-11), as far as an assistant fulfils them: requests and answers. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import msgspec

from gpo_client.doors.asked import Asked, Body, Message, Typed, decoded, refuse
from gpo_client.doors.refusals import RefusalError
from gpo_client.doors.written import Written
from gpo_client.relay import Entry

_DONE = b"data: [DONE]\n\n"


class _StreamOptions(msgspec.Struct, frozen=True):
    include_usage: bool = False


class _Completion(Body, frozen=True, kw_only=True):
    messages: list[Message]
    stream_options: _StreamOptions | None = None
    n: int | None = None
    logprobs: bool | None = None
    modalities: list[str] | None = None
    response_format: Typed | None = None


_COMPLETION = msgspec.json.Decoder(_Completion)


def read_completion(body: bytes, *, max_query_chars: int) -> Asked:
    """Read the body of a request for a chat completion.

    Args:
        body: JSON.
        max_query_chars: The longest question, in characters.

    Raises:
        RefusalError: It is none, has no question, or wants what the assistant cannot give.
    """
    read = decoded(_COMPLETION, body)
    wishes = {
        "n": (read.n or 1) != 1,
        "logprobs": bool(read.logprobs),
        "modalities": read.modalities not in (None, ["text"]),
        "response_format": read.response_format is not None and read.response_format.type != "text",
        "messages": not all(message.is_text for message in read.messages),
    }
    refuse(read, wishes)
    said = [message.said for message in read.messages]
    asked = Asked.of(read.model, said, field="messages", max_chars=max_query_chars)
    usage = read.stream_options is not None and read.stream_options.include_usage
    return attrs.evolve(asked, is_streamed=bool(read.stream), includes_usage=usage)


def error_body(refusal: RefusalError) -> dict[str, Any]:
    """Return a refusal in OpenAI's shape."""
    status = refusal.status
    kind = "rate_limit_error" if status == 429 else "api_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": refusal.message, "type": kind, "param": refusal.param, "code": refusal.code}}


class Completion:
    """Writes one answer as a chat completion, whole or as events.

    Args:
        completion_id: Identifies it.
        written: The answer.
        created: When, in seconds since 1970.
    """

    def __init__(self, completion_id: str, written: Written, created: int) -> None:
        self.written = written
        self.answer_id = completion_id
        self._head: dict[str, Any] = {"id": completion_id, "created": created, "model": written.asked.model}
        # A chunk of text is what there are thousands of: all but the text is written once.
        self._before, self._after = self._chunk({"content": ""}).split(b'""', 1)

    def opening(self) -> bytes:
        """Return the first event of a stream."""
        return self._chunk({"role": "assistant", "content": ""})

    def take(self, entry: Entry) -> bytes:
        """Take in an entry of the relay's log; return the events that it becomes in a stream."""
        text, citations = self.written.read(entry)
        if self.written.refusal is not None:
            return self.failed(self.written.refusal)
        events = self._before + msgspec.json.encode(text) + self._after if text else b""
        if citations:
            events += self._chunk({"annotations": _annotations(citations)})
        return events + self._ending() if entry.is_last else events

    def failed(self, refusal: RefusalError) -> bytes:
        """Return the event that ends a stream which is not whole."""
        return _event(error_body(refusal))

    def whole(self) -> dict[str, Any]:
        """Return the completion as one object, once the last entry has been taken in."""
        annotations = _annotations(self.written.citations)
        message = {"role": "assistant", "content": self.written.text, "refusal": None, "annotations": annotations}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage()}

    def _ending(self) -> bytes:
        events = self._chunk({}, "stop")
        if self.written.asked.includes_usage:
            events += _event({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": self._usage()})
        return events + _DONE

    def _usage(self) -> dict[str, Any]:
        prompt, answer = self.written.tokens
        # A field of ours says that nobody has counted.
        counts = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
        return {**counts, "is_estimate": True}

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event({**self._head, "object": "chat.completion.chunk", "choices": [choice]})


def _annotations(citations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "url_citation", "url_citation": each} for each in citations]


def _event(data: object) -> bytes:
    return b"data: " + msgspec.json.encode(data) + b"\n\n"
