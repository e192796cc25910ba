"""OpenAI's Responses API (of 2026-11), as far as an assistant fulfils it: requests and answers. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import msgspec

from gpo_client.doors.callers import RefusalError
from gpo_client.doors.turns import Asked, Body, Cited, Message, Typed, Written, decoded, refuse
from gpo_client.relay import ProblemCode

# What `error.code` may be (the API's ResponseError); all else is the server's.
_CODES = {ProblemCode.RATE_LIMITED: "rate_limit_exceeded"}
# Ends that are no failure: what there is of the answer stands.
_INCOMPLETE = {ProblemCode.TOO_LONG: "max_output_tokens"}


class _Item(Message, frozen=True, kw_only=True):
    type: str = "message"

    @property
    def is_said(self) -> bool:
        # What models thought is no part of what was said, and ignored.
        return self.type == "reasoning" or (self.type == "message" and self.is_text)


class _Named(msgspec.Struct, frozen=True):
    id: str


class _Format(msgspec.Struct, frozen=True):
    format: Typed | None = None


class _Response(Body, frozen=True, kw_only=True):
    input: str | list[_Item]
    instructions: str | None = None
    previous_response_id: str | None = None
    conversation: str | _Named | None = None
    store: bool | None = None
    background: bool | None = None
    prompt: dict[str, Any] | None = None
    text: _Format | None = None


_RESPONSE = msgspec.json.Decoder(_Response)


def read_response(body: bytes, *, max_query_chars: int) -> Asked:
    """Read the body of a request for a response.

    Args:
        body: JSON.
        max_query_chars: The longest question, in characters.

    Raises:
        RefusalError: It is none, has no question, or wants what the assistant cannot give.
    """
    read = decoded(_RESPONSE, body)
    items = [_Item(role="user", content=read.input)] if isinstance(read.input, str) else read.input
    wishes = {
        "background": bool(read.background),
        "prompt": read.prompt is not None,
        "text": read.text is not None and read.text.format is not None and read.text.format.type != "text",
        "input": not all(item.is_said for item in items),
    }
    refuse(read, wishes)
    said = [("system", read.instructions or ""), *(item.said for item in items if item.type == "message")]
    return attrs.evolve(
        Asked.of(read.model, said, field="input", max_chars=max_query_chars),
        is_streamed=bool(read.stream),
        chat=read.conversation.id if isinstance(read.conversation, _Named) else read.conversation,
        previous=read.previous_response_id,
        is_stored=read.store is not False,
    )


class ResponseObject(Written):
    """An answer as a response with one message, whole or as events.

    Events are numbered from 0: the four of the opening first, whenever they are asked for.
    """

    _next = 4

    def opening(self) -> bytes:
        """Return the events before the first text."""
        begun = self._object("in_progress", [])
        return b"".join(
            [
                _event("response.created", {"sequence_number": 0, "response": begun}),
                _event("response.in_progress", {"sequence_number": 1, "response": begun}),
                _event(
                    "response.output_item.added",
                    {"sequence_number": 2, "output_index": 0, "item": self._message("in_progress", [])},
                ),
                _event("response.content_part.added", {"sequence_number": 3, **self._place, "part": _part("", [])}),
            ]
        )

    def failed(self, refusal: RefusalError) -> bytes:
        """Return the events that end a stream which is not whole."""
        if reason := _INCOMPLETE.get(ProblemCode(refusal.code or ProblemCode.INTERNAL)):
            return self._ending("incomplete", incomplete_details={"reason": reason})
        error = {"code": _CODES.get(ProblemCode(refusal.code or ProblemCode.INTERNAL), "server_error")}
        output = [self._message("incomplete", [self._text_part()])] if self.text else []
        told = self._object("failed", output, error={**error, "message": refusal.message})
        return self._numbered("response.failed", {"response": told})

    def whole(self) -> dict[str, Any]:
        """Return the response as one object, once the last entry has been taken in."""
        return self._object("completed", [self._message("completed", [self._text_part()])])

    @cached_property
    def _message_id(self) -> str:
        return "msg_" + self.answer_id.removeprefix("resp_")

    @cached_property
    def _place(self) -> dict[str, Any]:
        return {"item_id": self._message_id, "output_index": 0, "content_index": 0}

    @cached_property
    def _frame(self) -> tuple[bytes, bytes, bytes]:
        # An event of text is what there are thousands of: all but the number and the text is written once.
        frame = _event("response.output_text.delta", {"sequence_number": 0, **self._place, "logprobs": [], "delta": ""})
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
        return b"".join([self._numbered("response.output_text.annotation.added", each) for each in about])

    def _ending(self, status: str = "completed", **about: Any) -> bytes:
        part, text = self._text_part(), self.text
        message = self._message(status, [part])
        return b"".join(
            [
                self._numbered("response.output_text.done", {**self._place, "text": text, "logprobs": []}),
                self._numbered("response.content_part.done", {**self._place, "part": part}),
                self._numbered("response.output_item.done", {"output_index": 0, "item": message}),
                self._numbered(f"response.{status}", {"response": self._object(status, [message], **about)}),
            ]
        )

    def _text_part(self) -> dict[str, Any]:
        return _part(self.text, _annotations(self.citations))

    def _message(self, status: str, content: Sequence[object]) -> dict[str, Any]:
        return {"type": "message", "id": self._message_id, "status": status, "role": "assistant", "content": content}

    def _object(self, status: str, output: Sequence[object], **about: Any) -> dict[str, Any]:
        about = {"error": None, "incomplete_details": None, **about}
        usage = None if status == "in_progress" else self._usage()
        return {
            "id": self.answer_id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "model": self.asked.model,
            "previous_response_id": self.asked.previous,
            "store": self.asked.is_stored,
            "metadata": {},
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "temperature": None,
            "top_p": None,
            **about,
            "instructions": None,
            "output": output,
            "usage": usage,
        }

    def _usage(self) -> dict[str, Any]:
        asked, answered = self.tokens
        counted: dict[str, Any] = {"input_tokens": asked, "input_tokens_details": {"cached_tokens": 0}}
        counted |= {"output_tokens": answered, "output_tokens_details": {"reasoning_tokens": 0}}
        return {**counted, "total_tokens": asked + answered, "is_estimate": True}

    def _numbered(self, kind: str, data: dict[str, Any]) -> bytes:
        return _event(kind, {"sequence_number": self._number(), **data})

    def _number(self) -> int:
        self._next += 1
        return self._next - 1


def _annotations(citations: Sequence[Cited]) -> list[dict[str, Any]]:
    return [{"type": "url_citation", **each} for each in citations]


def _part(text: str, annotations: Sequence[object]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}


def _event(kind: str, data: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: ".encode() + msgspec.json.encode({"type": kind, **data}) + b"\n\n"
