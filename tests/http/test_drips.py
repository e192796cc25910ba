"""Bytes that bring nothing new: what is left of the wait gets less with each of them, and nothing begins it anew."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gpo_client.http.aio import exchange as aio
from gpo_client.http.errors import ReadTimeout
from gpo_client.http.response import ResponseReader
from gpo_client.http.sync import exchange as sync

_HEAD = b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 100


class _Line:
    """Gives a byte each second, and notes how long it was told to wait at most."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float | None] = []

    def monotonic(self) -> float:
        return self.now

    def read(self, timeout: float | None) -> bytes:
        self.waits.append(timeout)
        self.now += 1.0
        return _HEAD[len(self.waits) - 1 : len(self.waits)]

    async def aread(self, timeout: float | None) -> bytes:
        return self.read(timeout)


async def _sync_fill(connection: Any) -> None:
    sync.PooledSyncExchange._fill(connection, connection, 5.0)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("shell", ["sync", "aio"])
async def test_each_read_waits_for_the_rest_of_the_time(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first read has the whole time, and all that follow it have as much in all."""
    line = _Line()
    module: Any = sync if shell == "sync" else aio
    monkeypatch.setattr(module, "time", line)
    connection: Any = SimpleNamespace(reader=ResponseReader(), line=line)
    if shell == "aio":
        connection.line = SimpleNamespace(read=line.aread)
    with pytest.raises(ReadTimeout, match="a little now and then"):
        await (
            _sync_fill(connection) if shell == "sync" else aio.PooledAsyncExchange._fill(connection, connection, 5.0)
        )
    assert line.waits == [5.0, 5.0, 4.0, 3.0, 2.0, 1.0]
