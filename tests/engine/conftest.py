"""Fixtures for tests of the runtime."""

from __future__ import annotations

import socket

import pytest

from tests.client.conftest import serve, short_goodbye

__all__ = ["serve", "short_goodbye"]


@pytest.fixture
def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
