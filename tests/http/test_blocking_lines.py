"""Lines of blocking clients: waits have the same ends, whether the system limits them or Python does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from gpo_client.http.errors import ConnectFailed, ConnectionBroken, ReadTimeout
from gpo_client.http.network import blocking
from gpo_client.http.network.blocking import SyncLine, sync_connect
from gpo_client.http.network.sockets import SyncOpening
from gpo_client.http.options import Options, Origin

_SECONDS = 20.0  # far more than anything here takes
_SHORT = 0.02
_FAR_TOO_MUCH = 1 << 24

Ends = tuple[SyncLine, socket.socket]


class Watched(socket.socket):
    """A socket that tells which limits Python was asked for, and how often the system."""

    limits: list[float | None]
    options = 0

    def setsockopt(self, *args: Any) -> None:
        self.options += 1
        super().setsockopt(*args)

    def settimeout(self, value: float | None) -> None:
        self.limits.append(value)
        super().settimeout(value)


@pytest.fixture(params=["system", "python"])
def ends(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    """A line and its other end; all waits are limited in one of the two ways."""
    if request.param == "system":
        if not blocking._CAN_WAIT:
            pytest.skip("this system has no limits of its own that are known")
        monkeypatch.setattr(blocking, "_LONG", 0.0)
    else:
        monkeypatch.setattr(blocking, "_CAN_WAIT", False)
    ours, peer = socket.socketpair()
    peer.settimeout(_SECONDS)
    watched = Watched(fileno=ours.detach())
    watched.limits = []
    line = SyncLine(watched)
    with closing(peer):
        yield line, peer
        line.close()


def test_reads_and_writes(ends: Ends) -> None:
    """Bytes go both ways; after the last there is nothing, as often as one asks."""
    line, peer = ends
    line.write(b"question", _SECONDS)
    assert peer.recv(100) == b"question"
    peer.sendall(b"answer")
    peer.shutdown(socket.SHUT_WR)
    assert [line.read(_SECONDS) for _ in range(3)] == [b"answer", b"", b""]


def test_limits(ends: Ends) -> None:
    """Each read has its own, longer or shorter than the one before; a line that was silent can be read on."""
    line, peer = ends
    for limit in (_SHORT, _SHORT, 2 * _SHORT, 0.0, _SHORT):
        with pytest.raises(ReadTimeout, match="nothing came"):
            line.read(limit)
        peer.sendall(b"late")
        assert line.read(_SECONDS) == b"late"


def test_no_limit(ends: Ends) -> None:
    """It is none, also after one: the read goes on until something comes."""
    line, peer = ends
    with pytest.raises(ReadTimeout):
        line.read(_SHORT)
    found: list[bytes] = []
    reading = threading.Thread(target=lambda: found.append(line.read(None)))
    reading.start()
    reading.join(5 * _SHORT)
    assert reading.is_alive()
    peer.sendall(b"at last")
    reading.join(_SECONDS)
    assert found == [b"at last"]


def test_interrupt(ends: Ends) -> None:
    """From another thread it ends a read that has no limit."""
    line, _ = ends
    found: list[bytes] = []
    reading = threading.Thread(target=lambda: found.append(line.read(None)))
    reading.start()
    line.interrupt()
    reading.join(_SECONDS)
    assert found == [b""]


def test_more_than_fits(ends: Ends) -> None:
    """What the system does not take at once follows, in order; a peer that takes no more is noticed."""
    line, peer = ends
    told = bytes(range(256)) * (1 << 14)
    writing = threading.Thread(target=line.write, args=(told, _SECONDS))
    writing.start()
    received = bytearray()
    while len(received) < len(told):
        received += peer.recv(1 << 20)
    writing.join(_SECONDS)
    assert received == told
    with pytest.raises(ReadTimeout, match="does not take"):
        line.write(bytes(_FAR_TOO_MUCH), _SHORT)


def test_peer_that_is_gone(ends: Ends) -> None:
    """An error says so, to whoever writes."""
    line, peer = ends
    peer.close()
    with pytest.raises(ConnectionBroken):
        line.write(b"question", _SECONDS)


def test_system_calls(ends: Ends, request: pytest.FixtureRequest) -> None:
    """A limit that stays the same is told once an exchange; where the system keeps it, Python is told of none."""
    line, peer = ends
    for _ in range(5):
        line.write(b"question", _SECONDS)
        peer.sendall(b"answer")
        line.read(_SECONDS)
        peer.sendall(b"answer")
        line.read(_SECONDS)
    limits = line._socket.limits
    assert limits == [] if "system" in request.node.callspec.id else limits == [_SECONDS] * 5


def test_time_that_runs_out(ends: Ends, request: pytest.FixtureRequest) -> None:
    """Each wait is shorter than the last then: the system is told when half of the time is over, not each time."""
    line, peer = ends
    for left in range(100, 0, -1):
        peer.sendall(b"answer")
        assert line.read(left + _SECONDS) == b"answer"
    told = line._socket.options, len(line._socket.limits)
    assert told == ((3, 0) if "system" in request.node.callspec.id else (0, 100))


def test_longer_than_the_system_waits(ends: Ends) -> None:
    """What the system was told is for a shorter wait: a longer one, or one without limit, goes on after that."""
    line, peer = ends
    with pytest.raises(ReadTimeout):
        line.read(_SHORT)
    for limit in (_SECONDS, None):
        waker = threading.Timer(5 * _SHORT, peer.sendall, (b"at last",))
        waker.start()
        assert line.read(limit) == b"at last"
        waker.join(_SECONDS)
        with pytest.raises(ReadTimeout):
            line.read(_SHORT)


@pytest.mark.skipif(not blocking._CAN_WAIT, reason="other systems let such a socket wait")
def test_unix_socket_without_room(tmp_path: Path) -> None:
    """It is not taken for connected, which it seems to be."""
    path = str(tmp_path / "full.sock")
    with ExitStack() as open_sockets, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        with pytest.raises(BlockingIOError):
            _fill(path, open_sockets)
        with pytest.raises(ConnectFailed):
            sync_connect(Origin("http", "localhost", 80, path), Options(), _SECONDS, SyncOpening())


def _fill(path: str, open_sockets: ExitStack) -> None:
    for _ in range(100):
        other = open_sockets.enter_context(socket.socket(socket.AF_UNIX))
        other.setblocking(False)
        other.connect(path)
