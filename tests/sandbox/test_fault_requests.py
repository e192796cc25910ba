"""Faults on demand, as they look on the wire: who may ask for them, how they are counted, what they do."""

import asyncio
import math
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest
from starlette.types import Message

from gpo_sandbox import RunningSandbox, injection, running_sandbox
from gpo_sandbox.faults import Ending, Fault, FaultError, Rejection, StreamFault, parse_fault
from gpo_sandbox.injection import Faults
from gpo_sandbox.streaming import ConnectionCut, StreamedResponse

from .conftest import Opener
from .visitor import ROYALTIES, Event, Visitor, events_of

Start = Callable[..., RunningSandbox]


@pytest.fixture
def faulty(start_sandbox: Start, visit: Opener) -> Visitor:
    """Open a session with a sandbox whose requests may ask for faults."""
    return visit(start_sandbox(chunk_delay_s=0, faults=True, heartbeat_interval_s=0.01))


def _asking(visitor: Visitor, fault: str) -> Visitor:
    visitor.http.headers["X-GPO-Fault"] = fault
    return visitor


def _positions(events: list[Event]) -> list[int]:
    return [int(event.id.rpartition(":")[2]) for event in events]


def _cut(visitor: Visitor, **options: str) -> str:
    """Read a stream that ends as no HTTP response should; return what came before."""
    parts: list[str] = []
    with visitor.opened(ROYALTIES, **options) as response, pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
        parts.extend(response.iter_text())  # what came before the error is kept
    return "".join(parts)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_cut_connection(faulty: Visitor, count: int, caplog: pytest.LogCaptureFixture) -> None:
    """The body is not ended, everything before the cut arrives, and the server's log stays empty."""
    text = _cut(_asking(faulty, f"drop-after={count}"))
    assert text.startswith("retry: 1000\n\n")
    assert _positions(events_of(text)) == list(range(1, count + 1))
    assert caplog.records == []


def test_lines_are_cut_too(faulty: Visitor) -> None:
    """Faults do not depend on how events are written."""
    assert _cut(_asking(faulty, "drop-after=2"), accept="application/x-ndjson").count("\n") == 2


def test_a_clean_end(faulty: Visitor) -> None:
    """The response ends as if it were whole."""
    events = _asking(faulty, "end-after=2").stream(ROYALTIES)
    assert (_positions(events), events[-1].data["is_complete"]) == ([1, 2], False)


def test_repeated_and_missing_events(faulty: Visitor) -> None:
    """Events are counted as they would have been sent."""
    events = _asking(faulty, "duplicate=2,skip=3,end-after=5").stream(ROYALTIES)
    assert _positions(events) == [1, 2, 2, 4, 5]
    assert events[1] == events[2]


def test_heartbeats_alone(faulty: Visitor) -> None:
    """After the last event come comments, for ever."""
    text = ""
    with _asking(faulty, "heartbeats-after=1").opened(ROYALTIES) as response:
        for part in response.iter_text():
            text += part
            if text.count(": heartbeat") >= 3:
                break
    assert _positions(events_of(text)) == [1]
    assert text.partition("}\n\n")[2].startswith(": heartbeat\n\n" * 2)


def test_the_setting_concerns_every_request(start_sandbox: Start, visit: Opener) -> None:
    """It needs no header; without a key each request is the first, with one the second is as it should be."""
    visitor = visit(start_sandbox(chunk_delay_s=0, fault="end-after=1"))
    counts = [len(visitor.stream(ROYALTIES)), len(visitor.stream(ROYALTIES)), len(visitor.stream(ROYALTIES, key="k"))]
    assert counts == [1, 1, 1]
    assert len(visitor.stream(ROYALTIES, key="k")) > 1
    assert len(_asking(visitor, "end-after=2").stream(ROYALTIES)) == 1  # headers are not honoured here


def test_the_header_beats_the_setting(start_sandbox: Start, visit: Opener) -> None:
    """Where both ask for something, the request has its way."""
    visitor = visit(start_sandbox(chunk_delay_s=0, fault="end-after=1", faults=True))
    assert len(_asking(visitor, "end-after=2").stream(ROYALTIES)) == 2


def test_off_unless_it_is_switched_on(visitor: Visitor) -> None:
    """An ordinary sandbox does not even look at the header."""
    assert _asking(visitor, "nonsense").stream(ROYALTIES)[-1].data["is_complete"]
    assert _asking(visitor, "status=503").ask(ROYALTIES)["sources"]


@pytest.mark.parametrize("path", ["/api/Chat", "/api/Chat/SensitiveDataSupport"])
def test_a_header_that_makes_no_sense(faulty: Visitor, path: str) -> None:
    """It is a 400 that names the header and says what was wrong, and nothing is stored."""
    response = _asking(faulty, "drop-after=x").post(path, {"query": ROYALTIES})
    told = response.json()
    assert (response.status_code, told["code"], told["field"]) == (400, "invalid_header", "X-GPO-Fault")
    assert told["detail"] == "drop-after must be a whole number, but the header is 'drop-after=x'."
    del faulty.http.headers["X-GPO-Fault"]
    assert faulty.get("/api/Chat/history").json()["total_count"] == 0


@pytest.mark.parametrize("status", [401, 418, 503, 599])
def test_refusals_are_counted_by_key(faulty: Visitor, status: int) -> None:
    """Each key has its own count; nothing is stored before a request gets through."""
    _asking(faulty, f"status={status}*2")
    body = {"query": "What is IVA?"}
    statuses = [faulty.post("/api/Chat", body, key=key).status_code for key in ("a", "a", "b", "a", "b", "b")]
    assert statuses == [status, status, status, 200, status, 200]
    del faulty.http.headers["X-GPO-Fault"]
    assert faulty.get("/api/Chat/history").json()["total_count"] == 2


def test_sensitive_questions_are_refused_too(faulty: Visitor) -> None:
    """They are chat as well."""
    _asking(faulty, "status=500,retry-after=3")
    refused, answered = (faulty.post("/api/Chat/SensitiveDataSupport", {"query": "IVA?"}, key="a") for _ in range(2))
    assert (refused.status_code, refused.headers["Retry-After"], answered.status_code) == (500, "3", 200)


def test_counts_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that runs for ever does not grow for ever."""
    monkeypatch.setattr(injection, "_MOST_COUNTS", 2)
    faults = Faults.of("end-after=1", on_request=False)
    due = [faults.due(None, "user", key) is not None for key in ("a", "b", "a", "c", "a", "b")]
    assert due == [True, True, False, True, False, True]


@pytest.mark.parametrize("fault", ["stall-after=1", "heartbeats-after=1", "slow=3600"])
def test_stopping_the_sandbox_ends_them(fault: str) -> None:
    """A stream that would never end does not keep the sandbox from stopping."""
    with ExitStack() as stack:
        with running_sandbox(chunk_delay_s=0, fault=fault) as sandbox:
            visitor = Visitor(sandbox.base_url)
            stack.callback(visitor.http.close)
            received = stack.enter_context(visitor.opened(ROYALTIES)).iter_text()
            assert next(received).startswith("retry: 1000\n\n")
        with pytest.raises(httpx.TransportError):
            list(received)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_cut_on_another_server() -> None:
    """Where nobody can hang up, the response is left incomplete: servers close the connection then."""
    sent: list[Message] = []

    async def body():  # type: ignore[no-untyped-def]
        yield b"one"
        raise ConnectionCut

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    await StreamedResponse(body(), "text/plain")({"type": "http"}, receive, send)  # type: ignore[no-untyped-call]
    assert [message.get("more_body") for message in sent] == [None, True]


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/Documents"), ("POST", "/api/TotalQuestions")])
def test_other_operations_can_be_refused(faulty: Visitor, method: str, path: str) -> None:
    """Each call has its own count, by its request id; faults of streams are none of theirs."""
    _asking(faulty, "status=503*1,retry-after=2,drop-after=1")
    ids = ("a", "a", "b")
    answers = [faulty.http.request(method, path, json={}, headers={"X-Request-ID": name}) for name in ids]
    assert [answer.status_code for answer in answers] == [503, 200, 503]
    assert answers[0].headers["Retry-After"] == "2"
    without = [faulty.http.request(method, path, json={}).status_code for _ in range(2)]
    assert without == [503, 503]


# --- The texts that faults are described with.


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop-after=3", Fault(stream=StreamFault(ending=Ending.DROP, after=3))),
        ("end-after=0,times=2", Fault(stream=StreamFault(ending=Ending.END, after=0, times=2))),
        (" stall-after = 1 , times = all ", Fault(stream=StreamFault(ending=Ending.STALL, after=1, times=math.inf))),
        ("heartbeats-after=1", Fault(stream=StreamFault(ending=Ending.HEARTBEATS, after=1))),
        ("error-after=2", Fault(stream=StreamFault(ending=Ending.ERROR, after=2))),
        ("malformed=2", Fault(stream=StreamFault(malformed=2))),
        ("slow=0.5,duplicate=2,skip=4", Fault(stream=StreamFault(slow_s=0.5, duplicate=2, skip=4))),
        ("status=503", Fault(Rejection(status=503))),
        ("status=429*2,retry-after=1", Fault(Rejection(status=429, times=2, retry_after_s=1))),
        ("status=500*all", Fault(Rejection(status=500, times=math.inf))),
        ("status=503,slow=1", Fault(Rejection(status=503), StreamFault(slow_s=1))),
    ],
)
def test_texts(text: str, fault: Fault) -> None:
    """What each part means."""
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'' is not among the names of faults, which are drop-after, "),
        ("drop-after=3,", "'' is not among"),
        ("drop=3", "'drop' is not among"),
        ("drop-after", "drop-after must be a whole number"),
        ("drop-after=-1", "drop-after must be a whole number"),
        ("drop-after=1.5", "drop-after must be a whole number"),
        ("drop-after=²", "drop-after must be a whole number"),
        ("drop-after=9999999999", "drop-after must be a whole number"),
        ("drop-after=1,drop-after=2", "drop-after must be given only once"),
        ("drop-after=1,end-after=2", "drop-after and end-after must not come together"),
        ("duplicate=0", "duplicate must be at least 1"),
        ("malformed=0", "malformed must be at least 1"),
        ("error-after=1,drop-after=2", "drop-after and error-after must not come together"),
        ("skip=x", "skip must be a whole number"),
        ("slow=nan", "slow must be a number of seconds from 0 to 3600"),
        ("slow=3601", "slow must be a number of seconds from 0 to 3600"),
        ("status=200", "status must be a status from 400 to 599"),
        ("status=503*", "status must be a status from 400 to 599"),
        ("status=503*0", "the number of times after status must be a whole number from 1, or all"),
        ("status=503*some", "the number of times after status must be a whole number from 1, or all"),
        ("retry-after=1", "retry-after must come with a status"),
        ("status=503,retry-after=soon", "retry-after must be a whole number"),
        ("times=2", "times must come with a fault of the stream"),
        ("status=503,times=2", "times must come with a fault of the stream"),
        ("drop-after=1,times=0", "times must be a whole number from 1, or all"),
        ("drop-after=1,times=ever", "times must be a whole number from 1, or all"),
    ],
)
def test_texts_that_describe_nothing(text: str, told: str) -> None:
    """The message says what the text must be."""
    with pytest.raises(FaultError) as caught:
        parse_fault(text)
    assert str(caught.value).startswith(told)


def test_refusals_come_first() -> None:
    """The streams that go wrong are those of the requests that get through."""
    fault = parse_fault("status=503*2,drop-after=1,times=2")
    assert [fault.due(earlier) for earlier in range(5)] == [
        fault.rejection, fault.rejection, fault.stream, fault.stream, None,
    ]  # fmt: skip
    assert parse_fault("drop-after=1,times=all").due(1_000_000) is not None
