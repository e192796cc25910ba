"""The asynchronous driver: does what flows ask for with ``await``, on asyncio or trio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Generic, TypeVar, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx

from gpo_client.drivers.failures import TRANSPORT_ERRORS, failure_of
from gpo_client.drivers.files import FileWriter
from gpo_client.drivers.requests import build_request, failure_or_raise, head_of
from gpo_client.flows.effects import (
    Acquire,
    Close,
    Compute,
    Deliver,
    Effect,
    Failure,
    FailureKind,
    FileEffect,
    Flow,
    Open,
    Opened,
    Pause,
    Read,
    Reader,
    Receive,
    Release,
    Sleep,
)
from gpo_client.models.stream import StreamingChunk
from gpo_client.transports.limits import MOMENT, ReadTimeout

T = TypeVar("T")

#: The lock of this driver's world.
AsyncLock = anyio.Lock


class AsyncRun(Generic[T]):
    """One flow being driven. It owns what the flow opens, and lets go of it however the flow ends.

    Args:
        http: Gives the HTTP client to use.
        flow: The flow to drive.
    """

    def __init__(self, http: Callable[[], httpx.AsyncClient], flow: Flow[T]) -> None:
        self._http = http
        self._flow = flow
        self._outcome: Any = None
        self._stream: httpx.AsyncByteStream | None = None
        self._read_timeout = ReadTimeout(None)
        self._body: AsyncIterator[bytes] = _no_bytes()
        self._reader: Reader | None = None
        self._files = FileWriter()
        self._held: list[Any] = []
        self._result: T | None = None
        self._over = False
        self._driving = False
        self._waiting: anyio.CancelScope | None = None

    async def finish(self) -> T:
        """Drive the flow to its end and return its result."""
        while await self.advance() is not None:
            pass
        return self._result  # type: ignore[return-value]

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """Drive the flow to its next delivery; None at its end, also when it was closed from elsewhere."""
        self._driving = True
        try:
            return await self._until_delivery()
        except BaseException:
            self._over = True
            raise
        finally:
            self._driving = False
            if self._over:
                await self._let_go()

    async def aclose(self) -> None:
        """Let go of everything. A task that is driving the flow is woken, and does so itself."""
        self._over = True
        if not self._driving:
            await self._let_go()
        elif self._waiting is not None:
            self._waiting.cancel()
        else:
            self._read_timeout.end_reads()

    async def _until_delivery(self) -> Sequence[StreamingChunk] | None:
        while not self._over:
            if self._reader is not None:
                if chunks := await self._receive(self._reader):
                    return chunks
                continue
            try:
                effect = self._flow.send(self._outcome)
            except StopIteration as stop:
                self._result = stop.value
                self._over = True
                return None
            if isinstance(effect, Deliver):
                self._outcome = None
                return effect.chunks
            self._outcome = await self._perform(effect)
        return None

    async def _receive(self, reader: Reader) -> Sequence[StreamingChunk]:
        """The next chunks; none when the reader wants no more reads."""
        while (wait := reader.wait()) != 0:
            if chunks := reader.feed(await self._next_bytes(wait)):
                return chunks
        self._reader = None
        return ()

    async def _perform(self, effect: Effect[Any]) -> Any:
        if isinstance(effect, Receive):
            self._reader = effect.reader
            return None
        if isinstance(effect, Read):
            return await self._next_bytes(effect.timeout)  # ended by end_reads(), not by cancellation
        if isinstance(effect, FileEffect):
            return self._files.perform(effect)
        try:
            with anyio.CancelScope() as self._waiting:
                return await self._EFFECTS[type(effect)](self, effect)
        finally:
            self._waiting = None

    async def _let_go(self) -> None:
        self._flow.close()
        self._files.close()
        while self._held:
            self._held.pop().release()
        await self._close()

    async def _open(self, effect: Open) -> Opened | Failure:
        http = self._http()
        self._read_timeout = ReadTimeout(effect.read_timeout)
        try:
            response = await http.send(
                build_request(http, effect, self._read_timeout), stream=True, follow_redirects=False
            )
        except Exception as error:  # noqa: BLE001 - what is none of the transport's is raised again
            return failure_or_raise(http, error)
        self._stream = cast("httpx.AsyncByteStream", response.stream)
        # The two refer to each other, which would keep the place of a stream that was dropped half-read until the
        # garbage collector comes by.
        response.stream = httpx.ByteStream(b"")
        # Not aiter_raw(): it counts and cuts the bytes, which costs more than reading them.
        self._body = aiter(self._stream)
        return head_of(response)

    async def _next_bytes(self, timeout: float | None) -> bytes | Failure:
        self._read_timeout.current, self._read_timeout.until = timeout, None
        try:
            async for data in self._body:
                if data:  # empty pieces are no end: some transports have them
                    return data
        except TRANSPORT_ERRORS as error:
            return failure_of(error)
        return b""

    async def _close(self, effect: Close | None = None) -> None:
        stream, self._stream = self._stream, None
        timeout, self._read_timeout = self._read_timeout, ReadTimeout(None)
        if stream is None:
            return
        if effect is not None and effect.is_whole and timeout.connection is not None:
            timeout.current, timeout.until = MOMENT, None
            with suppress(*TRANSPORT_ERRORS):
                await anext(self._body, None)
        await stream.aclose()
        # httpx reads a body through generators within generators. Left suspended they would be finished by the
        # garbage collector, with warnings; now that the connection is closed they end by themselves at once.
        with suppress(*TRANSPORT_ERRORS):
            async for _ in self._body:
                pass

    async def _sleep(self, effect: Sleep) -> None:
        await anyio.sleep(effect.seconds)

    async def _pause(self, _: Pause) -> None:
        await anyio.lowlevel.checkpoint()

    async def _compute(self, effect: Compute[Any]) -> Any:
        with anyio.move_on_after(effect.timeout):
            return await anyio.to_thread.run_sync(effect.work, abandon_on_cancel=True)
        return Failure(FailureKind.TIMEOUT)

    async def _acquire(self, effect: Acquire) -> None:
        await effect.lock.acquire()
        self._held.append(effect.lock)

    async def _release(self, effect: Release) -> None:
        self._held.remove(effect.lock)
        effect.lock.release()

    # By class, not bound to the run: a run that referred to itself would keep the connection of a stream that was
    # dropped half-read until the garbage collector comes by.
    _EFFECTS: ClassVar[dict[type[Effect[Any]], Callable[[Any, Any], Awaitable[Any]]]] = {
        Open: _open,
        Close: _close,
        Sleep: _sleep,
        Pause: _pause,
        Compute: _compute,
        Acquire: _acquire,
        Release: _release,
    }


async def _no_bytes() -> AsyncIterator[bytes]:
    return
    yield b""
