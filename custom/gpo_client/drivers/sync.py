"""The blocking driver: does what flows ask for, in the thread that asks."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Sequence
from itertools import compress, repeat
from operator import methodcaller
from typing import Any, ClassVar, Generic, TypeVar

from gpo_client.drivers.files import FileWriter
from gpo_client.drivers.requests import Owner, client_closed, failure_of, limits_of, opened, request_of
from gpo_client.flows import effects
from gpo_client.http.errors import HttpError
from gpo_client.http.sync import SyncExchange, SyncTransport
from gpo_client.models.stream import StreamingChunk

T = TypeVar("T")

_RELEASE = methodcaller("release")


class SyncRun(Generic[T]):
    """One flow being driven. It owns what the flow opens, and lets go of it however the flow ends.

    Its owner has the transport to use, and stops it when that is closed.
    """

    def __init__(self, owner: Owner[SyncTransport], flow: effects.Flow[T]) -> None:
        self._owner = owner
        self._flow = flow
        self._outcome: Any = None
        self._exchange: SyncExchange | None = None
        self._reader: effects.Reader | None = None
        self._files = FileWriter()
        self._held: list[Any] = []
        self._signal: threading.Event | None = None
        self._result: T | None = None
        self._is_over = False
        self._over = threading.Event()
        self._is_stopped = False
        self._driving = threading.Lock()
        owner.note(self)

    def finish(self) -> T:
        """Drive the flow to its end and return its result."""
        while self.advance() is not None:
            pass
        return self._result  # type: ignore[return-value]

    def advance(self) -> Sequence[StreamingChunk] | None:
        """Drive the flow to its next delivery; None at its end, also when it was closed from elsewhere. Raises
        UsageError: the client has been closed.
        """
        try:
            with self._driving:
                while not self._is_over:
                    if (reader := self._reader) is None:
                        if (chunks := self._go_on()) is not None:
                            return chunks
                    elif (wait := reader.wait()) == 0:
                        self._reader = None  # it wants no more reads
                    else:
                        # As _next_bytes does, without a call: each chunk comes here. What was read stays in no
                        # variable, which tracebacks would show: a server may have sent a token back.
                        try:
                            chunks = reader.feed(self._exchange.read(wait) if self._exchange is not None else b"")
                        except HttpError as error:
                            chunks = reader.feed(failure_of(error))
                        if chunks:
                            return chunks
        except BaseException:
            self._end()
            raise
        finally:
            if self._is_over:
                self._let_go()
        if self._is_stopped:
            raise client_closed()
        return None

    def close(self) -> None:
        """Let go of everything. A thread that is driving the flow is woken, and does so itself."""
        self._wake()
        self._let_go()

    def stop(self) -> None:
        """End the flow, asked from any thread, as its client is closed: whoever drives it is told so."""
        if not self._is_over and self._reader is None:  # a read ends with its connection
            self._is_stopped = True
            self._wake()

    def _wake(self) -> None:
        self._end()
        if (signal := self._signal) is not None:
            signal.set()
        if self._driving.locked() and (exchange := self._exchange) is not None:
            exchange.interrupt()

    def _end(self) -> None:
        self._is_over = True  # which each chunk looks at: it costs less than to ask the event
        self._over.set()

    def _go_on(self) -> Sequence[StreamingChunk] | None:
        """Do what the flow asks for next, and return what it delivers."""
        try:
            effect = self._flow.send(self._outcome)
        except StopIteration as stop:
            self._result = stop.value
            self._end()
            return None
        self._outcome = None if isinstance(effect, effects.Deliver) else self._perform(effect)
        return effect.chunks if isinstance(effect, effects.Deliver) else None

    def _perform(self, effect: effects.Effect[Any]) -> Any:
        if isinstance(effect, effects.Pump):
            self._reader = effect.reader
            return None
        if isinstance(effect, effects.Read):
            return self._next_bytes(effect.timeout)
        if isinstance(effect, effects.FileEffect):
            return self._files.perform(effect)
        return self._EFFECTS[type(effect)](self, effect)

    def _let_go(self) -> bool:
        """Let go of everything, unless a thread is driving the flow: that will do it."""
        if not self._driving.acquire(blocking=False):
            return False
        try:
            self._flow.close()
        finally:
            try:
                self._files.close()
                self._close()
            finally:
                any(map(_RELEASE, map(self._held.pop, repeat(-1, len(self._held)))))
                self._driving.release()
        return True

    def _open(self, effect: effects.Open) -> effects.Opened | effects.Failure:
        try:
            self._exchange = self._owner.get().exchange(request_of(effect))
            if self._is_over:
                self._exchange.interrupt()  # closed a moment ago, while there was nothing to end yet
            return opened(self._exchange.open(limits_of(effect)))
        except HttpError as error:
            return failure_of(error)

    def _next_bytes(self, timeout: float | None) -> bytes | effects.Failure:
        if self._exchange is None:
            return b""
        try:
            return self._exchange.read(timeout)
        except HttpError as error:
            return failure_of(error)

    def _close(self, effect: effects.Close | None = None) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.close(is_whole=effect is not None and effect.is_whole)

    def _sleep(self, effect: effects.Sleep) -> None:
        self._over.wait(effect.seconds)

    def _wait(self, effect: effects.Wait) -> None:
        self._signal = effect.signal
        if not self._is_over:  # else it may have been closed before there was a signal to set
            effect.signal.wait(effect.timeout)
        self._signal = None

    def _pause(self, _: effects.Pause) -> None:
        pass  # other threads have their turns anyway

    def _compute(self, effect: effects.Compute[Any]) -> Any:
        return effect.work()

    def _ask(self, effect: effects.Ask) -> Any:
        try:
            given = effect.ask()
        except Exception as error:  # noqa: BLE001 - the user's: it is an outcome
            return error
        if not inspect.isawaitable(given):
            return given
        if inspect.iscoroutine(given):
            given.close()  # or it would warn that nobody has awaited it
        return TypeError("it is asynchronous, which GPOCoreClient waits for; SyncGPOCoreClient needs a blocking one")

    def _acquire(self, effect: effects.Acquire) -> None:
        # C code alone takes it and notes it: a signal may raise between any two bytecodes, and nobody would release it.
        self._held.extend(compress((effect.lock,), map(effect.lock.acquire, (True,))))

    def _release(self, effect: effects.Release) -> None:
        any(map(_RELEASE, map(self._held.pop, (self._held.index(effect.lock),))))

    # By class, not bound to the run: a run that referred to itself would keep the connection of a stream that was
    # dropped half-read until the garbage collector comes by.
    _EFFECTS: ClassVar[dict[type[effects.Effect[Any]], Callable[[Any, Any], Any]]] = {
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
