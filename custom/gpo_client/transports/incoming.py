"""Bytes of answers on their way from the network to h11.

The read that brings a head often brings the beginning of the body too: all of it, when the server was quicker. h11 is
given the head alone at first, because only the head tells whether the rest comes in chunks that are to be joined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import h11
import httpcore

from gpo_client.transports.chunk_runs import ChunkRuns

Event = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]

# The end of a head, as h11 looks for it. One that two reads have cut in two is not found here: h11 gets the beginning
# of the body with it, and takes its chunks one by one.
_END_OF_HEAD = re.compile(rb"\n\r?\n")


class Incoming:
    """What the network brings on one connection.

    Args:
        state: The connection's protocol state.
    """

    def __init__(self, state: h11.Connection) -> None:
        self._state = state
        self._in_head = True
        self._rest = b""  # what came with a head, as long as it is not known what it is
        self._chunk_runs: ChunkRuns | None = None

    def begin_head(self) -> None:
        """A request has been sent: what comes next is the head of its answer."""
        self._in_head, self._chunk_runs = True, None

    def begin_body(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """The head has come: what comes next is the body."""
        is_chunked = any(name.lower() == b"transfer-encoding" for name, _ in headers)  # h11 knows no other coding
        self._in_head, self._chunk_runs = False, ChunkRuns(self._state.trailing_data[0]) if is_chunked else None
        self._receive_rest()

    def receive(self, data: bytes) -> None:
        """Take what a read has brought; nothing is the end of the connection."""
        if self._chunk_runs is not None:
            data = self._chunk_runs.joined(data)
        elif self._in_head and (found := _END_OF_HEAD.search(data)):
            data, self._rest = data[: found.end()], data[found.end() :]
        self._state.receive_data(data)

    def next_event(self) -> Event:
        """The next event, or ``NEED_DATA``.

        Raises:
            httpcore.RemoteProtocolError: The bytes are no HTTP.
        """
        try:
            while (event := self._state.next_event()) is h11.NEED_DATA and self._rest:
                self._receive_rest()  # that was not the whole head, or one before it (103 Early Hints)
        except h11.RemoteProtocolError as error:
            raise httpcore.RemoteProtocolError(error) from error
        return event

    def drain(self, event: h11.Data) -> tuple[bytes, Event, httpcore.RemoteProtocolError | None]:
        """The data of ``event`` and of those at hand after it, and how they end.

        Returns:
            The data, the first event that is none, and the error if what follows is no HTTP: it comes with the data,
            which is to be handed out first.
        """
        pieces = [event.data]
        following: Event = event
        try:
            while isinstance(following := self.next_event(), h11.Data):
                pieces.append(following.data)
        except httpcore.RemoteProtocolError as error:
            return b"".join(pieces), following, error
        return b"".join(pieces), following, None

    def _receive_rest(self) -> None:
        rest, self._rest = self._rest, b""
        if rest:  # nothing would be the end of the connection
            self.receive(rest)
