"""Delivery of an answer to a browser, over whatever it is connected by, and the relays of those who do not make one.

An answer runs beside whoever reads it, as tasks or as threads.
"""

from __future__ import annotations

import logging
import threading
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Protocol

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import RunVar
from starlette.types import Receive, Send

from gpo_client.concurrency.waiting import AsyncSignal, async_shielded
from gpo_client.relay.aio.answer import RunningAnswer, Subscriber
from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.machines.entries import Entry, ProblemCode, PublicProblem, problem_entry
from gpo_client.relay.machines.logbook import LogUnavailable
from gpo_client.relay.sync.answer import SyncRunningAnswer
from gpo_client.relay.sync.relay import SyncRelay

_LOG = logging.getLogger("gpo_client.relay")

# How long a browser may take to take in the last bytes when the service is shutting down, in seconds.
_GOODBYE_S = 1.0
# How long the writer waits for a browser that takes nothing before another task writes, in seconds.
_PATIENCE_S = 0.25
# How long whoever waits for an answer's end may take to be told of it when the browser has gone, in seconds.
_LAST_WORDS_S = 5.0


class BrowserGone(Exception):  # noqa: N818 - an event, not an error
    """What was to be sent cannot be: the browser has gone. It will say how far it got when it comes back."""


class Channel(Protocol):
    """A connection to a browser. Every method but ``left`` may raise BrowserGone."""

    @abstractmethod
    async def open(self, subscription: Subscription) -> None:
        """Begin the response."""

    @abstractmethod
    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:
        """Send entries, in one piece where that can be."""

    @abstractmethod
    async def heartbeat(self) -> None:
        """Show that the connection lives."""

    @abstractmethod
    async def hint(self) -> None:
        """Tell the browser to come back, and end the response."""

    @abstractmethod
    async def left(self) -> None:
        """Wait until the browser has gone or wants no more."""


class HTTPChannel(Channel):
    """The part of a channel over HTTP (ASGI 3) that is the same in whatever protocol the body is. ``ended`` is awaited
    once, before the end of the answer is sent: whoever has it may ask the next question at once.
    """

    def __init__(self, receive: Receive, send: Send, ended: Callable[[], Awaitable[object]] | None = None) -> None:
        self._receive = receive
        self._send = send
        self._ended = ended
        self._is_complete = False
        #: Whether the response has begun.
        self.is_open = False

    async def deliver(self, subscription: Subscription, relay: Relay) -> None:
        """Deliver what a browser has subscribed to, as :func:`deliver` does.

        When it does not see the end of what it asked for, ``ended`` is awaited at that end all the same.
        """
        try:
            await deliver(self, subscription, relay)
        finally:
            if subscription.answer is not None or subscription.subscriber is None:
                async with async_shielded(_LAST_WORDS_S):
                    await self.finish()

    async def left(self) -> None:
        """Wait until the browser has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def finish(self) -> None:
        """Say that the answer has ended, before its end is sent. Saying so twice is allowed."""
        if self._ended is not None:
            with suppress(LogUnavailable):
                await self._ended()
            self._ended = None

    async def begin(self, headers: Sequence[tuple[bytes, bytes]], status: int = 200) -> None:
        """Send the head of the response."""
        self.is_open = True
        try:
            await self._send({"type": "http.response.start", "status": status, "headers": headers})
        except OSError:
            raise BrowserGone from None

    async def write(self, body: bytes, *, more: bool = True) -> None:
        """Send a piece of the body. What comes after the last one is not sent."""
        if self._is_complete:
            return
        self._is_complete = not more
        try:
            await self._send({"type": "http.response.body", "body": body, "more_body": more})
        except OSError:  # how servers say it (ASGI 2.4)
            raise BrowserGone from None


async def deliver(channel: Channel, subscription: Subscription, relay: Relay) -> None:
    """Deliver what a browser has subscribed to, and run its answer for as long as it is wanted.

    It returns when the browser has everything and the answer has ended, or has gone and the grace time is over: the
    answer lives in the task that the browser's request began.
    """
    async with anyio.create_task_group() as tasks:
        if subscription.answer is None or subscription.subscriber is None:
            direct = None
        else:
            direct = _DirectWay(channel, subscription.answer, subscription.subscriber, relay)
            tasks.start_soon(direct.run_answer)
        if subscription.subscriber is not None:
            await _follow(channel, subscription, subscription.subscriber, relay, direct)
        else:
            with suppress(BrowserGone):
                await channel.open(subscription)
                await _refuse(channel, subscription)


async def _refuse(channel: Channel, subscription: Subscription) -> None:
    if subscription.rejection is not None:
        await channel.send(subscription.answer_id, [subscription.rejection])
    else:
        await channel.hint()


class _DirectWay:
    """Runs an answer, and its way to the browser that asked.

    As long as the browser keeps up, the task that writes sends to it as well: the turn of another task costs more than
    all else that is done for a chunk. A browser that does not is left to its own task, which reads the log; while one
    keeps the writer waiting, another task writes.
    """

    def __init__(self, channel: Channel, answer: RunningAnswer, subscriber: Subscriber, relay: Relay) -> None:
        self._channel = channel
        self._answer = answer
        self._subscriber = subscriber
        self._relay = relay
        self._changed = AsyncSignal()
        self._is_open = self._is_sending = False
        self._failure: Exception | None = None
        self._writers: TaskGroup
        self._keeping: anyio.CancelScope
        self._writing: anyio.CancelScope
        self._left_behind: anyio.CancelScope | None = None
        answer.passed_on = self._pass_on
        relay.wake_when_draining(self)

    def wake(self) -> None:
        """Have the browser's own task look whether the service is shutting down."""
        self._changed.notify_all()

    async def run_answer(self) -> None:
        """Write the answer until it ends or nobody wants it any more."""
        try:
            async with anyio.create_task_group() as self._writers:
                self._writers.start_soon(self._write)
                with anyio.CancelScope() as self._keeping:
                    await self._answer.keep()
                    if not self._answer.ended:
                        self._writers.cancel_scope.cancel()
        finally:
            self._relay.finished(self._answer)

    async def _write(self) -> None:
        try:
            with anyio.CancelScope() as self._writing:
                await self._answer.write()
        finally:  # also when nobody wants it any more: the end has been written then
            self._changed.notify_all()
        if self._answer.ended:
            self._keeping.cancel()

    async def _pass_on(self, entries: Sequence[Entry]) -> None:
        """Send what has been written, if the browser has all before it and its own task waits."""
        if not self._is_open:
            return
        following = self._subscriber.following
        if entries[0].position != following.position + 1:
            self._is_open = False  # it had some of it from the log
            self._changed.notify_all()
            return
        self._is_sending = True
        try:
            following.giving(entries, monotonic())
            await self._channel.send(self._subscriber.answer_id, entries)
            if following.sent(monotonic()):
                await self._subscriber.acknowledge()
        except Exception as error:  # noqa: BLE001 - raised in the browser's own task
            self._failure = error
        except BaseException:
            self._failure = BrowserGone()  # nobody knows how much of it has been sent
            raise
        finally:
            self._is_sending = False
            self._left_behind = None
            if self._failure is not None or not self._is_open:
                self._changed.notify_all()

    async def follow(self) -> None:
        """Let the writer send, until it has ended or the browser's own task has something to do. Raises BrowserGone:
        what was to be sent could not be.
        """
        following = self._subscriber.following
        is_ahead = self._answer.ended or self._answer.written != following.position
        if is_ahead or self._relay.is_draining():
            return
        count = self._changed.count
        self._is_open = True
        try:
            await self._changed.wait(count, following.wait_s(monotonic()))
        finally:
            self._is_open = False
        while self._is_sending:
            count = self._changed.count
            await self._changed.wait(count, _PATIENCE_S)
            self._relieve()
        if self._failure is not None:
            raise self._failure

    def leave(self) -> None:
        """End what is being sent: the browser has gone, or takes nothing."""
        self._relieve()
        if self._left_behind is not None:
            self._left_behind.cancel()

    def _relieve(self) -> None:
        """Have another task write, if the one that does has to wait for the browser."""
        if self._is_sending and self._left_behind is None:
            self._left_behind = self._writing
            self._answer.hand_over()
            self._writers.start_soon(self._write)


async def _follow(
    channel: Channel, subscription: Subscription, subscriber: Subscriber, relay: Relay, direct: _DirectWay | None
) -> None:
    is_open = False
    try:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                await channel.left()
                tasks.cancel_scope.cancel()

            async def lose_patience() -> None:
                # To the point: a moment later the answer would count as unwanted, and nobody would say why.
                while (patience_s := subscriber.patience_s()) > 0:  # noqa: ASYNC110 - nothing tells of what does not happen
                    await anyio.sleep(patience_s)
                limit = relay.options.stuck_s
                _LOG.warning("answer %s: a browser took nothing for %g s (stuck_s)", subscriber.answer_id, limit)
                tasks.cancel_scope.cancel()

            tasks.start_soon(watch)
            tasks.start_soon(lose_patience)
            with suppress(BrowserGone):
                await channel.open(subscription)
                is_open = True
                await _send_all(channel, subscriber, relay, direct)
            tasks.cancel_scope.cancel()
    except anyio.get_cancelled_exc_class():
        # The server has lost its patience while shutting down.
        if is_open:
            with anyio.move_on_after(_GOODBYE_S, shield=True), suppress(BrowserGone):
                await channel.hint()
        raise
    finally:
        if direct is not None:
            direct.leave()
        await subscriber.leave()


async def _send_all(channel: Channel, subscriber: Subscriber, relay: Relay, direct: _DirectWay | None) -> None:
    try:
        while True:
            if direct is not None:
                await direct.follow()
            if (entries := await subscriber.advance()) is None:
                break
            if entries:
                await channel.send(subscriber.answer_id, entries)
            else:
                await channel.heartbeat()
            await subscriber.sent()
    except BrowserGone:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the browser is told that it has ended
        _LOG.exception("answer %s cannot be delivered", subscriber.answer_id)
        problem = PublicProblem.of(ProblemCode.INTERNAL, relay.options.problem_texts)
        await channel.send(subscriber.answer_id, [problem_entry(problem)])
        return
    if not subscriber.following.ended:
        await channel.hint()


def start_answer(answer: SyncRunningAnswer, relay: SyncRelay, ended: Callable[[], None] | None = None) -> None:
    """Write an answer in threads of its own until it ends or nobody wants it any more, and tell when that is."""

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
