"""Read timeouts that change while a body is being read, and reads that are ended from elsewhere."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any, Self

import httpx

# What stands for "no limit" where a number is needed: three years.
_FOR_EVER = 1e8

# The end of a body follows its last bytes in no time, if it is not with them already.
MOMENT = 0.002


class ReadTimeout(float):
    """The read timeout of one request, in seconds, which can change from read to read.

    An HTTP library takes one read timeout for a whole request and hands it down to every read. A stream has several
    deadlines, and what is left of each shrinks. Our own connections look at ``current`` each time; a foreign
    transport sees the number that the request began with, and the flow notices a passed deadline when the next bytes
    arrive.

    It belongs to the request, not to the connection: that serves other requests as soon as the body has ended, before
    whoever read it knows.
    """

    __slots__ = ("current",)
    current: float | None

    def __new__(cls, seconds: float | None) -> Self:
        """A timeout; None: no limit."""
        self = super().__new__(cls, _FOR_EVER if seconds is None else seconds)
        self.current = seconds
        return self


def current_timeout(timeout: float | None) -> float | None:
    """What a read's timeout is at this moment."""
    return timeout.current if isinstance(timeout, ReadTimeout) else timeout


class OwnConnection:
    """A connection of our own making: it heeds ``ReadTimeout.current``, and its reads can be ended from elsewhere."""

    def interrupt_reads(self) -> None:
        """End a read that another thread or task is waiting in: it gets the end of the connection."""
        with suppress(OSError):  # it is closed already
            self.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        raise NotImplementedError


def own_connection(response: httpx.Response) -> OwnConnection | None:
    """The connection that an open response is read from, if it is our own and serves this response alone."""
    connection = response.extensions.get("network_stream")
    return connection if isinstance(connection, OwnConnection) and response.http_version != "HTTP/2" else None
