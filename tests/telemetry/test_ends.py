"""Every span ends exactly once, however its stream does, and none is left current."""

from __future__ import annotations

import gc
import threading
from typing import Any

import anyio
import pytest
from opentelemetry import trace

from gpo_client import StreamInterruptedError, SyncGPOCoreClient
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import ONE_TRY, Answer, End, no_answer
from tests.telemetry.conftest import Telemetry

_EVENTS = answer_events("Mexico ", "taxes ")
_UNFINISHED = stream_answer(*_EVENTS[:2], end=End.STALL)
_WHOLE = stream_answer(*_EVENTS)
_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])


def _ended(telemetry: Telemetry, outcome: str) -> dict[str, Any]:
    """What the only span tells, which has ended like that and left nothing active."""
    (span,) = telemetry.spans
    told = dict(span.attributes or {})
    assert told["gpo.outcome"] == outcome
    assert [point.value for point in telemetry.measured("gpo.client.active_streams")] == [0]
    assert trace.get_current_span() is trace.INVALID_SPAN
    return told


async def test_left_early(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """Leaving the block ends the span there: cancelled, which is no error."""
    async with connect_once(base_url=serve(_UNFINISHED).base_url, observers=[telemetry.observer()]) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            await anext(stream)
            assert telemetry.spans == ()
            assert [point.value for point in telemetry.measured("gpo.client.active_streams")] == [1]
            assert trace.get_current_span() is trace.INVALID_SPAN
        told = _ended(telemetry, "cancelled")
        await stream.aclose()
    assert "error.type" not in told
    assert told["gpo.stream.chunk_count"] == stream.partial.chunk_count > 0
    _ended(telemetry, "cancelled")


async def _fail_in(client: Any) -> None:
    async with client.chat_stream(CONTEXT, QUESTION) as stream:
        await anext(stream)
        raise KeyError("mine")


async def test_left_with_an_exception_of_the_users(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """The stream did not fail; its user did."""
    async with connect_once(base_url=serve(_UNFINISHED).base_url, observers=[telemetry.observer()]) as client:
        with pytest.raises(KeyError):
            await _fail_in(client)
    _ended(telemetry, "cancelled")


async def test_left_at_the_final_chunk(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """Whoever stops there has seen it all: complete, before anything is closed."""
    async with connect_once(base_url=serve(_WHOLE).base_url, observers=[telemetry.observer()]) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)  # held, so that nothing is closed by being forgotten
        async for chunk in stream:
            if chunk.is_complete:
                break
        _ended(telemetry, "complete")
        await stream.aclose()
    assert _ended(telemetry, "complete")["gpo.stream.chunk_count"] == 3


@pytest.mark.parametrize("runtime", ["sync", "asyncio"])  # trio warns of what was forgotten, and so it should
async def test_forgotten(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """A stream that nobody holds any more."""
    async with connect_once(base_url=serve(_UNFINISHED).base_url, observers=[telemetry.observer()]) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        await anext(stream)
        del stream
        gc.collect()
        _ended(telemetry, "cancelled")


async def test_never_opened(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """A stream that sends nothing has no span."""
    async with connect_once(base_url=serve().base_url, observers=[telemetry.observer()]) as client:
        await client.chat_stream(CONTEXT, QUESTION).aclose()
    assert telemetry.spans == ()
    assert telemetry.points == []


@_ASYNC
@pytest.mark.parametrize(
    "answer",
    [no_answer(End.STALL), stream_answer(end=End.STALL), _UNFINISHED],
    ids=["before the head", "before the first chunk", "in the middle"],
)
async def test_cancelled(answer: Answer, telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """Cancelling the task that reads."""
    async with connect_once(base_url=serve(answer).base_url, observers=[telemetry.observer()]) as client:
        with anyio.move_on_after(0.3) as scope:
            await client.chat_stream(CONTEXT, QUESTION).collect()
        assert scope.cancelled_caught
        assert "error.type" not in _ended(telemetry, "cancelled")


@_ASYNC
async def test_cancelled_call(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """A call that is no stream."""
    server = serve(no_answer(End.STALL))
    async with connect_once(base_url=server.base_url, observers=[telemetry.observer()]) as client:
        with anyio.move_on_after(0.3):
            await client.chat(CONTEXT, QUESTION)
    (span,) = telemetry.spans
    assert (span.attributes or {})["gpo.outcome"] == "cancelled"


def test_closed_by_another_thread(telemetry: Telemetry, serve: Serve) -> None:
    """The blocking counterpart of a cancellation."""
    server = serve(_UNFINISHED)
    with SyncGPOCoreClient(base_url=server.base_url, observers=[telemetry.observer()], **ONE_TRY) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        read = [next(stream), next(stream)]
        thread = threading.Thread(target=stream.close)
        thread.start()
        with pytest.raises((StreamInterruptedError, RuntimeError)):
            next(stream)
        thread.join()
    assert len(read) == 2
    _ended(telemetry, "cancelled")


async def test_read_ahead(telemetry: Telemetry, connect_once: Connect, serve: Serve) -> None:
    """A stream that is read in the background is a child of the span that was current where it was begun."""
    async with connect_once(base_url=serve(_WHOLE).base_url, observers=[telemetry.observer()]) as client:
        with telemetry.tracer.start_as_current_span("mine") as mine:
            answer = await client.chat_stream(CONTEXT, QUESTION).buffered().collect()
            assert trace.get_current_span() is mine
    assert answer.content == "Mexico taxes "
    stream, _ = telemetry.spans
    assert stream.parent == mine.get_span_context()


@_ASYNC
async def test_many_at_once(telemetry: Telemetry, connect: Connect, sandbox: Any) -> None:
    """Streams side by side have a span each, all children of the right one."""
    who: dict[str, Any] = {"instance_id": "advisory-001", "user_id": "user-1"}
    async with connect(base_url=sandbox.base_url, observers=[telemetry.observer()]) as client:
        handle = await client.open_conversation(who)

        async def ask(number: int) -> None:
            with telemetry.tracer.start_as_current_span(f"mine {number}"):
                await handle.stream("What is RESICO?").collect()

        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(ask, number)
    mine = {span.get_span_context().span_id: span for span in telemetry.spans if span.name.startswith("mine")}  # type: ignore[union-attr]
    parents = [span.parent.span_id for span in telemetry.chats if span.parent is not None]
    assert sorted(parents) == sorted(mine)
    assert [point.value for point in telemetry.measured("gpo.client.active_streams")] == [0]
