"""The relay: which answers are running, and who may follow them."""

from __future__ import annotations

import logging
import math
import secrets
import time
from threading import Lock
from types import TracebackType
from typing import Protocol, Self
from weakref import WeakSet

import attrs

from gpo_client.concurrency.background import Chores, ShutdownWatch, async_chores
from gpo_client.concurrency.waiting import AsyncSignal, async_shielded
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.relay.aio.answer import RunningAnswer, Subscriber
from gpo_client.relay.aio.log import MemoryRelayLog, RelayLog
from gpo_client.relay.machines.entries import Entry, EventId, ProblemCode, PublicProblem, problem_entry
from gpo_client.relay.machines.following import MissingAnswers
from gpo_client.relay.machines.logbook import LogFull, LogUnavailable
from gpo_client.relay.options import RelayOptions
from gpo_client.streams.aio.chat_stream import ChatStream

_LOG = logging.getLogger("gpo_client.relay")

# How long the log may take to write the ends of answers when a relay is closed, in seconds.
_LAST_WORDS_S = 5.0


class _Follower(Protocol):
    def wake(self) -> None: ...


@attrs.frozen
class Subscription:
    """What a browser that asks, or comes back, is given."""

    answer_id: str  # which answer it is about
    # What it is sent; None when there is nothing to send, because it has everything
    subscriber: Subscriber | None = None
    answer: RunningAnswer | None = None  # the answer to be run; None for one that is running already
    rejection: Entry | None = None  # what it is told instead
    is_deferred: bool = False  # it is told to come back, and nothing else

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send, because the browser has everything."""
        return self.subscriber is None and self.rejection is None and not self.is_deferred


class Relay:
    """Relays answers to browsers. One for a service; the functions of this package use a default one otherwise.

    As a context manager, typically in the service's lifespan, it notices when the service is told to shut down
    (SIGTERM, SIGINT): open streams then end with a retry hint, while their answers are written to the end as far as
    the server's patience allows, for browsers that come back to another process.

    Thread and task safety: it may be shared by any number of tasks of one event loop.

    Args:
        options: The settings. Default: ``RelayOptions()``.
        log: Where running answers are kept. Default: in memory.

    Raises:
        InvalidArgumentError: ``window`` is larger than what the log keeps of an answer.
    """

    def __init__(self, options: RelayOptions | None = None, *, log: RelayLog | None = None) -> None:
        self.options = options or RelayOptions()
        self.log: RelayLog = log or MemoryRelayLog()
        if self.options.window > self.log.max_events:
            message = f"window must not be larger than what the log keeps of an answer ({self.log.max_events} events)"
            raise InvalidArgumentError(message, field="window")
        # Those that were admitted but never run leave it by themselves.
        self._answers = WeakSet[RunningAnswer]()
        # Those who wait for something to send.
        self._followers = WeakSet[_Follower]()
        self._chores: Chores | None = None
        self._missing = MissingAnswers()
        self._ended = AsyncSignal()
        self._guard = Lock()
        self._is_draining = False
        self._runs_until = math.inf
        self._watch = ShutdownWatch(self.drain)

    @property
    def running(self) -> int:
        """How many answers are being written."""
        with self._guard:
            return len(self._answers)

    def is_draining(self) -> bool:
        """Whether the service is shutting down."""
        return self._is_draining

    def drain(self) -> None:
        """End open streams with a retry hint and take no more questions, as the service is shutting down.

        Answers go on for ``grace_s`` where another process can deliver them. Where the log ends with this process,
        nobody can come back, and they end.
        """
        if not self._is_draining:
            self._is_draining = True
            # Not before the subscribers have noticed: they are to be told to come back, not that it is over.
            patience_s = self.options.grace_s if self.log.is_shared else 2 * self.options.acknowledge_s
            self._runs_until = time.monotonic() + patience_s
        if self._chores is not None:
            self._chores.soon(self._wake_followers)  # not here: this may be amid a signal's handler, or another thread

    def wake_when_draining(self, follower: _Follower) -> None:
        """Wake somebody when the service is told to shut down, for as long as it is there."""
        with self._guard:
            self._followers.add(follower)

    async def aclose(self) -> None:
        """Drain, and end all answers that are still being written. Closing twice is allowed."""
        self.drain()
        with self._guard:
            answers = list(self._answers)
        for answer in answers:
            await answer.close()
        if self.log.is_shared:
            async with async_shielded(_LAST_WORDS_S):
                await self.log.flush(_LAST_WORDS_S)

    close = aclose  # async only

    async def subscribe(self, stream: ChatStream | None, *, last_event_id: str | None, owner: str) -> Subscription:
        """Let a browser in: with a new answer, or with the one it comes back for.

        Args:
            stream: The answer to its question. Closed unasked when the browser comes back for another; None will do
                then.
            last_event_id: The id of the last event it has; None or empty when it asks for the first time.
            owner: Whom it belongs to, in the service's own terms.
        """
        is_question = stream is not None and not last_event_id
        self._chores = async_chores()
        try:
            if stream is not None and is_question:
                return await self._begin(stream, owner)
            if stream is not None:
                await stream.aclose()
            return await self._resume(last_event_id or "", owner)
        except (LogUnavailable, LogFull):
            answer_id = secrets.token_urlsafe(16)
            return (
                self._refused(answer_id, ProblemCode.BUSY) if is_question else Subscription(answer_id, is_deferred=True)
            )
        except Exception:  # noqa: BLE001 - whatever keeps the log from being reached, the browser is told
            _LOG.exception("an answer cannot be relayed: its log cannot be reached")
            return self._refused(secrets.token_urlsafe(16), ProblemCode.INTERNAL)

    async def stop(self, event_id: str, *, owner: str = "") -> bool:
        """Stop an answer for good, without waiting for the grace time.

        Args:
            event_id: The id of any of its events.
            owner: Whom the answer belongs to; another's cannot be stopped.

        Returns:
            Whether there was such an answer.
        """
        found = EventId.parse(event_id)
        if found is None or await self.log.owner(found.answer_id) != owner:
            return False
        await self.log.stop(found.answer_id)
        return True

    def finished(self, answer: RunningAnswer) -> None:
        """Note that an answer is not written any more."""
        with self._guard:
            self._answers.discard(answer)
        self._ended.notify_all()

    async def __aenter__(self) -> Self:
        """Begin to watch for the service's shutdown. A relay may be entered again after its end."""
        self._is_draining = False
        self._runs_until = math.inf
        self._watch.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close. Answers that another process can deliver go on for ``grace_s``: not every server waits for them."""
        self._watch.end()
        self.drain()
        while self.log.is_shared and self.running and (left_s := self._runs_until - time.monotonic()) > 0:
            count = self._ended.count
            if self.running:
                await self._ended.wait(count, left_s)
        await self.aclose()

    async def _begin(self, stream: ChatStream, owner: str) -> Subscription:
        answer_id = secrets.token_urlsafe(16)
        if self._is_draining:
            await stream.aclose()
            return Subscription(answer_id, is_deferred=True)
        answer = RunningAnswer(stream, self.log, answer_id, self.options, runs_until=lambda: self._runs_until)
        if not self._enter(answer):
            await stream.aclose()
            return self._refused(answer_id, ProblemCode.BUSY)
        try:
            await self.log.begin(answer_id, owner, self.options.wanted_s)
        except Exception:
            self.finished(answer)
            await stream.aclose()
            raise
        return Subscription(answer_id, self._subscriber(answer_id, 0), answer)

    async def _resume(self, last_event_id: str, owner: str) -> Subscription:
        if (found := EventId.parse(last_event_id)) is None:
            return self._refused(secrets.token_urlsafe(16), ProblemCode.EXPIRED)
        if found.position is None:
            return Subscription(found.answer_id)
        try:
            known = await self.log.owner(found.answer_id)
        except LogUnavailable:
            self._is_not_missing(found.answer_id)  # nobody knows: it is missed anew when the log can be asked again
            raise
        if self._may_come(found.answer_id, known):
            return Subscription(found.answer_id, is_deferred=True)
        if known != owner:
            return self._refused(found.answer_id, ProblemCode.EXPIRED)
        subscriber = self._subscriber(found.answer_id, found.position)
        await subscriber.acknowledge()
        return Subscription(found.answer_id, subscriber)

    def _may_come(self, answer_id: str, owner: str | None) -> bool:
        """Whether a log that outlives this process may have lost an answer, and be told of it again."""
        if owner is not None or not self.log.is_shared:
            self._is_not_missing(answer_id)
            return False
        with self._guard:
            return not self._missing.is_gone(answer_id, time.monotonic())

    def _is_not_missing(self, answer_id: str) -> None:
        with self._guard:
            self._missing.found(answer_id)

    def _enter(self, answer: RunningAnswer) -> bool:
        with self._guard:
            if len(self._answers) >= self.options.max_running:
                return False
            self._answers.add(answer)
            return True

    def _subscriber(self, answer_id: str, after: int) -> Subscriber:
        subscriber = Subscriber(self.log, answer_id, after, self.options, is_draining=self.is_draining)
        self.wake_when_draining(subscriber)
        return subscriber

    def _wake_followers(self) -> None:
        with self._guard:
            followers = list(self._followers)
        for follower in followers:
            follower.wake()

    def _refused(self, answer_id: str, code: ProblemCode) -> Subscription:
        problem = PublicProblem.of(code, self.options.problem_texts)
        return Subscription(answer_id, rejection=problem_entry(problem))
