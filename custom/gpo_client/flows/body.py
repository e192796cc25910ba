"""Reading a body: decompressed, within its bounds."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from gpo_client.flows.deadlines import Deadline
from gpo_client.flows.effects import Failure, FailureKind, Flow, Opened, Pause, Read
from gpo_client.sse.compression import inflater

# So much is decompressed without a pause for others, if no read has been one.
_BYTES_A_TURN = 64 * 1024


class Body:
    """The body of an open response.

    Raises:
        ValueError: It is encoded in a way that was not asked for.
    """

    def __init__(self, head: Opened) -> None:
        self._inflater = inflater(head.headers.get("content-encoding", ""))
        #: Whether the bytes on the wire are the body itself, so that there is nothing to decompress.
        self.is_plain = self._inflater is None
        self._since_pause = 0

    def read(self, timeout: float | None) -> Flow[bytes | Failure | None]:
        """Read the next bytes, in portions of bounded size; ``b""`` at the end; None when nothing can be told yet.

        Raises:
            InflationError: The compressed bytes grow as no honest ones do.
            ValueError: The compressed bytes are damaged.
        """
        if self._inflater is None:
            return (yield from Read(timeout))
        if self._since_pause >= _BYTES_A_TURN:
            self._since_pause = 0
            yield from Pause()
        if (portion := self._take()) != b"":
            return portion
        # One read at a time: whoever reads has deadlines to look after, and compressed nothings may come for ever.
        data = yield from Read(timeout)
        if isinstance(data, Failure):
            return data
        if not data:
            return b"" if self._inflater.finished else Failure(FailureKind.CUT)
        self._inflater.feed(data)
        return self._take() or None

    def _take(self) -> bytes | None:
        portion = self._inflater.take() if self._inflater is not None else b""
        self._since_pause += _BYTES_A_TURN if portion is None else len(portion)
        return portion


@attrs.frozen
class TooLong:
    """A body went over its limit."""

    limit: int


def read_whole(
    body: Body, limit: int, deadline: Deadline, on_bytes: Callable[[int], None] | None = None
) -> Flow[bytes | Failure | TooLong]:
    """Return the whole body, if it is no longer than ``limit`` bytes and there before ``deadline``.

    Args:
        body: The body to read.
        limit: The most bytes that it may have.
        deadline: When it must be there.
        on_bytes: Called with the number of bytes so far, each time that there are more.
    """
    whole = bytearray()
    while len(whole) <= limit:
        if deadline.expired:
            return Failure(FailureKind.TIMEOUT)
        data = yield from body.read(deadline.remaining)
        if isinstance(data, Failure):
            return data
        if data == b"":
            return bytes(whole)
        whole += data or b""
        if data and on_bytes is not None:
            on_bytes(len(whole))
    return TooLong(limit)
