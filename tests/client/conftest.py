"""Fixtures for tests of the clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ssl import SSLContext
from typing import Any

import pytest

from gpo_client.http.aio import pool as aio_pool
from gpo_client.http.sync import pool as sync_pool
from tests.support.wire import Answer, Received, WireServer

Serve = Callable[..., WireServer]
Connect = Callable[..., Any]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start scripted servers; each must have seen all its connections closed when the test is over."""
    with ExitStack() as running:

        def start(
            *script: Answer, then: Callable[[Received], Answer] | None = None, tls: SSLContext | None = None
        ) -> WireServer:
            server = running.enter_context(WireServer(*script, then=then, tls=tls))
            running.callback(server.wait_closed)
            return server

        yield start


@pytest.fixture
def short_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests with a body whose end never comes wait for it no second."""
    for pool in (aio_pool, sync_pool):
        monkeypatch.setattr(pool, "_LATE", 0.02)


@pytest.fixture
def connect_once(connect: Callable[..., Any]) -> Callable[..., Any]:
    """Like ``connect``, for a client that sends each request once."""
    from tests.support.wire import ONE_TRY

    return lambda **options: connect(**{**ONE_TRY, **options})
