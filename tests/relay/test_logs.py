"""What every log of running answers does: in memory and in a real Redis, blocking and not."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator
from typing import Any

import anyio
import anyio.to_thread
import pytest
import redis
import redis.asyncio

from gpo_client.relay import (
    Entry,
    LogPage,
    MemoryRelayLog,
    ReaderState,
    RedisRelayLog,
    SyncMemoryRelayLog,
    SyncRedisRelayLog,
)
from tests.relay.browser import PATIENCE_S
from tests.relay.conftest import Visiting
from tests.support.events import answer_events, stream_answer

ANSWER = "answer-0000000000"


class Awaited:
    """A blocking log that looks asynchronous."""

    def __init__(self, log: Any) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any) -> Any:
            return await anyio.to_thread.run_sync(getattr(self._log, name), *arguments)

        return call


# redis-py knows no trio.
IN_REDIS = [pytest.param(f"{runtime}-redis", marks=pytest.mark.redis) for runtime in ("sync", "asyncio")]


@pytest.fixture(params=["sync-memory", "asyncio-memory", "trio-memory", *IN_REDIS])
def place(request: pytest.FixtureRequest) -> str:
    """The runtime of a test, and where its log is."""
    return str(request.param)


@pytest.fixture
def runtime(place: str) -> str:
    return place.partition("-")[0]


@pytest.fixture
async def raw_log(place: str, runtime: str, request: pytest.FixtureRequest) -> AsyncGenerator[Any]:
    """A log that keeps three events of an answer."""
    if place.endswith("memory"):
        yield SyncMemoryRelayLog(max_events=3) if runtime == "sync" else MemoryRelayLog(max_events=3)
        return
    address = request.getfixturevalue("address")
    end = [Entry(99, "{}", is_last=True)]  # nothing is to be on its way when the connections are closed
    if runtime == "sync":
        with redis.Redis.from_url(address) as connections:
            log = SyncRedisRelayLog(connections, max_events=3)
            yield log
            log.append(ANSWER, end)
            log.flush(PATIENCE_S)
        return
    async with redis.asyncio.Redis.from_url(address, decode_responses=True) as pool:
        awaited = RedisRelayLog(pool, max_events=3)
        yield awaited
        await awaited.append(ANSWER, end)
        await awaited.flush(PATIENCE_S)


@pytest.fixture
def log(raw_log: Any, runtime: str) -> Any:
    """The log, with methods to be awaited in every runtime."""
    return Awaited(raw_log) if runtime == "sync" else raw_log


def _entries(*positions: int) -> list[Entry]:
    return [Entry(position, f'{{"content":"{position} ¿qué?"}}', position == 9) for position in positions]


async def test_reading_from_any_position(log: Any) -> None:
    """A reader gets what comes after its position, and learns when that is not kept any more."""
    await log.begin(ANSWER, "user-1", 30)
    assert await log.read(ANSWER, 0, 0.01) == LogPage()
    await log.append(ANSWER, _entries(1, 2))
    assert await log.read(ANSWER, 0, 5) == LogPage(_entries(1, 2))
    assert await log.read(ANSWER, 1, 5) == LogPage(_entries(2))
    assert await log.read(ANSWER, 2, 0.01) == LogPage()
    await log.append(ANSWER, _entries(3, 4))
    await log.append(ANSWER, _entries(5))
    assert (await log.read(ANSWER, 1, 5)).is_lost
    assert await log.read(ANSWER, 2, 5) == LogPage(_entries(3, 4, 5))


async def test_waiting_for_more(log: Any) -> None:
    """A reader that waits is woken by what is written."""
    await log.begin(ANSWER, "", 30)
    pages = []

    async def read() -> None:
        pages.append(await log.read(ANSWER, 0, 20))

    with anyio.fail_after(15):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            await log.append(ANSWER, _entries(1))
    assert pages == [LogPage(_entries(1))]


async def test_readers_are_woken(log: Any) -> None:
    """Though nothing has been written: the service is shutting down."""
    await log.begin(ANSWER, "", 30)
    pages = []

    async def read() -> None:
        pages.append(await log.read(ANSWER, 0, 2 * PATIENCE_S))

    with anyio.fail_after(PATIENCE_S):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            while not pages:
                await anyio.wait_all_tasks_blocked()
                if inspect.isawaitable(woken := log.wake_readers(ANSWER)):
                    await woken
    assert pages == [LogPage()]


async def test_owners(log: Any) -> None:
    """An answer knows whose it is; of one that is not kept nothing is known."""
    await log.begin(ANSWER, "user-é", 30)
    assert await log.owner(ANSWER) == "user-é"
    assert await log.owner("unknown") is None
    assert (await log.read("unknown", 0, 0.01)).is_lost
    assert not (await log.reader_state("unknown", 0, 0.01)).is_wanted


async def test_readers_are_seen(log: Any) -> None:
    """The writer learns how far a reader is, at once, and that all have gone."""
    await log.begin(ANSWER, "", 30)
    assert await log.reader_state(ANSWER, 0, 0.01) == ReaderState(0, is_wanted=True)
    found = []

    async def see() -> None:
        found.append(await log.reader_state(ANSWER, 0, 20))

    with anyio.fail_after(15):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(see)
            await anyio.wait_all_tasks_blocked()
            await log.acknowledge(ANSWER, 7, 30)
    assert found == [ReaderState(7, is_wanted=True)]
    await log.leave(ANSWER, 0.001)
    with anyio.fail_after(15):
        while (await log.reader_state(ANSWER, 99, 0.01)).is_wanted:
            pass


async def test_stopping(log: Any) -> None:
    """A stop is noticed at once, and outlives readers that say that they are still there."""
    await log.begin(ANSWER, "", 30)
    found = []

    async def see() -> None:
        found.append(await log.reader_state(ANSWER, 0, 20))

    with anyio.fail_after(15):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(see)
            await anyio.wait_all_tasks_blocked()
            await log.stop(ANSWER)
    await log.acknowledge(ANSWER, 3, 30)
    assert not found[0].is_wanted
    assert not (await log.reader_state(ANSWER, 0, 0.01)).is_wanted


async def test_answers_are_delivered_through_it(raw_log: Any, visiting: Visiting) -> None:
    """A relay with this log relays, and browsers come back to it."""
    texts = ["Mexico ", "taxes ", "companies."]
    async with visiting(stream_answer(*answer_events(*texts)), log=raw_log, window=3) as (browser, ask, _):
        visit = await browser.visit(ask(), owner="user-1")
        await visit.until(texts[0])
        await visit.leave()
        back = await browser.visit(ask(), visit.page, owner="user-1")
        await back.rest()
        assert (visit.page.text, visit.page.error) == ("".join(texts), None)


async def test_notes(log: Any) -> None:
    """A small fact is kept apart from answers, and replaced by the next under its key."""
    assert await log.noted(ANSWER) is None
    await log.note(ANSWER, "é", 60.0)
    await log.note("another", "x", 60.0)
    await log.note(ANSWER, "conversation-2", 60.0)
    assert (await log.noted(ANSWER), await log.owner(ANSWER)) == ("conversation-2", None)


@pytest.mark.parametrize("kind", [MemoryRelayLog, SyncMemoryRelayLog])
def test_the_old_name_of_its_lock(kind: type[MemoryRelayLog | SyncMemoryRelayLog]) -> None:
    """It goes on for a version, with a warning that says what to write."""
    log = kind()
    with pytest.warns(DeprecationWarning, match=r"use MemoryRelayLog\.lock|use SyncMemoryRelayLog\.lock"):
        assert log.guard is log.lock
