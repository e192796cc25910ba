"""Asking questions: whole answers, streamed ones, and those that may contain protected data."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.decoding import caller_of, decode_body, idempotency_key, json_response
from gpo_sandbox.faults import StreamFault
from gpo_sandbox.hosts import http_address
from gpo_sandbox.injection import FAULT_HEADER, faulty
from gpo_sandbox.knowledge.answering import Composed, compose, hand_over
from gpo_sandbox.knowledge.question import Span, find_sensitive, marked, masked
from gpo_sandbox.requests import ChatRequest, ConversationRequest, SensitiveChatRequest
from gpo_sandbox.responses import ChatResponse, Problem, SensitiveChatResponse
from gpo_sandbox.sandbox import Sandbox, sandbox_of
from gpo_sandbox.store.answers import PlannedAnswer
from gpo_sandbox.store.database import rfc3339
from gpo_sandbox.store.sessions import Caller
from gpo_sandbox.streaming import EVENT_STREAM, StreamedResponse, as_events, as_lines, line_type

_EVENT_ID_CHARS = 256
_EVENT_ID = re.compile(r"(?P<message_id>[^:]+):(?P<sequence>[1-9][0-9]{0,8})")
_TITLE_CHARS = 80
# A few words at a time, in a fixed rhythm, so that the same answer is always cut in the same places.
_WORDS_PER_CHUNK = (4, 3, 5, 4, 6, 3)
_WORD = re.compile(r"\s*\S+\s*")


async def chat(request: Request) -> Response:
    """Serve chat."""
    sandbox = sandbox_of(request)
    asking = _asking(sandbox, request)
    asked = await decode_body(request, ChatRequest)
    fault = asking.fault(request.headers.get(FAULT_HEADER))
    # The same key stands for the same answer whether it is streamed or not: `stream` says how an answer is delivered,
    # not what is asked. So a client whose stream broke can fetch that very answer whole, and the conversation has it
    # only once.
    meant = ["chat", msgspec.structs.replace(asked, stream=False)]
    last_event_id = _last_event_id(request)
    if not asked.stream:
        return json_response(whole(sandbox.generations.finish(asking.plan(asked, meant))))
    if last_event_id:
        return _streamed(request, fault, *asking.resume(meant, last_event_id))
    return _streamed(request, fault, asking.streamable(asking.plan(asked, meant)), 0)


async def chat_sensitive(request: Request) -> Response:
    """Serve chatSensitive. Only what is masked is stored, searched for and answered."""
    sandbox = sandbox_of(request)
    asking = _asking(sandbox, request)
    asked = await decode_body(request, SensitiveChatRequest)
    asking.fault(request.headers.get(FAULT_HEADER))
    spans = [*find_sensitive(asked.query), *marked(asked.query, asked.sensitivity_markers or [])]
    earlier = [span for turn in asked.chat_history or [] for span in find_sensitive(turn.content)]
    harmless = msgspec.structs.replace(asked, query=masked(asked.query, spans))
    answer = whole(sandbox.generations.finish(asking.plan(harmless, ["chatSensitive", asked])))
    warnings = _warnings("The question contains: {}. It was masked before the question was stored.", spans)
    warnings += _warnings("The chat history contains: {}. The chat history is not stored.", earlier)
    facts: dict[str, Any] = msgspec.structs.asdict(answer)
    return json_response(
        SensitiveChatResponse(**facts, sensitive_content_detected=bool(warnings), compliance_warnings=warnings or None)
    )


def _warnings(sentence: str, spans: list[Span]) -> list[str]:
    return [sentence.format(kind) for kind in dict.fromkeys(span.kind for span in spans)]


def _last_event_id(request: Request) -> str:
    last_event_id = request.headers.get("Last-Event-ID", "")
    if len(last_event_id) > _EVENT_ID_CHARS:
        detail = f"A Last-Event-ID has at most {_EVENT_ID_CHARS} characters."
        raise Problem("invalid_header", detail, field="Last-Event-ID")
    return last_event_id


def _asking(sandbox: Sandbox, request: Request) -> Asking:
    caller, key = caller_of(sandbox, request), idempotency_key(request)
    # The address of the socket rather than the Host header, which could say anything.
    host, port = request.scope["server"]
    return Asking(sandbox, caller, http_address(host, port), key)


def _streamed(request: Request, fault: StreamFault | None, answer: PlannedAnswer, after: int) -> Response:
    sandbox = sandbox_of(request)
    events = sandbox.generations.follow(answer, after)
    if fault is not None:
        events = faulty(events, fault, sandbox.settings.heartbeat_interval_s)
    lines = line_type(request.headers.get("Accept", ""))
    if lines:
        return StreamedResponse(as_lines(events), lines)
    written = as_events(answer.message_id, request.state.request_id, sandbox.settings.retry_ms, events)
    return StreamedResponse(written, EVENT_STREAM)


@attrs.frozen
class Asking:
    """One request to chat, by a caller, with its Idempotency-Key, if there is one.

    `base_url` is where the sandbox is reached, for the links of the sources.
    """

    _sandbox: Sandbox
    _caller: Caller
    _base_url: str
    _key: str | None

    def fault(self, header: str | None) -> StreamFault | None:
        """Return what is to be wrong with the stream; see `Faults.due`."""
        return self._sandbox.faults.due(header, self._caller.scope, self._key)

    def plan(self, asked: ChatRequest, meant: object) -> PlannedAnswer:
        """Store the question and plan its answer, or return what was planned when it was asked before.

        `meant` is all that a request with the same key must have in common with this one. Raises Problem: it cannot be
        asked here, or its key was used for another question.
        """
        self._sandbox.sessions.check_session(asked.session_id, self._caller)
        return self._existing(self._sandbox.once(self._caller, self._key, meant, partial(self._planned, asked)))

    def resume(self, meant: object, last_event_id: str) -> tuple[PlannedAnswer, int]:
        """Return the answer to go on with and the sequence number of its last event that the client has.

        Raises Problem: there is no such stream, or its log is too old.
        """
        if self._key is None:
            detail = "A stream is resumed with the Idempotency-Key of its first request."
            raise Problem("invalid_header", detail, field="Idempotency-Key")
        outcome = self._sandbox.recall(self._caller, self._key, meant)
        position = _EVENT_ID.fullmatch(last_event_id)
        if outcome is None or position is None or position["message_id"] != outcome.decode():
            raise _no_such_event(last_event_id)
        answer, after = self.streamable(self._existing(outcome)), int(position["sequence"])
        if after > self._sandbox.answers.written(answer.message_id):
            raise _no_such_event(last_event_id)
        return answer, after

    def streamable(self, answer: PlannedAnswer) -> PlannedAnswer:
        """Return an answer whose log is still there; a Problem if it is too old."""
        if self._sandbox.answers.expired(answer.message_id):
            raise Problem("stream_expired", f"The log of {answer.message_id} is no longer kept.")
        return answer

    def _existing(self, outcome: bytes) -> PlannedAnswer:
        message_id = outcome.decode()
        answer = self._sandbox.answers.find(message_id)
        if answer is None:
            raise Problem("not_found", f"The conversation of {message_id} was deleted.")
        return answer

    def _planned(self, asked: ChatRequest) -> bytes:
        conversation_id = self._conversation(asked)
        composed = self._composed(asked, conversation_id)
        question_id = self._sandbox.messages.add(
            conversation_id, "user", asked.query, client_metadata=asked.client_metadata
        )
        answer = self._sandbox.answers.plan(
            conversation_id, question_id, chunked(composed.content), composed.sources, composed.model_used
        )
        return answer.message_id.encode()

    def _conversation(self, asked: ChatRequest) -> str:
        conversations = self._sandbox.conversations
        if asked.conversation_id:
            conversations.check(self._caller, asked.conversation_id, open_=True, field="conversation_id")
            return asked.conversation_id
        title = " ".join(asked.query.split())[:_TITLE_CHARS]
        return conversations.start(self._caller, ConversationRequest(title=title)).conversation_id

    def _composed(self, asked: ChatRequest, conversation_id: str) -> Composed:
        if asked.response_type == "AgentTransferPrompt":
            return hand_over(asked.query)
        question = asked.query
        if asked.response_type == "QueryClarifiedPrompt":
            # what clarifies a question means little without it
            question = f"{self._sandbox.messages.latest_question(conversation_id) or ''} {question}"
        return compose(self._sandbox.library, question, self._base_url, quoted=not asked.use_openai)


def whole(answer: PlannedAnswer) -> ChatResponse:
    """Write a complete answer as one object."""
    return ChatResponse(
        message_id=answer.message_id,
        conversation_id=answer.conversation_id,
        message_content=answer.content,
        sources=answer.sources,
        created_at=rfc3339(answer.created_at),
        response_time_ms=answer.response_time_ms or 0,
        model_used=answer.model_used,
    )


def _no_such_event(last_event_id: str) -> Problem:
    return Problem("not_found", f"No stream of this key has an event {last_event_id!r}.", field="Last-Event-ID")


def chunked(text: str) -> list[str]:
    """Cut a text into chunks of three to six words that join to the same text."""
    spoken, chunks, start = _WORD.findall(text), list[str](), 0
    while start < len(spoken):
        size = _WORDS_PER_CHUNK[len(chunks) % len(_WORDS_PER_CHUNK)]
        chunks.append("".join(spoken[start : start + size]))
        start += size
    return chunks
