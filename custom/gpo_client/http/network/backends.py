"""Which event loop runs, and what is to be had on it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel

from gpo_client.http.network.sockets import AsyncOpening, connecting
from gpo_client.http.options import Options, Origin


def is_on_asyncio() -> bool:
    """Whether asyncio runs this task. As trio's host it runs none."""
    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False


if TYPE_CHECKING:
    from gpo_client.http.network.asyncio import AsyncioLine
    from gpo_client.http.network.trio import TrioLine

    #: One connection, on whichever loop.
    AsyncLine = AsyncioLine | TrioLine


async def async_connect(origin: Origin, options: Options, timeout: float | None, _: AsyncOpening) -> AsyncLine:
    """Return a connection on the loop that runs."""
    if is_on_asyncio():
        from gpo_client.http.network.asyncio import connect

        return await connect(origin, options, timeout)
    from gpo_client.http.network import trio

    return await trio.connect(origin, options, timeout)


async def async_resolve(origin: Origin, timeout: float | None) -> str:
    """Return an address of a host; raises what :func:`connecting` does."""
    with connecting(f"the name {origin.host} is not resolved in {timeout} s"), anyio.fail_after(timeout):
        found = await anyio.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


class AsyncBackend:
    """The loop that runs: asyncio's, or trio's."""

    def __init__(self) -> None:
        is_asyncio = is_on_asyncio()
        self._loop: Any = self.key() if is_asyncio else None
        self._token: Any = None if is_asyncio else self.key()
        self._tasks: set[asyncio.Task[object]] = set()
        self._watch: AsyncGenerator[None] | None = None

    @staticmethod
    def key() -> object:
        """Return what tells loops apart: the loop itself."""
        if is_on_asyncio():
            return asyncio.get_running_loop()
        import trio

        return trio.lowlevel.current_trio_token()

    @property
    def is_over(self) -> bool:
        """Whether the loop has ended."""
        if self._loop is not None:
            return bool(self._loop.is_closed())
        try:
            self._token.run_sync_soon(lambda: None)
        except RuntimeError:  # trio.RunFinishedError
            return True
        return False

    def soon(self, work: Callable[[], object]) -> None:
        """Have something done on the loop, asked from anywhere."""
        with suppress(RuntimeError):  # it has ended
            (self._loop.call_soon_threadsafe if self._loop is not None else self._token.run_sync_soon)(work)

    def spawn(self, work: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        """Have something done beside all else, until the loop ends."""
        if self._loop is None:
            import trio

            with suppress(RuntimeError):  # it has ended, but for the tasks that are just being cancelled
                trio.lowlevel.spawn_system_task(work, name=name, context=copy_context())
        else:
            task = self._loop.create_task(work(), name=name)
            self._tasks.add(task)  # the loop itself refers to them weakly
            task.add_done_callback(self._tasks.discard)

    async def at_end(self, work: Callable[[], object]) -> None:
        """Have something done when the loop ends: asyncio closes its asynchronous generators before itself."""
        if self._loop is not None and self._watch is None:
            self._watch = _until_end(work)
            await anext(self._watch)

    async def leave(self) -> None:
        """Give up what was to be done at the end."""
        watch, self._watch = self._watch, None
        if watch is not None and self._loop is AsyncBackend.key():
            await watch.aclose()
        await anyio.lowlevel.checkpoint()  # asyncio closes sockets in its next turn


async def _until_end(work: Callable[[], object]) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        work()
        await asyncio.sleep(0)
