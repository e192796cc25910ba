"""Read timeouts that change while a body is being read, and reads that are ended from elsewhere."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypedDict, cast

if TYPE_CHECKING:
    import httpcore

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

    __slots__ = ("connection", "current", "ended", "until")
    #: Set anew, together with ``until``, for each wait of the flow.
    current: float | None
    #: None before the first read of a wait. Afterwards the moment at which its further reads must have brought
    #: something, once there is a second one; 0 until then, because hardly any wait needs one.
    until: float | None
    #: The connection that reads under this timeout; None before the first read, or when it is not our own.
    connection: OwnConnection | None
    #: Whether nobody wants to read any more.
    ended: bool

    def __new__(cls, seconds: float | None) -> Self:
        """A timeout; None: no limit."""
        self = super().__new__(cls, _FOR_EVER if seconds is None else seconds)
        self.current = seconds
        self.until = None
        self.connection = None
        self.ended = False
        return self

    def for_another_read(self) -> float | None:
        """The limit of a read that is not the first of its wait.

        A server that sends a byte now and then, of a head or of the size of a chunk, causes read after read that bring
        nothing to the flow. Together they get no more than twice the limit.

        Raises:
            httpcore.ReadTimeout: It has passed.
        """
        if self.current is None:
            return None
        now = time.monotonic()
        self.until = self.until or now + self.current
        if self.until <= now:
            import httpcore

            raise httpcore.ReadTimeout("a server that sends a little now and then")
        return self.until - now

    def end_reads(self) -> None:
        """From another thread or task: the read under way gets the end of the connection, and so does any later one."""
        self.ended = True  # first this, then that: a read begins the other way round, so one sees the other
        if self.connection is not None:
            self.connection.interrupt_reads()


class Timeouts(TypedDict):
    """What limits a request, in seconds; None: no limit."""

    connect: float | None
    read: float | None
    pool: float | None


def timeouts_of(request: httpcore.Request) -> Timeouts:
    """The limits that httpx has put on a request."""
    return cast("dict[str, Timeouts]", request.extensions)["timeout"]  # pyright: ignore[reportUnknownMemberType]


class OwnConnection:
    """A connection of our own making, whose reads heed ``ReadTimeout.current`` and can be ended from elsewhere."""

    def interrupt_reads(self) -> None:
        """End a read that another thread or task is waiting in: it gets the end of the connection."""
        with suppress(OSError):  # it is closed already
            self.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        raise NotImplementedError
