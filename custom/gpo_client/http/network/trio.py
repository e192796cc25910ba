"""Lines on trio, by way of anyio."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress

import anyio
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSAttribute, TLSStream

from gpo_client.http import errors, processes
from gpo_client.http.network.sockets import BROKEN, broken, connecting, is_readable, shaking_hands
from gpo_client.http.options import Options, Origin

_READ = 65536


class TrioLine:
    """One connection, which is a stream of anyio's."""

    def __init__(self, stream: anyio.abc.SocketStream, options: Options) -> None:
        import trio

        self._stream: anyio.abc.ByteStream = stream
        self._socket: socket.socket = stream.extra_attributes[SocketAttribute.raw_socket]()
        self._token = trio.lowlevel.current_trio_token()
        self._is_foreign = False
        processes.register(self)
        options.prepare(self._socket)

    async def read(self, timeout: float | None) -> bytes:
        """Return what has come; ``b""`` when the other side has ended the connection."""
        if self._is_foreign:
            raise errors.WrongProcess(processes.elsewhere("the stream"))
        try:
            with anyio.fail_after(timeout):
                return await self._stream.receive(_READ)
        except anyio.EndOfStream:
            return b""
        except TimeoutError as error:
            raise errors.ReadTimeout("nothing came") from error
        except BROKEN as error:
            raise self._broken(error) from error

    async def write(self, data: bytes, timeout: float | None) -> None:
        """Send."""
        try:
            with anyio.fail_after(timeout):
                await self._stream.send(data)
        except TimeoutError as error:
            raise errors.ReadTimeout("the other side does not take what is sent") from error
        except BROKEN as error:
            raise self._broken(error) from error

    async def start_tls(self, context: ssl.SSLContext, host: str, timeout: float | None) -> None:
        """Encrypt it."""
        with shaking_hands(), anyio.fail_after(timeout):
            self._stream = await TLSStream.wrap(
                self._stream, hostname=host, ssl_context=context, standard_compatible=False, server_side=False
            )

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

    def _broken(self, error: Exception) -> errors.HttpError:
        cause = error.__cause__
        told = cause if isinstance(cause, Exception) else error
        return errors.WrongProcess(processes.elsewhere("the stream")) if self._is_foreign else broken(told)


async def connect(origin: Origin, options: Options, timeout: float | None) -> TrioLine:
    """Connect, in the clear, to whichever address of the host answers first; raises what :func:`connecting` does."""
    with connecting(f"{origin.authority} does not answer"), anyio.fail_after(timeout):
        if origin.socket:
            return TrioLine(await anyio.connect_unix(origin.socket), options)
        return TrioLine(await anyio.connect_tcp(origin.host, origin.port), options)
