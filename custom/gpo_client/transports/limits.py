"""Deadlines that change while a body is being read."""

from __future__ import annotations

import socket
from contextlib import suppress
from math import inf
from typing import Any

import httpx

# The end of a body follows its last bytes in no time, if it is not with them already.
_MOMENT_SECONDS = 0.002


class LimitedReads:
    """A connection whose reads can be limited one by one, and ended from elsewhere.

    An HTTP library takes one read timeout for a whole request. A stream has several deadlines, and what is left of
    each shrinks from read to read.

    ``read_limit`` is how many seconds each read may take from now on, infinity for no limit; None leaves the matter
    to the request's own timeout.
    """

    read_limit: float | None = None

    def limit_reads(self, seconds: float | None) -> None:
        """Let each read take that long from now on; None: no limit."""
        self.read_limit = inf if seconds is None else seconds

    def limit_to_a_moment(self) -> bool:
        """Let the next read take what is at hand, or next to nothing; False if that cannot be done."""
        self.read_limit = _MOMENT_SECONDS
        return True

    def release_reads(self) -> None:
        """Give the connection back as it was: it may serve other requests after this one."""
        self.read_limit = None

    def interrupt_reads(self) -> None:
        """End a read that another thread or task is waiting in: it gets the end of the connection."""
        with suppress(OSError):  # it is closed already
            self.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        raise NotImplementedError

    def effective_timeout(self, timeout: float | None) -> float | None:
        """The timeout of one read, from the limit in force and the timeout of the request."""
        if self.read_limit is None:
            return timeout
        return None if self.read_limit == inf else self.read_limit


class ForeignReads(LimitedReads):
    """Stands in for the connection of a foreign transport.

    That keeps the timeout which the request began with, and the flow notices a passed deadline when the next bytes
    arrive.
    """

    def limit_to_a_moment(self) -> bool:
        """It cannot be done."""
        return False

    def interrupt_reads(self) -> None:
        """It cannot be done; the read ends when bytes arrive or its timeout passes."""


def connection_of(response: httpx.Response) -> LimitedReads:
    """The connection that an open response is read from."""
    connection = response.extensions.get("network_stream")
    # HTTP/2 shares a connection between requests, which must not set each other's limits.
    shared = response.http_version == "HTTP/2"
    return connection if isinstance(connection, LimitedReads) and not shared else ForeignReads()
