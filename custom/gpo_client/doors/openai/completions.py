"""OpenAI's chat completions (API of 2026-11), as far as an assistant fulfils them: requests and answers. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import msgspec

from gpo_client.doors.callers import RefusalError
from gpo_client.doors.openai.turns import Asked, Body, Cited, Message, Typed, Written, error_body


class _StreamOptions(msgspec.Struct, frozen=True):
    include_usage: bool | None = False


class CompletionBody(Body, frozen=True, kw_only=True):
    """A request for a chat completion."""

    messages: list[Message]
    stream_options: _StreamOptions | None = None
    n: int | None = None
    logprobs: bool | None = None
    modalities: list[str] | None = None
    response_format: Typed | None = None

    def asked(self, max_chars: int) -> Asked:
        """Return the question."""
        about: Any = {"n": (None, 1), "logprobs": (None, False), "modalities": (None, ["text"])}
        about["response_format"] = (None, Typed("text"))
        asked = self._asked("messages", self.messages, max_chars, **about)
        return attrs.evolve(asked, includes_usage=bool(self.stream_options and self.stream_options.include_usage))


class Completion(Written):
    """An answer as a chat completion, whole or as events."""

    PREFIX = "chatcmpl-"

    def opening(self) -> bytes:
        """Return the first event of a stream."""
        return self._chunk({"role": "assistant", "content": ""})

    def failed(self, refusal: RefusalError) -> bytes:
        """Return the event that ends a stream which is not whole."""
        return _event(error_body(refusal))

    def whole(self) -> dict[str, Any]:
        """Return the completion as one object, once the last entry has been taken in."""
        annotations = _annotations(self.citations)
        message = {"role": "assistant", "content": self.text, "refusal": None, "annotations": annotations}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage()}

    @cached_property
    def _frame(self) -> list[bytes]:
        # A chunk of text is what there are thousands of: all but the text is written once.
        return self._chunk({"content": ""}).split(b'""', 1)

    def _text_event(self, text: str) -> bytes:
        before, after = self._frame
        return before + msgspec.json.encode(text) + after

    def _citation_events(self, citations: Sequence[Cited]) -> bytes:
        return self._chunk({"annotations": _annotations(citations)})

    def _ending(self) -> bytes:
        usage = _event({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": self._usage()})
        return self._chunk({}, "stop") + (usage if self.asked.includes_usage else b"") + b"data: [DONE]\n\n"

    def _usage(self) -> dict[str, Any]:
        prompt, answer = self.tokens
        # A field of ours says that nobody has counted.
        counts = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
        return {**counts, "is_estimate": True}

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event({**self._head, "object": "chat.completion.chunk", "choices": [choice]})

    @cached_property
    def _head(self) -> dict[str, Any]:
        return {"id": self.answer_id, "created": self.created, "model": self.asked.model}


def _annotations(citations: Sequence[Cited]) -> list[dict[str, Any]]:
    return [{"type": "url_citation", "url_citation": each} for each in citations]


def _event(data: object) -> bytes:
    return b"data: " + msgspec.json.encode(data) + b"\n\n"
