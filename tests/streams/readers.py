"""Readers that are at work, in each runtime."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

import anyio

NAME = "gpo_client reader"
PATIENCE_S = 20.0


def readers() -> list[str]:
    """The threads, and the tasks of the running loop, that read ahead."""
    return [name for name in (*(thread.name for thread in threading.enumerate()), *_tasks()) if name == NAME]


def join_threads() -> None:
    """Wait for the reading threads.

    Raises:
        AssertionError: One goes on.
    """
    for thread in threading.enumerate():
        if thread.name == NAME:
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), "a thread is reading still"


async def no_readers() -> None:
    """Wait until none is at work, for those that are told to end but not waited for."""
    with anyio.fail_after(PATIENCE_S):
        while readers():  # noqa: ASYNC110 - threads are among them
            await anyio.sleep(0.001)


async def happens(event: threading.Event) -> None:
    """Wait for something that another thread, or this loop, does."""
    assert await anyio.to_thread.run_sync(event.wait, PATIENCE_S), "it does not happen"


def _tasks() -> list[str]:
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return [task.name for task in _below(trio.lowlevel.current_root_task())]
    try:
        return [task.get_name() for task in asyncio.all_tasks()]
    except RuntimeError:  # there is no loop
        return []


def _below(task: Any) -> list[Any]:
    children = [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return [*children, *(each for child in children for each in _below(child))]
