"""Delivery of an answer to a browser, over whatever it is connected by, and the relays of those who do not make one.

An answer runs beside whoever reads it, as tasks or as threads.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import anyio
from anyio.lowlevel import RunVar

from gpo_client.relay.aio.answer import RunningAnswer, Subscriber
from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.machines.entries import Entry, problem_entry
from gpo_client.relay.machines.problems import ProblemCode, PublicProblem
from gpo_client.relay.sync.answer import SyncRunningAnswer
from gpo_client.relay.sync.relay import SyncRelay

_LOG = logging.getLogger("gpo_client.relay")

# How long a browser may take to take in the last bytes when the service is shutting down, in seconds.
_GOODBYE_S = 1.0


class BrowserGone(Exception):  # noqa: N818 - an event, not an error
    """What was to be sent cannot be: the browser has gone. It will say how far it got when it comes back."""


class Channel(Protocol):
    """A connection to a browser. Every method but ``left`` may raise BrowserGone."""

    async def open(self, subscription: Subscription) -> None:
        """Begin the response."""
        ...

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:
        """Send entries, in one piece where that can be."""
        ...

    async def heartbeat(self) -> None:
        """Show that the connection lives."""
        ...

    async def hint(self) -> None:
        """Tell the browser to come back, and end the response."""
        ...

    async def left(self) -> None:
        """Wait until the browser has gone or wants no more."""
        ...


async def deliver(channel: Channel, subscription: Subscription, relay: Relay) -> None:
    """Deliver what a browser has subscribed to, and run its answer for as long as it is wanted.

    It returns when the browser has everything and the answer has ended, or has gone and the grace time is over: the
    answer lives in the task that the browser's request began.

    Args:
        channel: The browser.
        subscription: What to deliver.
        relay: Whose it is.
    """
    async with anyio.create_task_group() as tasks:
        if subscription.answer is not None:
            tasks.start_soon(run_answer, subscription.answer, relay)
        if subscription.subscriber is not None:
            await _follow(channel, subscription, subscription.subscriber, relay)
        else:
            with suppress(BrowserGone):
                await channel.open(subscription)
                await _refuse(channel, subscription)


async def _refuse(channel: Channel, subscription: Subscription) -> None:
    if subscription.rejection is not None:
        await channel.send(subscription.answer_id, [subscription.rejection])
    else:
        await channel.hint()


async def _follow(channel: Channel, subscription: Subscription, subscriber: Subscriber, relay: Relay) -> None:
    try:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                await channel.left()
                tasks.cancel_scope.cancel()

            async def lose_patience() -> None:
                while not subscriber.is_stuck():  # noqa: ASYNC110 - nothing tells of what does not happen
                    await anyio.sleep(relay.options.stuck_s / 4)
                limit = relay.options.stuck_s
                _LOG.warning("answer %s: a browser took nothing for %g s (stuck_s)", subscriber.answer_id, limit)
                tasks.cancel_scope.cancel()

            tasks.start_soon(watch)
            tasks.start_soon(lose_patience)
            with suppress(BrowserGone):
                await channel.open(subscription)
                await _send_all(channel, subscriber, relay)
            tasks.cancel_scope.cancel()
    finally:
        await subscriber.leave()


async def _send_all(channel: Channel, subscriber: Subscriber, relay: Relay) -> None:
    try:
        while (entries := await subscriber.advance()) is not None:
            if entries:
                await channel.send(subscriber.answer_id, entries)
            else:
                await channel.heartbeat()
            await subscriber.sent()
    except anyio.get_cancelled_exc_class():
        # Either the browser has gone, and hears nothing, or the server has lost its patience while shutting down.
        with anyio.move_on_after(_GOODBYE_S, shield=True), suppress(BrowserGone):
            await channel.hint()
        raise
    except BrowserGone:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the browser is told that it has ended
        _LOG.exception("answer %s cannot be delivered", subscriber.answer_id)
        problem = PublicProblem.of(ProblemCode.INTERNAL, relay.options.problem_texts)
        await channel.send(subscriber.answer_id, [problem_entry(problem)])
        return
    if not subscriber.ended:
        await channel.hint()


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
