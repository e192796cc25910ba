"""Deadlines that change while a body is being read."""

from __future__ import annotations

import socket
from contextlib import suppress
from math import inf
from typing import Any, Protocol, runtime_checkable

import httpx


@runtime_checkable
class LimitedReads(Protocol):
    """A connection whose reads can be limited one by one.

    ``read_limit`` is how many seconds each read may take from now on, infinity for no limit; None leaves the matter
    to the request's own timeout.
    """

    read_limit: float | None

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        ...


def limit_reads(response: httpx.Response, seconds: float | None) -> None:
    """Limit the next reads of an open response.

    An HTTP library takes one read timeout for a whole request. A stream has several deadlines, and what is left of
    each shrinks from read to read. Our own connections can be told; a foreign transport keeps the timeout that the
    request began with, and the flow notices a passed deadline when the next bytes arrive.

    Args:
        response: The open response.
        seconds: How long each read may take from now on; None: no limit.
    """
    _set_limit(response, inf if seconds is None else seconds)


def release_reads(response: httpx.Response) -> None:
    """Give the connection back as it was: it may serve other requests after this one."""
    _set_limit(response, None)


def interrupt_reads(response: httpx.Response) -> None:
    """End a read that another thread or task is waiting in: it gets the end of the connection.

    Args:
        response: The open response.
    """
    connection = response.extensions.get("network_stream")
    if isinstance(connection, LimitedReads):
        with suppress(OSError):  # it is closed already
            connection.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def effective_timeout(read_limit: float | None, timeout: float | None) -> float | None:
    """The timeout of one read, from the limit in force and the timeout of the request."""
    if read_limit is None:
        return timeout
    return None if read_limit == inf else read_limit


def _set_limit(response: httpx.Response, limit: float | None) -> None:
    connection = response.extensions.get("network_stream")
    # HTTP/2 shares a connection between requests, which must not set each other's limits.
    if isinstance(connection, LimitedReads) and response.http_version != "HTTP/2":
        connection.read_limit = limit
