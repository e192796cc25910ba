"""HTTP/1.1 connections that hand out all the bytes of a read at once.

A server that sends each event in an HTTP chunk of its own fills one network read with many of them. httpcore passes
them on one by one, through half a dozen generators each; together they cost little more than one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import h11
import httpcore

from gpo_client.transports.limits import timeouts_of

_Event = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]


class Connection(httpcore.HTTP11Connection):
    """A blocking connection."""

    def _receive_response_body(self, request: httpcore.Request) -> Iterator[bytes]:
        # httpcore's own hook of this name; a test sees to it that it is called.
        timeout = timeouts_of(request)["read"]
        event: _Event = self._receive_event(timeout)
        while isinstance(event, h11.Data):
            drained, event, error = _drain(self._h11_state, event)
            yield drained
            if error is not None:
                raise httpcore.RemoteProtocolError(error) from error
            if event is h11.NEED_DATA:
                event = self._receive_event(timeout)


class AsyncConnection(httpcore.AsyncHTTP11Connection):
    """An asynchronous connection."""

    async def _receive_response_body(self, request: httpcore.Request) -> AsyncIterator[bytes]:
        timeout = timeouts_of(request)["read"]
        event: _Event = await self._receive_event(timeout)
        while isinstance(event, h11.Data):
            drained, event, error = _drain(self._h11_state, event)
            yield drained
            if error is not None:
                raise httpcore.RemoteProtocolError(error) from error
            if event is h11.NEED_DATA:
                event = await self._receive_event(timeout)


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
