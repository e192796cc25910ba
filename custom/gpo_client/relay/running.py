"""Running answers: beside whoever reads them, as tasks or as threads; and the relays of those who do not make one."""

from __future__ import annotations

import threading
from collections.abc import Callable

import anyio
from anyio.lowlevel import RunVar

from gpo_client.relay.aio.answer import RunningAnswer
from gpo_client.relay.aio.relay import Relay
from gpo_client.relay.sync.answer import SyncRunningAnswer
from gpo_client.relay.sync.relay import SyncRelay


async def run_answer(answer: RunningAnswer, relay: Relay) -> None:
    """Write an answer until it ends or nobody wants it any more.

    Args:
        answer: The answer.
        relay: Whose it is.
    """
    try:
        async with anyio.create_task_group() as tasks:

            async def look_after() -> None:
                await answer.keep()
                tasks.cancel_scope.cancel()

            tasks.start_soon(look_after)
            await answer.write()
            tasks.cancel_scope.cancel()
    finally:
        relay.finished(answer)


def start_answer(answer: SyncRunningAnswer, relay: SyncRelay, ended: Callable[[], None] | None = None) -> None:
    """Write an answer in threads of its own until it ends or nobody wants it any more.

    Args:
        answer: The answer.
        relay: Whose it is.
        ended: Told when it is not written any more.
    """

    def write() -> None:
        try:
            answer.write()
        finally:
            relay.finished(answer)
            if ended is not None:
                ended()

    def look_after() -> None:
        answer.keep()
        answer.close()

    for work in write, look_after:
        threading.Thread(target=work, name=f"gpo-relay-{work.__name__}-{answer.answer_id}").start()


_RELAY = RunVar[Relay | None]("gpo_client.relay", None)
_SYNC_RELAY: list[SyncRelay] = []


def default_relay() -> Relay:
    """Return the relay of the running event loop, with default settings and a log in memory."""
    relay = _RELAY.get()
    if relay is None:
        relay = Relay()
        _RELAY.set(relay)
    return relay


def default_sync_relay() -> SyncRelay:
    """Return the relay of this process's threads, with default settings and a log in memory."""
    if not _SYNC_RELAY:
        # Two threads at once may make two; the first in the list is everybody's.
        _SYNC_RELAY.append(SyncRelay())
    return _SYNC_RELAY[0]
