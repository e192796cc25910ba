"""What does not let a client through, named: with its remedy, and tried again only where that may help."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from gpo_client import APIStatusError, GPOConnectionError
from tests.company.conftest import Network
from tests.support.programs import free_ports
from tests.support.question import CONTEXT, QUESTION

Connect = Callable[..., Any]


async def _error(connect: Connect, **settings: Any) -> Any:
    async with connect(**settings, retry_backoff_factor=0.0) as client:
        with pytest.raises((GPOConnectionError, APIStatusError)) as caught:
            await client.chat(CONTEXT, QUESTION)
        with pytest.raises((GPOConnectionError, APIStatusError)):
            await client.chat_stream(CONTEXT, QUESTION).collect()
    assert "sandbox" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("through", [None, "http", "socks5h"])
async def test_unknown_authority(
    through: str | None, connect: Connect, network: Network, http_proxy: int, socks_proxy: int
) -> None:
    """The certificate is named, and what makes its authority known; it is not tried again."""
    port = {"http": http_proxy, "socks5h": socks_proxy}.get(through or "", 0)
    proxy = f"{through}://ana:pa.ss@127.0.0.1:{port}" if through else None
    error = await _error(connect, base_url=network.url("tls"), proxy=proxy)
    assert re.search(
        r"TLS handshake failed \(.*certificate verify failed: .*; the certificate is of O=trustme.*, issued by"
        r" O=Example Company, OU=.*, valid from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\)",
        str(error),
    )
    assert "name that in ca_bundle (GPO_API_CA_BUNDLE, or SSL_CERT_FILE)" in str(error)
    assert error.attempts == 1


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ("expired", r"has expired.*valid from .* to .*\); is the clock of this machine right\?"),
        ("elsewhere", r"mismatch.*CN=gpo\.example\.com, .*base_url \(GPO_API_BASE_URL\) must name the host"),
    ],
)
async def test_certificate_that_is_not_valid(server: str, told: str, connect: Connect, network: Network) -> None:
    """An authority alone is not enough."""
    error = await _error(connect, base_url=network.url(server), ca_bundle=network.file("ca.pem"))
    assert re.search(told, str(error))
    assert error.attempts == 1


@pytest.mark.parametrize("shown", [None, "stranger.pem"])
async def test_gateway_that_wants_a_certificate(shown: str | None, connect: Connect, network: Network) -> None:
    """nginx says so with a status."""
    settings = {"client_cert": network.file(shown)} if shown else {}
    error = await _error(connect, base_url=network.url("mutual"), ca_bundle=network.file("ca.pem"), **settings)
    assert "wants a certificate of yours, or another one: set client_cert and client_key" in str(error)
    assert error.attempts == 1


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_server_that_wants_a_certificate(version: ssl.TLSVersion, connect: Connect, network: Network) -> None:
    """Others end the handshake, and with TLS 1.3 the connection after it."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(network.file("server.pem"))
    tls.load_verify_locations(network.file("ca.pem"))
    tls.verify_mode, tls.maximum_version = ssl.CERT_REQUIRED, version
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_shake_hands, args=(listener, tls, 2))
        server.start()
        base_url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        error = await _error(connect, base_url=base_url, ca_bundle=network.file("ca.pem"))
        server.join()
    assert "TLS handshake failed" in str(error)
    assert "the server wants a certificate of yours, or another one: set client_cert" in str(error)
    assert error.attempts == 1


def _shake_hands(listener: socket.socket, tls: ssl.SSLContext, times: int) -> None:
    for _ in range(times):
        peer, _ = listener.accept()
        # The descriptor stays open until the client has hung up: a reset could overtake the alert.
        with peer, socket.socket(fileno=os.dup(peer.fileno())) as rest, suppress(OSError):
            with suppress(ssl.SSLError):
                tls.wrap_socket(peer, server_side=True)
            while rest.recv(65536):
                pass


@pytest.mark.parametrize("server", ["plain", "tls"])
async def test_proxy_that_wants_to_know_who_asks(
    server: str, connect: Connect, network: Network, http_proxy: int
) -> None:
    """Named as the proxy's, not the service's; its password is told nowhere, and it is not tried again."""
    # In the clear, tinyproxy's answer to a wrong password could be the service's.
    for who in ("", "ana:wr0ng-s3cr3t@") if server == "tls" else ("",):
        proxy = f"http://{who}127.0.0.1:{http_proxy}"
        error = await _error(connect, base_url=network.url(server), proxy=proxy, ca_bundle=network.file("ca.pem"))
        assert re.search(r"407 Proxy|it answers 40[17]\b", str(error))
        assert "put its name and password into the address of the proxy" in str(error)
        assert "s3cr3t" not in f"{error!r} {error}"
        assert error.attempts == 1


async def test_socks_proxy_that_wants_to_know_who_asks(connect: Connect, network: Network, socks_proxy: int) -> None:
    """The same."""
    for who in ("", "ana:wr0ng-s3cr3t@"):
        error = await _error(connect, base_url=network.url("plain"), proxy=f"socks5h://{who}127.0.0.1:{socks_proxy}")
        assert "the proxy does not let the connection through" in str(error)
        assert "put its name and password into the address of the proxy" in str(error)
        assert error.attempts == 1


@pytest.mark.parametrize("kind", ["http", "socks5", "socks5h"])
async def test_proxy_that_gets_no_connection(
    kind: str, connect: Connect, network: Network, http_proxy: int, socks_proxy: int
) -> None:
    """It is not the proxy that is wrong; it may be otherwise the next time."""
    (nobody,) = free_ports(1)
    proxy = f"{kind}://ana:pa.ss@127.0.0.1:{http_proxy if kind == 'http' else socks_proxy}"
    error = await _error(connect, base_url=f"https://127.0.0.1:{nobody}", proxy=proxy, max_retries=1)
    assert f"(the proxy at 127.0.0.1:{proxy[-5:].lstrip(':')} (an argument) does not connect to 127.0.0.1" in str(error)
    assert error.attempts == 2


@pytest.mark.parametrize("kind", ["http", "https", "socks5h"])
async def test_proxy_that_is_not_there(
    kind: str, connect: Connect, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names it, and who has named it."""
    (nobody,) = free_ports(1)
    monkeypatch.setenv("HTTP_PROXY", f"{kind}://127.0.0.1:{nobody}")
    error = await _error(connect, base_url=network.url("plain"))
    where = f"the proxy at 127.0.0.1:{nobody} (environment variable HTTP_PROXY) cannot be reached"
    assert where in str(error)
    assert "NO_PROXY names what goes past it" in str(error)


async def test_address_that_speaks_no_socks(connect: Connect, network: Network) -> None:
    """A server of HTTP in the place of the proxy."""
    proxy = f"socks5h://127.0.0.1:{network.ports['plain']}"
    error = await _error(connect, base_url=network.url("plain"), proxy=proxy)
    assert "it does not speak SOCKS 5" in str(error)


async def test_socket_that_is_not_there(connect: Connect, network: Network) -> None:
    """The address is what is wrong."""
    error = await _error(connect, base_url=f"http+unix://{network.file('nothing.sock')}")
    assert "No such file or directory" in str(error)
    assert "is its address right (GPO_API_BASE_URL, or base_url=)?" in str(error)


_OUT_OF_FILES = """
import os, resource
from gpo_client import GPOConnectionError
os.environ["PYTHONWARNINGS"] = "error"
{imports}
base_url = {base_url!r}
async def ask(client):
    try:
        await client.chat({{"session_id": "s", "token": "t"}}, {{"query": "q"}})
    except GPOConnectionError as error:
        print(error)
def block():
    held = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return held
async def main():
    async with make_client({runtime!r}, base_url=base_url, max_retries=0) as client:
        await ask(client)
        block()
        await ask(client)
anyio.run(main, backend={backend!r})
"""


@pytest.mark.parametrize("host", [pytest.param("127.0.0.1", marks=pytest.mark.slow), "localhost"])
def test_out_of_files(host: str, runtime: str) -> None:
    """Also where a name could not be looked up for that."""
    (nobody,) = free_ports(1)
    program = _OUT_OF_FILES.format(
        imports="import anyio\nfrom tests.support.runtimes import make_client",
        base_url=f"http://{host}:{nobody}",
        runtime=runtime,
        backend="asyncio" if runtime == "sync" else runtime,
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    first, second = done.stdout.splitlines()
    assert "connection refused" in first, done.stderr
    assert "too many files are open in this process; raise its limit (ulimit -n), or lower max_connections" in second
