"""OpenAI's Responses API (of 2026-11), as far as an assistant fulfils it: requests and answers. Sans-I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import msgspec

from gpo_client.doors.callers import RefusalError
from gpo_client.doors.openai.turns import Asked, Body, Cited, Message, Typed, Written
from gpo_client.relay import ProblemCode

# What `error.code` may be (the API's ResponseError); all else is the server's.
_CODES = {ProblemCode.RATE_LIMITED.value: "rate_limit_exceeded"}
# Ends that are no failure: what there is of the answer stands.
_INCOMPLETE = {ProblemCode.TOO_LONG.value: "max_output_tokens"}
# What requests may set and this one does not do.
_TOOLS: dict[str, Any] = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
_UNSET: dict[str, Any] = {"metadata": {}, **_TOOLS, "temperature": None, "top_p": None}


class _Item(Message, frozen=True, kw_only=True):
    type: str = "message"

    @property
    def is_text(self) -> bool:
        """Whether it is nothing but text."""
        return self.type == "message" and super().is_text


class _Named(msgspec.Struct, frozen=True):
    id: str


class _Format(msgspec.Struct, frozen=True):
    format: Typed | None = None


class ResponseBody(Body, frozen=True, kw_only=True):
    """A request for a response."""

    input: str | list[_Item]
    instructions: str | None = None
    previous_response_id: str | None = None
    conversation: str | _Named | None = None
    store: bool | None = None
    background: bool | None = None
    prompt: dict[str, Any] | None = None
    text: _Format | None = None

    def asked(self, max_chars: int) -> Asked:
        """Return the question."""
        items = [_Item(role="user", content=self.input)] if isinstance(self.input, str) else self.input
        # What models thought is no part of what was said.
        said = [_Item("system", self.instructions), *(item for item in items if item.type != "reasoning")]
        about: Any = {"background": (None, False), "prompt": (None,), "text": (None, _Format(), _Format(Typed("text")))}
        asked = self._asked("input", said, max_chars, **about)
        chat = self.conversation.id if isinstance(self.conversation, _Named) else self.conversation
        names = attrs.evolve(asked.names, chat=chat, previous=self.previous_response_id)
        return attrs.evolve(asked, names=names, is_stored=self.store is not False)


class ResponseObject(Written):
    """An answer as a response with one message, whole or as events.

    Events are numbered from 0: the four of the opening first, whenever they are asked for.
    """

    PREFIX = "resp_"
    _next = 4

    def opening(self) -> bytes:
        """Return the events before the first text."""
        begun: Any = {"response": self._object("in_progress", [])}
        item: Any = {"output_index": 0, "item": self._message("in_progress", [])}
        part: Any = {**self._place, "part": {**self._part(), "text": "", "annotations": []}}
        opening = {"created": begun, "in_progress": begun, "output_item.added": item, "content_part.added": part}
        return b"".join([_event(number, kind, opening[kind]) for number, kind in enumerate(opening)])

    def failed(self, refusal: RefusalError) -> bytes:
        """Return the events that end a stream which is not whole."""
        if reason := _INCOMPLETE.get(refusal.code or ""):
            return self._ending("incomplete", incomplete_details={"reason": reason})
        error = {"code": _CODES.get(refusal.code or "", "server_error"), "message": refusal.message}
        output = [self._message("incomplete", [self._part()])] if self.text else []
        return self._events({"failed": {"response": self._object("failed", output, error=error)}})

    def whole(self) -> dict[str, Any]:
        """Return the response as one object, once the last entry has been taken in."""
        return self._object("completed", [self._message("completed", [self._part()])])

    @cached_property
    def _place(self) -> dict[str, Any]:
        return {"item_id": "msg_" + self.answer_id.removeprefix(self.PREFIX), "output_index": 0, "content_index": 0}

    @cached_property
    def _frame(self) -> tuple[bytes, bytes, bytes]:
        # An event of text is what there are thousands of: all but the number and the text is written once.
        frame = _event(0, "output_text.delta", {**self._place, "logprobs": [], "delta": ""})
        before, rest = frame.split(b'0,"item_id"', 1)
        middle, after = rest.split(b'""', 1)
        return before, b',"item_id"' + middle, after

    def _text_event(self, text: str) -> bytes:
        before, middle, after = self._frame
        return before + str(self._number()).encode() + middle + msgspec.json.encode(text) + after

    def _citation_events(self, citations: Sequence[Cited]) -> bytes:
        about = [
            {**self._place, "annotation_index": index, "annotation": annotation}
            for index, annotation in enumerate(_annotations(citations), len(self.citations))
        ]
        return b"".join([self._events({"output_text.annotation.added": each}) for each in about])

    def _ending(self, status: str = "completed", **about: Any) -> bytes:
        part = self._part()
        message = self._message(status, [part])
        return self._events(
            {
                "output_text.done": {**self._place, "text": self.text, "logprobs": []},
                "content_part.done": {**self._place, "part": part},
                "output_item.done": {"output_index": 0, "item": message},
                status: {"response": self._object(status, [message], **about)},
            }
        )

    def _part(self) -> dict[str, Any]:
        return {"type": "output_text", "text": self.text, "annotations": _annotations(self.citations), "logprobs": []}

    def _message(self, status: str, content: Sequence[object]) -> dict[str, Any]:
        head = {"type": "message", "id": self._place["item_id"], "status": status, "role": "assistant"}
        return {**head, "content": content}

    def _object(self, status: str, output: Sequence[object], **about: Any) -> dict[str, Any]:
        head = {"id": self.answer_id, "object": "response", "created_at": self.created, "status": status}
        asked = {"model": self.asked.model, "previous_response_id": self.asked.names.previous}
        ended = {"error": None, "incomplete_details": None, **about, "instructions": None, "output": output}
        usage = None if status == "in_progress" else self._usage()
        return {**head, **asked, "store": self.asked.is_stored, **_UNSET, **ended, "usage": usage}

    def _usage(self) -> dict[str, Any]:
        asked, answered = self.tokens
        counted: dict[str, Any] = {"input_tokens": asked, "input_tokens_details": {"cached_tokens": 0}}
        counted |= {"output_tokens": answered, "output_tokens_details": {"reasoning_tokens": 0}}
        return {**counted, "total_tokens": asked + answered, "is_estimate": True}

    def _events(self, events: Mapping[str, dict[str, Any]]) -> bytes:
        return b"".join([_event(self._number(), kind, data) for kind, data in events.items()])

    def _number(self) -> int:
        self._next += 1
        return self._next - 1


def _annotations(citations: Sequence[Cited]) -> list[dict[str, Any]]:
    return [{"type": "url_citation", **each} for each in citations]


def _event(number: int, kind: str, data: Mapping[str, Any]) -> bytes:
    event = {"type": f"response.{kind}", "sequence_number": number, **data}
    return f"event: response.{kind}\ndata: ".encode() + msgspec.json.encode(event) + b"\n\n"
