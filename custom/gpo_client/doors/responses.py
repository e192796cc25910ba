"""OpenAI's Responses API (of 2026-11), as far as an assistant fulfils it: requests and answers. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import msgspec

from gpo_client.doors.asked import Asked, Body, Message, Typed, decoded, refuse
from gpo_client.doors.refusals import RefusalError
from gpo_client.doors.written import Written
from gpo_client.relay import Entry, ProblemCode

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


class ResponseObject:
    """Writes one answer as a response with one message, whole or as events.

    Events are numbered from 0: the four of the opening first, whenever they are asked for.

    Args:
        response_id: Identifies it; begins with ``resp_``.
        written: The answer.
        created: When, in seconds since 1970.
    """

    def __init__(self, response_id: str, written: Written, created: int) -> None:
        self.written = written
        self.answer_id = response_id
        self._created = created
        self._next = 4
        self._annotations = 0
        self._message_id = "msg_" + response_id.removeprefix("resp_")
        self._place = {"item_id": self._message_id, "output_index": 0, "content_index": 0}
        # An event of text is what there are thousands of: all but the number and the text is written once.
        frame = _event("response.output_text.delta", {"sequence_number": 0, **self._place, "logprobs": [], "delta": ""})
        self._before, rest = frame.split(b'"sequence_number":0', 1)
        self._middle, self._after = rest.split(b'""', 1)
        self._before += b'"sequence_number":'

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

    def take(self, entry: Entry) -> bytes:
        """Take in an entry of the relay's log; return the events that it becomes in a stream."""
        text, citations = self.written.read(entry)
        if self.written.refusal is not None:
            return self.failed(self.written.refusal)
        events = b""
        if text:
            number = str(self._number()).encode()
            events = self._before + number + self._middle + msgspec.json.encode(text) + self._after
        for annotation in _annotations(citations):
            about = {**self._place, "annotation_index": self._annotations, "annotation": annotation}
            self._annotations += 1
            events += self._numbered("response.output_text.annotation.added", about)
        return events + self._ending("completed") if entry.is_last else events

    def failed(self, refusal: RefusalError) -> bytes:
        """Return the events that end a stream which is not whole."""
        if reason := _INCOMPLETE.get(ProblemCode(refusal.code or ProblemCode.INTERNAL)):
            return self._ending("incomplete", incomplete_details={"reason": reason})
        error = {"code": _CODES.get(ProblemCode(refusal.code or ProblemCode.INTERNAL), "server_error")}
        output = [self._message("incomplete", [self._text_part()])] if self.written.text else []
        told = self._object("failed", output, error={**error, "message": refusal.message})
        return self._numbered("response.failed", {"response": told})

    def whole(self) -> dict[str, Any]:
        """Return the response as one object, once the last entry has been taken in."""
        return self._object("completed", [self._message("completed", [self._text_part()])])

    def _ending(self, status: str, **about: Any) -> bytes:
        part, text = self._text_part(), self.written.text
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
        return _part(self.written.text, _annotations(self.written.citations))

    def _message(self, status: str, content: Sequence[object]) -> dict[str, Any]:
        return {"type": "message", "id": self._message_id, "status": status, "role": "assistant", "content": content}

    def _object(self, status: str, output: Sequence[object], **about: Any) -> dict[str, Any]:
        asked = self.written.asked
        head = {"id": self.answer_id, "object": "response", "created_at": self._created, "status": status}
        unused: dict[str, Any] = {
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "temperature": None,
            "top_p": None,
        }
        about = {"error": None, "incomplete_details": None, **about}
        given: dict[str, Any] = {
            "model": asked.model,
            "previous_response_id": asked.previous,
            "store": asked.is_stored,
            "metadata": {},
        }
        usage = None if status == "in_progress" else self._usage()
        return {**head, **given, **unused, **about, "instructions": None, "output": output, "usage": usage}

    def _usage(self) -> dict[str, Any]:
        asked, answered = self.written.tokens
        return {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": answered,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + answered,
            "is_estimate": True,
        }

    def _numbered(self, kind: str, data: dict[str, Any]) -> bytes:
        return _event(kind, {"sequence_number": self._number(), **data})

    def _number(self) -> int:
        self._next += 1
        return self._next - 1


def _annotations(citations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "url_citation", **each} for each in citations]


def _part(text: str, annotations: Sequence[object]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}


def _event(kind: str, data: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: ".encode() + msgspec.json.encode({"type": kind, **data}) + b"\n\n"
