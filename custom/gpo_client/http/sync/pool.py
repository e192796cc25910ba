# Derived from custom/gpo_client/http/aio/pool.py by `make sync`: edit that file, not this one.
"""The connections of one event loop: who may have one, which serves next, and how a new one comes about."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakSet

from gpo_client.http import errors
from gpo_client.http.network.blocking import SyncBackend
from gpo_client.http.network.sockets import SyncOpening
from gpo_client.http.options import Options, Origin
from gpo_client.http.places import Idle, SyncPlaces
from gpo_client.http.response import ResponseReader
from gpo_client.http.sync.connecting import connect_through

if TYPE_CHECKING:
    from gpo_client.http.network.blocking import SyncLine

# The end of an answer follows its last bytes in no time, if it is not with them already. Where it does not, it is
# waited for in the background; so many bytes may come with it.
_MOMENT, _LATE, _LATE_BYTES = 0.002, 1.0, 16384
_CLOSED = "it was closed before it was open"
_NAME = "gpo_client connections"


class SyncConnection:
    """A line, and the answer that it carries."""

    __slots__ = ("line", "origin", "reader")

    def __init__(self, line: SyncLine, origin: Origin) -> None:
        self.line = line
        self.origin = origin
        self.reader = ResponseReader()

    @property
    def is_fit(self) -> bool:
        """Whether it can serve again: its last answer is over, and nothing came after it."""
        return self.reader.is_reusable and self.line.is_quiet()

    def find_end(self, timeout: float) -> None:
        """Read the rest of an answer that nobody wants; raises ``HttpError`` unless it ends well and in time."""
        ends, size = time.monotonic() + timeout, 0
        while size <= _LATE_BYTES:
            size += len(self.reader.take() or b"")
            if self.reader.is_complete:
                return
            self.reader.feed(self.line.read(max(ends - time.monotonic(), 0.0)))


class SyncPool:
    """The connections of one event loop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        # Weak: one that nobody holds, as a signal came as it changed hands, is closed by its destructor.
        self._lines: WeakSet[SyncLine] = WeakSet()
        self._openings: set[SyncOpening] = set()
        self._idle: Idle[SyncConnection] = Idle(options.keep_idle)
        self.places = SyncPlaces(options.max_connections)
        self.runtime = SyncBackend()
        self.is_closed = False

    def take(self, origin: Origin) -> SyncConnection | None:
        """Return a connection that lay idle and is fit to serve; None: there is none."""
        while (found := self._idle.take(origin)) is not None:
            given, connection = found
            if time.monotonic() - given <= self._options.keep_idle and connection.is_fit:
                return connection
            self.drop(connection)
        return None

    def connect(self, origin: Origin, timeout: float | None, opening: SyncOpening) -> SyncConnection:
        """Return a new connection; raises ``ConnectFailed`` when it is given up, too."""
        self._openings.add(opening)
        try:
            if self.is_closed:  # looked at after that, as closing goes the other way round
                raise errors.ConnectFailed(_CLOSED)
            with opening:
                line = connect_through(origin, self._options, timeout, opening)
                self._lines.add(line)
                return SyncConnection(line, origin)
        finally:
            self._openings.discard(opening)
            if self.is_closed:
                _close(self._lines)
        raise errors.ConnectFailed(_CLOSED)

    def give_back(self, connection: SyncConnection) -> None:
        """Let a connection serve others, if it can."""
        if self.is_closed or not connection.reader.is_reusable:
            return self.drop(connection)
        stale = self._idle.give(connection.origin, connection, time.monotonic())
        if stale is not None:
            self.drop(stale)
        return None

    def give_back_late(self, connection: SyncConnection) -> None:
        """Let a connection serve others when the answer on it has come to its end, which nobody waits for."""
        if not self._give_back_at_end(connection, _MOMENT, is_last=False):
            self.runtime.spawn(partial(self._give_back_at_end, connection, _LATE), _NAME)

    def _give_back_at_end(self, connection: SyncConnection, timeout: float, is_last: bool = True) -> bool:
        try:
            connection.find_end(timeout)
        except BaseException as error:
            if isinstance(error, errors.ReadTimeout) and not is_last:
                return False
            self.drop(connection)
            if not isinstance(error, errors.HttpError):  # otherwise it has not ended well
                raise
        else:
            self.give_back(connection)
        return True

    def drop(self, connection: SyncConnection) -> None:
        """Close a connection."""
        self._lines.discard(connection.line)
        connection.line.close()
        connection.reader.close()

    def forget(self, connection: SyncConnection | None, place: list[None]) -> None:
        """Close the connection, if there is one, of an exchange that nobody holds any more, and free its place."""
        if connection is not None:
            self.drop(connection)
        self.places.leave(place)

    def close(self) -> None:
        """Close all connections, those in use too."""
        self.is_closed = True
        for opening in self._openings.copy():
            opening.cancel()
        _close(self._lines)
        self.places.add()  # who waits for one finds that out, and lets the next do so


def _close(lines: WeakSet[SyncLine]) -> None:
    with suppress(KeyError):  # the last one went of itself
        while lines:
            lines.pop().close()
