"""The port over a client that somebody else made: httpx's or httpx2's, told apart by what it is; neither is imported.

What they cannot do: a blocking read waits anew for each piece that arrives, whatever it brings, and a server that sends
nonsense looks like one that hangs up.
"""

from __future__ import annotations

import math
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar, cast
from weakref import WeakSet

import anyio

from gpo_client.http import errors, processes
from gpo_client.http.options import Limits
from gpo_client.http.request import Message, Request, pieces
from gpo_client.http.response import Head

E = TypeVar("E")

_USED_BEFORE = (
    "your HTTP client has connections of the process that this one was forked from: make another one in each process"
)
# Each library, with what does its reading.
_LIBRARIES = {"httpx": ("httpx", "httpcore"), "httpx2": ("httpx2", "httpcore2")}


def library_of(client: object) -> ModuleType | None:
    """Return the library that a client is of; None: neither of the two."""
    for kind in type(client).__mro__:
        if (name := kind.__module__.partition(".")[0]) in _LIBRARIES:
            return sys.modules[name]
    return None


class _Pieces:
    """A body in pieces, from its beginning each time that it is sent: auth may send a request twice."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        return pieces(Message(self._request.body), self._request)


class _AsyncPieces:
    """The same for an event loop; what can be iterated both ways, they take for the other kind."""

    def __init__(self, request: Request) -> None:
        self._pieces = _Pieces(request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


class _Given:
    """What both kinds of exchanges are."""

    _in_pieces: type = _Pieces
    _body: Any = None
    _is_interrupted = False

    def __init__(self, client: Any, request: Request) -> None:
        self._client = client
        self._process = os.getpid()
        library: Any = library_of(client)
        self._library = library
        self._request = request
        self._timeouts: dict[str, float | None] = {}
        self._stream: Any = None
        self._network: Any = None
        # UnicodeError: host names that cannot be written as IDNA demands, which shows when the resolver tries.
        self._errors = (library.TransportError, library.StreamError, library.InvalidURL, UnicodeError)

    @property
    def _is_foreign(self) -> bool:
        """Whether this process was forked from the one that opened it, and nothing here may touch its connection."""
        return os.getpid() != self._process

    def _check_process(self) -> None:
        if self._is_foreign:
            raise errors.WrongProcess(processes.elsewhere("the stream"))

    def _take_stream(self) -> Any:
        """Return what is to be closed, once; None in a forked child, which leaves it to its parent."""
        stream, self._stream = self._stream, None
        if self._is_foreign:
            processes.leave(stream, self._body)
            return None
        return stream

    def _build(self, limits: Limits) -> Any:
        request, (origin, target) = self._request, self._request.address
        headers, content = dict(request.headers), request.body or None
        if request.on_progress is not None:  # somebody wants to know how far it is
            content = self._in_pieces(request)
            headers["Content-Length"] = str(len(request.body))  # else pieces are sent as chunks
        built = self._client.build_request(
            request.method,
            f"{origin.scheme}://{origin.netloc}{target}",
            content=content,
            headers=headers,
            timeout=self._library.Timeout(limits.head, connect=limits.connect, pool=limits.pool),
        )
        self._timeouts = built.extensions["timeout"]
        return built

    def _begin(self, response: Any) -> tuple[Head, bytes | None]:
        """Return the head, and the body if a hook of the client has read it; ``BodyTaken``: it has not kept it."""
        fields = tuple((name.lower(), value) for name, value in response.headers.multi_items())
        version = str(response.http_version).removeprefix("HTTP/")
        self._stream, body = response.stream, None
        if response.is_stream_consumed or response.is_closed:
            try:
                body = response.content
            except self._errors as error:
                raise errors.BodyTaken(
                    "a hook of the HTTP client has taken the body; response.read() would keep it"
                ) from error
            fields = tuple(field for field in fields if field[0] not in ("content-encoding", "content-length"))
        else:
            if version.startswith("1"):  # a connection of HTTP/2 serves others too
                self._network = response.extensions.get("network_stream")
            # The two refer to each other, which would keep the connection of an exchange that was dropped half-read
            # until the garbage collector comes by.
            response.stream = self._library.ByteStream(b"")
        return Head(response.status_code, fields, version), body

    def _refusal(self, error: Exception) -> Exception:
        """Return what an exception of sending means.

        One that is none of theirs is a program's, such as a hook's own.
        """
        if self._client.is_closed:
            return errors.TransportClosed()
        if not isinstance(error, self._errors):
            raise error
        return self._error(error)

    def _error(self, error: Exception) -> errors.HttpError:
        """Their exception as one of this room."""
        of, text = self._library, next((words for cause in _causes(error) if (words := str(cause))), "")
        kinds: tuple[tuple[type[Exception], type[errors.HttpError]], ...] = (
            (of.ConnectTimeout, errors.ConnectTimeout),
            (of.PoolTimeout, errors.PoolTimeout),
            (of.TimeoutException, errors.ReadTimeout),
            (of.ProxyError, errors.ProxyFailed),
            (of.ConnectError, errors.TlsFailed if _is_of_tls(error) else errors.ConnectFailed),
            (of.NetworkError, errors.ConnectionBroken),
            (of.RemoteProtocolError, errors.ConnectionCut),
            (of.StreamError, errors.ConnectionCut),
            (of.UnsupportedProtocol, errors.ConnectFailed),
            (of.InvalidURL, errors.ConnectFailed),
            (UnicodeError, errors.ConnectFailed),
        )
        return next((ours for theirs, ours in kinds if isinstance(error, theirs)), errors.ProtocolViolation)(text)


class GivenSyncExchange(_Given):
    """One exchange; see :class:`gpo_client.http.aio.AsyncExchange`."""

    _body: Iterator[bytes] = iter(())

    def open(self, limits: Limits) -> Head:
        """Send the request and wait for the head of the answer."""
        try:
            response = self._client.send(self._build(limits), stream=True, follow_redirects=False)
        except Exception as error:  # noqa: BLE001 - goes on as one of ours
            raise self._refusal(error) from _root(error)
        head, body = self._begin(response)
        # Not iter_raw(): it counts and cuts the bytes, which costs more than reading them. Empty pieces are no end,
        # but some transports have them.
        self._body = filter(None, self._stream) if body is None else iter((body,))
        return head

    def read(self, timeout: float | None) -> bytes:
        """Return the next bytes of the body."""
        self._check_process()
        self._timeouts["read"] = timeout
        try:
            data = b"" if self._is_interrupted else next(self._body, b"")
        except self._errors as error:
            raise self._error(error) from error
        return b"" if self._is_interrupted else data

    def interrupt(self) -> None:
        """End the read under way: on a connection of HTTP/2, which others need, with the next bytes that come."""
        self._is_interrupted = True
        if self._network is not None and not self._is_foreign:
            with suppress(OSError):
                self._network.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def close(self, *, is_whole: bool = False) -> None:  # noqa: ARG002 - the client decides
        """Let go of the connection."""
        if (stream := self._take_stream()) is not None:
            stream.close()


class GivenAsyncExchange(_Given):
    """The same on an event loop."""

    _in_pieces = _AsyncPieces
    _body: AsyncIterator[bytes] | None = None
    _reading: anyio.CancelScope | None = None

    async def open(self, limits: Limits) -> Head:
        """Send the request and wait for the head of the answer."""
        with anyio.CancelScope() as waiting:
            return await self._open(limits, waiting)
        raise errors.ReadTimeout(errors.DRIPS)

    async def _open(self, limits: Limits, waiting: anyio.CancelScope) -> Head:
        async def trace(event: str, _: object) -> None:
            # What they wait for begins anew with each piece that arrives, be it an interim answer.
            if event.endswith(".receive_response_headers.started") and limits.head is not None:
                waiting.deadline = anyio.current_time() + limits.head
            elif ".receive_response_headers." in event:
                waiting.deadline = math.inf

        try:
            built = self._build(limits)
            built.extensions["trace"] = trace
            response = await self._client.send(built, stream=True, follow_redirects=False)
        except Exception as error:  # noqa: BLE001 - goes on as one of ours
            raise self._refusal(error) from _root(error)
        head, body = self._begin(response)
        self._body = aiter(self._stream if body is None else self._library.ByteStream(body))
        return head

    async def read(self, timeout: float | None) -> bytes:
        """Return the next bytes of the body."""
        self._check_process()
        self._timeouts["read"] = timeout
        ends = math.inf if timeout is None else anyio.current_time() + timeout
        try:
            with anyio.CancelScope(deadline=ends) as self._reading:
                if self._body is not None and not self._is_interrupted:
                    async for data in self._body:
                        if data:
                            return data
                return b""
        except self._errors as error:
            raise self._error(error) from error
        finally:
            self._reading = None
        if self._is_interrupted:
            return b""
        raise errors.ReadTimeout(errors.DRIPS)

    def interrupt(self) -> None:
        """End the read under way."""
        self._is_interrupted = True
        if self._reading is not None and not self._is_foreign:
            self._reading.cancel()

    async def aclose(self, *, is_whole: bool = False) -> None:  # noqa: ARG002 - the client decides
        """Let go of the connection."""
        if (stream := self._take_stream()) is None:
            return
        with anyio.CancelScope(shield=True):
            await stream.aclose()
            if self._body is None:
                return
            # They read a body through generators within generators. Left suspended they would be finished by the
            # garbage collector, with warnings; here they come to their end, and wait for nothing.
            with anyio.CancelScope() as over, suppress(*self._errors):
                over.cancel()
                async for _ in self._body:
                    pass


class _GivenTransport(Generic[E]):
    """Exchanges over a client, which is closed with this if it is owned."""

    _kind: Callable[[Any, Request], E]
    _process: int | None = None  # that has used it

    def __init__(self, client: Any, *, is_owned: bool = False) -> None:
        self.client = client
        self._is_owned = is_owned
        self._exchanges: WeakSet[E] = WeakSet()

    @property
    def is_closed(self) -> bool:
        """Whether it has been closed."""
        return bool(self.client.is_closed)

    def exchange(self, request: Request) -> E:
        """Return an exchange, not open yet; raises ``TransportClosed``, and ``WrongProcess`` in a forked child."""
        if self.is_closed:
            raise errors.TransportClosed
        self._process = self._process or os.getpid()
        if self._process != os.getpid():
            raise errors.WrongProcess(_USED_BEFORE)
        exchange = self._kind(self.client, request)
        self._exchanges.add(exchange)
        return exchange


class GivenSyncTransport(_GivenTransport[GivenSyncExchange]):
    """Exchanges over a blocking client."""

    _kind = GivenSyncExchange

    def close(self) -> None:
        """End the reads under way, and close the client, if it was made for this."""
        for exchange in tuple(self._exchanges):  # closing a socket alone would leave a thread waiting that reads it
            exchange.interrupt()
        if self._is_owned:
            self.client.close()


class GivenAsyncTransport(_GivenTransport[GivenAsyncExchange]):
    """Exchanges over an asynchronous client."""

    _kind = GivenAsyncExchange

    async def aclose(self) -> None:
        """Close the client, if it was made for this."""
        if self._is_owned:
            await self.client.aclose()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Return an exception and those that it came of; anyio has a group of them, one for each address."""
    while error is not None:
        yield error
        for each in cast("tuple[BaseException, ...]", getattr(error, "exceptions", ())):
            yield from _causes(each)
        error = error.__cause__ or error.__context__


def _root(error: Exception) -> BaseException:
    """Return what the operating system said, where it said something."""
    return next((cause for cause in _causes(error) if isinstance(cause, OSError) and cause.errno), error)


def _is_of_tls(error: BaseException) -> bool:
    return any(isinstance(cause, ssl.SSLError) for cause in _causes(error))


# What is replaced to mock a library, in it and in what does its reading.
_METHODS = (
    (
        ("HTTPTransport", "handle_request"),
        ("AsyncHTTPTransport", "handle_async_request"),
        ("Client", "_transport_for_url"),  # respx with using="httpx"
        ("AsyncClient", "_transport_for_url"),
    ),
    (("ConnectionPool", "handle_request"), ("AsyncConnectionPool", "handle_async_request")),
)
# The methods that were last found to be the libraries' own.
_OWN: dict[tuple[type, str], object] = {}


def patched_library() -> str | None:
    """Return the library, ``"httpx"`` or ``"httpx2"``, whose sending has been replaced; None: neither."""
    for library, names in _LIBRARIES.items():
        for name, methods in zip(names, _METHODS, strict=True):
            if (module := sys.modules.get(name)) is not None:
                for kind_name, method in methods:  # asked with each call
                    kind = getattr(module, kind_name, object)
                    found = vars(kind).get(method)
                    if found is not _OWN.get((kind, method)) and _is_replaced(kind, method, found, module):
                        return library
    return None


def _is_replaced(kind: type, method: str, found: object, module: ModuleType) -> bool:
    """Whether a method was written elsewhere than in its package: what wraps it was, whatever name it bears."""
    file = getattr(getattr(found, "__code__", None), "co_filename", "")
    if not file or str(Path(str(module.__file__)).parent) not in file:
        return True
    _OWN[kind, method] = found
    return False
