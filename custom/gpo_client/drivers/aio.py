"""The asynchronous driver: does what flows ask for with ``await``, on asyncio or trio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import httpx

from gpo_client.drivers.failures import TRANSPORT_ERRORS, failure_of
from gpo_client.drivers.files import FileWriter
from gpo_client.drivers.requests import build_request, head_of
from gpo_client.flows.effects import (
    Close,
    Deliver,
    Effect,
    Failure,
    FileEffect,
    Flow,
    Open,
    Opened,
    Read,
)
from gpo_client.models.stream import StreamingChunk
from gpo_client.transports.limits import limit_reads, release_reads

T = TypeVar("T")


class AsyncRun(Generic[T]):
    """One flow being driven. It owns what the flow opens, and lets go of it however the flow ends.

    Args:
        http: The HTTP client to use.
        flow: The flow to drive.
    """

    def __init__(self, http: httpx.AsyncClient, flow: Flow[T]) -> None:
        self._http = http
        self._flow = flow
        self._outcome: Any = None
        self._response: httpx.Response | None = None
        self._body: AsyncIterator[bytes] = _no_bytes()
        self._files = FileWriter()
        self._result: T | None = None
        self._effects: dict[type[Effect[Any]], Callable[[Any], Awaitable[Any]]] = {
            Open: self._open,
            Read: self._read,
            Close: self._close,
        }

    async def finish(self) -> T:
        """Drive the flow to its end and return its result."""
        while await self.advance() is not None:
            pass
        return self._result  # type: ignore[return-value]

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """Drive the flow to its next delivery; None at its end."""
        try:
            while True:
                effect = self._flow.send(self._outcome)
                if isinstance(effect, Deliver):
                    self._outcome = None
                    return effect.chunks
                if isinstance(effect, FileEffect):
                    self._outcome = self._files.perform(effect)
                else:
                    self._outcome = await self._effects[type(effect)](effect)
        except StopIteration as stop:
            self._result = stop.value
            await self.aclose()
            return None
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Let go of everything. The flow, if it is not at its end, ends here."""
        self._flow.close()
        self._files.close()
        await self._close()

    async def _open(self, effect: Open) -> Opened | Failure:
        request = build_request(self._http, effect)
        try:
            self._response = await self._http.send(request, stream=True)
        except TRANSPORT_ERRORS as error:
            return failure_of(error)
        self._body = self._response.aiter_raw()
        return head_of(self._response)

    async def _read(self, effect: Read) -> bytes | Failure:
        if self._response is not None:
            limit_reads(self._response, effect.timeout)
        try:
            async for data in self._body:
                if data:  # empty pieces are no end: some transports have them
                    return data
        except TRANSPORT_ERRORS as error:
            return failure_of(error)
        return b""

    async def _close(self, effect: Close | None = None) -> None:  # noqa: ARG002 - effects are passed to all
        response, self._response = self._response, None
        if response is None:
            return
        release_reads(response)
        await response.aclose()
        # httpx reads a body through generators within generators. Left suspended they would be finished by the
        # garbage collector, with warnings; now that the connection is closed they end by themselves at once.
        try:
            async for _ in self._body:
                pass
        except TRANSPORT_ERRORS:
            pass


async def _no_bytes() -> AsyncIterator[bytes]:
    return
    yield b""
