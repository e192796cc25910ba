"""Chat completions: an answer of the assistant as OpenAI's clients read it (API of 2026-11). Sans-I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gpo_client.doors.openai.asked import Asked, CompletionError
from gpo_client.models.stream import CitationSource
from gpo_client.relay import Entry, ProblemCode
from gpo_client.relay.machines.cited import CitedAnswer

#: Ends a stream.
DONE = b"data: [DONE]\n\n"

# About how many bytes of text make a token. The service does not count tokens; clients want a number.
_BYTES_PER_TOKEN = 4

_STATUSES = {
    ProblemCode.INVALID_QUESTION: 400,
    # It is the operator's own key that the service refuses, not the caller's.
    ProblemCode.NOT_AUTHORIZED: 502,
    ProblemCode.NOT_FOUND: 404,
    ProblemCode.CONFLICT: 409,
    ProblemCode.RATE_LIMITED: 429,
    ProblemCode.BUSY: 503,
    ProblemCode.UNAVAILABLE: 503,
    ProblemCode.TIMEOUT: 504,
    ProblemCode.INTERRUPTED: 502,
}


def problem_of(code: str | None, message: str) -> CompletionError:
    """Return a problem of the relay in OpenAI's terms."""
    status = _STATUSES.get(ProblemCode(code or ProblemCode.INTERNAL), 500)
    kind = "rate_limit_error" if status == 429 else "api_error" if status >= 500 else "invalid_request_error"
    return CompletionError(status, message, None, code, kind)


class Completion:
    """Writes one answer as a chat completion, whole or as events.

    Args:
        completion_id: Identifies it.
        asked: The request.
        created: When, in seconds since 1970.
        link: Gives the address of a source.
    """

    def __init__(self, completion_id: str, asked: Asked, created: int, link: Callable[[CitationSource], str]) -> None:
        self._asked = asked
        self._link = link
        self._head: dict[str, Any] = {"id": completion_id, "created": created, "model": asked.model}
        self._texts: list[str] = []
        self._annotations: list[dict[str, Any]] = []
        self._answer = CitedAnswer()
        # A chunk of text is what there are thousands of: all but the text is written once.
        frame = self._chunk({"content": ""})
        self._before, self._after = frame.split(b'""', 1)
        #: What went wrong; None for as long as nothing has.
        self.problem: CompletionError | None = None

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._texts)

    def opening(self) -> bytes:
        """Return the first event of a stream."""
        return self._chunk({"role": "assistant", "content": ""})

    def take(self, entry: Entry) -> bytes:
        """Take in an entry of the relay's log; return the events that it becomes in a stream."""
        piece = self._answer.take(entry)
        if piece.problem is not None:
            self.problem = problem_of(piece.problem.code, piece.problem.error)
            return b"data: " + msgspec.json.encode(self.problem.body()) + b"\n\n"
        events = b""
        if piece.text:
            self._texts.append(piece.text)
            events = self._before + msgspec.json.encode(piece.text) + self._after
        annotations = [self._annotation(each.source, each.start, each.end) for each in piece.citations]
        if entry.is_last:
            annotations += self._uncited([*self._annotations, *annotations])
        if annotations:
            self._annotations += annotations
            events += self._chunk({"annotations": annotations})
        return events + self._ending() if entry.is_last else events

    def whole(self) -> dict[str, Any]:
        """Return the completion as one object, once the last entry has been taken in."""
        message = {"role": "assistant", "content": self.text, "refusal": None, "annotations": self._annotations}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage()}

    def _uncited(self, cited: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the sources that no marker stands for, with an empty place at the end of the text."""
        links = {each["url_citation"]["url"] for each in cited}
        end = len(self.text)
        found = [self._annotation(source, end, end) for source in self._answer.sources]
        return [each for each in found if each["url_citation"]["url"] not in links]

    def _annotation(self, source: CitationSource, start: int, end: int) -> dict[str, Any]:
        citation = {"start_index": start, "end_index": end, "url": self._link(source)}
        title = source.title or source.id or ""
        return {"type": "url_citation", "url_citation": {**citation, "title": title}}

    def _ending(self) -> bytes:
        events = self._chunk({}, "stop")
        if self._asked.includes_usage:
            events += _event({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": self._usage()})
        return events + DONE

    def _usage(self) -> dict[str, Any]:
        size = sum(len(text.encode("utf-8", "replace")) for text in self._texts)
        prompt, answer = _tokens(self._asked.prompt_bytes), _tokens(size)
        # A field of ours says that nobody has counted.
        counts = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
        return {**counts, "is_estimate": True}

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event({**self._head, "object": "chat.completion.chunk", "choices": [choice]})


def _event(data: object) -> bytes:
    return b"data: " + msgspec.json.encode(data) + b"\n\n"


def _tokens(size: int) -> int:
    return -(-size // _BYTES_PER_TOKEN)
