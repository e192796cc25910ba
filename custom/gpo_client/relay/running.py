"""Running an answer beside whoever reads it: as tasks, or as threads."""

from __future__ import annotations

import threading
from collections.abc import Callable

import anyio

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
