"""When a broken stream is continued, after how long, and what is told of one that is not."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from gpo_client.exceptions import (
    APIStatusError,
    GPOClientError,
    GPOConnectionError,
    GPOTimeoutError,
    InvalidResponseError,
    RateLimitError,
    ServiceUnavailableError,
    StreamInterruptedError,
    StreamLimitError,
    StreamTimeoutError,
)
from gpo_client.flows import stream as flow
from gpo_client.flows.effects import Close, Compute, Failure, FailureKind
from gpo_client.flows.resume import Disconnect
from gpo_client.flows.retry import FailedAttempt
from gpo_client.operations.call import Request
from tests.support.events import chunk, final, source, sse
from tests.support.flow_checks import stream, streaming
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer, Reply
from tests.support.flow_simulation import FlowSimulation
from tests.support.observing import Recorder


class _Scripted(FlowServer):
    """A service that sends what it is told to, whatever it is asked for."""

    def reply(self, request: Request, turn: Turn, now: float) -> Reply:
        return Reply(turn, 200, {"content-type": "text/event-stream", **turn.fields}, turn.arrivals(turn.body or b""))


def _scripted(*bodies: bytes, is_packed: bool = False, **settings: Any) -> tuple[FlowSimulation, Run]:
    packed = [Turn(body=gzip.compress(body), fields={"content-encoding": "gzip"}) for body in bodies]
    turns = packed if is_packed else [Turn(body=body) for body in bodies]
    simulation = FlowSimulation(_Scripted(stream=turns), **settings)
    return simulation, simulation.run(streaming(simulation)[0])


@pytest.mark.parametrize(
    ("retry_ms", "random", "delay"),
    [(None, 1.0, 0.5), (0, 1.0, 0.5), (400, 1.0, 0.5), (2001, 0.0, 2.001), (60_000, 0.0, 30.0), (None, 0.0, 0.0)],
)
def test_how_long_it_waits(retry_ms: int | None, random: float, delay: float) -> None:
    """A random while, at least what the server asks for, and never longer than retry_max_delay."""
    turns = [Turn(events=1, retry_ms=retry_ms), Turn(events=1), Turn(events=0), Turn(events=0)]
    simulation = FlowSimulation(FlowServer(stream=turns), random=random, max_resumes=5)
    assert stream(simulation).error is None
    backoff = [delay, delay, max(delay, random), max(delay, 2 * random)]
    assert [told.delay for told in simulation.resumes] == backoff[: len(simulation.resumes)]
    assert len(simulation.resumes) == 4


def test_how_long_it_waits_for_the_first_chunk() -> None:
    """Each connection that brings nothing makes the next wait longer."""
    simulation = FlowSimulation(FlowServer(stream=[Turn(events=0)] * 3), random=1.0, max_resumes=5)
    assert stream(simulation).error is None
    assert [told.delay for told in simulation.resumes] == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("event_id", "resumes"),
    [("x" * 1000, True), ("x" * 1001, False), ("two words", True), ("é", False), (" x", False)]
    + [(f"m{character}:1", False) for character in "\x01\x1b\t\x7f\u2028"],
    ids=ascii,
)
def test_ids_that_can_be_sent_back(event_id: str, resumes: bool) -> None:
    """Where it could go on must fit into a header field."""
    first = sse(chunk("a"), id="a").replace(b"id: a", b"id: " + event_id.encode())
    simulation, run = _scripted(first, first + sse(final(), id="end"))
    assert (run.error is None, len(simulation.server.asked)) == (resumes, 1 + resumes)
    assert run.text == "a"


@pytest.mark.parametrize(
    ("body", "resumes"),
    [
        (b"", True),
        (sse(chunk("a")), False),
        (sse(chunk("a"), id="x") + sse(chunk("b")), False),
        (sse(chunk("a"), id="x") + sse(chunk("b"), id="x"), False),
        (b'event: delta\ndata: {"x": 1}\n\n', False),
        (sse(chunk("a"), id="x") + b'event: delta\ndata: {"x": 1}\n\n', True),
    ],
    ids=["nothing", "no ids", "ids of some", "ids twice", "strangers", "strangers besides"],
)
def test_what_can_be_continued(body: bytes, resumes: bool) -> None:
    """What has ids, all of them its own, or has not begun; and what can be read at all."""
    simulation, run = _scripted(body, body + sse(final(), id="end"))
    assert len(simulation.server.asked) == 1 + resumes
    assert resumes or isinstance(run.error, StreamInterruptedError)


def test_what_is_unreadable_and_cut_is_asked_for_again() -> None:
    """The rest may be in events that are known."""
    bodies = (b"event: odd\ndata: a\n\n", Stop.RESET), (sse(chunk("a"), id="m:1") + sse(final(), id="m:2"), Stop.END)
    turns = [Turn(body=body, stop=stop) for body, stop in bodies]
    simulation = FlowSimulation(_Scripted(stream=turns))
    run = simulation.run(streaming(simulation)[0])
    assert (run.error, run.text) == (None, "a")


def test_time_that_is_over_before_there_is_a_stream() -> None:
    """The deadline is named, and what it cut short."""
    error = stream(FlowSimulation(FlowServer(stream=[Turn(connect=9.0)]), stream_total_timeout=5.0)).error
    assert isinstance(error, StreamTimeoutError)
    assert isinstance(error.__cause__, GPOTimeoutError)
    assert error.message.endswith(f": {error.__cause__.message}")


def test_whole_streams_leave_their_connection_to_others() -> None:
    """It has been read to its end, or is about to be."""
    run = stream(FlowSimulation(FlowServer()))
    assert next(effect.is_whole for effect in run.effects if isinstance(effect, Close))


def test_how_bad_a_failure_is() -> None:
    """Silence is worth another connection, as is what may pass; a server that cannot be trusted is not."""
    cause, late, gone = OSError("x"), GPOTimeoutError("late"), GPOConnectionError("gone")
    busy = RateLimitError("busy", status_code=429, retry_after=3.0)
    assert [
        Disconnect.of(failure)
        for failure in (
            Failure(FailureKind.RESET, "by peer", cause),
            Failure(FailureKind.TIMEOUT),
            Failure(FailureKind.TLS),
            FailedAttempt(busy, True),
            FailedAttempt(late, False),
            FailedAttempt(gone, False),
        )
    ] == [
        Disconnect("connection reset by the server (by peer)", cause),
        Disconnect("timeout while waiting for the server", None, timeout=True),
        Disconnect("TLS handshake failed", None, final=True),
        Disconnect("busy", busy, asked=3.0),
        Disconnect("late", late, timeout=True),
        Disconnect("gone", gone, final=True),
    ]


@pytest.mark.parametrize(("status", "kind"), [(403, APIStatusError), (302, InvalidResponseError)])
def test_what_is_behind_an_interruption(status: int, kind: type[GPOClientError]) -> None:
    """The last of the failures, when it is one that stays."""
    turns = [Turn(events=1, stop=Stop.RESET), Turn(status=status, code="no")]
    simulation = FlowSimulation(FlowServer(stream=turns))
    error = stream(simulation).error
    assert isinstance(error, StreamInterruptedError)
    assert isinstance(error.__cause__, kind)
    assert error.message.endswith(f"continued 1 times: {error.__cause__.message}")
    assert len(simulation.server.asked) == 2


def test_no_time_to_continue() -> None:
    """Nobody is told of a resume that will not be."""
    simulation = FlowSimulation(FlowServer(stream=[Turn(latency=7.0, stop=Stop.STALL)]))
    assert isinstance(stream(simulation, timeout=7.0).error, StreamTimeoutError)
    assert simulation.resumes == []


@pytest.mark.parametrize(("latency", "resumes"), [(6.5, 2), (7.0, 1)])
def test_refusals_in_the_last_moment(latency: float, resumes: int) -> None:
    """As long as there is any time it goes on; what came last is behind the error."""
    turns = [Turn(events=1, stop=Stop.RESET), Turn(status=503, latency=latency)]
    simulation = FlowSimulation(FlowServer(stream=turns), random=0.0)
    error = stream(simulation, timeout=7.0).error
    assert len(simulation.resumes) == resumes
    assert type(error and error.__cause__) is (ServiceUnavailableError if resumes == 1 else type(None))


def test_what_is_asked_for() -> None:
    """A stream, or what is wrong, and not compressed: servers gather what they compress."""
    (asked,) = _scripted(sse(final()))[0].server.asked
    assert asked.header("Accept-Encoding") == "identity"
    accepted = "text/event-stream, application/x-ndjson, application/jsonl, application/problem+json"
    assert asked.header("Accept") == accepted


def test_what_is_behind_silence_from_the_beginning() -> None:
    """The same."""
    settings: dict[str, Any] = {"stream_first_chunk_timeout": 5.0, "base_url": "https://gpo.example.com"}
    error = stream(FlowSimulation(FlowServer(stream=[Turn(failure=FailureKind.TIMEOUT)]), **settings)).error
    assert isinstance(error, StreamTimeoutError)
    assert isinstance(error.__cause__, GPOTimeoutError)
    assert error.message == (
        "timeout: the stream was slower than stream_first_chunk_timeout allows, after 0 chunks (0 characters):"
        " no response from https://gpo.example.com: timeout while waiting for the server"
    )


@pytest.mark.parametrize("events", [0, 1])
def test_what_is_behind_silence(events: int) -> None:
    """The failure of the last connection, of which the message tells as well."""
    turns = [Turn(events=events, stop=Stop.STALL if events else Stop.END), Turn(failure=FailureKind.TIMEOUT)]
    settings: dict[str, Any] = {"max_resumes": 1, "stream_idle_timeout": 5.0, "base_url": "https://gpo.example.com"}
    error = stream(FlowSimulation(FlowServer(stream=turns), **settings)).error
    assert isinstance(error, StreamTimeoutError)
    assert isinstance(error.__cause__, GPOTimeoutError)
    assert error.message == (
        f"timeout: the stream was slower than stream_idle_timeout allows, after {events} chunks"
        f" ({13 * events} characters): no response from https://gpo.example.com: timeout while waiting for the server"
    )


def test_an_event_of_many_values() -> None:
    """Both bounds are told."""
    error = _scripted(b'data: {"metadata": {"a": [' + b"0," * 70_000 + b"0]}}\n\n", max_event_bytes=200_000)[1].error
    assert isinstance(error, StreamLimitError)
    assert error.message == (
        "the server sent an event of more than 20000 values, as max_event_bytes (200000) allows; raise max_event_bytes"
        " if it is to be expected"
    )


@pytest.mark.parametrize("lengths", [[80_000], [1] * 500, [1] * 500 + [80_000], [80_000, 1, 80_000, 2]], ids=len)
def test_events_that_take_long_to_read(lengths: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Large ones and many small ones, all of them, in their order; what a thread changes is not left to it."""
    computed: list[dict[str, Any]] = []

    def compute(work: Any, **how: Any) -> Compute[Any]:
        computed.append(how)
        return Compute(work, **how)

    monkeypatch.setattr(flow, "Compute", compute)
    texts = [f"{number}" * length for number, length in enumerate(lengths)]
    events = [sse(chunk(text), id=f"m:{number}") for number, text in enumerate(texts, 1)]
    body, recorder = b"".join(events) + sse(final(), id=f"m:{len(texts) + 1}"), Recorder()
    for observers in ([], [recorder]):
        run = _scripted(body, observers=observers)[1]
        assert (run.text, run.error) == ("".join(texts), None)
    assert recorder.calls[0].of("first_chunk") == [0.0]
    assert bool(computed) == (80_000 in lengths)
    assert all(how == {"may_be_left": False} for how in computed)


def test_a_stream_of_one_event() -> None:
    """Of which a new connection does not show that it continues it: there is no earlier event to begin with."""
    simulation, run = _scripted(sse(chunk("a"), id="x"), sse(chunk("b"), id="y"), sse(chunk("a"), id="x"))
    assert (run.text, type(run.error)) == ("a", StreamInterruptedError)
    assert len(simulation.server.asked) == 2


@pytest.mark.parametrize(
    ("whole", "delivered"),
    [
        ("Mexico taxes income.", True),
        ("Mexico taxes ", True),
        ("Mexico", False),
        ("Mexico taxes\nincome.", False),
    ],
)
def test_whole_answers_that_continue_what_came(whole: str, delivered: bool) -> None:
    """The rest of it, if there is any; another answer is not joined to it."""
    server = FlowServer(["Mexico taxes ", "x"], [whole], stream=[Turn(events=1)])
    server._turns["whole"].append(Turn(restart=True))
    error = stream(simulation := FlowSimulation(server, max_resumes=0), fallback=True).error
    assert (error is None) == delivered
    if error is not None:
        assert isinstance(error, StreamInterruptedError)
        assert error.fallback_response is not None
        assert error.fallback_response.message_content == whole
    assert simulation.server.count("whole") == 1


_DONE = b"data: [DONE]\n\n"
_STRANGER = b'event: delta\ndata: {"x": 1}\n\n'
_UNREAD = "the stream ended, and nothing of an answer was in it: events of the name 'delta' were ignored"


@pytest.mark.parametrize(
    ("body", "message", "count"),
    [
        (_DONE, None, 1),
        *(
            (sse(each) + _STRANGER + _DONE, None, 2)
            for each in (chunk("a"), chunk(None, sources=[source()]), chunk(None, metadata={"model_used": "x"}))
        ),
        (sse(chunk("a")) + sse(final())[:-1], None, 2),
        (_STRANGER + _DONE, _UNREAD, 0),
        (sse(chunk("")) + _STRANGER + _DONE, _UNREAD, 1),
    ],
    ids=["nothing", "something", "sources", "metadata", "a last line", "strangers", "strangers besides"],
)
def test_ends(body: bytes, message: str | None, count: int) -> None:
    """A marker ends an answer of nothing, but none that nobody here can read."""
    run = _scripted(body, max_resumes=0)[1]
    assert (run.error and run.error.message, len(run.chunks)) == (message, count)
    assert run.text == ("a" if b'"a"' in body else "")


@pytest.mark.parametrize("is_packed", [False, True])
def test_how_long_a_stream_may_be(is_packed: bool) -> None:
    """To the byte, over all its connections, of what it is when decompressed."""
    first, rest = sse(chunk("a" * 500), id="m:1"), sse(final(), id="m:2")
    for bodies in ([first + rest], [first, rest]):
        for most, error in ((len(first + rest), type(None)), (len(first + rest) - 1, StreamLimitError)):
            assert type(_scripted(*bodies, is_packed=is_packed, max_stream_bytes=most)[1].error) is error
