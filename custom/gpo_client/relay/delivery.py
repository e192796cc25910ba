"""Delivering an answer to one browser, over whatever it is connected by."""

from __future__ import annotations

import logging
from typing import Protocol

import anyio

from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.aio.subscriber import Subscriber
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.problems import ProblemCode, PublicProblem
from gpo_client.relay.machines.writer import problem_entry
from gpo_client.relay.running import run_answer

_LOG = logging.getLogger("gpo_client.relay")

# How long a browser may take to take in the last bytes when the service is shutting down, in seconds.
_GOODBYE_S = 1.0


class BrowserGone(Exception):  # noqa: N818 - an event, not an error
    """What was to be sent cannot be: the browser has gone. It will say how far it got when it comes back."""


class Channel(Protocol):
    """A connection to a browser."""

    async def send(self, answer_id: str, entry: Entry) -> None:
        """Send an entry.

        Raises:
            BrowserGone: It cannot be sent. Other channels notice only in ``left``.
        """
        ...

    async def heartbeat(self) -> None:
        """Show that the connection lives."""
        ...

    async def hint(self) -> None:
        """Tell the browser to come back."""
        ...

    async def left(self) -> None:
        """Wait until the browser has gone or wants no more."""
        ...


async def deliver(channel: Channel, subscription: Subscription, relay: Relay) -> None:
    """Deliver what a browser was admitted to, and run its answer for as long as it is wanted.

    It returns when the browser has everything and the answer has ended, or has gone and the grace time is over: the
    answer lives in the task that the browser's request began.

    Args:
        channel: The browser.
        subscription: What to deliver.
        relay: Whose it is.
    """
    if subscription.rejection is not None:
        await channel.send(subscription.answer_id, subscription.rejection)
    async with anyio.create_task_group() as tasks:
        if subscription.answer is not None:
            tasks.start_soon(run_answer, subscription.answer, relay)
        if subscription.subscriber is not None:
            await _follow(channel, subscription.subscriber, relay)


async def _follow(channel: Channel, subscriber: Subscriber, relay: Relay) -> None:
    try:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                await channel.left()
                tasks.cancel_scope.cancel()

            tasks.start_soon(watch)
            await _send_all(channel, subscriber, relay)
            tasks.cancel_scope.cancel()
    finally:
        await subscriber.leave()


async def _send_all(channel: Channel, subscriber: Subscriber, relay: Relay) -> None:
    try:
        while (entries := await subscriber.advance()) is not None:
            for entry in entries:
                await channel.send(subscriber.answer_id, entry)
            if entries:
                await subscriber.sent()
            else:
                await channel.heartbeat()
    except anyio.get_cancelled_exc_class():
        # Either the browser has gone, and hears nothing, or the server has lost its patience while shutting down.
        with anyio.move_on_after(_GOODBYE_S, shield=True):
            await channel.hint()
        raise
    except BrowserGone:
        return
    except Exception:  # noqa: BLE001 - whatever it is, the browser is told that it has ended
        _LOG.exception("answer %s cannot be delivered", subscriber.answer_id)
        problem = PublicProblem.of(ProblemCode.INTERNAL, relay.options.problem_texts)
        await channel.send(subscriber.answer_id, problem_entry(problem))
        return
    if not subscriber.ended:
        await channel.hint()
