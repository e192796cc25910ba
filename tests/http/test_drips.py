"""Bytes that bring nothing new: what is left of the wait gets less with each of them, and nothing begins it anew."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gpo_client.http.aio import connecting as aio_connecting
from gpo_client.http.aio import exchange as aio
from gpo_client.http.errors import ConnectTimeout, ProxyFailed, ReadTimeout
from gpo_client.http.options import Origin, Proxy
from gpo_client.http.response import ResponseReader
from gpo_client.http.sync import connecting as sync_connecting
from gpo_client.http.sync import exchange as sync

_HEAD = b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 100


class _Line:
    """Gives a byte each second, and notes how long it was told to wait at most."""

    def __init__(self, data: bytes = _HEAD) -> None:
        self.now = 0.0
        self._data = data
        self.waits: list[float | None] = []

    def monotonic(self) -> float:
        return self.now

    def read(self, timeout: float | None) -> bytes:
        self.waits.append(timeout)
        self.now += 1.0
        return self._data[len(self.waits) - 1 : len(self.waits)]

    async def aread(self, timeout: float | None) -> bytes:
        return self.read(timeout)

    def write(self, data: bytes, timeout: float | None) -> None:
        """Takes no time."""

    async def awrite(self, data: bytes, timeout: float | None) -> None:
        """Takes no time."""


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("shell", ["sync", "aio"])
async def test_each_read_waits_for_the_rest_of_the_time(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first read has the whole time, and all that follow it have as much in all."""
    line = _Line()
    module: Any = sync if shell == "sync" else aio
    monkeypatch.setattr(module, "time", line)
    kind: Any = sync.PooledSyncExchange if shell == "sync" else aio.PooledAsyncExchange
    exchange = kind(None, None, None)
    exchange._connection = SimpleNamespace(
        reader=ResponseReader(), line=line if shell == "sync" else SimpleNamespace(read=line.aread)
    )
    with pytest.raises(ReadTimeout, match="a little now and then"):
        await exchange.read(5.0) if shell == "aio" else exchange.read(5.0)
    assert line.waits == [5.0, 5.0, 4.0, 3.0, 2.0, 1.0]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("shell", ["sync", "aio"])
@pytest.mark.parametrize("way", ["http", "socks5h"])
async def test_proxies_are_waited_for_no_longer(way: str, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is what a proxy has to say before there is a connection, be that a tunnel or SOCKS."""
    # Of SOCKS the reply with the longest text that it may have (RFC 1928 §6): an address that is a name.
    line = _Line(_HEAD if way == "http" else b"\x05\x00\x05\x00\x00\x03" + b"x" * 100)
    monkeypatch.setattr(_connecting(shell), "time", line)
    with pytest.raises(ConnectTimeout):
        await _reach(way, shell, line)
    assert line.waits == [4.5, 3.5, 2.5, 1.5, 0.5]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("shell", ["sync", "aio"])
@pytest.mark.parametrize(
    ("way", "data"), [("http", b"HTTP/1.1 200 OK\r\n\r\n"), ("socks5h", b"\x05\x00\x05\x00\x00\x01" + b"x" * 6)]
)
async def test_proxies_that_say_more_than_they_should(
    way: str, data: bytes, shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows a proxy's reply is no word of the service: nothing has been said to that yet."""
    monkeypatch.setattr(_connecting(shell), "time", _Greedy())
    await _reach(way, shell, _Greedy(data))
    with pytest.raises(ProxyFailed, match="it sends more than its answer"):
        await _reach(way, shell, _Greedy(data + b"H"))


class _Greedy(_Line):
    """Gives all it has at once."""

    def read(self, timeout: float | None) -> bytes:
        self.waits.append(timeout)
        return self._data if len(self.waits) == 1 else b""


def _connecting(shell: str) -> Any:
    return sync_connecting if shell == "sync" else aio_connecting


async def _reach(way: str, shell: str, line: _Line) -> None:
    """Have a proxy connect a line with the service, within 4.5 seconds."""
    origin, proxy = Origin("https", "gpo.example.com", 443), Proxy.at(f"{way}://proxy.example.com:3128")
    reach = _connecting(shell)._tunnel if way == "http" else _connecting(shell)._socks
    if shell == "sync":
        reach(line, origin, proxy, 4.5)
    else:
        await reach(SimpleNamespace(read=line.aread, write=line.awrite), origin, proxy, 4.5)
