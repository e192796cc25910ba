"""The port: what a driver may ask of one exchange, a request and its answer, and what can go wrong with it.

A transport gives exchanges; ``aio`` and ``sync`` have ours, ``given`` those over a client of the user's. An exchange is
opened once, read until ``b""``, and closed. Every wait is told how long it may take. On asyncio and trio ``open`` and
``read`` are awaited, and ``aclose``, which takes no time::

    exchange = transport.exchange(request)
    head = exchange.open(limits)
    while data := exchange.read(timeout):
        ...
    exchange.close()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

import attrs

if TYPE_CHECKING:
    from gpo_client.http.options import Address


@attrs.frozen
class Request:
    """What to send. Neither the header fields nor the body are in ``repr``: they hold what is nobody else's business.

    Attributes:
        method: ``GET``, ``POST`` …
        address: Where to.
        headers: Header fields, but for those that frame the message: they are added where they are missing.
        body: The body; empty for none.
        is_repeatable: Whether it may go out again when a connection that lay idle turns out dead (RFC 9112 §9.3.1).
        on_progress: Called as the body goes out, piece by piece, with the bytes so far and how many there are. What it
            raises ends the exchange.
    """

    method: str
    address: Address
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    is_repeatable: bool = False
    on_progress: Callable[[int, int], object] | None = attrs.field(default=None, repr=False)


class Limits(NamedTuple):
    """How long the steps to the head of an answer may take, in seconds; None: without limit.

    Attributes:
        connect: To connect, TLS and proxies included.
        pool: To wait for a place among the connections.
        head: To wait for the head.
    """

    connect: float | None
    pool: float | None
    head: float | None


class Head(NamedTuple):
    """The head of an answer.

    Attributes:
        status: The status.
        fields: The header fields as they came, names in lower case.
        version: The version of HTTP, such as ``"1.1"``.
    """

    status: int
    fields: tuple[tuple[str, str], ...]
    version: str = "1.1"

    @property
    def headers(self) -> dict[str, str]:
        """The fields by name; several of one name are one list (RFC 9110 §5.3)."""
        headers: dict[str, str] = {}
        for name, value in self.fields:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return headers


class SyncExchange(Protocol):
    """One blocking exchange. One that is dropped gives its connection up."""

    def open(self, limits: Limits) -> Head:
        """Send the request and wait for the head of the answer.

        Raises:
            HttpError: There is none.
        """
        ...

    def read(self, timeout: float | None) -> bytes:
        """Return the next bytes of the body, all that are at hand; ``b""`` at its end.

        Args:
            timeout: Seconds to wait for them. A server that dribbles bytes of no body gets twice that.

        Raises:
            HttpError: There are none.
        """
        ...

    def interrupt(self) -> None:
        """From another thread or task: the read under way ends, and so does any later one."""

    def close(self, *, is_whole: bool = False) -> None:
        """Let go of the connection: it is kept if the answer was read to its end, else closed.

        Args:
            is_whole: Whether nothing is missing but the end of the framing. It is waited for where nobody waits.
        """


class AsyncExchange(Protocol):
    """The same on an event loop."""

    async def open(self, limits: Limits) -> Head:
        """As in :class:`SyncExchange`."""
        ...

    async def read(self, timeout: float | None) -> bytes:
        """As in :class:`SyncExchange`."""
        ...

    def interrupt(self) -> None:
        """As in :class:`SyncExchange`."""

    async def aclose(self, *, is_whole: bool = False) -> None:
        """As in :class:`SyncExchange`."""


class SyncTransport(Protocol):
    """Gives exchanges to a blocking client."""

    def exchange(self, request: Request) -> SyncExchange:
        """Return an exchange, not open yet.

        Raises:
            TransportClosed: The transport has been closed.
        """
        ...

    def close(self) -> None:
        """Close all connections, those in use too."""


class AsyncTransport(Protocol):
    """The same on event loops."""

    def exchange(self, request: Request) -> AsyncExchange:
        """As in :class:`SyncTransport`."""
        ...

    async def aclose(self) -> None:
        """As in :class:`SyncTransport`."""
