"""The transport's exceptions as values that flows can judge."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import cast

import httpx

from gpo_client.flows.effects import Failure, FailureKind

#: What a transport raises when the network, not a program, is at fault. Nothing else is caught. The last two are for
#: host names that cannot be written as IDNA demands, which shows when httpx or the resolver tries.
TRANSPORT_ERRORS = (httpx.TransportError, httpx.StreamError, httpx.InvalidURL, UnicodeError)

_BY_TYPE: dict[type[Exception], FailureKind] = {
    httpx.ConnectTimeout: FailureKind.CONNECT_TIMEOUT,
    httpx.PoolTimeout: FailureKind.NO_FREE_CONNECTION,
    httpx.TimeoutException: FailureKind.TIMEOUT,
    httpx.ProxyError: FailureKind.UNREACHABLE,
    httpx.ConnectError: FailureKind.UNREACHABLE,
    httpx.NetworkError: FailureKind.RESET,
    httpx.StreamError: FailureKind.CUT,
    httpx.InvalidURL: FailureKind.UNREACHABLE,
    UnicodeError: FailureKind.UNREACHABLE,
}

# How h11 and httpcore say that the peer hung up; the other remote protocol errors are nonsense on the wire.
_HUNG_UP = ("closed connection", "disconnected", "connection closed")


def failure_of(error: Exception) -> Failure:
    """The failure that one of ``TRANSPORT_ERRORS`` stands for."""
    kind = _kind(error)
    detail = str(error) if kind in (FailureKind.UNREACHABLE, FailureKind.TLS, FailureKind.PROTOCOL) else None
    return Failure(kind, detail or None, error)


def _kind(error: Exception) -> FailureKind:
    if isinstance(error, httpx.RemoteProtocolError):
        hung_up = any(words in str(error).lower() for words in _HUNG_UP)
        return FailureKind.CUT if hung_up else FailureKind.PROTOCOL
    kind = next((kind for known, kind in _BY_TYPE.items() if isinstance(error, known)), FailureKind.PROTOCOL)
    if kind is FailureKind.UNREACHABLE:
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return FailureKind.TLS
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return FailureKind.REFUSED
    return kind


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exceptions behind an exception, the members of groups included (one for each address of a host)."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in cast("BaseExceptionGroup[BaseException]", error).exceptions:
                yield from _causes(member)
        error = error.__cause__ or error.__context__
