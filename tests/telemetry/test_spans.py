"""A span and its measurements for each call and each stream, against the real sandbox and its faults."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from gpo_client import GPOClientError
from tests.client.conftest import Connect, Serve
from tests.support.events import (
    answer_events,
    chat_response,
    conversation,
    json_answer,
    page_of,
    problem_answer,
    session,
    stream_answer,
)
from tests.support.question import CONTEXT, QUESTION, SESSION
from tests.support.wire import End
from tests.telemetry.conftest import Telemetry

_AGAIN = {"retry_backoff_factor": 0.0}


def _events(span: ReadableSpan) -> list[str]:
    return [event.name for event in span.events]


def _told(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_calls_and_a_stream(telemetry: Telemetry, connect: Connect, sandbox: Any) -> None:
    """Names, kinds and attributes, as the conventions have them."""
    async with connect(base_url=sandbox.base_url, observers=[telemetry.observer()]) as client:
        handle = await client.open_conversation(SESSION)
        streamed = await handle.stream("What is RESICO?").collect()
        asked = await handle.ask("What is RESICO?")
        await handle.messages()
    names = [span.name for span in telemetry.spans]
    listed = "GET /api/Chat/{conversation_id}/message"
    assert names == ["POST /api/User/session", "POST /api/Chat/start-conversation", "chat", "chat", listed]
    assert {span.kind for span in telemetry.spans} == {SpanKind.CLIENT}
    assert {span.status.status_code for span in telemetry.spans} == {StatusCode.UNSET}
    port = int(sandbox.base_url.rpartition(":")[2])
    stream, call = telemetry.chats
    told = _told(stream)
    assert told.pop("gen_ai.response.time_to_first_chunk") > 0
    request_id = told.pop("http.request.header.x-request-id")
    assert told == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gpo",
        "gen_ai.conversation.id": handle.context.conversation_id,
        "gen_ai.request.stream": True,
        "gen_ai.response.id": streamed.message_id,
        "gen_ai.response.model": streamed.metadata["model_used"],
        "gpo.operation.id": "chat",
        "gpo.outcome": "complete",
        "gpo.stream.chunk_count": streamed.chunk_count,
        "gpo.stream.resume_count": 0,
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.response.header.x-request-id": request_id,
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.full": f"{sandbox.base_url}/api/Chat",
        "url.scheme": "http",
        "url.template": "/api/Chat",
    }
    assert _events(stream) == ["gpo.first_chunk"]
    assert _told(call)["gen_ai.request.stream"] is False
    assert _told(call)["gen_ai.response.id"] == asked.message_id
    assert _told(call)["gen_ai.response.model"] == asked.model_used
    assert _events(call) == []
    messages = _told(telemetry.spans[-1])
    assert messages["url.template"] == "/api/Chat/{conversation_id}/message"
    assert messages["url.full"] == f"{sandbox.base_url}/api/Chat/{handle.context.conversation_id}/message"
    assert not any(name.startswith("gen_ai") for name in messages)


@pytest.mark.parametrize("runtime", ["sync"])
async def test_names_are_those_of_the_conventions(telemetry: Telemetry, connect: Connect, sandbox: Any) -> None:
    """Every name is one of OpenTelemetry's own, as its package has them, or begins with ``gpo.``."""
    from opentelemetry.semconv._incubating.attributes import gen_ai_attributes, http_attributes, url_attributes
    from opentelemetry.semconv.attributes import error_attributes, server_attributes

    if not hasattr(gen_ai_attributes, "GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK"):
        pytest.skip("the package of names that is installed is older than the conventions that are followed")
    modules = (gen_ai_attributes, http_attributes, url_attributes, error_attributes, server_attributes)
    known = {value for module in modules for value in vars(module).values() if isinstance(value, str)}
    templates = tuple(f"{value}." for value in known if value.endswith(".header"))
    async with connect(base_url=sandbox.base_url, observers=[telemetry.observer(capture_content=True)]) as client:
        await (await client.open_conversation(SESSION)).stream("What is RESICO?").collect()
        with pytest.raises(GPOClientError):
            await client.list_messages(CONTEXT, "nobody")
    names = {name for span in telemetry.spans for name in _told(span)}
    names |= {name for point in telemetry.points for name in point.attributes}
    assert {"gen_ai.input.messages", "error.type"} < names
    assert {name for name in names if not name.startswith(("gpo.", *templates)) and name not in known} == set()


@pytest.mark.parametrize("fault", ["drop-after=3", "end-after=3", "drop-after=2,times=2"])
async def test_resumes(fault: str, telemetry: Telemetry, connect: Connect, faulty: Any) -> None:
    """A stream that is continued is one span, with an event for each resume."""
    async with connect(base_url=faulty.base_url, observers=[telemetry.observer()], **_AGAIN) as client:
        handle = await client.open_conversation(SESSION)
        answer = await handle.stream("What is RESICO?", headers={"X-GPO-Fault": fault}).collect()
    (span,) = telemetry.chats
    resumes = [event for event in span.events if event.name == "gpo.resume"]
    assert len(resumes) == answer.resume_count > 0
    assert _events(span) == ["gpo.first_chunk", *["gpo.resume"] * len(resumes)]
    first: dict[str, Any] = dict(resumes[0].attributes or {})
    assert first["gpo.stream.resume_count"] == 1
    assert first["gpo.stream.chunk_count"] > 0
    assert str(first["gpo.stream.last_event_id"]).startswith(str(answer.message_id))
    told = _told(span)
    assert told["gpo.outcome"] == "complete"
    assert told["gpo.stream.resume_count"] == told["http.request.resend_count"] == len(resumes)
    assert told["gpo.stream.chunk_count"] == answer.chunk_count


@pytest.mark.parametrize("streamed", [True, False])
async def test_retries(streamed: bool, telemetry: Telemetry, connect: Connect, faulty: Any) -> None:
    """A call that is tried again is one span, with an event for each retry, and its status is the last one's."""
    headers = {"X-GPO-Fault": "status=503*2"}
    async with connect(base_url=faulty.base_url, observers=[telemetry.observer()], **_AGAIN) as client:
        handle = await client.open_conversation(SESSION)
        if streamed:
            await handle.stream("What is RESICO?", headers=headers).collect()
        else:
            await handle.ask("What is RESICO?", headers=headers)
    (span,) = telemetry.chats
    retries = [dict(event.attributes or {}) for event in span.events if event.name == "gpo.retry"]
    assert [(told["gpo.attempt"], told["http.response.status_code"]) for told in retries] == [(1, 503), (2, 503)]
    told = _told(span)
    assert (told["http.response.status_code"], told["http.request.resend_count"]) == (200, 2)
    assert (told["gpo.outcome"], "error.type" in told, span.status.status_code) == ("complete", False, StatusCode.UNSET)


_FAILURES: dict[str, tuple[str, str, str]] = {
    "401": ("status=401*all", "AuthenticationError", "401"),
    "503": ("status=503*all", "ServiceUnavailableError", "503"),
    "interrupted": ("drop-after=2", "StreamInterruptedError", "gpo_client.exceptions.StreamInterruptedError"),
    "malformed": ("malformed=2", "StreamProtocolError", "gpo_client.exceptions.StreamProtocolError"),
    "error event": ("error-after=2", "StreamServerError", "gpo_client.exceptions.StreamServerError"),
}


@pytest.mark.parametrize("failure", _FAILURES)
async def test_failures(failure: str, telemetry: Telemetry, connect: Connect, faulty: Any) -> None:
    """The span is an error of the class that was raised, and tells what had arrived; messages are not in it."""
    fault, name, kind = _FAILURES[failure]
    options = {"observers": [telemetry.observer()], "max_resumes": 0, **_AGAIN}
    async with connect(base_url=faulty.base_url, **options) as client:
        handle = await client.open_conversation(SESSION)
        with pytest.raises(GPOClientError) as caught:
            await handle.stream("What is RESICO?", headers={"X-GPO-Fault": fault}).collect()
    assert type(caught.value).__name__ == name
    (span,) = telemetry.chats
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, name)
    told = _told(span)
    assert (told["gpo.outcome"], told["error.type"]) == ("failed", kind)
    assert "exception" not in _events(span)
    partial = getattr(caught.value, "partial", None)
    assert told["gpo.stream.chunk_count"] == (partial.chunk_count if partial else 0)


async def test_no_answer(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """A connection that fails is an error without a status."""
    server = serve(stream_answer(end=End.RESET, framing="raw"))
    async with connect_once(base_url=server.base_url, observers=[telemetry.observer()]) as client:
        with pytest.raises(GPOClientError):
            await client.chat(CONTEXT, QUESTION)
    told = _told(telemetry.chats[0])
    assert told["error.type"] == "gpo_client.exceptions.GPOConnectionError"
    assert "http.response.status_code" not in told


async def test_trace_context(telemetry: Telemetry, connect: Connect, serve: Serve) -> None:
    """Spans are children of the caller's, and every request carries them on: retries and resumes as well."""
    whole = answer_events("Mexico ", "taxes ")
    server = serve(
        problem_answer(503), stream_answer(*whole[:1], end=End.RESET), stream_answer(*whole[1:]), json_answer(page_of())
    )
    async with connect(base_url=server.base_url, observers=[telemetry.observer()], **_AGAIN) as client:
        with telemetry.tracer.start_as_current_span("mine") as mine:
            await client.chat_stream(CONTEXT, QUESTION).collect()
            await client.list_documents(CONTEXT)
    stream, call, _ = telemetry.spans
    for span in (stream, call):
        assert span.parent is not None
        assert span.parent.span_id == mine.get_span_context().span_id
    sent = [request.headers["traceparent"] for request in server.requests]
    assert sent == [_traceparent(span) for span in (stream, stream, stream, call)]


def _traceparent(span: ReadableSpan) -> str:
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


async def test_calls_within_calls(telemetry: Telemetry, connect: Connect, serve: Serve) -> None:
    """The renewal of a token and the whole answer in place of a stream are children of what they are for."""
    server = serve(
        json_answer(session(expires_at="2020-01-01T00:00:00Z")),
        json_answer(session("t0k3n-2")),
        stream_answer(*answer_events("1 to ")[:1], end=End.RESET),
        json_answer(chat_response("1 to 2.5 per cent.")),
    )
    options: dict[str, Any] = {"auto_renew_token": True, "max_resumes": 0, "max_retries": 0}
    async with connect(base_url=server.base_url, observers=[telemetry.observer()], **options) as client:
        opened = await client.session(SESSION)
        answer = await client.chat_stream(opened.chat_context(), QUESTION, fallback=True).collect()
    assert answer.content == "1 to 2.5 per cent."
    first, renewal, whole, stream = telemetry.spans
    assert (first.name, first.parent) == ("POST /api/User/session", None)
    assert (renewal.name, whole.name, stream.name) == ("POST /api/User/session", "chat", "chat")
    for inner in (renewal, whole):
        assert inner.parent is not None
        assert inner.parent == stream.get_span_context()
    assert _told(stream)["gpo.outcome"] == "complete"


async def test_users_headers_win(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """Who traces by hand is not disturbed, in whatever case the name is written."""
    server = serve(json_answer(conversation()))
    async with connect_once(base_url=server.base_url, observers=[telemetry.observer()]) as client:
        await client.start_conversation(CONTEXT, headers={"TraceParent": "mine"})
    assert server.requests[0].headers["traceparent"] == "mine"


async def test_content_is_told_when_asked_for(telemetry: Telemetry, connect: Connect, sandbox: Any) -> None:
    """Questions and answers, in the form of the conventions; only with ``capture_content``."""
    import json

    observers = [telemetry.observer(), telemetry.observer(capture_content=True)]
    async with connect(base_url=sandbox.base_url, observers=observers) as client:
        handle = await client.open_conversation(SESSION)
        answer = await handle.stream("What is RESICO?").collect()
        asked = await handle.ask("What is RESICO?")
    silent, open_, silent_call, open_call = telemetry.chats
    for span in (silent, silent_call):
        assert "What is RESICO?" not in span.to_json()
        assert answer.content[:20] not in span.to_json()
    for span, text in ((open_, answer.content), (open_call, asked.message_content)):
        told = _told(span)
        (question,) = json.loads(told["gen_ai.input.messages"])
        assert question == {"role": "user", "parts": [{"type": "text", "content": "What is RESICO?"}]}
        (given,) = json.loads(told["gen_ai.output.messages"])
        assert given["parts"] == [{"type": "text", "content": text}]
        assert (given["role"], given["finish_reason"]) == ("assistant", "stop")


# --- What is counted and measured.


async def test_a_conversation(telemetry: Telemetry, connect: Connect, faulty: Any) -> None:
    """Durations of questions and of requests, first chunks of streams alone, retries and resumes."""
    options: dict[str, Any] = {"observers": [telemetry.observer()], "retry_backoff_factor": 0.0, "max_resumes": 1}
    async with connect(base_url=faulty.base_url, **options) as client:
        handle = await client.open_conversation(SESSION)
        await handle.ask("What is RESICO?")
        await handle.stream("What is RESICO?", headers={"X-GPO-Fault": "status=503,drop-after=2"}).collect()
        with pytest.raises(GPOClientError):
            await handle.ask("What is RESICO?", headers={"X-GPO-Fault": "status=404*all"})
    port = int(faulty.base_url.rpartition(":")[2])
    server = {"server.address": "127.0.0.1", "server.port": port}
    chat = {**server, "gpo.operation.id": "chat", "gen_ai.operation.name": "chat", "gen_ai.provider.name": "gpo"}
    good, bad = sorted(telemetry.measured("gen_ai.client.operation.duration"), key=lambda point: -point.count)
    assert (good.count, bad.count) == (2, 1)
    assert bad.attributes == {**chat, "error.type": "404"}
    assert {**good.attributes, "gen_ai.response.model": "…"} == {**chat, "gen_ai.response.model": "…"}
    (first,) = telemetry.measured("gen_ai.client.operation.time_to_first_chunk")
    assert (first.count, first.attributes) == (1, chat)
    (retries,) = telemetry.measured("gpo.client.retries")
    (resumes,) = telemetry.measured("gpo.client.resumes")
    assert [(point.value, point.attributes) for point in (retries, resumes)] == [(1, chat), (1, chat)]
    (active,) = telemetry.measured("gpo.client.active_streams")
    assert (active.value, active.attributes) == (0, chat)
    request = {**server, "http.request.method": "POST", "url.scheme": "http", "url.template": "/api/Chat"}
    requests = [
        (point.count, point.attributes["http.response.status_code"], point.attributes.get("error.type"))
        for point in telemetry.measured("http.client.request.duration")
        if request.items() <= point.attributes.items()
    ]
    # The answer that was not streamed, the stream and its rest; then what was refused.
    assert sorted(requests) == [(1, 404, "404"), (1, 503, "503"), (3, 200, None)]


async def test_no_answer_measured(telemetry: Telemetry, connect_once: Connect, free_port: int) -> None:
    """A request that gets none has how it failed, in words that are few."""
    options: dict[str, Any] = {"observers": [telemetry.observer()]}
    async with connect_once(base_url=f"http://127.0.0.1:{free_port}", **options) as client:
        with pytest.raises(GPOClientError):
            await client.session(SESSION)
    (request,) = telemetry.measured("http.client.request.duration")
    assert request.attributes["error.type"] == "connection_refused"
    assert "http.response.status_code" not in request.attributes
    assert telemetry.measured("gen_ai.client.operation.duration") == []
