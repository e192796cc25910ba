"""The transport of a client: connections of our own, or a client of httpx or httpx2."""

from __future__ import annotations

from typing import Any

from gpo_client.client.connections import connection_options, library_client
from gpo_client.config import GPOConfig
from gpo_client.http.aio.exchange import PooledAsyncTransport
from gpo_client.http.exchange import AsyncExchange, AsyncTransport, Request
from gpo_client.http.given import GivenAsyncTransport, patched_library


def async_transport(config: GPOConfig, given: Any = None) -> AsyncTransport:
    """Return the transport that the settings ask for. It connects when it is used.

    Args:
        config: The client's settings.
        given: An HTTP client to use instead; it is not closed with the transport.

    Raises:
        ConfigurationError: The settings cannot be.
    """
    if given is not None:
        return GivenAsyncTransport(given)
    if config.transport != "own":
        return GivenAsyncTransport(library_client(config.transport, "AsyncClient", config), is_owned=True)
    return AsyncDefaultTransport(config)


class AsyncDefaultTransport:
    """Connections of our own; while a test mocks httpx or httpx2, a client of that library.

    Args:
        config: The client's settings.
    """

    def __init__(self, config: GPOConfig) -> None:
        self._config = config
        self.own = PooledAsyncTransport(connection_options(config))
        self._mocked: dict[str, GivenAsyncTransport] = {}

    def exchange(self, request: Request) -> AsyncExchange:
        """Return an exchange, not open yet.

        Raises:
            TransportClosed: The transport has been closed.
        """
        library = patched_library()
        if library is None or self.own.is_closed:
            return self.own.exchange(request)
        if library not in self._mocked:
            client = library_client(library, "AsyncClient", self._config)
            self._mocked[library] = GivenAsyncTransport(client, is_owned=True)
        return self._mocked[library].exchange(request)

    async def aclose(self) -> None:
        """Close all connections."""
        await self.own.aclose()
        while self._mocked:
            await self._mocked.popitem()[1].aclose()
