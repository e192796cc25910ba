"""Connection pools made of lanes, for asynchronous clients: as :mod:`gpo_client.transports.pools`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Self, cast

import anyio
import httpcore
import httpx

from gpo_client.transports.connections import AsyncLimitedNetwork
from gpo_client.transports.free_lanes import FreeLanes
from gpo_client.transports.lanes import AnyAsyncLane, LaneOptions, make_async_lane
from gpo_client.transports.limits import timeouts_of


class AsyncLanePool:
    """An asynchronous pool, with as much of the interface of ``httpcore.AsyncConnectionPool`` as httpx uses.

    Args:
        max_connections: How many connections there may be at a time.
        options: How each connects.
    """

    def __init__(self, max_connections: int, options: LaneOptions) -> None:
        self._options = options
        self._network = AsyncLimitedNetwork()
        self._room = anyio.Semaphore(max_connections, fast_acquire=True)
        self._free: FreeLanes[AnyAsyncLane] = FreeLanes(options.keepalive_expiry)
        self._lanes: set[AnyAsyncLane] = set()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request on a connection of its own, and wait for the head of the answer.

        Raises:
            httpcore.PoolTimeout: All connections were in use for too long.
        """
        await self._make_room(timeouts_of(request)["pool"])
        lane = self._free.take() or self._new_lane()
        try:
            response = await lane.handle_async_request(request)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._give_up(lane)
            raise
        response.stream = _AsyncBody(response.stream, self, lane)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        while self._lanes:
            await self._lanes.pop().aclose()

    async def __aenter__(self) -> Self:
        """The pool itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.aclose()

    def forget(self, lane: AnyAsyncLane) -> None:
        """The lane will not come back."""
        self._lanes.discard(lane)
        self._room.release()

    async def _make_room(self, timeout: float | None) -> None:
        with suppress(anyio.WouldBlock):
            return self._room.acquire_nowait()
        try:
            with anyio.fail_after(timeout):
                await self._room.acquire()
        except TimeoutError as error:
            raise httpcore.PoolTimeout from error

    def _new_lane(self) -> AnyAsyncLane:
        lane = make_async_lane(self._options, self._network)
        self._lanes.add(lane)
        return lane

    async def _give_up(self, lane: AnyAsyncLane) -> None:
        self._lanes.discard(lane)
        try:
            await lane.aclose()
        finally:
            self._room.release()

    async def give_back(self, lane: AnyAsyncLane) -> None:
        """Let the lane serve others."""
        stale = self._free.give(lane, time.monotonic())
        self._room.release()
        if stale is not None:
            self._lanes.discard(stale)
            await stale.aclose()


class _AsyncBody:
    """A body that gives its lane back when it is closed. One that is dropped takes its lane with it."""

    def __init__(self, stream: object, pool: AsyncLanePool, lane: AnyAsyncLane) -> None:
        self._stream = cast("httpx.AsyncByteStream", stream)
        self._pool = pool
        self._lane: AnyAsyncLane | None = lane

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        lane, self._lane = self._lane, None
        if lane is None:
            return
        with anyio.CancelScope(shield=True):  # a cancelled reader must not leave it open
            try:
                await self._stream.aclose()
            finally:
                await self._pool.give_back(lane)

    def __del__(self) -> None:
        if self._lane is not None:
            self._pool.forget(self._lane)
