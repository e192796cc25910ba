"""Answers relayed to browsers: whole, bit by bit, over broken connections, and to browsers that never come back."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from gpo_client.relay import (
    LogPage,
    LogUnavailable,
    MemoryRelayLog,
    Relay,
    RelayOptions,
    SyncMemoryRelayLog,
    SyncRelay,
)
from gpo_client.relay.aio import relay as aio_relay
from gpo_client.relay.sync import relay as sync_relay
from tests.relay.browser import PATIENCE_S, Page
from tests.relay.conftest import Visiting
from tests.support.events import answer_events, json_answer, problem, source, sse, stream_answer
from tests.support.wire import End

TEXTS = ["Mexico ", "taxes ", "resident ", "companies."]


async def test_whole_answer(visiting: Visiting) -> None:
    """The page gets the text and the sources as full objects; coming back for more it is told that there is none."""
    async with visiting(stream_answer(*answer_events(*TEXTS))) as (browser, ask, server):
        visit = await browser.visit(ask())
        await visit.rest()
        page = visit.page
        assert (visit.status, visit.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert (visit.headers["cache-control"], visit.headers["x-accel-buffering"]) == ("no-store, no-transform", "no")
        assert (page.text, page.is_complete, page.retry) == ("".join(TEXTS), True, 1000)
        assert page.sources is not None
        shown = {name: value for name, value in page.sources[0].items() if value is not None}
        assert shown == {name: value for name, value in source(relevance=0.9).items() if value is not None}
        again = await browser.visit(ask(), page)
        await again.rest()
        assert (again.status, len(server.requests)) == (204, 1)


async def test_pieces_arrive_as_they_are_written(visiting: Visiting) -> None:
    """The first piece is there while the second is still to be written."""
    gate, (first, *others) = Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(first, gate, *others)) as (browser, ask, _):
        visit = await browser.visit(ask())
        await visit.until(TEXTS[0])
        assert visit.page.text == TEXTS[0]
        gate.set()
        await visit.rest()
        assert visit.page.text == "".join(TEXTS)


async def test_browser_that_comes_back_continues(visiting: Visiting) -> None:
    """The connection breaks in the middle: the answer goes on, and the page gets the rest, once."""
    gate, events = Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(*events[:2], gate, *events[2:])) as (browser, ask, server):
        visit = await browser.visit(ask())
        await visit.until(TEXTS[1])
        await visit.leave()
        gate.set()
        back = await browser.visit(ask(), visit.page)
        await back.rest()
        assert (visit.page.text, visit.page.is_complete) == ("".join(TEXTS), True)
        assert len(server.requests) == 1


async def test_id_comes_before_the_answer(visiting: Visiting) -> None:
    """A page that loses its connection before the first piece comes back for the same answer."""
    gate = Event()
    async with visiting(stream_answer(gate, *answer_events(*TEXTS))) as (browser, ask, server):
        visit = await browser.visit(ask())
        part = await visit.part()
        assert part is not None
        assert [event.event for event in visit.page.feed(part)] == ["start"]
        await visit.leave()
        gate.set()
        back = await browser.visit(ask(), visit.page)
        await back.rest()
        assert (visit.page.text, len(server.requests)) == ("".join(TEXTS), 1)


async def test_two_pages_read_one_answer(visiting: Visiting) -> None:
    """A second page with the same id gets the whole answer as well."""
    gate, events = Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(*events[:2], gate, *events[2:])) as (browser, ask, _):
        visit = await browser.visit(ask())
        await visit.until(TEXTS[1])
        other = Page()
        other.last_event_id = visit.page.last_event_id.partition(":")[0] + ":0"
        second = await browser.visit(ask(), other)
        gate.set()
        await visit.rest()
        await second.rest()
        assert visit.page.text == other.text == "".join(TEXTS)


async def test_upstream_is_closed_after_the_grace_time(visiting: Visiting) -> None:
    """A browser that goes away for good stops the request to the GPO API; coming back too late it is told so."""
    first, *_ = answer_events(*TEXTS)
    async with visiting(stream_answer(first, end=End.STALL), grace_s=0.05) as (browser, ask, server):
        visit = await browser.visit(ask())
        await visit.until(TEXTS[0])
        await visit.leave()
        await server.closed(0)
    assert browser.relay.running == 0


async def test_stop_does_not_wait(visiting: Visiting) -> None:
    """An answer that is stopped ends at once, for everybody who reads it."""
    first, *_ = answer_events(*TEXTS)
    async with visiting(stream_answer(first, end=End.STALL), grace_s=3600) as (browser, ask, server):
        visit = await browser.visit(ask())
        await visit.until(TEXTS[0])
        assert not await browser.stop("no-such-answer-0000:1")
        assert await browser.stop(visit.page.last_event_id)
        await visit.rest()
        assert visit.page.error == {"code": "stopped", "error": "The answer was stopped."}
        await server.closed(0)


async def test_heartbeats_come_between_events(visiting: Visiting) -> None:
    """Silence is filled with comments, and the events around them are whole."""
    gate, (first, *others) = Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(first, gate, *others), heartbeat_s=0.02) as (browser, ask, _):
        visit = await browser.visit(ask())
        while visit.page.heartbeats < 3:
            part = await visit.part()
            assert part is not None
            visit.page.feed(part)
        gate.set()
        await visit.rest()
        assert (visit.page.text, visit.page.is_complete) == ("".join(TEXTS), True)


SECRET = "tenant-4711 on host internal.example.com, token t0k3n"

FAILURES = [
    (json_answer(problem(401, detail=SECRET), 401), "not_authorized"),
    (json_answer(problem(404, detail=SECRET), 404), "not_found"),
    (json_answer(problem(409, detail=SECRET), 409), "conflict"),
    (json_answer(problem(422, detail=SECRET, field="query"), 422), "invalid_question"),
    (json_answer(problem(429, detail=SECRET), 429), "rate_limited"),
    (json_answer(problem(503, detail=SECRET), 503), "unavailable"),
    (json_answer({"nothing": SECRET}), "interrupted"),
    (stream_answer(answer_events("Mexico ")[0], sse(problem(500, detail=SECRET), event="error")), "unavailable"),
    (stream_answer(answer_events("Mexico ")[0]), "interrupted"),
    (stream_answer(answer_events("Mexico ")[0], end=End.RESET), "interrupted"),
    (stream_answer(sse(SECRET)), "interrupted"),
]


@pytest.mark.parametrize(("answer", "code"), FAILURES)
async def test_errors_are_told_in_our_own_words(visiting: Visiting, answer: Any, code: str) -> None:
    """Whatever goes wrong arrives as an event with a code and a sentence; nothing of the service's texts gets out."""
    received = b""
    async with visiting(answer) as (browser, ask, _):
        visit = await browser.visit(ask())
        while (part := await visit.part()) is not None:
            received += part
            visit.page.feed(part)
        assert visit.page.error is not None
        assert visit.page.error["code"] == code
        assert visit.page.error["error"].endswith(".")
        assert (await browser.visit(ask(), visit.page)).status == 204
    for word in ("4711", "internal.example.com", "t0k3n", "some_code"):
        assert word.encode() not in received


async def test_what_belongs_to_another_cannot_be_continued(visiting: Visiting) -> None:
    """Nor can what is not known; the question is not asked again for it."""
    async with visiting(stream_answer(*answer_events(*TEXTS))) as (browser, ask, server):
        visit = await browser.visit(ask(), owner="user-1")
        await visit.until(TEXTS[0])
        await visit.rest()
        for last_event_id in (visit.page.last_event_id.replace("end", "1"), "no-such-answer-0000:1", "made up"):
            page = Page()
            page.last_event_id = last_event_id
            other = await browser.visit(ask(), page, owner="user-2")
            await other.rest()
            assert page.error is not None
            assert (page.text, page.error["code"]) == ("", "stream_expired")
        assert len(server.requests) == 1


async def test_too_many_answers_are_refused(visiting: Visiting) -> None:
    """More than ``max_running`` at a time are told to come later, and the next one is served when one has ended."""
    gate = Event()
    script = stream_answer(gate, *answer_events(*TEXTS)), stream_answer(*answer_events(*TEXTS))
    async with visiting(*script, max_running=1) as (browser, ask, _):
        first = await browser.visit(ask())
        second = await browser.visit(ask())
        await second.rest()
        assert second.page.error is not None
        assert second.page.error["code"] == "busy"
        gate.set()
        await first.rest()
        assert first.page.is_complete
    assert browser.relay.running == 0


async def test_shutdown_ends_streams_with_a_hint(visiting: Visiting) -> None:
    """The browser is told to come back, and nobody is asked any more."""
    gate, events = Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(*events[:1], gate, *events[1:]), retry_ms=77, grace_s=0.2) as (
        browser,
        ask,
        server,
    ):
        visit = await browser.visit(ask())
        await visit.until(TEXTS[0])
        visit.page.retry = 0
        browser.relay.drain()
        await visit.rest()
        assert not visit.page.ended
        assert visit.page.retry == 77
        # A new question is put off in the same way: another process, or this one's successor, takes it.
        later = await browser.visit(ask())
        await later.rest()
        assert (later.status, later.page.retry, later.page.error, later.page.last_event_id) == (200, 77, None, "")
        gate.set()
    assert len(server.requests) == 1


async def test_what_is_missing_is_missed_while_the_log_can_be_asked(
    runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For five seconds; those in which nobody could say whether it is there do not count, be it before or after."""
    now, last_event_id = [0.0], "answer-0000000000:3"
    for module in aio_relay, sync_relay:
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    class Shared(SyncMemoryRelayLog if runtime == "sync" else MemoryRelayLog):  # type: ignore[misc]
        is_shared = True

        def owner(self, answer_id: str) -> Any:
            if 1 < now[0] < 20:
                raise LogUnavailable
            return super().owner(answer_id)

    relay: Any = (SyncRelay if runtime == "sync" else Relay)(log=Shared())
    told = []
    for now[0] in (1, 5, 7, 20, 24, 25, 26):
        subscription = relay.subscribe(None, last_event_id=last_event_id, owner="")
        told.append((subscription if runtime == "sync" else await subscription).is_deferred)
    assert told == [True, True, True, True, True, False, False]


class WaitedFor(SyncMemoryRelayLog):
    """A log that tells when somebody is about to wait for what comes after the first event."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waited_for = Event()

    def read(self, answer_id: str, after: int, wait_s: float) -> LogPage:
        if after:
            self.is_waited_for.set()
        return super().read(answer_id, after, wait_s)


@pytest.mark.parametrize("who", ["has begun", "came back", "has yet to begin"])
async def test_shutdown_is_noticed_at_once(
    visiting: Visiting, runtime: str, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """However long it would wait for an event; and nobody wants the answer then, as nobody can come back for it."""
    monkeypatch.setattr(RelayOptions, "acknowledge_s", 2 * PATIENCE_S)
    log, long = WaitedFor() if runtime == "sync" else None, {"grace_s": 3600, "heartbeat_s": 3600}
    events = [] if who == "has yet to begin" else answer_events(*TEXTS)[:1]
    async with visiting(stream_answer(*events, end=End.STALL), log=log, **long) as (browser, ask, server):
        visit = await browser.visit(ask())
        if events:
            await visit.until(TEXTS[0])
        if who == "came back":
            await visit.leave()
            visit = await browser.visit(ask(), visit.page)
        done: list[bool] = []

        async def rest() -> None:
            await visit.rest()
            done.append(True)

        async with anyio.create_task_group() as tasks:
            if events:
                tasks.start_soon(rest)
                if log is not None:
                    await anyio.to_thread.run_sync(log.is_waited_for.wait, PATIENCE_S)
                await anyio.wait_all_tasks_blocked()
            browser.relay.drain()
            if not events:
                tasks.start_soon(rest)
            with anyio.fail_after(PATIENCE_S):
                while not done:
                    if log is not None:  # its thread may only have been about to wait
                        browser.relay.drain()
                    await anyio.lowlevel.checkpoint()
        assert (visit.page.retry, visit.page.ended) == (1000, False)
        if events:  # else it may not have been asked yet
            await server.closed(0)


@pytest.mark.parametrize("bound", ["max_answer_bytes", "max_bytes"])
async def test_answers_that_are_too_long(visiting: Visiting, runtime: str, bound: str) -> None:
    """One that the log cannot keep ends with a problem, after what it could; the GPO API is asked for no more."""
    texts = [f"word-{number} " for number in range(100)]
    make: Any = SyncMemoryRelayLog if runtime == "sync" else MemoryRelayLog
    log = make(**{bound: 2_000})
    async with visiting(stream_answer(*answer_events(*texts), end=End.STALL), log=log) as (browser, ask, server):
        visit = await browser.visit(ask())
        await visit.rest()
        assert visit.page.error is not None
        assert visit.page.error["code"] == "too_long"
        assert 0 < len(visit.page.text) < 2_000
        assert "".join(texts).startswith(visit.page.text)
        await server.closed(0)


async def test_sentences_can_be_replaced(visiting: Visiting) -> None:
    """A service speaks its users' language."""
    texts = {"unavailable": "El asistente no responde."}
    async with visiting(json_answer(problem(503), 503), problem_texts=texts) as (browser, ask, _):
        visit = await browser.visit(ask())
        await visit.rest()
        assert visit.page.error == {"code": "unavailable", "error": "El asistente no responde."}


async def test_metadata_is_chosen(visiting: Visiting) -> None:
    """Of the chunks' metadata only what was named gets out: unless told otherwise, what says nothing of a user."""
    shown = ("message_id", "model_used", "response_time_ms", "chunk_count", "fallback")
    assert tuple(RelayOptions().metadata_fields) == shown
    final: dict[str, Any] = {
        "content": None,
        "is_complete": True,
        "sources": [],
        "metadata": {"message_id": "m", "tenant": SECRET},
    }
    async with visiting(stream_answer(sse(final, id="m:1"))) as (browser, ask, _):
        visit = await browser.visit(ask())
        await visit.part()
        part = await visit.part()
        assert part is not None
        assert b'"metadata":{"message_id":"m"}' in part
        assert SECRET.encode() not in part
        await visit.rest()
