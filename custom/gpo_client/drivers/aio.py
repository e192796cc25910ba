"""The asynchronous driver: does what flows ask for with ``await``, on asyncio or trio."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread

from gpo_client.drivers.files import FileWriter
from gpo_client.drivers.requests import Owner, client_closed, failure_of, limits_of, opened, request_of
from gpo_client.flows import effects
from gpo_client.http.aio import AsyncExchange, AsyncTransport
from gpo_client.http.errors import HttpError
from gpo_client.http.network.backends import AsyncBackend
from gpo_client.models.stream import StreamingChunk

T = TypeVar("T")


class AsyncRun(Generic[T]):
    """One flow being driven. It owns what the flow opens, and lets go of it however the flow ends.

    Its owner has the transport to use, and stops it when that is closed.
    """

    def __init__(self, owner: Owner[AsyncTransport], flow: effects.Flow[T]) -> None:
        self._owner = owner
        self._flow = flow
        self._runtime: AsyncBackend | None = None
        self._outcome: Any = None
        self._exchange: AsyncExchange | None = None
        self._reader: effects.Reader | None = None
        self._files = FileWriter()
        self._held: list[Any] = []
        self._result: T | None = None
        self._over = False
        self._driving = False
        self._is_stopped = False
        self._waiting: anyio.CancelScope | None = None
        owner.note(self)

    async def finish(self) -> T:
        """Drive the flow to its end and return its result."""
        while await self.advance() is not None:
            pass
        return self._result  # type: ignore[return-value]

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """Drive the flow to its next delivery; None at its end, also when it was closed from elsewhere. Raises
        UsageError: the client has been closed.
        """
        self._driving = True
        self._runtime = self._runtime or AsyncBackend()
        try:
            while not self._over:
                if (reader := self._reader) is None:
                    if (chunks := await self._go_on()) is not None:
                        return chunks
                elif (wait := reader.wait()) == 0:
                    self._reader = None  # it wants no more reads
                else:
                    # As _next_bytes does, without a call: each chunk comes here. What was read stays in no variable,
                    # which tracebacks would show: a server may have sent a token back.
                    try:
                        chunks = reader.feed(await self._exchange.read(wait) if self._exchange is not None else b"")
                    except HttpError as error:
                        chunks = reader.feed(failure_of(error))
                    if chunks:
                        return chunks
        except BaseException:
            self._over = True
            raise
        finally:
            self._driving = False
            if self._over:
                await self._let_go()
        if self._is_stopped:
            raise client_closed()
        return None

    async def aclose(self) -> None:
        """Let go of everything. A task that is driving the flow is woken, and does so itself."""
        self._over = True
        if not self._driving:
            await self._let_go()
        self._wake()

    def stop(self) -> None:
        """End the flow, asked from anywhere, as its client is closed: whoever drives it is told so."""
        self._stop() if self._runtime is None else self._runtime.soon(self._stop)

    def _stop(self) -> None:
        if not self._over and self._reader is None:  # a read ends with its connection
            self._over = self._is_stopped = True
            self._wake()

    def _wake(self) -> None:
        if self._driving and self._waiting is not None:
            self._waiting.cancel()
        elif self._driving and self._exchange is not None:
            self._exchange.interrupt()

    async def _go_on(self) -> Sequence[StreamingChunk] | None:
        """Do what the flow asks for next, and return what it delivers."""
        try:
            effect = self._flow.send(self._outcome)
        except StopIteration as stop:
            self._result = stop.value
            self._over = True
            return None
        self._outcome = None if isinstance(effect, effects.Deliver) else await self._perform(effect)
        return effect.chunks if isinstance(effect, effects.Deliver) else None

    async def _perform(self, effect: effects.Effect[Any]) -> Any:
        if isinstance(effect, effects.Pump):
            self._reader = effect.reader
            return None
        if isinstance(effect, effects.Read):
            return await self._next_bytes(effect.timeout)  # ended by interrupt(), not by cancellation
        if isinstance(effect, effects.FileEffect):
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

    async def _open(self, effect: effects.Open) -> effects.Opened | effects.Failure:
        try:
            self._exchange = self._owner.get().exchange(request_of(effect))
            return opened(await self._exchange.open(limits_of(effect)))
        except HttpError as error:
            return failure_of(error)

    async def _next_bytes(self, timeout: float | None) -> bytes | effects.Failure:
        if self._exchange is None:
            return b""
        try:
            return await self._exchange.read(timeout)
        except HttpError as error:
            return failure_of(error)

    async def _close(self, effect: effects.Close | None = None) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            await exchange.aclose(is_whole=effect is not None and effect.is_whole)

    async def _sleep(self, effect: effects.Sleep) -> None:
        await anyio.sleep(effect.seconds)

    async def _wait(self, effect: effects.Wait) -> None:
        with anyio.move_on_after(effect.timeout):
            await effect.signal.wait()

    async def _pause(self, _: effects.Pause) -> None:
        await anyio.lowlevel.checkpoint()

    async def _compute(self, effect: effects.Compute[Any]) -> Any:
        with anyio.move_on_after(effect.timeout):
            # A limiter of its own: the threads of the loop's may all be busy with what waits for this.
            limiter = anyio.CapacityLimiter(1)
            try:
                return await anyio.to_thread.run_sync(
                    effect.work, abandon_on_cancel=effect.may_be_left, limiter=limiter
                )
            except RuntimeError:  # this process may start no more threads
                return effect.work()
        return effects.Failure(effects.FailureKind.TIMEOUT)

    async def _ask(self, effect: effects.Ask) -> Any:
        function = effect.ask if inspect.isroutine(effect.ask) else getattr(effect.ask, "func", effect.ask)
        is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
        try:
            with anyio.fail_after(effect.timeout):
                given = effect.ask() if is_async else (await self._in_thread(lambda: (effect.ask(),)))[0]
                return await given if inspect.isawaitable(given) else given
        except Exception as error:  # noqa: BLE001 - the user's: it is an outcome
            return error

    @staticmethod
    async def _in_thread(work: Callable[[], tuple[Any]]) -> tuple[Any]:
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1))

    async def _acquire(self, effect: effects.Acquire) -> None:
        await effect.lock.acquire()
        self._held.append(effect.lock)

    async def _release(self, effect: effects.Release) -> None:
        self._held.remove(effect.lock)
        effect.lock.release()

    # By class, not bound to the run: a run that referred to itself would keep the connection of a stream that was
    # dropped half-read until the garbage collector comes by.
    _EFFECTS: ClassVar[dict[type[effects.Effect[Any]], Callable[[Any, Any], Awaitable[Any]]]] = {
        effects.Open: _open,
        effects.Close: _close,
        effects.Sleep: _sleep,
        effects.Wait: _wait,
        effects.Pause: _pause,
        effects.Compute: _compute,
        effects.Ask: _ask,
        effects.Acquire: _acquire,
        effects.Release: _release,
    }
