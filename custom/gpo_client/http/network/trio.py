"""Lines on trio, by way of anyio."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import Any, cast

import anyio
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSAttribute, TLSStream

from gpo_client.http import processes
from gpo_client.http.exchange import (
    ConnectTimeout,
    HttpError,
    ReadTimeout,
    TlsFailed,
    WrongProcess,
)
from gpo_client.http.network.sockets import broken, is_readable, not_connected
from gpo_client.http.options import Options, Origin

_READ = 65536
_BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)


class TrioLine:
    """One connection.

    Args:
        stream: anyio's.
    """

    def __init__(self, stream: anyio.abc.SocketStream) -> None:
        import trio

        self._stream: anyio.abc.ByteStream = stream
        self._socket: socket.socket = stream.extra_attributes[SocketAttribute.raw_socket]()
        self._token = trio.lowlevel.current_trio_token()
        self._is_foreign = False
        processes.register(self)

    def prepare(self, options: Options) -> None:
        """Set what its socket is to have."""
        options.prepare(self._socket)

    async def read(self, timeout: float | None) -> bytes:
        """Return what has come; ``b""`` when the other side has ended the connection."""
        if self._is_foreign:
            raise WrongProcess(processes.WORDS)
        try:
            with anyio.fail_after(timeout):
                return await self._stream.receive(_READ)
        except anyio.EndOfStream:
            return b""
        except TimeoutError as error:
            raise ReadTimeout("nothing came") from error
        except _BROKEN as error:
            raise self._broken(error) from error

    async def write(self, data: bytes, timeout: float | None) -> None:
        """Send."""
        try:
            with anyio.fail_after(timeout):
                await self._stream.send(data)
        except TimeoutError as error:
            raise ReadTimeout("the other side does not take what is sent") from error
        except _BROKEN as error:
            raise self._broken(error) from error

    async def start_tls(self, context: ssl.SSLContext, host: str, timeout: float | None) -> None:
        """Encrypt it."""
        try:
            with anyio.fail_after(timeout):
                self._stream = await TLSStream.wrap(
                    self._stream, hostname=host, ssl_context=context, standard_compatible=False, server_side=False
                )
        except TimeoutError as error:
            raise ConnectTimeout("the TLS handshake takes too long") from error
        except (*_BROKEN, anyio.EndOfStream, ValueError) as error:
            raise TlsFailed(str(error)) from error

    def certificate(self) -> bytes:
        """Return the certificate of the other side, in DER; empty: there is none."""
        return self._stream.extra(TLSAttribute.peer_certificate_binary, None) or b""  # noqa: S610  # nosec B610 - not Django

    def is_quiet(self) -> bool:
        """Whether nothing has come, not even the end: so it is with a connection that can be used again."""
        return not is_readable(self._socket.fileno())

    def interrupt(self) -> None:
        """From another task: end the read under way."""
        with suppress(OSError):  # it is closed already
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it, in trio's own thread; who waits gets an error."""
        import trio

        if self._socket.fileno() >= 0:
            with suppress(RuntimeError):  # trio has ended
                trio.lowlevel.notify_closing(self._socket)
            self._socket.close()

    def drop(self) -> None:
        """Close it, from anywhere: a destructor may be called in any thread."""
        import trio

        try:
            self._token.run_sync_soon(self.close)
        except trio.RunFinishedError:
            self._socket.close()

    def after_fork(self) -> None:
        """In a child: close the descriptor, and nothing else. The parent goes on using the connection."""
        self._is_foreign = True
        self._socket.close()

    def _broken(self, error: Exception) -> HttpError:
        cause = error.__cause__
        told = cause if isinstance(cause, Exception) else error
        return WrongProcess(processes.WORDS) if self._is_foreign else broken(told)


async def connect(origin: Origin, options: Options, timeout: float | None) -> TrioLine:
    """Connect, in the clear, to whichever address of the host answers first.

    Raises:
        ConnectTimeout: It took too long.
        ConnectFailed: No address took the connection.
    """
    try:
        with anyio.fail_after(timeout):
            if origin.socket:
                line = TrioLine(await anyio.connect_unix(origin.socket))
            else:
                line = TrioLine(await anyio.connect_tcp(origin.host, origin.port))
    except TimeoutError as error:
        raise ConnectTimeout(f"{origin.authority} does not answer") from error
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be
        cause = _first(error)
        raise not_connected(cause if isinstance(cause, OSError) else error) from cause
    line.prepare(options)
    return line


def _first(error: BaseException) -> BaseException:
    """Return the system's own error behind anyio's, which may be a group of one for each address."""
    cause: Any = error.__cause__ or error
    while isinstance(cause, BaseExceptionGroup):
        cause = cast("Any", cause).exceptions[0]
    return cast("BaseException", cause)
