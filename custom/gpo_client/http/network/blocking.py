"""Lines for blocking clients, and what threads are to them."""

from __future__ import annotations

import math
import os
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from errno import ECANCELED
from types import BuiltinMethodType
from typing import Any

from gpo_client.http import errors, processes
from gpo_client.http.network.sockets import (
    SyncOpening,
    broken,
    connect_first,
    connecting,
    is_readable,
    shaking_hands,
)
from gpo_client.http.options import Options, Origin

_READ = 65536
# What stands for "no limit" where a system cannot count further: three years.
_LONGEST = 1e8
# Python asks the system whether something is there, and then for it. Linux can limit the wait for it by itself: a chunk
# costs one call, not two. It counts in ticks, and the first may be over already: for long waits only.
_CAN_WAIT, _TIMEVAL = sys.platform == "linux" and sys.maxsize > 1 << 32, struct.Struct("@ll")
_LONG, _TICK = 1.0, 0.01
# Where time runs out, each wait is shorter than the last. To say so each time would be a second call again: the system
# is told a part of the time, which does for all waits that are not shorter, and who wakes too early waits on.
_SHARE = 0.5


class SyncLine:
    """One connection."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket: Any = connected
        self._timeout: float | None = -1.0
        self._patience = math.inf  # after how long the system's wait ends, if it waits
        self._is_foreign = False
        self._is_interrupted = False
        processes.register(self)

    def read(self, timeout: float | None) -> bytes:
        """Return what has come; ``b""`` when the other side has ended the connection."""
        try:
            if timeout != self._timeout and (timeout is None or timeout < self._patience):
                self._limit_reads(timeout, _SHARE)
            return self._socket.recv(_READ)  # type: ignore[no-any-return]
        except BlockingIOError as error:
            return self._read_on(timeout, error)
        except TimeoutError as error:
            return self._after_all(error)
        except OSError as error:  # ssl.SSLError too
            raise self._broken(error) from error

    def write(self, data: bytes, timeout: float | None) -> None:
        """Send."""
        try:
            if (sent := self._sent_at_once(data)) < len(data):
                self._set_timeout(timeout)
                self._socket.sendall(data[sent:])
        except TimeoutError as error:
            raise errors.ReadTimeout("the other side does not take what is sent") from error
        except OSError as error:
            raise self._broken(self._last_word(error)) from error

    def start_tls(self, context: ssl.SSLContext, host: str, timeout: float | None) -> None:
        """Encrypt it."""
        with shaking_hands():
            self._set_timeout(timeout)
            if isinstance(self._socket, ssl.SSLSocket):
                self._socket = TlsInTls(self._socket, context, host)
            else:
                self._socket = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
                if self._is_interrupted:  # perhaps what was shut down was no socket any more
                    raise OSError(ECANCELED, os.strerror(ECANCELED))
                self._socket.do_handshake()

    def certificate(self) -> bytes:
        """Return the certificate of the other side, in DER; empty: there is none."""
        return self._socket.getpeercert(True) or b""

    def is_quiet(self) -> bool:
        """Whether nothing has come, not even the end: so it is with a connection that can be used again."""
        if not isinstance(self._socket, ssl.SSLSocket | TlsInTls):
            return not is_readable(self._socket.fileno())
        try:
            self._set_timeout(0.0)
            self._socket.recv(1)
        except ssl.SSLWantReadError:  # what had come was TLS's own
            return True
        except OSError:
            return False
        return False

    def interrupt(self) -> None:
        """From another thread: end the read under way."""
        self._is_interrupted = True
        with suppress(OSError):  # it is closed already
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it; a thread that is reading it gets the end."""
        self.interrupt()  # closing a socket alone would leave that thread waiting
        self._socket.close()

    drop = close  # a destructor's close: it may run in any thread

    def __del__(self) -> None:
        with suppress(AttributeError):  # a signal came amid the constructor
            self._socket.close()

    def after_fork(self) -> None:
        """In a child: close the descriptor, and nothing else. The parent goes on using the connection."""
        self._is_foreign = True
        self._socket.close()

    def _set_timeout(self, timeout: float | None) -> None:
        self._timeout, self._patience = timeout, math.inf
        self._socket.settimeout(None if timeout is None else min(timeout, _LONGEST))

    def _limit_reads(self, timeout: float | None, share: float = 1.0) -> None:
        if not self._is_systems or (timeout is not None and timeout < _LONG):
            self._set_timeout(timeout)
            return
        limit = 0.0 if timeout is None else min(timeout, _LONGEST) * share + _TICK
        packed = _TIMEVAL.pack(int(limit), int(limit % 1 * 1e6))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, packed)
        if self._socket.gettimeout() is not None:
            self._socket.settimeout(None)
        self._timeout, self._patience = timeout, limit or math.inf

    def _read_on(self, timeout: float | None, error: OSError) -> bytes:
        """Wait for what is left of the time: the system's wait is over."""
        left = None if timeout is None else timeout - self._patience
        if left is not None and left <= 0:
            return self._after_all(error)
        self._limit_reads(left)
        return self.read(left)

    def _sent_at_once(self, data: bytes) -> int:
        """Send what the system takes without a wait, which is all but for large bodies; how many bytes it took."""
        if not self._is_systems:
            return 0
        with suppress(BlockingIOError):
            return self._socket.send(data, socket.MSG_DONTWAIT)  # type: ignore[no-any-return]
        return 0

    @property
    def _is_systems(self) -> bool:
        """Whether the system itself waits: not for TLS, nor for a socket of gevent's."""
        return _CAN_WAIT and isinstance(self._socket.recv, BuiltinMethodType)

    def _after_all(self, cause: OSError) -> bytes:
        """Bytes that are there beat the timer: a machine that slept has not waited."""
        if not is_readable(self._socket.fileno()):
            raise errors.ReadTimeout("nothing came") from cause
        try:
            self._set_timeout(0.05)
            return self._socket.recv(_READ)  # type: ignore[no-any-return]
        except TimeoutError:
            raise errors.ReadTimeout("nothing came") from cause
        except OSError as error:
            raise self._broken(error) from error

    def _last_word(self, error: OSError) -> OSError:
        """Return what the other side has said before it hung up: with TLS 1.3, that it wants another certificate."""
        try:
            self._set_timeout(0.0)
            self._socket.recv(1)
        except ssl.SSLError as told:
            return told
        except OSError:
            pass
        return error

    def _broken(self, error: OSError) -> errors.HttpError:
        return errors.WrongProcess(processes.elsewhere("the stream")) if self._is_foreign else broken(error)


def sync_connect(origin: Origin, options: Options, timeout: float | None, opening: SyncOpening) -> SyncLine:
    """Connect, in the clear; raises what :func:`connecting` does."""
    timeout = None if timeout is None else min(timeout, _LONGEST)
    with connecting(f"{origin.authority} does not answer"):
        connected = connect_first(origin, timeout, opening)
        line = SyncLine(connected)
        try:
            options.prepare(connected)
            opening.add(line.interrupt)
        except OSError:
            line.close()
            raise
        return line


def sync_resolve(origin: Origin, timeout: float | None) -> str:
    """Return an address of a host; raises what :func:`connecting` does. The system sets its own limit."""
    with connecting(f"the name {origin.host} is not resolved in {timeout} s"):
        return str(socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)[0][4][0])


class SyncBackend:
    """Threads: their runtime is always there."""

    is_over = False

    @staticmethod
    def key() -> object:
        """Return None: there is one only."""
        return None

    def soon(self, work: Callable[[], object]) -> None:
        """Done at once."""
        work()

    def spawn(self, work: Callable[[], object], name: str) -> None:
        """Have something done beside all else."""
        threading.Thread(target=work, name=name, daemon=True).start()

    def leave(self) -> None:
        """There is nothing to leave."""


_RECORD = 16384 + 2048


class TlsInTls:
    """As much of a socket as a line uses, within an encrypted one. ``ssl.wrap_socket`` wants the system's own."""

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, host: str) -> None:
        self._outer = outer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._timeout: float | None = outer.gettimeout()
        self._inner = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._do(self._inner.do_handshake)

    def settimeout(self, timeout: float | None) -> None:
        """As a socket's: for all that one call waits for, however many records of the outer connection that takes."""
        self._timeout = timeout

    def recv(self, size: int) -> bytes:
        """As a socket's."""
        try:
            return self._do(lambda: self._inner.read(size))  # type: ignore[no-any-return]
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def sendall(self, data: bytes) -> None:
        """As a socket's."""
        if data:
            self._do(lambda: self._inner.write(data))

    def getpeercert(self, binary_form: bool) -> Any:
        """As a socket's."""
        return self._inner.getpeercert(binary_form)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outer, name)

    def _do(self, work: Callable[[], Any]) -> Any:
        ends = None if not self._timeout else time.monotonic() + self._timeout
        while True:
            try:
                outcome = work()
            except ssl.SSLWantReadError:
                self._send(ends)
                self._limit(ends)
                if data := self._outer.recv(_RECORD):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                self._send(ends)
                return outcome

    def _send(self, ends: float | None) -> None:
        if self._outgoing.pending:
            self._limit(ends)
            self._outer.sendall(self._outgoing.read())

    def _limit(self, ends: float | None) -> None:
        """Wait for the rest of the time at most; raises ``TimeoutError`` when it is over."""
        left = self._timeout if ends is None else ends - time.monotonic()
        if ends is not None and left is not None and left <= 0:
            raise TimeoutError
        self._outer.settimeout(left)
