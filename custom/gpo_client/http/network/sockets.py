"""Sockets: connected to whichever address answers first (RFC 8305), with something to read, and why they failed."""

from __future__ import annotations

import errno
import os
import select
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from errno import EMFILE, ENFILE
from functools import partial
from itertools import chain, zip_longest
from typing import Any, Self, cast

import anyio

from gpo_client.http import errors
from gpo_client.http.options import Origin

AddressInfo = tuple[Any, Any, int, str, Any]

# Section 5: how long to wait for one address before the next is tried as well.
ATTEMPT_DELAY = 0.25
# EAGAIN is none of them, except on Windows: a Unix socket says so that has no room for another.
_UNDER_WAY = (errno.EINPROGRESS, getattr(errno, "WSAEWOULDBLOCK", errno.EINPROGRESS))


#: A connection that is being made, for another task to give up.
AsyncOpening = anyio.CancelScope


class SyncOpening:
    """The same for another thread."""

    def __init__(self) -> None:
        self._shut: list[Callable[[], object]] = []
        self._is_cancelled = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shut.clear()

    def add(self, shut: Callable[[], object]) -> None:
        """Take what is to be called when it is given up, from another thread."""
        self._shut.append(shut)  # first this, then that: cancelling goes the other way round, so one sees the other
        self.check()

    def check(self) -> None:
        """Find out whether it was given up: that is an ``OSError``."""
        if self._is_cancelled:
            raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))

    def cancel(self) -> None:
        """Give it up."""
        self._is_cancelled = True
        for shut in tuple(self._shut):
            with suppress(OSError):
                shut()


def addresses_of(origin: Origin, flags: int = 0) -> Sequence[AddressInfo]:
    """Return where an origin is to be reached, as the resolver says with these flags."""
    if origin.socket:
        return [(socket.AF_UNIX, socket.SOCK_STREAM, 0, "", origin.socket)]
    return socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM, flags=flags)


def connect_first(origin: Origin, timeout: float | None, opening: SyncOpening) -> socket.socket:
    """Return a socket connected to the address that answers first; raises the first one's ``OSError``."""
    infos = _interleaved(addresses_of(origin))
    ends = None if timeout is None else time.monotonic() + timeout
    with selectors.DefaultSelector() as attempts:
        try:
            return _race(attempts, infos, ends, opening)
        finally:
            for key in tuple(attempts.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue,reportUnknownMemberType]


def _interleaved(infos: Sequence[AddressInfo]) -> list[AddressInfo]:
    """Addresses of the two families in turn, beginning with the family that the resolver prefers (section 4)."""
    preferred = [info for info in infos if info[0] == infos[0][0]]
    others = [info for info in infos if info[0] != infos[0][0]]
    return [info for info in chain.from_iterable(zip_longest(preferred, others)) if info is not None]


def _race(
    attempts: selectors.BaseSelector, infos: list[AddressInfo], ends: float | None, opening: SyncOpening
) -> socket.socket:
    waiting, failures = list(infos), list[OSError]()
    while waiting or attempts.get_map():
        now = time.monotonic()
        if ends is not None and now >= ends:
            raise TimeoutError
        if waiting and (error := _begin(attempts, waiting.pop(0), opening)) is not None:
            failures.append(error)
            continue
        left = None if ends is None else ends - now
        patience = min(ATTEMPT_DELAY, ATTEMPT_DELAY if left is None else left) if waiting else left
        ready = attempts.select(patience)
        opening.check()
        for key, _ in ready:
            attempt: Any = key.fileobj
            attempts.unregister(attempt)
            if (code := attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) == 0:
                return attempt  # type: ignore[no-any-return]
            attempt.close()
            failures.append(OSError(code, os.strerror(code)))
    raise failures[0]


def _begin(attempts: selectors.BaseSelector, info: AddressInfo, opening: SyncOpening) -> OSError | None:
    """Begin to connect to an address; its failure, if it is one already."""
    try:
        attempt = socket.socket(*info[:3])
    except OSError as error:
        return error
    attempts.register(attempt, selectors.EVENT_WRITE)  # so it is closed, whatever happens
    try:
        attempt.setblocking(False)
        opening.add(partial(attempt.shutdown, socket.SHUT_RDWR))
        attempt.connect(info[4])
    except OSError as error:
        if error.errno not in _UNDER_WAY:
            attempts.unregister(attempt)
            attempt.close()
            return error
    return None


#: What says that a connection is broken, or over.
BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError)
_TOO_MANY = (EMFILE, ENFILE)
# What a server says of a client's certificate, or of the lack of one. With TLS 1.3 it says so after the handshake.
_OF_OUR_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")


@contextmanager
def connecting(late: str) -> Generator[None]:
    """Resolve a name, or connect; raises ``ConnectFailed``, or ``ConnectTimeout`` with the words for that."""
    try:
        yield
    except TimeoutError as error:
        raise errors.ConnectTimeout(late) from error
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be
        cause = _first(error)
        raise _not_connected(cause if isinstance(cause, OSError) else error) from cause


@contextmanager
def shaking_hands() -> Generator[None]:
    """Shake hands for TLS, the same way; raises ``TlsFailed``, or ``ConnectTimeout``."""
    try:
        yield
    except TimeoutError as error:
        raise errors.ConnectTimeout("the TLS handshake takes too long") from error
    except (*BROKEN, ValueError) as error:  # ValueError: a name that no certificate can have
        raise errors.TlsFailed(str(error)) from error


def _first(error: BaseException) -> BaseException:
    """Return the system's own error behind anyio's, which may be a group of one for each address."""
    cause: Any = error.__cause__ or error
    while isinstance(cause, BaseExceptionGroup):
        cause = cast("Any", cause).exceptions[0]
    return cast("BaseException", cause)


def _not_connected(error: OSError | UnicodeError) -> errors.ConnectFailed:
    """Return what a failure to connect is; of names too, which need a file to be looked up."""
    if not isinstance(error, ConnectionError) and (getattr(error, "errno", None) in _TOO_MANY or _is_out_of_files()):
        return errors.LocalLimit(os.strerror(EMFILE))
    return errors.ConnectFailed(str(error))


def broken(error: Exception) -> errors.HttpError:
    """Return what the end of a connection is: a server that does not accept our certificate, or any other."""
    reason = str(error.reason or "") if isinstance(error, ssl.SSLError) else ""
    is_alert = "_ALERT_" in reason.upper().replace(" ", "_")
    if is_alert and any(word in reason.upper().replace(" ", "_") for word in _OF_OUR_CERTIFICATE):
        return errors.TlsFailed(str(error))
    return errors.ConnectionBroken(str(error))


def _is_out_of_files() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in _TOO_MANY
    return False


def is_readable(fileno: int) -> bool:
    """Whether a read would get something at once, be it the end; so too if there is no such socket any more."""
    if fileno < 0:
        return True
    if not hasattr(select, "poll"):  # on Windows
        return bool(select.select([fileno], [], [], 0)[0])
    poll = select.poll()
    poll.register(fileno, select.POLLIN)
    return bool(poll.poll(0))
