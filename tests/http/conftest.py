"""Fixtures for tests of the transports."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import trustme

from gpo_client.http.tls import tls_context
from tests.client.conftest import connect_once, serve
from tests.engine.conftest import free_port
from tests.support.proxy import ForwardProxy

__all__ = ["connect_once", "free_port", "serve"]


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    """A proxy on loopback."""
    with ForwardProxy() as running:
        yield running


@pytest.fixture
def https_proxy(server_tls: ssl.SSLContext) -> Iterator[ForwardProxy]:
    """A proxy that is reached by https."""
    with ForwardProxy(server_tls) as running:
        yield running


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the certificates of these tests."""
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate for its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def no_context_yet() -> Iterator[None]:
    """The process's TLS context is made anew, and forgotten after the test."""
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.fixture
def trusted(authority: trustme.CA, no_context_yet: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The authority is trusted, as an operator would have it: by the environment."""
    with authority.cert_pem.tempfile() as path:
        monkeypatch.setenv("SSL_CERT_FILE", path)
        yield


@pytest.fixture
def deaf_address() -> Iterator[tuple[str, int]]:
    """An address that takes no connection and refuses none: the queue of its listener is full."""
    with ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()
