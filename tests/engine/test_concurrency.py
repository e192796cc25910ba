"""Signals and conditions: nothing is slept through, and who has stopped waiting leaves nothing behind."""

from __future__ import annotations

import threading

import anyio
import anyio.lowlevel
import pytest

from gpo_client.concurrency.waiting import AsyncCondition, AsyncSignal, SyncCondition, SyncSignal


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_what_rang_before_the_wait_is_not_slept_through() -> None:
    signal = AsyncSignal()
    before = signal.count
    signal.notify_all()
    await signal.wait(before, None)


async def test_all_who_wait_are_woken() -> None:
    signal, woken = AsyncSignal(), list[int]()

    async def wait(number: int) -> None:
        await signal.wait(0, None)
        woken.append(number)

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(wait, number)
        await anyio.wait_all_tasks_blocked()
        signal.notify_all()
    assert sorted(woken) == [0, 1, 2]


@pytest.mark.parametrize("end", ["timeout", "cancellation"])
async def test_who_stops_waiting_leaves_nothing_behind(end: str) -> None:
    signal = AsyncSignal()
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(signal.wait, 0, 0.0 if end == "timeout" else None)
            if end == "cancellation":
                await anyio.wait_all_tasks_blocked()
                scope.cancel()
    assert not signal._waiting


async def test_a_condition_says_whether_something_has_changed() -> None:
    condition, told = AsyncCondition(), list[bool]()

    async def wait() -> None:
        told.append(await condition.wait(0.0))
        told.append(await condition.wait())

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        while not condition._changes._waiting or not told:
            await anyio.lowlevel.checkpoint()
        condition.notify_all()
    assert told == [False, True]


def test_threads_wait_alike() -> None:
    signal, condition, told = SyncSignal(), SyncCondition(), list[bool]()
    signal.notify_all()
    signal.wait(0, None)  # it has notified already

    def wait() -> None:
        with condition:
            told.append(condition.wait(0.0))
            signal.notify_all()
            told.append(condition.wait())  # gives the lock up: who tells of a change comes after this

    thread = threading.Thread(target=wait)
    thread.start()
    signal.wait(1, None)
    condition.notify_all()
    thread.join()
    assert told == [False, True]
