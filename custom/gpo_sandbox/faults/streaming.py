"""Doing to a stream what its fault says."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from gpo_sandbox.faults.fault import Ending, StreamFault
from gpo_sandbox.store.answers import LoggedEvent
from gpo_sandbox.stream.generations import Interlude
from gpo_sandbox.stream.response import ConnectionCut


async def faulty(
    events: AsyncGenerator[LoggedEvent | Interlude, None], fault: StreamFault, heartbeat_interval_s: float
) -> AsyncGenerator[LoggedEvent | Interlude, None]:
    """Yield the events of an answer, with what is wrong with them.

    Args:
        events: The events as they should be; closed at the end.
        fault: What is wrong.
        heartbeat_interval_s: Pause before each heartbeat where only those are left, in seconds.

    Raises:
        ConnectionCut: The connection is to be cut here.
    """
    position = 0
    async with aclosing(events):
        while position != fault.after:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            if isinstance(event, Interlude):
                yield event
                continue
            position += 1
            await asyncio.sleep(fault.slow_s)
            for _ in range(fault.copies(position)):
                yield LoggedEvent(event.sequence, fault.damaged(position, event.data))
        if fault.ending is Ending.ERROR:
            yield Interlude.FAILED
        # The answer is still being listened to, as it is by a server that does not know what is wrong with it.
        while await _goes_on(fault.ending, heartbeat_interval_s):
            yield Interlude.SILENCE


async def _goes_on(ending: Ending | None, heartbeat_interval_s: float) -> bool:
    """Tell whether another heartbeat is due; for a stalled stream that is decided by whoever cancels it."""
    if ending is Ending.DROP:
        raise ConnectionCut
    if ending is Ending.STALL:
        await asyncio.Event().wait()
    if ending is Ending.HEARTBEATS:
        await asyncio.sleep(heartbeat_interval_s)
    return ending is Ending.HEARTBEATS
