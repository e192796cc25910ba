"""A log in Redis: a browser may come back to another process or machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis

from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.logbook import PAGE_EVENTS, LogPage, ReaderState, check_bounds, page_of

# How long a writer that says nothing is taken to be alive, in milliseconds. It says something every second.
_ALIVE_MS = 10_000


class RedisRelayLog:
    """A log in Redis Streams, shared by all processes of a service that use the same Redis and the same prefix.

    For each answer there are a stream of its events, a stream that holds the furthest reader's position and expires
    when nobody reads, a hash with its owner, and a sign that somebody still writes it. All expire.

    Each answer that is being written, and each browser that reads, takes a connection from the pool while it waits.

    Thread and task safety: it may be shared by any number of tasks of one event loop.

    Args:
        redis: The connection pool; it is not closed here. Redis 5 or newer.
        prefix: What the keys begin with. Default ``"gpo:relay:"``.
        max_events: How many events of an answer are kept. Default 10,000.
        retention_s: How long an answer is kept after it was last written, in seconds. Default 300.

    Raises:
        InvalidArgumentError: A bound is not above 0.
    """

    def __init__(
        self, redis: Redis, *, prefix: str = "gpo:relay:", max_events: int = 10_000, retention_s: float = 300.0
    ) -> None:
        check_bounds(max_events=max_events, retention_s=retention_s)
        self.max_events = max_events
        self._redis = redis
        self._prefix = prefix
        self._retention_ms = _milliseconds(retention_s)

    async def begin(self, answer_id: str, owner: str, wanted_s: float) -> None:
        """Open the log of a new answer; see :class:`RelayLog`."""
        head = self._key(answer_id, "head")
        async with self._pipeline() as pipe:
            pipe.hset(head, mapping={"owner": owner})
            pipe.pexpire(head, self._retention_ms)
            pipe.set(self._key(answer_id, "writer"), 1, px=_ALIVE_MS)
            self._say_position(pipe, answer_id, 0, wanted_s)
            await pipe.execute()

    async def owner(self, answer_id: str) -> str | None:
        """Who may read an answer; see :class:`RelayLog`."""
        owner: Any = await self._redis.hget(self._key(answer_id, "head"), "owner")
        return None if owner is None else _text(owner)

    async def append(self, answer_id: str, entries: Sequence[Entry]) -> None:
        """Add entries; see :class:`RelayLog`."""
        events = self._key(answer_id, "events")
        async with self._pipeline() as pipe:
            for entry in entries:
                fields: dict[Any, Any] = {"data": entry.data, "last": int(entry.is_last)}
                pipe.xadd(events, fields, id=f"0-{entry.position}", maxlen=self.max_events, approximate=False)
            self._keep(pipe, answer_id)
            await pipe.execute()

    async def read(self, answer_id: str, after: int, wait_s: float) -> LogPage:
        """What comes after a position; see :class:`RelayLog`."""
        if found := await self._read(answer_id, after, _milliseconds(wait_s)):
            return page_of(found, after, is_alive=True)
        async with self._pipeline() as pipe:
            pipe.exists(self._key(answer_id, "head"))
            pipe.exists(self._key(answer_id, "writer"))
            is_kept, is_alive = await pipe.execute()
        # Its last words may have come in between.
        found = [] if is_alive else await self._read(answer_id, after, None)
        return page_of(found, after, is_alive=bool(found or is_alive)) if is_kept else LogPage(is_lost=True)

    async def acknowledge(self, answer_id: str, position: int, wanted_s: float) -> None:
        """A reader is there; see :class:`RelayLog`."""
        async with self._pipeline() as pipe:
            self._say_position(pipe, answer_id, position, wanted_s)
            await pipe.execute()

    async def leave(self, answer_id: str, grace_s: float) -> None:
        """A reader has left; see :class:`RelayLog`."""
        await self._redis.pexpire(self._key(answer_id, "reader"), _milliseconds(grace_s))

    async def stop(self, answer_id: str) -> None:
        """Nobody wants the answer any more; see :class:`RelayLog`."""
        head = self._key(answer_id, "head")
        async with self._pipeline() as pipe:
            pipe.hset(head, "stopped", "1")
            pipe.pexpire(head, self._retention_ms)
            # Wakes the one who writes.
            self._say_position(pipe, answer_id, 0, _ALIVE_MS / 1000)
            await pipe.execute()

    async def reader_state(self, answer_id: str, beyond: int, wait_s: float) -> ReaderState:
        """How far readers are; see :class:`RelayLog`."""
        state, last_id = await self._reader_state(answer_id)
        if not state.is_wanted or state.position > beyond:
            return state
        await self._redis.xread({self._key(answer_id, "reader"): last_id}, count=1, block=_milliseconds(wait_s))
        state, _ = await self._reader_state(answer_id)
        return state

    async def note(self, key: str, value: str, keep_s: float) -> None:
        """Keep a small fact; see :class:`RelayLog`."""
        await self._redis.set(self._key(key, "note"), value, px=_milliseconds(keep_s))

    async def noted(self, key: str) -> str | None:
        """The value kept under a key; see :class:`RelayLog`."""
        value: Any = await self._redis.get(self._key(key, "note"))
        return None if value is None else _text(value)

    async def _read(self, answer_id: str, after: int, block: int | None) -> list[Entry]:
        key = self._key(answer_id, "events")
        found: Any = await self._redis.xread({key: f"0-{after}"}, count=PAGE_EVENTS, block=block)
        return _entries(found)

    async def _reader_state(self, answer_id: str) -> tuple[ReaderState, str]:
        async with self._pipeline() as pipe:
            pipe.xrevrange(self._key(answer_id, "reader"), count=1)
            pipe.hget(self._key(answer_id, "head"), "stopped")
            self._keep(pipe, answer_id)
            positions, stopped, *_ = await pipe.execute()
        if not positions:
            return ReaderState(0, is_wanted=False), ""
        last_id, fields = positions[0]
        return ReaderState(int(_field(fields, "position")), is_wanted=stopped is None), _text(last_id)

    def _pipeline(self) -> Any:
        pool: Any = self._redis  # redis-py leaves part of this method's type open
        return pool.pipeline(transaction=True)

    def _keep(self, pipe: Any, answer_id: str) -> None:
        """Somebody writes the answer: it is alive, and kept from now on for as long as that takes."""
        pipe.pexpire(self._key(answer_id, "events"), self._retention_ms)
        pipe.pexpire(self._key(answer_id, "head"), self._retention_ms)
        pipe.set(self._key(answer_id, "writer"), 1, px=_ALIVE_MS)

    def _say_position(self, pipe: Any, answer_id: str, position: int, wanted_s: float) -> None:
        key = self._key(answer_id, "reader")
        pipe.xadd(key, {"position": position}, maxlen=1, approximate=False)
        pipe.pexpire(key, _milliseconds(wanted_s))

    def _key(self, answer_id: str, part: str) -> str:
        # In braces: a Redis cluster keeps all that belongs to an answer in one place.
        return f"{self._prefix}{{{answer_id}}}:{part}"


def _milliseconds(seconds: float) -> int:
    # 0 would mean "for ever" to XREAD, and "now" to PEXPIRE.
    return max(1, round(seconds * 1000))


def _entries(found: Any) -> list[Entry]:
    # Pairs of key and events in RESP2, a mapping in RESP3.
    streams: Any = found.values() if hasattr(found, "values") else [pair[1] for pair in found or ()]
    events = [event for stream in streams for event in _flat(stream)]
    return [
        Entry(int(_text(event_id).partition("-")[2]), _field(fields, "data"), _field(fields, "last") == "1")
        for event_id, fields in events
    ]


def _flat(stream: Any) -> list[Any]:
    # RESP3 wraps the events of a stream in a list of its own.
    return stream[0] if stream and isinstance(stream[0], list) else stream


def _field(fields: Mapping[Any, Any], name: str) -> str:
    return _text(fields[name] if name in fields else fields[name.encode()])


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
