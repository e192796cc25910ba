"""A scripted service: what its author wrote, as answers to requests. No I/O."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import attrs
import msgspec

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.plain import json_text, known_values
from gpo_client.models.stream import CitationSource, StreamingChunk
from gpo_sandbox import responses
from gpo_sandbox.endpoints.chat import whole
from gpo_sandbox.faults import Ending, StreamFault
from gpo_sandbox.injection import FAULT_HEADER, Faults
from gpo_sandbox.requests import ChatRequest, ConversationRequest, SessionContext
from gpo_sandbox.responses import PROBLEM_MEDIA_TYPE, Conversation, Problem, Session
from gpo_sandbox.store.answers import PlannedAnswer
from gpo_sandbox.streaming import EVENT_STREAM, HEARTBEAT, chunk_event, error_event, retry_field

T = TypeVar("T")

# Seconds between heartbeats where only those are left.
_HEARTBEAT_S = 0.05


CONVERSATION_ID = "conv_01"
CREATED_AT = "2026-11-01T12:00:00.000Z"
_CREATED_S = 1_793_534_400.0

#: What an answer is written as: pieces of its text, chunks exactly as they shall be, and sources.
Part = str | StreamingChunk | CitationSource


@attrs.frozen
class Asked:
    """An answer to a question that was asked: as a whole, and as the data of its events."""

    plan: PlannedAnswer
    events: Sequence[str]


@attrs.frozen
class ScriptedAnswer:
    """An answer before anybody has asked: texts, which become chunks, and chunks; the final one cites the sources."""

    _chunks: Sequence[str | StreamingChunk]
    _sources: Sequence[CitationSource]

    @classmethod
    def of(cls, parts: Iterable[Part], field: str) -> ScriptedAnswer:
        """Read what somebody wrote. Raises InvalidArgumentError if a part is none, or comes after the final chunk."""
        if isinstance(parts, str):
            raise InvalidArgumentError(
                f"{field} must be a list of texts, chunks and sources, not one text", field=field
            )
        chunks: list[str | StreamingChunk] = []
        sources: list[CitationSource] = []
        for number, part in enumerate(parts):
            place = f"{field}[{number}]"
            if chunks and isinstance(last := chunks[-1], StreamingChunk) and last.is_complete:
                raise InvalidArgumentError(
                    f"{place} comes after a chunk with is_complete, which is the last", field=place
                )
            if isinstance(part, CitationSource):
                sources.append(part)
            elif isinstance(part, str | StreamingChunk):  # pyright: ignore[reportUnnecessaryIsInstance] - not everybody has types
                chunks.append(part)
            else:
                message = f"{place} must be a text, a StreamingChunk or a CitationSource, not {type(part).__name__}"
                raise InvalidArgumentError(message, field=place)
        return cls(chunks, sources)

    def to(self, number: int, conversation_id: str) -> Asked:
        """Answer the question with that number, counted from 1."""
        cited = [
            source for chunk in self._chunks if isinstance(chunk, StreamingChunk) for source in chunk.sources or []
        ]
        plan = PlannedAnswer(
            message_id=f"msg_{number:02}",
            conversation_id=conversation_id,
            chunks=[chunk if isinstance(chunk, str) else chunk.content or "" for chunk in self._chunks],
            sources=[responses.CitationSource(**known_values(source)) for source in [*cited, *self._sources]],
            model_used="scripted",
            created_at=_CREATED_S,
            response_time_ms=0,
        )
        last = self._chunks[-1] if self._chunks else ""
        is_whole = isinstance(last, StreamingChunk) and last.is_complete
        chunks = [
            plan.event(sequence) if isinstance(chunk, str) else chunk for sequence, chunk in enumerate(self._chunks, 1)
        ]
        final = [] if is_whole else [plan.event(plan.event_count)]
        return Asked(plan, [json_text(chunk) for chunk in [*chunks, *final]])


@attrs.frozen
class Request:
    """A request. Names of header fields are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@attrs.frozen
class Silence:
    """Nothing is sent for so many seconds."""

    seconds: float


class Cut:
    """The connection is lost."""


Step = bytes | Silence | Cut


@attrs.frozen
class Reply:
    """An answer: its head, and what is sent and happens then."""

    status: int
    headers: Mapping[str, str]
    steps: Iterator[Step]


@attrs.define
class Script:
    """A service whose answers are known beforehand, one for each question; the last is repeated."""

    _answers: Sequence[ScriptedAnswer]
    _faults: Faults
    _retry_ms: int
    _asked: dict[str, Asked] = attrs.field(factory=dict[str, Asked], init=False)
    _questions: int = attrs.field(default=0, init=False)

    def reply(self, request: Request) -> Reply:
        """Answer a request."""
        request_id = request.headers.get("x-request-id", "req_01")
        try:
            reply = self._perform(request, request_id)
        except Problem as problem:
            body = msgspec.json.encode(problem.body(request.path, request_id))
            head = {"Content-Type": PROBLEM_MEDIA_TYPE, **problem.headers}
            reply = Reply(problem.status, head, iter([body]))
        return attrs.evolve(reply, headers={"X-Request-ID": request_id, **reply.headers})

    def _perform(self, request: Request, request_id: str) -> Reply:
        # The service may be anywhere, below a path of its own too.
        if request.method == "POST" and request.path.endswith("/api/User/session"):
            return self._session(request)
        if request.method == "POST" and request.path.endswith("/api/User/logout"):
            return Reply(204, {}, iter(()))
        if request.method == "POST" and request.path.endswith("/api/Chat/start-conversation"):
            return self._conversation(request)
        if request.method == "POST" and request.path.endswith("/api/Chat"):
            return self._chat(request, request_id)
        detail = (
            f"A script has no answer to {request.method} {request.path}: it knows sessions, conversations and chat. "
            "For the rest there are running_sandbox() and recorded()."
        )
        raise Problem("not_found", detail)

    def _session(self, request: Request) -> Reply:
        user_id = _decoded(request, SessionContext).user_id
        return _json(
            Session(session_id="ses_01", token="scripted", expires_at="2099-12-31T23:59:59Z", user_id=user_id)  # nosec B106 # noqa: S106 - opens nothing
        )

    def _conversation(self, request: Request) -> Reply:
        title = _decoded(request, ConversationRequest).title or "Scripted conversation"
        return _json(Conversation(conversation_id=CONVERSATION_ID, title=title, created_at=CREATED_AT, status="active"))

    def _chat(self, request: Request, request_id: str) -> Reply:
        question = _decoded(request, ChatRequest)
        key = request.headers.get("idempotency-key")
        fault = self._faults.due(request.headers.get(FAULT_HEADER.lower()), "", key)
        last_event_id = request.headers.get("last-event-id")
        if last_event_id:
            asked, after = self._position(key, last_event_id)
        else:
            asked, after = self._answer(key, question), 0
        if not question.stream:
            return _json(whole(asked.plan))
        head = {"Content-Type": f"{EVENT_STREAM}; charset=utf-8", "Cache-Control": "no-store"}
        return Reply(200, head, self._stream(asked, after, fault or StreamFault(), request_id))

    def _answer(self, key: str | None, question: ChatRequest) -> Asked:
        if key is not None and key in self._asked:
            return self._asked[key]
        self._questions += 1
        answer = self._answers[min(self._questions, len(self._answers)) - 1]
        asked = answer.to(self._questions, question.conversation_id or CONVERSATION_ID)
        if key is not None:
            self._asked[key] = asked
        return asked

    def _position(self, key: str | None, last_event_id: str) -> tuple[Asked, int]:
        asked = self._asked.get(key or "")
        message_id, _, sequence = last_event_id.rpartition(":")
        if (
            asked
            and message_id == asked.plan.message_id
            and sequence.isdecimal()
            and int(sequence) <= len(asked.events)
        ):
            return asked, int(sequence)
        raise Problem("not_found", f"No stream of this key has an event {last_event_id!r}.", field="Last-Event-ID")

    def _stream(self, asked: Asked, after: int, fault: StreamFault, request_id: str) -> Iterator[Step]:
        yield retry_field(self._retry_ms)
        events, position = iter(asked.events[after:]), 0
        while position != fault.after:
            data = next(events, None)
            if data is None:
                return
            position += 1
            if fault.slow_s:
                yield Silence(fault.slow_s)
            for _ in range(fault.copies(position)):
                yield chunk_event(asked.plan.message_id, after + position, fault.damaged(position, data))
        yield from _ending(fault.ending, request_id)


def _ending(ending: Ending | None, request_id: str) -> Iterator[Step]:
    if ending is Ending.DROP:
        yield Cut()
    elif ending is Ending.STALL:
        yield Silence(math.inf)
    elif ending is Ending.ERROR:
        yield error_event(request_id)
    while ending is Ending.HEARTBEATS:
        yield Silence(_HEARTBEAT_S)
        yield HEARTBEAT


def _decoded(request: Request, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(request.body, type=kind)
    except msgspec.MsgspecError as error:
        raise Problem("validation_failed", str(error)) from None


def _json(value: object) -> Reply:
    return Reply(200, {"Content-Type": "application/json"}, iter([msgspec.json.encode(value)]))
