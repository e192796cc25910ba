"""Asking questions: whole answers, streamed ones, and those that may contain protected data."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.asking import Asking, whole
from gpo_sandbox.decoding import caller_of, decode_body, idempotency_key, json_response
from gpo_sandbox.faults import StreamFault
from gpo_sandbox.hosts import http_address
from gpo_sandbox.injection import FAULT_HEADER, faulty
from gpo_sandbox.problems import Problem
from gpo_sandbox.requests import ChatRequest, SensitiveChatRequest
from gpo_sandbox.responses import SensitiveChatResponse
from gpo_sandbox.sandbox import Sandbox, sandbox_of
from gpo_sandbox.sensitive import Span, find_sensitive, marked, masked
from gpo_sandbox.store.answers import PlannedAnswer
from gpo_sandbox.streaming import EVENT_STREAM, StreamedResponse, as_events, as_lines, line_type

_EVENT_ID_CHARS = 256


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
