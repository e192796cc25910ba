"""HTTP/1.1 connections that hand out all the bytes of a read at once.

A server that sends each event in an HTTP chunk of its own fills one network read with many of them. httpcore passes
them on one by one, through half a dozen generators each; together they cost little more than one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import h11
import httpcore

from gpo_client.transports.chunk_runs import ChunkRuns
from gpo_client.transports.limits import timeouts_of

_Head = tuple[bytes, int, bytes, list[tuple[bytes, bytes]], bytes]
_Event = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]


class Connection(httpcore.HTTP11Connection):
    """A blocking connection."""

    _chunk_runs: ChunkRuns | None = None

    def _receive_response_headers(self, request: httpcore.Request) -> _Head:
        head = super()._receive_response_headers(request)
        self._chunk_runs = _chunk_runs(head, self._h11_state)
        return head

    def _receive_response_body(self, request: httpcore.Request) -> Iterator[bytes]:
        # httpcore's own hooks of these names; a test sees to it that they are called.
        timeout = timeouts_of(request)["read"]
        event = self._after(_next_event(self._h11_state), timeout)
        while isinstance(event, h11.Data):
            drained, event, error = _drain(self._h11_state, event)
            yield drained
            if error is not None:
                raise httpcore.RemoteProtocolError(error) from error
            event = self._after(event, timeout)

    def _after(self, event: _Event, timeout: float | None) -> _Event:
        """The event itself, unless more data is needed for one."""
        while event is h11.NEED_DATA:
            data = self._network_stream.read(self.READ_NUM_BYTES, timeout=timeout)
            self._h11_state.receive_data(self._chunk_runs.joined(data) if self._chunk_runs else data)
            event = _next_event(self._h11_state)
        return event


class AsyncConnection(httpcore.AsyncHTTP11Connection):
    """An asynchronous connection."""

    _chunk_runs: ChunkRuns | None = None

    async def _receive_response_headers(self, request: httpcore.Request) -> _Head:
        head = await super()._receive_response_headers(request)
        self._chunk_runs = _chunk_runs(head, self._h11_state)
        return head

    async def _receive_response_body(self, request: httpcore.Request) -> AsyncIterator[bytes]:
        # httpcore's own hooks of these names; a test sees to it that they are called.
        timeout = timeouts_of(request)["read"]
        event = await self._after(_next_event(self._h11_state), timeout)
        while isinstance(event, h11.Data):
            drained, event, error = _drain(self._h11_state, event)
            yield drained
            if error is not None:
                raise httpcore.RemoteProtocolError(error) from error
            event = await self._after(event, timeout)

    async def _after(self, event: _Event, timeout: float | None) -> _Event:
        """The event itself, unless more data is needed for one."""
        while event is h11.NEED_DATA:
            data = await self._network_stream.read(self.READ_NUM_BYTES, timeout=timeout)
            self._h11_state.receive_data(self._chunk_runs.joined(data) if self._chunk_runs else data)
            event = _next_event(self._h11_state)
        return event


def _chunk_runs(head: _Head, state: h11.Connection) -> ChunkRuns | None:
    """What joins the chunks of a body; None when it does not come in chunks."""
    is_chunked = any(name.lower() == b"transfer-encoding" for name, _ in head[3])  # h11 knows no other coding
    return ChunkRuns(state.trailing_data[0]) if is_chunked else None


def _next_event(state: h11.Connection) -> _Event:
    try:
        return state.next_event()
    except h11.RemoteProtocolError as error:
        raise httpcore.RemoteProtocolError(error) from error


def _drain(state: h11.Connection, event: h11.Data) -> tuple[bytes, _Event, h11.RemoteProtocolError | None]:
    """The data of ``event`` and of those at hand after it, with the event that is no data, or the error, at its end."""
    pieces = [event.data]
    following: _Event = event
    try:
        while isinstance(following := state.next_event(), h11.Data):
            pieces.append(following.data)
    except h11.RemoteProtocolError as error:
        return b"".join(pieces), following, error
    return b"".join(pieces), following, None
