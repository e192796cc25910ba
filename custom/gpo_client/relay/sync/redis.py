# Derived from custom/gpo_client/relay/aio/redis.py by `make sync`: edit that file, not this one.
"""The log in Redis: a browser may come back to another process or machine."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import ReadOnlyError, RedisError

from gpo_client.concurrency.background import sync_at_exit, sync_start
from gpo_client.concurrency.waiting import SyncSignal, sync_within
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.exchange import ASK_S, RedisExchange
from gpo_client.relay.machines.logbook import LogPage, LogUnavailable, ReaderState
from gpo_client.relay.machines.redis_commands import Command, Request, key_of, milliseconds, text_of
from gpo_client.relay.options import check_number
from gpo_client.relay.sync.log import SyncMemoryRelayLog

# How long Redis can be told to keep something, in seconds.
_SHORTEST_S, _LONGEST_S = 0.001, 1e9
# How long an exchange may take, in seconds; then its connection is closed and it is tried again.
_EXCHANGE_S = 5.0


class SyncRedisRelayLog:
    """A log in Redis Streams, shared by all processes of a service that use the same Redis and the same prefix.

    The answers that this process writes, and those that its browsers read, are in its memory too. With Redis it
    exchanges what is new, for all of them at once and at most 50 times a second, over one connection at a time: the
    pool may be as small as one. Browsers of the process that writes an answer do not wait for Redis.

    While Redis cannot be reached, new questions are refused as ``busy``, browsers that read another process's answer
    are told to come back, and everything else goes on. What was written meanwhile follows when Redis is back, and all
    that is known of running answers when it comes back empty. An answer's own log in Redis is idempotent: a write that
    is repeated counts once.

    For each answer there are a stream of its events, a hash with its owner, a sign that somebody still writes it, and
    the position of the furthest reader of another process. All expire.

    Thread and task safety: it may be shared by any number of threads.

    Args:
        redis: The client, of a single server, a Sentinel or a Cluster; it is not closed here. Redis 5 or newer.
        prefix: What the keys begin with. Default ``"gpo:relay:"``.
        max_events: How many events of an answer are kept. Default 10,000.
        max_answers: How many answers this process keeps in memory. Default 2,000.
        max_answer_bytes: How many bytes of an answer are kept; one that is longer ends with ``too_long``. Default
            16 MiB.
        max_bytes: How many bytes of all answers this process keeps in memory. Default 512 MiB. What Redis takes in
            all, its ``maxmemory`` says.
        retention_s: How long an answer is kept after it was last written, in seconds, and in Redis for ten at least; a
            running one as long as somebody wants it. Default 300.
        retry_s: How long the end of an answer is tried to be written when Redis does not take it, in seconds.
            Default 60.

    Raises:
        InvalidArgumentError: A bound is no number above 0; ``field`` names it.
    """

    is_shared = True

    def __init__(
        self,
        redis: Redis | RedisCluster,
        *,
        prefix: str = "gpo:relay:",
        max_events: int = 10_000,
        max_answers: int = 2_000,
        max_answer_bytes: int = 16 << 20,
        max_bytes: int = 512 << 20,
        retention_s: float = 300.0,
        retry_s: float = 60.0,
    ) -> None:
        check_number("retry_s", retry_s, _SHORTEST_S)
        check_number("retention_s", retention_s, _SHORTEST_S, _LONGEST_S)
        self.max_events = max_events
        self._redis: Any = redis  # redis-py leaves part of its types open
        self._prefix = prefix
        self._memory = SyncMemoryRelayLog(
            max_events=max_events,
            max_answers=max_answers,
            max_answer_bytes=max_answer_bytes,
            max_bytes=max_bytes,
            retention_s=retention_s,
        )
        is_cluster = isinstance(redis, RedisCluster)
        self._exchange = RedisExchange(self._memory.book, prefix, retry_s=retry_s, is_cluster=is_cluster)
        self._due = SyncSignal()
        self._exchanged = SyncSignal()
        self._is_running = False
        self._sleeps_until = math.inf
        sync_at_exit(self)

    def begin(self, answer_id: str, owner: str, wanted_s: float) -> None:
        """Open the log of a new answer; see :class:`SyncRelayLog`."""
        self._memory.begin(answer_id, owner, wanted_s)
        with self._memory.lock:
            commands = self._exchange.begin(answer_id, owner)
        try:
            self._ask(*commands)
        except LogUnavailable:
            with self._memory.lock:
                self._exchange.give_up(answer_id)
                self._memory.book.forget(answer_id)
            raise

    def owner(self, answer_id: str) -> str | None:
        """Who may read an answer; see :class:`SyncRelayLog`."""
        if (owner := self._memory.owner(answer_id)) is not None:
            return owner
        (found,) = self._ask(("HGET", self._key(answer_id, "head"), "owner"))
        if found is None:
            return None
        with self._memory.lock:
            self._exchange.mirror(answer_id, text_of(found), time.monotonic())
        self._wake()
        return text_of(found)

    def append(self, answer_id: str, entries: Sequence[Entry]) -> None:
        """Add entries; see :class:`SyncRelayLog`."""
        try:
            self._memory.append(answer_id, entries)
        finally:
            with self._memory.lock:
                self._exchange.wrote(answer_id, time.monotonic())
            self._wake()

    def read(self, answer_id: str, after: int, wait_s: float) -> LogPage:
        """Return what comes after a position; see :class:`SyncRelayLog`."""
        if self.owner(answer_id) is None:
            return LogPage(is_lost=True)
        page = self._memory.read(answer_id, after, wait_s)
        with self._memory.lock:
            is_cut_off = self._exchange.is_cut_off(answer_id, time.monotonic())
        if is_cut_off and not page.entries and not page.is_lost:
            raise LogUnavailable
        return page

    def acknowledge(self, answer_id: str, position: int, wanted_s: float) -> None:
        """Note that a reader is there; see :class:`SyncRelayLog`."""
        self._memory.acknowledge(answer_id, position, wanted_s)

    def leave(self, answer_id: str, grace_s: float) -> None:
        """Note that a reader has left; see :class:`SyncRelayLog`."""
        self._memory.leave(answer_id, grace_s)

    def stop(self, answer_id: str) -> None:
        """Nobody wants the answer any more; see :class:`SyncRelayLog`."""
        self._memory.stop(answer_id)
        head = self._key(answer_id, "head")
        retention_ms = milliseconds(self._memory.book.limits.retention_s)
        self._ask(("HSET", head, "stopped", 1), ("PEXPIRE", head, retention_ms))

    def reader_state(self, answer_id: str, beyond: int, wait_s: float) -> ReaderState:
        """How far readers are; see :class:`SyncRelayLog`."""
        with self._memory.lock:
            self._exchange.lives(answer_id)
        return self._memory.reader_state(answer_id, beyond, wait_s)

    def note(self, key: str, value: str, keep_s: float) -> None:
        """Keep a small fact; see :class:`SyncRelayLog`."""
        self._ask(("SET", self._key(key, "note"), value, "PX", milliseconds(keep_s)))

    def noted(self, key: str) -> str | None:
        """Return the value kept under a key; see :class:`SyncRelayLog`."""
        (value,) = self._ask(("GET", self._key(key, "note")))
        return None if value is None else text_of(value)

    def flush(self, timeout_s: float) -> None:
        """Wait until everything has been written; see :class:`SyncRelayLog`."""
        until = time.monotonic() + timeout_s
        while True:
            count = self._exchanged.count
            with self._memory.lock:
                is_written = self._exchange.is_written
            if is_written or (left_s := until - time.monotonic()) <= 0:
                return
            self._exchanged.wait(count, left_s)

    def wake_readers(self, answer_id: str) -> None:
        """Have those who wait for entries look again; see :class:`SyncRelayLog`."""
        self._memory.wake_readers(answer_id)

    def _ask(self, *commands: Command) -> list[Any]:
        """Send commands now, and wait for the replies. Raises LogUnavailable if there are none in time."""
        request, until = Request(commands), time.monotonic() + ASK_S
        with self._memory.lock:
            is_away = self._exchange.is_away(time.monotonic())
            if not is_away:
                self._exchange.ask(request)
        if is_away:
            raise LogUnavailable
        self._wake()
        while not request.is_done:
            count = self._exchanged.count
            if (left_s := until - time.monotonic()) <= 0:
                with self._memory.lock:
                    self._exchange.forget(request)
                raise LogUnavailable
            self._exchanged.wait(count, left_s)
        if request.failure is not None:
            raise LogUnavailable from request.failure
        return request.replies

    def _wake(self) -> None:
        """Have the exchange look whether it is due earlier than it thought."""
        with self._memory.lock:
            now = time.monotonic()
            if now + self._exchange.wait_s(now) >= self._sleeps_until and self._is_running:
                return
            must_start, self._is_running = not self._is_running, True
        if must_start:
            sync_start(self._run, "gpo relay exchange")
        else:
            self._due.notify_all()

    def _run(self) -> None:
        """Exchange as long as there is something to exchange."""
        try:
            while self._wait():
                self._exchange_once()
        except BaseException:
            with self._memory.lock:
                self._is_running = False
            raise

    def _wait(self) -> bool:
        """Wait for the next exchange; False when there is nothing to exchange any more."""
        while True:
            count = self._due.count
            with self._memory.lock:
                now = time.monotonic()
                wait_s = self._exchange.wait_s(now)
                if wait_s == math.inf:
                    self._is_running = False
                    return False
                self._sleeps_until = now + wait_s if wait_s else -math.inf
            if not wait_s:
                return True
            self._due.wait(count, wait_s)

    def _exchange_once(self) -> None:
        with self._memory.lock:
            commands = self._exchange.commands(time.monotonic())
        if not commands:
            return
        failure: Exception | None = None
        replies: list[Any] = []
        try:
            replies = self._execute(commands)
        except (RedisError, OSError, ValueError) as error:  # ValueError: what a client says that is closed meanwhile
            failure = error
        with self._memory.lock:
            now = time.monotonic()
            if failure is None:
                self._exchange.take(replies, now)
            else:
                self._exchange.failed(failure, now)
            woken, self._exchange.woken = self._exchange.woken, set()
        for answer_id in woken:
            self.wake_readers(answer_id)
            self._memory.wake_writer(answer_id)
        self._exchanged.notify_all()

    def _execute(self, commands: list[Command]) -> list[Any]:
        with sync_within(_EXCHANGE_S):
            pipeline = self._redis.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            replies: list[Any] = pipeline.execute(raise_on_error=False)
        if any(isinstance(reply, ReadOnlyError) for reply in replies) and hasattr(self._redis, "connection_pool"):
            # It was a primary and is a replica now: whoever is the primary is found by connecting anew.
            self._redis.connection_pool.disconnect()
        return replies

    def _key(self, answer_id: str, part: str) -> str:
        return key_of(self._prefix, answer_id, part)
