"""The corners of flows that no schedule of faults leads to."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from gpo_client import SyncChatStream, UsageError
from gpo_client.exceptions import ServerError, TokenExpiredError
from gpo_client.flows import credentials as tokens
from gpo_client.flows.call import call_flow, end_session_flow, open_session_flow
from gpo_client.flows.download import download_flow
from gpo_client.flows.effects import Close, Deliver, Effect, FailureKind, Open, Opened, Pump
from gpo_client.flows.stream import stream_flow
from gpo_client.models.stream import StreamingChunk
from gpo_client.operations import chat
from gpo_client.operations.call import Call, Request, read_response, typed
from gpo_client.operations.chat import create_session
from gpo_client.text.record import StreamRecord
from tests.support.events import TEXT_EVENT_STREAM, answer_events, chat_response
from tests.support.flow_checks import stream, streaming
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.question import CONTEXT, QUESTION, SESSION

DOWNLOAD: Call[None] = Call("downloadDocument", Request("GET", "/api/Documents/doc_01/download"), None)


def test_refusal_that_cannot_be_unpacked() -> None:
    """The status is told all the same."""
    simulation = FlowSimulation(FlowServer(whole=[Turn(status=501, fields={"content-encoding": "br"})]))
    run = simulation.run(call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {}))
    assert isinstance(run.error, ServerError)
    assert run.error.status_code == 501


def test_fallback_of_a_call_without_a_key() -> None:
    """What has no idempotency key gets none by falling back."""
    server = FlowServer(stream=[Turn(failure=FailureKind.TIMEOUT)])
    simulation = FlowSimulation(server, max_resumes=0)
    streamed, whole = (attrs.evolve(chat.chat(CONTEXT, QUESTION, stream=kind), creates=False) for kind in (True, False))
    run = simulation.run(stream_flow(simulation.runtime, streamed, StreamRecord(simulation.runtime.clock), {}, whole))
    assert (run.text, run.error) == ("Mexico taxes income.", None)
    assert {asked.header("Idempotency-Key") for asked in server.asked} == {None}


def test_fallback_without_any_time_limit() -> None:
    """None means no limit for the whole answer too."""
    simulation = FlowSimulation(
        FlowServer(stream=[Turn(events=1)], whole=[Turn(latency=1e6)]), timeout=None, max_resumes=0
    )
    assert stream(simulation, fallback=True, timeout=None).text == "Mexico taxes income."


def test_logout_without_a_token() -> None:
    """There is no session to forget."""
    simulation = FlowSimulation(FlowServer())
    ended: Call[None] = Call("logout", Request("POST", "/api/User/logout", content=b"{}"), None)
    assert simulation.run(end_session_flow(simulation.runtime, ended, {})).error is None


def test_the_oldest_sessions_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The book does not grow for ever; a forgotten session is not opened again."""
    monkeypatch.setattr(tokens, "_MOST_LEASES", 2)
    server = FlowServer()
    simulation = FlowSimulation(server, auto_renew_token=True, token_renewal_buffer=0.0)
    sessions = [
        simulation.run(open_session_flow(simulation.runtime, create_session(SESSION), {})).result for _ in range(3)
    ]
    server.expire_tokens(0.0)
    runs = [simulation.run(call_flow(simulation.runtime, chat.chat(session, QUESTION), {})) for session in sessions]
    assert [type(run.error) for run in runs] == [TokenExpiredError, type(None), type(None)]


@pytest.mark.parametrize("size", [200_000, 0])
def test_downloads_that_arrive_compressed(size: int, tmp_path: Path) -> None:
    """In portions of bounded size, and of bytes that open to nothing, no portion at all."""
    body = gzip.compress(bytes(size))
    turn = Turn(fields={"content-encoding": "gzip"}, body=body, sizes=(1,) * 12 + (len(body),))
    simulation = FlowSimulation(FlowServer(whole=[turn, turn]))
    into_file = simulation.run(download_flow(simulation.runtime, DOWNLOAD, tmp_path / "document", {})).result
    assert (tmp_path / "document").read_bytes() == bytes(size)
    in_memory = simulation.run(download_flow(simulation.runtime, DOWNLOAD, None, {})).result
    assert (into_file.size_bytes, in_memory.content) == (size, bytes(size))


def test_streams_that_arrive_compressed() -> None:
    """They were asked for uncompressed; a proxy may not care."""
    server = FlowServer()
    stream(FlowSimulation(server))
    body = b"".join(part for _, part in server.generations[0].parts(0, Turn()))
    turn = Turn(fields={"content-encoding": "gzip"}, body=gzip.compress(body), sizes=(1,))
    assert stream(FlowSimulation(FlowServer(stream=[turn]))).text == "Mexico taxes income."


@pytest.mark.parametrize("stop", [Stop.END, Stop.CUT, Stop.RESET])
def test_a_compressed_body_that_is_cut(stop: Stop) -> None:
    """Is asked for again, wherever in the compressed bytes it was cut, and however the connection ended."""
    body = gzip.compress(json.dumps(chat_response("Mexico")).encode())
    fields = {"content-encoding": "gzip"}
    for keep in range(0, len(body) - 1, 7):
        cut, whole = Turn(fields=fields, body=body, keep=keep, stop=stop), Turn(fields=fields, body=body)
        simulation = FlowSimulation(FlowServer(whole=[cut, whole]))
        run = simulation.run(call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {}))
        assert (run.error, run.result.message_content) == (None, "Mexico")


def test_an_end_marker_ends_a_stream() -> None:
    """A service that has no final chunk; nothing is left open."""
    turn = Turn(
        body=b'data: {"content": "Mexico", "metadata": {"n": 1}}\n\ndata: [DONE]\n\n', sizes=(30,), stop=Stop.STALL
    )
    simulation = FlowSimulation(FlowServer(stream=[turn]))
    run = simulation.run(streaming(simulation)[0])
    assert (run.text, run.error, run.elapsed) == ("Mexico", None, 0.0)


@pytest.mark.parametrize("size", [1, 1_000])
def test_compressed_nothings_do_not_outlive_the_first_chunk(size: int) -> None:
    """Bytes that open to nothing are bytes, but no chunk."""
    turn = Turn(
        fields={"content-encoding": "gzip"}, body=gzip.compress(b"") * 9, sizes=(size,), pause=1.0, stop=Stop.STALL
    )
    run = stream(FlowSimulation(FlowServer(stream=[turn]), stream_first_chunk_timeout=20.0))
    assert run.elapsed == 20.0
    assert "stream_first_chunk_timeout" in str(run.error)


def test_models_of_unknown_types_are_a_programming_error() -> None:
    """An answer type that nothing in JSON stands for is no fault of the answer."""
    with pytest.raises(NotImplementedError):
        read_response(typed(FlowSimulation), b"{}")


class _Interrupted:
    """A source that somebody interrupts with Ctrl-C."""

    def __init__(self) -> None:
        self.closed = False

    def advance(self) -> list[StreamingChunk]:
        """Interrupted."""
        raise KeyboardInterrupt

    def close(self) -> None:
        """Closed."""
        self.closed = True


def test_an_interrupt_ends_a_stream() -> None:
    """It goes through as it is, once; the stream is closed then, and says so."""
    record = StreamRecord(lambda: 0.0)
    interrupted = SyncChatStream(_Interrupted(), record)
    with pytest.raises(KeyboardInterrupt):
        next(interrupted)
    with pytest.raises(UsageError, match="the stream is closed"):
        next(interrupted)


@pytest.mark.parametrize("simulation", ["sync", "asyncio"])
async def test_streams_tell_how_often_they_were_continued(simulation: str) -> None:
    """As their record does."""
    from gpo_client import ChatStream

    record = StreamRecord(lambda: 0.0)
    record.resume_count = 3
    kind: Any = SyncChatStream if simulation == "sync" else ChatStream
    assert kind(_Interrupted(), record).resume_count == 3


# --- What a stream asks of its driver: the same few effects, however many chunks and reads it has.

_HEADERS = {name.lower(): value for name, value in TEXT_EVENT_STREAM.items()}


def effects_of(portions: list[bytes]) -> tuple[list[Effect[Any]], StreamRecord, int]:
    """The effects of a stream that arrives in these reads, its record, and how often chunks were handed on."""
    flow, record = streaming(FlowSimulation(FlowServer()))
    effects: list[Effect[Any]] = []
    deliveries, outcome = 0, None
    try:
        while True:
            effects.append(flow.send(outcome))
            outcome = Opened(200, _HEADERS) if isinstance(effects[-1], Open) else None
            if isinstance(effects[-1], Pump):
                deliveries += _receive(effects[-1], iter(portions))
    except StopIteration:
        return effects, record, deliveries


def _receive(effect: Pump, portions: Iterator[bytes]) -> int:
    """What drivers do for it."""
    deliveries = 0
    while effect.reader.wait() != 0:
        deliveries += bool(effect.reader.feed(next(portions)))
    return deliveries


@pytest.mark.parametrize("count", [1, 2, 100, 2_000])
@pytest.mark.parametrize("a_read", [1, 200])
def test_effects_do_not_grow_with_the_stream(count: int, a_read: int) -> None:
    """Open, tell so, receive all, close, deliver the last chunk: no trip to the flow for any read or chunk."""
    events = answer_events(*["word "] * count)
    starts = range(0, len(events), a_read)
    effects, record, deliveries = effects_of([b"".join(events[start : start + a_read]) for start in starts])
    assert [type(effect) for effect in effects] == [Open, Deliver, Pump, Close, Deliver]
    assert record.chunk_count == count + 1
    assert record.is_complete
    # One for each read. The final chunk comes after the connection is closed; those before it do not wait for that.
    assert deliveries == len(range(0, count, a_read))
