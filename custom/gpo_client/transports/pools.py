"""Connection pools made of lanes: each lane is a pool of one connection, and they are handed out in constant time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self, cast

import httpcore
import httpx

from gpo_client.transports.connections import LimitedNetwork
from gpo_client.transports.free_lanes import FreeLanes
from gpo_client.transports.lanes import AnyLane, LaneOptions, make_lane
from gpo_client.transports.limits import timeouts_of


class LanePool:
    """A blocking pool, with as much of the interface of ``httpcore.ConnectionPool`` as httpx uses.

    Args:
        max_connections: How many connections there may be at a time.
        options: How each connects.
    """

    def __init__(self, max_connections: int, options: LaneOptions) -> None:
        self._options = options
        self._network = LimitedNetwork()
        # A queue of permits, not a semaphore: a body that the garbage collector finds gives its permit back in the
        # middle of anything, and only this queue lets it.
        self._room: SimpleQueue[None] = SimpleQueue()
        for _ in range(max_connections):
            self._room.put(None)
        self._free: FreeLanes[AnyLane] = FreeLanes(options.keepalive_expiry)
        self._lanes: set[AnyLane] = set()

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request on a connection of its own, and wait for the head of the answer.

        Raises:
            httpcore.PoolTimeout: All connections were in use for too long.
        """
        try:
            self._room.get(timeout=timeouts_of(request)["pool"])
        except Empty as error:
            raise httpcore.PoolTimeout from error
        lane = self._free.take() or self._new_lane()
        try:
            response = lane.handle_request(request)
        except BaseException:
            self._give_up(lane)
            raise
        response.stream = _Body(response.stream, self, lane)
        return response

    def close(self) -> None:
        """Close all connections."""
        while self._lanes:
            self._lanes.pop().close()

    def __enter__(self) -> Self:
        """The pool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()

    def _new_lane(self) -> AnyLane:
        lane = make_lane(self._options, self._network)
        self._lanes.add(lane)
        return lane

    def _give_up(self, lane: AnyLane) -> None:
        # A pool of httpcore's own can be left unable to serve: by a TLS handshake that fails in a tunnel, for one.
        self._lanes.discard(lane)
        try:
            lane.close()
        finally:
            self._room.put(None)

    def give_back(self, lane: AnyLane) -> None:
        """Let the lane serve others."""
        stale = self._free.give(lane, time.monotonic())
        self._room.put(None)
        if stale is not None:
            self._lanes.discard(stale)
            stale.close()


class _Body:
    """A body that gives its lane back when it is closed, or dropped."""

    def __init__(self, stream: object, pool: LanePool, lane: AnyLane) -> None:
        self._stream = cast("httpx.SyncByteStream", stream)
        self._pool = pool
        self._lane: AnyLane | None = lane

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        lane, self._lane = self._lane, None
        if lane is not None:
            try:
                self._stream.close()
            finally:
                self._pool.give_back(lane)

    __del__ = close
