"""The port: what a driver may ask of one exchange, a request and its answer; and of a client that the user gives.

A transport gives exchanges: ``exchange`` has ours, ``given`` those over a client of the user's. An exchange is opened
once, read until ``b""``, and closed. Every wait is told how long it may take; ``errors`` has what can go wrong::

    exchange = transport.exchange(request)
    head = await exchange.open(limits)
    while data := await exchange.read(timeout):
        ...
    await exchange.aclose()

The folder ``sync`` beside this one is derived from it by ``make sync``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gpo_client.http.options import Limits
    from gpo_client.http.request import Request
    from gpo_client.http.response import Head


class AsyncExchange(Protocol):
    """One exchange. One that is dropped gives its connection up."""

    async def open(self, limits: Limits) -> Head:
        """Send the request and wait for the head of the answer. Raises HttpError if there is none."""
        ...

    async def read(self, timeout: float | None) -> bytes:
        """Return the next bytes of the body, all that are at hand; ``b""`` at its end; HttpError if it broke off.

        A server that dribbles bytes of no body gets twice the ``timeout`` (seconds).
        """
        ...

    def interrupt(self) -> None:
        """From another task: the read under way ends, and so does any later one."""

    async def aclose(self, *, is_whole: bool = False) -> None:
        """Let go of the connection, in no time: it is kept if the answer was read to its end, else closed.

        ``is_whole`` says that nothing is missing but the end of the framing. It is waited for where nobody waits.
        """


class AsyncTransport(Protocol):
    """Gives exchanges to a client."""

    def exchange(self, request: Request) -> AsyncExchange:
        """Return an exchange, not open yet. Raises TransportClosed if the transport has been closed."""
        ...

    async def aclose(self) -> None:
        """Close all connections, those in use too."""


class AsyncHttpClient(Protocol):
    """A ``httpx.AsyncClient``, or a ``httpx2.AsyncClient``."""

    @property
    def is_closed(self) -> bool:
        """Whether it has been closed."""
        ...

    async def aclose(self) -> None:
        """Close it."""
