"""HTTP/1.1 connections that send a request in one write, and hand out all the bytes of a read at once.

A server that sends each event in an HTTP chunk of its own fills one network read with many of them. httpcore passes
them on one by one, through half a dozen generators each; together they cost little more than one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import cast

import h11
import httpcore

from gpo_client.transports.incoming import Event, Incoming
from gpo_client.transports.limits import timeouts_of

_Whole = h11.Event | type[h11.PAUSED]
_Head = tuple[bytes, int, bytes, list[tuple[bytes, bytes]], bytes]


class Connection(httpcore.HTTP11Connection):
    """A blocking connection."""

    def __init__(self, origin: httpcore.Origin, stream: httpcore.NetworkStream, keepalive_expiry: float) -> None:
        super().__init__(origin, stream, keepalive_expiry)
        self._incoming = Incoming(self._h11_state)
        self._unsent = b""

    # httpcore's own hooks of these names; a test sees to it that they are called.

    def _send_event(self, event: h11.Event, timeout: float | None = None) -> None:
        """The head of a request waits for the body, or its first piece: every write wakes the server."""
        self._unsent += self._h11_state.send(event) or b""
        if not isinstance(event, h11.Request):
            unsent, self._unsent = self._unsent, b""
            if unsent:
                self._network_stream.write(unsent, timeout)

    def _receive_response_headers(self, request: httpcore.Request) -> _Head:
        self._incoming.begin_head()
        head = super()._receive_response_headers(request)
        self._incoming.begin_body(head[3])
        return head

    def _receive_response_body(self, request: httpcore.Request) -> Iterator[bytes]:
        timeout = timeouts_of(request)["read"]
        event = self._after(self._incoming.next_event(), timeout)
        while isinstance(event, h11.Data):
            drained, event, error = self._incoming.drain(event)
            yield drained
            if error is not None:
                raise httpcore.RemoteProtocolError(error) from error  # one that this frame does not hold
            event = self._after(event, timeout)

    def _receive_event(self, timeout: float | None = None) -> _Whole:
        return cast("_Whole", self._after(self._incoming.next_event(), timeout))

    def _after(self, event: Event, timeout: float | None) -> Event:
        """The event itself, unless more data is needed for one."""
        while event is h11.NEED_DATA:
            data = self._network_stream.read(self.READ_NUM_BYTES, timeout)
            if not data and self._h11_state.their_state is h11.SEND_RESPONSE:
                raise httpcore.RemoteProtocolError("Server disconnected without sending a response.")
            self._incoming.receive(data)
            event = self._incoming.next_event()
        return event


class AsyncConnection(httpcore.AsyncHTTP11Connection):
    """An asynchronous connection."""

    def __init__(self, origin: httpcore.Origin, stream: httpcore.AsyncNetworkStream, keepalive_expiry: float) -> None:
        super().__init__(origin, stream, keepalive_expiry)
        self._incoming = Incoming(self._h11_state)
        self._unsent = b""

    # httpcore's own hooks of these names; a test sees to it that they are called.

    async def _send_event(self, event: h11.Event, timeout: float | None = None) -> None:
        """The head of a request waits for the body, or its first piece: every write wakes the server."""
        self._unsent += self._h11_state.send(event) or b""
        if not isinstance(event, h11.Request):
            unsent, self._unsent = self._unsent, b""
            if unsent:
                await self._network_stream.write(unsent, timeout)

    async def _receive_response_headers(self, request: httpcore.Request) -> _Head:
        self._incoming.begin_head()
        head = await super()._receive_response_headers(request)
        self._incoming.begin_body(head[3])
        return head

    async def _receive_response_body(self, request: httpcore.Request) -> AsyncIterator[bytes]:
        timeout = timeouts_of(request)["read"]
        event = await self._after(self._incoming.next_event(), timeout)
        while isinstance(event, h11.Data):
            drained, event, error = self._incoming.drain(event)
            yield drained
            if error is not None:
                raise httpcore.RemoteProtocolError(error) from error  # one that this frame does not hold
            event = await self._after(event, timeout)

    async def _receive_event(self, timeout: float | None = None) -> _Whole:
        return cast("_Whole", await self._after(self._incoming.next_event(), timeout))

    async def _after(self, event: Event, timeout: float | None) -> Event:
        """The event itself, unless more data is needed for one."""
        while event is h11.NEED_DATA:
            data = await self._network_stream.read(self.READ_NUM_BYTES, timeout)
            if not data and self._h11_state.their_state is h11.SEND_RESPONSE:
                raise httpcore.RemoteProtocolError("Server disconnected without sending a response.")
            self._incoming.receive(data)
            event = self._incoming.next_event()
        return event
