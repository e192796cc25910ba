"""What failures of sockets are to whoever makes an exchange, which addresses are tried when, and what can be read."""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from gpo_client.http import errors
from gpo_client.http.network import sockets
from gpo_client.http.network.sockets import SyncOpening, addresses_of, broken, connecting, is_readable, shaking_hands
from gpo_client.http.options import Origin


@pytest.mark.parametrize("order", ["1", "1a", "1a23", "1a2bcd"])
def test_addresses_in_turn(order: str) -> None:
    """Of the two families, beginning with that which the resolver prefers."""
    infos: list[Any] = [(each.isdigit(), each) for each in sorted(order)]
    assert "".join(info[1] for info in sockets._interleaved(infos)) == order


def test_what_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host, for streams alone; the path of a Unix socket needs no looking up."""
    asked: list[Any] = []

    def look_up(*args: Any, **more: Any) -> list[Any]:
        asked.append((args, more))
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert addresses_of(Origin("http", "gpo.example.com", 80)) == []
    addresses_of(Origin("http", "gpo.example.com", 80), socket.AI_NUMERICHOST)
    assert asked == [
        (("gpo.example.com", 80), {"type": socket.SOCK_STREAM, "flags": flags}) for flags in (0, socket.AI_NUMERICHOST)
    ]
    unix = addresses_of(Origin("http", "localhost", 80, "/run/gpo.sock"))
    assert unix == [(socket.AF_UNIX, socket.SOCK_STREAM, 0, "", "/run/gpo.sock")]


_REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
_TO_MANY = OSError("all attempts failed")
_TO_MANY.__cause__ = ExceptionGroup("all", [ExceptionGroup("some", [_REFUSED, OSError("b")]), OSError("c")])
_OF_ANOTHER = OSError("odd")
_OF_ANOTHER.__cause__ = ValueError("no error of the system")
_NO_FILE = os.strerror(errno.EMFILE)
_Failure = tuple[type[Exception], str]


@pytest.mark.parametrize(
    ("error", "failure", "out_of_files"),
    [
        (TimeoutError(), (errors.ConnectTimeout, "too late"), (errors.ConnectTimeout, "too late")),
        (OSError(113, "No route to host"), (errors.ConnectFailed, "[Errno 113] No route to host"), None),
        (socket.gaierror(-2, "Name unknown"), (errors.ConnectFailed, "[Errno -2] Name unknown"), None),
        (UnicodeError("label too long"), (errors.ConnectFailed, "label too long"), None),
        (_OF_ANOTHER, (errors.ConnectFailed, "odd"), None),
        (_REFUSED, *[(errors.ConnectFailed, str(_REFUSED))] * 2),
        (_TO_MANY, *[(errors.ConnectFailed, str(_REFUSED))] * 2),
        (OSError(errno.EMFILE, "x"), (errors.LocalLimit, _NO_FILE), None),
        (OSError(errno.ENFILE, "x"), (errors.LocalLimit, _NO_FILE), None),
    ],
    ids=repr,
)
def test_failures_to_connect(
    error: Exception, failure: _Failure, out_of_files: _Failure | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the system's own words; a name cannot be looked up either by whoever may open no file."""
    found = [_raised_by(lambda: connecting("too late"), error)]
    for reason in (errno.EACCES, errno.EMFILE, errno.ENFILE):
        monkeypatch.setattr(os, "open", _refusing(reason))
        found.append(_raised_by(lambda: connecting("too late"), error))
        monkeypatch.undo()
    limit = out_of_files or (errors.LocalLimit, _NO_FILE)
    assert found == [failure, failure, limit, limit]


def _refusing(reason: int) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise OSError(reason, "x")

    return refuse


def _raised_by(context: Callable[[], Any], error: Exception) -> _Failure:
    with pytest.raises(errors.HttpError) as caught, context():
        raise error
    assert caught.value.__cause__ in (error, error.__cause__, _REFUSED)
    return type(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (TimeoutError(), (errors.ConnectTimeout, "the TLS handshake takes too long")),
        (ValueError("no name"), (errors.TlsFailed, "no name")),
        (OSError("reset"), (errors.TlsFailed, "reset")),
        (anyio.EndOfStream("over"), (errors.TlsFailed, "over")),
    ],
    ids=repr,
)
def test_failures_to_shake_hands(error: Exception, failure: _Failure) -> None:
    """They are of TLS, whatever they are."""
    assert _raised_by(shaking_hands, error) == failure


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", errors.TlsFailed),
        ("tlsv1 alert unknown ca", errors.TlsFailed),
        ("TLSV1_ALERT_ACCESS_DENIED", errors.TlsFailed),
        ("sslv3 alert handshake failure", errors.TlsFailed),
        ("TLSV1_ALERT_INTERNAL_ERROR", errors.ConnectionBroken),
        ("CERTIFICATE_VERIFY_FAILED", errors.ConnectionBroken),
        (None, errors.ConnectionBroken),
    ],
)
def test_what_servers_say_of_our_certificate(reason: str | None, kind: type[Exception]) -> None:
    """It is a failure of TLS, however OpenSSL writes it; all else is a connection that broke."""
    error = ssl.SSLError(1, "words")
    error.reason = reason  # type: ignore[assignment]
    assert (type(broken(error)), str(broken(error))) == (kind, str(error))
    other = broken(OSError("reset"))
    assert (type(other), str(other)) == (errors.ConnectionBroken, "reset")


@pytest.mark.parametrize("has_poll", [True, False])
def test_whether_there_is_something_to_read(has_poll: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes, the end, or a socket that is no more."""
    if not has_poll:
        monkeypatch.delattr(select, "poll")
    ours, peer = socket.socketpair()
    with ours, peer:
        assert not is_readable(ours.fileno())
        peer.sendall(b"x")
        assert is_readable(ours.fileno())
        ours.recv(1)
        assert not is_readable(ours.fileno())
        peer.close()
        assert is_readable(ours.fileno())
    assert is_readable(ours.fileno())


def test_what_is_given_up() -> None:
    """All that was begun is shut, whatever comes of it, and nothing is begun any more; what is over is left alone."""
    shut: list[str] = []

    def fail() -> None:
        shut.append("a")
        raise OSError

    opening = SyncOpening()
    opening.check()
    opening.add(fail)
    opening.add(lambda: shut.append("b"))
    opening.cancel()
    assert shut == ["a", "b"]
    for found_out in (opening.check, lambda: opening.add(fail)):
        with pytest.raises(OSError, match=os.strerror(errno.ECANCELED)) as caught:
            found_out()
        assert caught.value.errno == errno.ECANCELED
    with SyncOpening() as other:
        other.add(lambda: shut.append("c"))
    other.cancel()
    assert shut == ["a", "b"]
