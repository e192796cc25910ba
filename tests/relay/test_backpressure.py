"""A slow browser slows the GPO API; nothing is read that nobody reads."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import sys
from collections.abc import Sequence
from threading import Event
from typing import Any

import anyio
import pytest

from gpo_client.relay import LogPage, MemoryRelayLog, Relay, RelayOptions, SyncMemoryRelayLog
from gpo_client.relay.machines.entries import Entry
from tests.relay.browser import PATIENCE_S, AsyncVisit, Page, Visit
from tests.relay.conftest import Visiting
from tests.relay.service import Service
from tests.support.asgi import serving
from tests.support.events import TEXT_EVENT_STREAM, answer_events, chunk, final, numbered, sse, stream_answer
from tests.support.wire import Answer, End, WireServer

WINDOW = 8


class Ahead:
    """How far the writing of the one answer in a log ever was ahead of the reading."""

    def __init__(self) -> None:
        self.most = 0
        self.left = 0
        self._read = 0

    def wrote(self, entries: Sequence[Entry]) -> None:
        self.most = max(self.most, entries[-1].position - self._read)

    def read(self, position: int) -> None:
        self._read = max(self._read, position)


class WatchedLog(MemoryRelayLog):
    def __init__(self) -> None:
        super().__init__()
        self.ahead = Ahead()
        self.reads = 0

    async def read(self, answer_id: str, after: int, wait_s: float) -> LogPage:
        self.reads += 1
        return await super().read(answer_id, after, wait_s)

    async def append(self, answer_id: str, entries: Sequence[Entry]) -> None:
        self.ahead.wrote(entries)
        await super().append(answer_id, entries)

    async def acknowledge(self, answer_id: str, position: int, wanted_s: float) -> None:
        self.ahead.read(position)
        await super().acknowledge(answer_id, position, wanted_s)

    async def leave(self, answer_id: str, grace_s: float) -> None:
        self.ahead.left += 1
        await super().leave(answer_id, grace_s)


class WatchedSyncLog(SyncMemoryRelayLog):
    def __init__(self) -> None:
        super().__init__()
        self.ahead = Ahead()

    def append(self, answer_id: str, entries: Sequence[Entry]) -> None:
        self.ahead.wrote(entries)
        super().append(answer_id, entries)

    def acknowledge(self, answer_id: str, position: int, wanted_s: float) -> None:
        self.ahead.read(position)
        super().acknowledge(answer_id, position, wanted_s)

    def leave(self, answer_id: str, grace_s: float) -> None:
        self.ahead.left += 1
        super().leave(answer_id, grace_s)


def _log(runtime: str) -> Any:
    return WatchedSyncLog() if runtime == "sync" else WatchedLog()


async def test_writing_stays_within_the_window(visiting: Visiting, runtime: str) -> None:
    """However fast the GPO API writes, it is never read further than the window ahead of the browser."""
    texts = [f"word-{number} " for number in range(300)]
    log, events = _log(runtime), b"".join(numbered([*map(chunk, texts), final()]))
    async with visiting(stream_answer(events), log=log, window=WINDOW) as (browser, ask, _):
        visit = await browser.visit(ask())
        await visit.rest()
        assert visit.page.text == "".join(texts)
    assert 1 < log.ahead.most <= WINDOW


async def test_endless_answers_wait_for_their_reader(visiting: Visiting, runtime: str) -> None:
    """A browser that reads nothing: the server can send only what the buffers on the way hold, until it is closed."""
    log, endless = _log(runtime), (sse(chunk("x" * 10_000), id=f"msg_01:{number}") for number in itertools.count(1))
    async with visiting(Answer(headers=TEXT_EVENT_STREAM, pieces=endless), log=log, window=WINDOW, grace_s=0.1) as (
        browser,
        ask,
        server,
    ):
        visit = await browser.visit(ask())
        await visit.until("x")
        await visit.leave()
        await server.closed(0)
    assert log.ahead.most <= WINDOW + 1  # the last one says that the answer was stopped
    assert log.ahead.left == 1


TEXTS = [f"word-{number} " for number in range(30)]


def second(page: Page) -> Page:
    """A page that follows the answer of another from its beginning."""
    other = Page()
    other.last_event_id = page.last_event_id.partition(":")[0] + ":0"
    return other


async def test_a_slow_page_holds_up_no_other(visiting: Visiting) -> None:
    """One that takes nothing in the middle of an answer: another has all of it meanwhile, and then the first too."""
    gate, events = Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(*events[:3], gate, *events[3:]), grace_s=0.4) as (browser, ask, server):
        slow = await browser.visit(ask())
        await slow.until(TEXTS[0])
        gate.set()
        quick = await browser.visit(ask(), second(slow.page))
        await quick.rest()
        await slow.rest()
        assert (quick.page.text, slow.page.text) == ("".join(TEXTS), "".join(TEXTS))
        assert (quick.page.is_complete, slow.page.is_complete, len(server.requests)) == (True, True, 1)


async def amid_an_event(visit: Visit, log: MemoryRelayLog, gate: Event) -> AsyncVisit:
    """Wait until something is being sent to a page that does not take it."""
    await visit.until(TEXTS[0])
    gate.set()
    answer_id, _, position = visit.page.last_event_id.partition(":")
    assert (await log.read(answer_id, int(position), PATIENCE_S)).entries
    assert isinstance(visit, AsyncVisit)
    return visit


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
@pytest.mark.parametrize("how", ["vanishes", "is stopped"])
async def test_sending_that_is_cut_short(visiting: Visiting, how: str) -> None:
    """Nobody knows how much of it has arrived: the response ends, and the page comes back for the rest. Threads are
    not told."""
    gate, events, log = Event(), answer_events(*TEXTS), MemoryRelayLog()
    rest, end = (events[1:], End.FINISH) if how == "vanishes" else (events[1:-1], End.STALL)
    async with visiting(stream_answer(events[0], gate, *rest, end=end), log=log) as (browser, ask, server):
        visit = await amid_an_event(await browser.visit(ask()), log, gate)
        if how == "vanishes":
            visit.vanish()
        else:
            await browser.stop(visit.page.last_event_id)
            await server.closed(0)
            await visit.rest()
        back = await browser.visit(ask(), visit.page)
        await back.rest()
        kept = (await log.read(visit.page.last_event_id.partition(":")[0], 0, 0)).entries
        assert visit.page.text == "".join(json.loads(entry.data).get("content", "") for entry in kept)
        assert (visit.page.ended, len(server.requests)) == (True, 1)


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
async def test_who_keeps_up_waits_for_no_other_task(visiting: Visiting) -> None:
    """An event is sent where it is written: the task of the browser does not read the log for each."""
    log = WatchedLog()
    gates = [Event() for _ in TEXTS]
    pieces = [piece for pair in zip(answer_events(*TEXTS), [*gates, None], strict=True) for piece in pair if piece]
    began = anyio.current_time()
    async with visiting(stream_answer(*pieces), log=log) as (browser, ask, _):
        visit = await browser.visit(ask())
        for text, gate in zip(TEXTS, gates, strict=True):
            await visit.until(text)
            gate.set()
        await visit.rest()
        assert visit.page.text == "".join(TEXTS)
    # It does so once a second, to say that it is there, and once when the answer has ended.
    assert log.reads <= 2 * (anyio.current_time() - began + 2)


async def test_what_one_read_brings_is_sent_at_once(visiting: Visiting) -> None:
    """However many events it holds: the browser's connection is written to once."""
    gate, (first, *others) = Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(first, gate, b"".join(others))) as (browser, ask, _):
        visit, parts = await browser.visit(ask()), 0
        await visit.until(TEXTS[0])
        gate.set()
        while (part := await visit.part()) is not None:
            visit.page.feed(part)
            parts += 1
        assert (visit.page.text, visit.page.is_complete) == ("".join(TEXTS), True)
    assert parts <= 3  # TCP may have cut it, and the end may come alone


@pytest.mark.parametrize("runtime", ["asyncio"])
async def test_chunks_have_no_timers(visiting: Visiting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of an answer are for its silence and its readers: a chunk that comes in time makes none."""
    gates = [Event() for _ in TEXTS]
    pieces = [piece for pair in zip(answer_events(*TEXTS), [*gates, None], strict=True) for piece in pair if piece]
    loop, made = asyncio.get_running_loop(), list[str]()
    call_at = loop.call_at

    def counted(when: float, callback: Any, *arguments: Any, **options: Any) -> Any:
        if (module := sys._getframe(2).f_globals["__name__"]).startswith("gpo_client"):
            made.append(module)
        return call_at(when, callback, *arguments, **options)

    began = anyio.current_time()
    async with visiting(stream_answer(*pieces)) as (browser, ask, _):
        visit = await browser.visit(ask())
        await visit.until(TEXTS[0])
        monkeypatch.setattr(loop, "call_at", counted)
        for text, gate in zip(TEXTS, gates, strict=True):
            await visit.until(text)
            gate.set()
        await visit.rest()
        monkeypatch.undo()
        assert visit.page.text == "".join(TEXTS)
    # A reader and a writer say once a second that they are there.
    assert len(made) <= 4 * (anyio.current_time() - began + 2)


@pytest.mark.slow
@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_connection_that_is_not_read(http: str, loop: str, caplog: pytest.LogCaptureFixture) -> None:
    """Over a real socket: it counts as connected, for longer than the grace time, until ``stuck_s`` is over."""
    for part in http, loop:
        pytest.importorskip(part)
    endless = (sse(chunk("x" * 10_000), id=f"msg_01:{number}") for number in itertools.count(1))
    with WireServer(Answer(headers=TEXT_EVENT_STREAM, pieces=endless)) as upstream:
        service = Service(upstream, Relay(RelayOptions(grace_s=0.05, stuck_s=0.5)), ())
        told = {"complaint": "ASGI callable returned without completing response.", "http": http, "loop": loop}
        with serving(service.app, **told) as address, socket.socket() as browser:
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            browser.connect(("127.0.0.1", int(address.rpartition(":")[2])))
            browser.sendall(b"GET /sse HTTP/1.1\r\nHost: x\r\n\r\n")
            upstream.wait_closed(0)
            while browser.recv(65536):
                pass  # what had been written before; then uvicorn closes it
    assert "stuck_s" in caplog.text
