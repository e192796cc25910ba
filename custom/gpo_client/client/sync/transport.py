# Derived from custom/gpo_client/client/aio/transport.py by `make sync`: edit that file, not this one.
"""The transport of a client: connections of our own, or a client of httpx or httpx2."""

from __future__ import annotations

from typing import Any

from gpo_client.client.connections import connection_options, library_client
from gpo_client.config import GPOConfig
from gpo_client.http.exchange import Request, SyncExchange, SyncTransport
from gpo_client.http.given import GivenSyncTransport, patched_library
from gpo_client.http.sync.exchange import PooledSyncTransport


def sync_transport(config: GPOConfig, given: Any = None) -> SyncTransport:
    """Return the transport that the settings ask for. It connects when it is used.

    Args:
        config: The client's settings.
        given: An HTTP client to use instead; it is not closed with the transport.

    Raises:
        ConfigurationError: The settings cannot be.
    """
    if given is not None:
        return GivenSyncTransport(given)
    if config.transport != "own":
        return GivenSyncTransport(library_client(config.transport, "Client", config), is_owned=True)
    return SyncDefaultTransport(config)


class SyncDefaultTransport:
    """Connections of our own; while a test mocks httpx or httpx2, a client of that library.

    Args:
        config: The client's settings.
    """

    def __init__(self, config: GPOConfig) -> None:
        self._config = config
        self.own = PooledSyncTransport(connection_options(config))
        self._mocked: dict[str, GivenSyncTransport] = {}

    def exchange(self, request: Request) -> SyncExchange:
        """Return an exchange, not open yet.

        Raises:
            TransportClosed: The transport has been closed.
        """
        library = patched_library()
        if library is None or self.own.is_closed:
            return self.own.exchange(request)
        if library not in self._mocked:
            client = library_client(library, "Client", self._config)
            self._mocked[library] = GivenSyncTransport(client, is_owned=True)
        return self._mocked[library].exchange(request)

    def close(self) -> None:
        """Close all connections."""
        self.own.close()
        while self._mocked:
            self._mocked.popitem()[1].close()
