"""Deadlines to the second, on a clock that can be read exactly."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client.config import GPOConfig
from gpo_client.exceptions import (
    ServiceUnavailableError,
    StreamInterruptedError,
    StreamProtocolError,
    StreamTimeoutError,
)
from gpo_client.flows.deadlines import Deadline, Permits, StreamDeadlines
from gpo_client.flows.effects import Failure, FailureKind
from gpo_client.flows.stream_reader import StreamReader
from gpo_client.operations.call import Request
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.text.record import StreamRecord
from tests.support.events import answer_events
from tests.support.flow_checks import stream
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation

ONCE: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}
HEAD_ALONE = Turn(events=0, stop=Stop.STALL)
ONE_CHUNK = Turn(events=1, latency=2.0, stop=Stop.STALL)


def run(*turns: Turn, reading: float = 0.0, **settings: Any) -> Run:
    """Stream once, by default without second tries."""
    return stream(FlowSimulation(FlowServer(stream=turns), random=1.0, reading=reading, **{**ONCE, **settings}))


def check(ended: Run, setting: str, seconds: float) -> None:
    """It ended by that setting, at that time."""
    assert type(ended.error) is StreamTimeoutError
    assert setting in str(ended.error)
    assert ended.elapsed == ended.error.elapsed == seconds


@pytest.mark.parametrize("setting", ["stream_first_chunk_timeout", "stream_idle_timeout", "stream_total_timeout"])
@pytest.mark.parametrize("turn", [Turn(failure=FailureKind.TIMEOUT), HEAD_ALONE], ids=["no head", "head alone"])
def test_silence_from_the_beginning(setting: str, turn: Turn) -> None:
    """Each deadline lasts as long as it says, and the error says which it was."""
    check(run(turn, **{setting: 7.0}), setting, 7.0)


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [("stream_idle_timeout", 9.0), ("stream_heartbeat_timeout", 9.0), ("stream_total_timeout", 7.0)],
)
def test_silence_after_a_chunk(setting: str, seconds: float) -> None:
    """From the chunk on; the total from the request on."""
    check(run(ONE_CHUNK, **{setting: 7.0}), setting, seconds)


@pytest.mark.parametrize("every", [0.5, 1.0, 6.9])
@pytest.mark.parametrize(
    ("setting", "events", "seconds"),
    [
        ("stream_first_chunk_timeout", 0, 7.0),
        ("stream_total_timeout", 0, 7.0),
        ("stream_heartbeat_timeout", 1, 9.0),
        ("stream_total_timeout", 1, 7.0),
    ],
)
def test_heartbeats_put_nothing_off(every: float, setting: str, events: int, seconds: float) -> None:
    """Nothing but the idle deadline, that is."""
    turn = Turn(events=events, latency=2.0, stop=Stop.HEARTBEATS, beat_every=every)
    ended = run(turn, **{setting: 7.0})
    assert setting in str(ended.error)
    assert ended.elapsed == pytest.approx(seconds)


@pytest.mark.parametrize("stop", [Stop.STALL, Stop.HEARTBEATS])
def test_what_is_no_stream_is_not_waited_for(stop: Stop) -> None:
    """JSON in its place may say why, until the first deadline."""
    turn = Turn(fields={"content-type": "application/json"}, body=b"{", stop=stop)
    ended = run(turn, stream_first_chunk_timeout=7.0)
    assert (type(ended.error), ended.elapsed) == (StreamProtocolError, 7.0)


def test_heartbeats_put_off_the_idle_deadline() -> None:
    """It is for silence without a single byte."""
    turn = Turn(events=0, stop=Stop.HEARTBEATS, beat_every=6.5)
    check(run(turn, stream_idle_timeout=7.0, stream_first_chunk_timeout=40.0), "stream_first_chunk_timeout", 40.0)


def test_heartbeats_that_come_too_late() -> None:
    """Seven seconds of silence are seven seconds of silence."""
    turn = Turn(events=0, stop=Stop.HEARTBEATS, beat_every=7.5)
    check(run(turn, stream_idle_timeout=7.0), "stream_idle_timeout", 7.0)


def test_each_chunk_has_its_own_deadline() -> None:
    """A slow stream is no dead one."""
    assert (
        run(Turn(sizes=(40,), pause=2.0), stream_heartbeat_timeout=11.0, stream_first_chunk_timeout=9.0).error is None
    )


@pytest.mark.parametrize("tries", [1, 3])
def test_the_connection(tries: int) -> None:
    """connect_timeout is for each try."""
    check(run(*[Turn(connect=60.0)] * tries, connect_timeout=4.0, max_retries=tries - 1, retry_backoff_factor=0.0),
          "connect_timeout", 4.0 * tries)  # fmt: skip


@pytest.mark.parametrize("setting", ["stream_first_chunk_timeout", "stream_total_timeout"])
def test_a_connection_is_not_waited_for_longer_than_a_stream(setting: str) -> None:
    """Of two deadlines the nearer one counts, and is named."""
    check(run(Turn(connect=60.0), **{setting: 3.0}), setting, 3.0)


def test_a_connection_is_no_stream() -> None:
    """An idle deadline below connect_timeout ends the connecting, too."""
    ended = run(Turn(connect=60.0), stream_idle_timeout=3.0)
    assert (type(ended.error), ended.elapsed) == (StreamTimeoutError, 3.0)


@pytest.mark.parametrize("setting", ["stream_first_chunk_timeout", "stream_total_timeout"])
@pytest.mark.parametrize("asked", [7, 20])
def test_no_wait_before_a_retry_that_would_come_too_late(asked: int, setting: str) -> None:
    """The refusal is raised at once."""
    ended = run(Turn(status=503, retry_after=asked), max_retries=2, **{setting: 7.0})
    assert (type(ended.error), ended.elapsed) == (ServiceUnavailableError, 0.0)


class _Refusing(FlowServer):
    """A service that refuses connections for a time, perhaps after the first chunk."""

    def __init__(self, outage: float, *, has_begun: bool) -> None:
        super().__init__(stream=[Turn(events=1, stop=Stop.RESET)] if has_begun else [])
        self._outage, self._answers_first = outage, has_begun

    def turn_for(self, request: Request, now: float) -> Turn:
        turn = super().turn_for(request, now)
        if now < self._outage and not (self._answers_first and len(self.asked) == 1):
            return Turn(failure=FailureKind.CONNECTION_REFUSED)
        return turn


@example(random=0.9, outage=14.5, has_begun=True)
@example(random=0.9, outage=14.5, has_begun=False)  # where a wait that is not halved leaves no time
@given(random=st.floats(0.05, 1.0), outage=st.floats(0.0, 15.0), has_begun=st.booleans())
def test_an_outage_that_is_over_before_the_deadline(random: float, outage: float, *, has_begun: bool) -> None:
    """No wait is so long that it leaves no time for a try, so an outage that leaves some loses no stream."""
    settings: dict[str, Any] = {"stream_first_chunk_timeout": 20.0, "stream_heartbeat_timeout": 20.0}
    simulation = FlowSimulation(
        _Refusing(outage, has_begun=has_begun), random=random, max_retries=100, max_resumes=100, **settings
    )
    ended = stream(simulation)
    assert (ended.text, ended.error) == ("Mexico taxes income.", None)


def test_retries_do_not_put_off_the_first_chunk() -> None:
    """The second try has what the first has left of it."""
    turns = (Turn(status=503, retry_after=5), Turn(events=0, stop=Stop.HEARTBEATS))
    check(run(*turns, max_retries=2, stream_first_chunk_timeout=7.0), "stream_first_chunk_timeout", 7.0)


@pytest.mark.parametrize("setting", ["stream_heartbeat_timeout", "stream_total_timeout"])
@pytest.mark.parametrize("after", [{"status": 503, "retry_after": 20}, {"stop": Stop.STALL}, {"connect": 90.0}])
def test_resumes_put_nothing_off(setting: str, after: dict[str, Any]) -> None:
    """However the time goes by between two chunks: in waits, in silence, in connecting."""
    ended = run(Turn(events=1), *[Turn(**{"events": 0, **after})] * 9, max_resumes=9, **{setting: 50.0})
    check(ended, setting, 50.0)


@pytest.mark.parametrize("turn", [Turn(failure=FailureKind.TIMEOUT), HEAD_ALONE], ids=["no head", "head alone"])
def test_silence_is_worth_another_connection(turn: Turn) -> None:
    """A stream that had begun is asked for again after silence, with or without a head."""
    assert run(Turn(events=1), turn, max_resumes=2, stream_idle_timeout=7.0, retry_backoff_factor=0.0).elapsed == 7.0
    ended = run(Turn(events=1), *[turn] * 9, max_resumes=2, stream_idle_timeout=7.0, retry_backoff_factor=0.0)
    check(ended, "stream_idle_timeout", 14.0)


def test_no_connection_is_no_silence() -> None:
    """A stream that cannot be connected to again was cut short, not slow."""
    ended = run(Turn(events=1), *[Turn(connect=60.0)] * 9, max_resumes=1, connect_timeout=4.0, retry_backoff_factor=0.0)
    assert (type(ended.error), ended.elapsed) == (StreamInterruptedError, 4.0)
    assert "(connect_timeout)" in str(ended.error)


@pytest.mark.parametrize("events", [0, 1])
def test_a_slow_reader_is_not_the_service_s_fault(events: int) -> None:
    """Chunks that lie ready when their reader comes back are in time, however long it took."""
    ended = run(
        Turn(sizes=(60,), beats=events, pause=0.5),
        reading=500.0,
        stream_first_chunk_timeout=7.0,
        stream_heartbeat_timeout=7.0,
    )
    assert (ended.text, ended.error) == ("Mexico taxes income.", None)


def test_a_slow_reader_does_not_stop_the_clock() -> None:
    """The total deadline is total."""
    assert "stream_total_timeout" in str(
        run(Turn(sizes=(60,), pause=0.5), reading=500.0, stream_total_timeout=700.0).error
    )


def test_no_deadlines_at_all() -> None:
    """None means no limit, of any kind."""
    names = ("first_chunk", "idle", "heartbeat", "total")
    unlimited: dict[str, Any] = {f"stream_{name}_timeout": None for name in names}
    patient = attrs.evolve(Turn(connect=1e6, latency=1e6), sizes=(30,), pause=1e6)
    assert run(patient, connect_timeout=None, **unlimited).error is None
    deadlines = StreamDeadlines(lambda: 0.0, GPOConfig(**unlimited), None)
    assert (deadlines.next_wait(), deadlines.next_read(), deadlines.total) == (None, None, None)


class Stopped:
    """A reader in a process that can be stopped: the clock goes on, and nobody reads."""

    def __init__(self, **settings: Any) -> None:
        self.now = 0.0
        self.deadlines = StreamDeadlines(lambda: self.now, GPOConfig(**settings), settings.get("stream_total_timeout"))
        self.reader = StreamReader(EventChunkDecoder(), StreamRecord(lambda: self.now), self.deadlines)

    def read(self, *pieces: bytes) -> int:
        """Read what is there, piece by piece, as TLS gives it; how many chunks there were."""
        count = 0
        for piece in pieces:
            assert self.reader.wait() != 0.0, "bytes that are there beat the timer"
            count += len(self.reader.feed(piece))
        return count


@pytest.mark.parametrize("before", [0, 1])
def test_process_that_was_stopped(before: int) -> None:
    """A deadline that passed meanwhile costs nothing that has come: heartbeats, each in a piece, then an answer."""
    stopped = Stopped(stream_first_chunk_timeout=7.0, stream_heartbeat_timeout=7.0)
    first, *rest = answer_events("Zero ", "one.")
    assert stopped.read(*[b": heartbeat\n\n", first][: 1 + before]) == before
    assert stopped.reader.wait() == 7.0
    stopped.now += 100.0
    assert stopped.read(*[b": heartbeat\n\n"] * 8, *[first, *rest][before:]) == 2 - before
    assert len(stopped.reader.final) == 1
    assert stopped.reader.failure is None


def test_process_that_was_stopped_for_nothing() -> None:
    """Where nothing has come, or heartbeats alone, the deadline strikes a moment later, under its own name."""
    stopped = Stopped(stream_first_chunk_timeout=7.0)
    stopped.now = 100.0
    assert stopped.reader.wait() == pytest.approx(0.25)
    stopped.reader.feed(b": heartbeat\n\n")
    stopped.now += 0.25
    assert stopped.reader.wait() == 0.0
    assert stopped.reader.failure == Failure(FailureKind.TIMEOUT)
    assert stopped.deadlines.passed() == "stream_first_chunk_timeout"


def test_a_flood_is_no_stopped_process() -> None:
    """What brings no chunk and takes long to read, again and again, puts the deadline off once."""
    flooded = Stopped(stream_first_chunk_timeout=7.0)
    reads = 0
    while reads < 10 and flooded.reader.wait() != 0.0:
        flooded.reader.feed(b"event: ping\ndata: {}\n\n")
        flooded.now += 5.0
        reads += 1
    assert reads == 3
    assert flooded.deadlines.passed() == "stream_first_chunk_timeout"


def test_total_is_total() -> None:
    """A stopped process gets no more of the whole."""
    stopped = Stopped(stream_total_timeout=7.0)
    stopped.now = 100.0
    assert stopped.reader.wait() == 0.0
    assert stopped.deadlines.passed() == "stream_total_timeout"


def test_the_time_that_is_left() -> None:
    """Never below nothing; over at the very moment."""
    left = [Deadline(lambda: 5.0, at) for at in (None, 7.5, 5.0, 4.0)]
    assert [(one.remaining, one.expired) for one in left] == [(None, False), (2.5, False), (0.0, True), (0.0, True)]


def test_what_puts_deadlines_off() -> None:
    """Waits for the client's own limits, all of them once, and of a chunk the time that its reader takes."""
    deadlines = StreamDeadlines(lambda: 0.0, GPOConfig(stream_first_chunk_timeout=7.0, stream_idle_timeout=None), 20.0)
    assert (deadlines.next_wait(), deadlines.total) == (7.0, 20.0)
    deadlines.turn_came(2.0)
    deadlines.turn_came(5.0)
    assert (deadlines.next_wait(), deadlines.total) == (12.0, 25.0)
    deadlines.reader_took(3.0)
    assert (deadlines.next_wait(), deadlines.total, deadlines.time_left) == (15.0, 25.0, 15.0)


def test_which_deadline_has_passed() -> None:
    """Of the first chunk, of the next ones, or of silence."""
    stopped = Stopped(stream_first_chunk_timeout=7.0, stream_heartbeat_timeout=3.0)
    assert stopped.deadlines.passed() == "stream_idle_timeout"
    stopped.now = 7.0
    assert stopped.deadlines.passed() == "stream_first_chunk_timeout"
    stopped.deadlines.is_due = True
    assert stopped.deadlines.next_wait() == 3.0
    stopped.now = 10.0
    assert stopped.deadlines.passed() == "stream_heartbeat_timeout"


class _Limiter:
    """Lets everybody in, and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def join(self, *, is_repeated: bool) -> Any:
        self.told.append(is_repeated)
        return SimpleNamespace(reason=None, signal=None)

    def wait(self, _: Any) -> float:
        return 0.0

    def overloaded(self, turn: Any, retry_after: float | None) -> None:
        self.told.append((turn is not None, retry_after))

    def leave(self, turn: Any) -> None:
        self.told.append(turn is not None)


def test_permits() -> None:
    """Who has had a turn says so when it wants another; how its request went is told of its own turn."""
    limiter = _Limiter()
    permits = Permits([limiter], lambda: 0.0)  # type: ignore[list-item]
    for _ in range(2):
        assert list(permits.acquire(None)) == []
        permits.overloaded(3.0)
        permits.release()
    assert limiter.told == [False, (True, 3.0), True, True, (True, 3.0), True]
