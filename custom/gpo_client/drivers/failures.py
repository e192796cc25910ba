"""What goes wrong in an exchange, as values that flows can judge."""

from __future__ import annotations

from gpo_client.drivers.requests import client_closed
from gpo_client.exceptions import UsageError
from gpo_client.flows.effects import Failure, FailureKind
from gpo_client.http.errors import (
    ConnectFailed,
    ConnectionBroken,
    ConnectionCut,
    ConnectTimeout,
    HttpError,
    LocalLimit,
    PoolTimeout,
    ProxyDenied,
    ProxyFailed,
    ReadTimeout,
    TlsFailed,
    TransportClosed,
    WrongProcess,
)

_KINDS: tuple[tuple[type[HttpError], FailureKind], ...] = (
    (ConnectTimeout, FailureKind.CONNECT_TIMEOUT),
    (PoolTimeout, FailureKind.NO_FREE_CONNECTION),
    (ReadTimeout, FailureKind.TIMEOUT),
    (TlsFailed, FailureKind.TLS),
    (LocalLimit, FailureKind.LOCAL_LIMIT),
    (ProxyDenied, FailureKind.PROXY_DENIED),
    (ProxyFailed, FailureKind.PROXY_FAILED),
    (ConnectFailed, FailureKind.UNREACHABLE),
    (ConnectionBroken, FailureKind.RESET),
    (ConnectionCut, FailureKind.CUT),
)
_TELLING = (
    FailureKind.UNREACHABLE,
    FailureKind.TLS,
    FailureKind.PROTOCOL,
    FailureKind.PROXY_DENIED,
    FailureKind.PROXY_FAILED,
)


def failure_of(error: HttpError) -> Failure:
    """Return the failure that an error stands for.

    Raises:
        UsageError: Nothing failed but the program: its client is closed, or belongs to another process.
    """
    if isinstance(error, TransportClosed):
        raise client_closed() from error
    if isinstance(error, WrongProcess):
        raise UsageError(f"the stream cannot be read here: {error}") from error
    kind = next((kind for known, kind in _KINDS if isinstance(error, known)), FailureKind.PROTOCOL)
    if kind is FailureKind.UNREACHABLE and isinstance(error.__cause__, ConnectionRefusedError):
        kind = FailureKind.CONNECTION_REFUSED
    return Failure(kind, (str(error) or None) if kind in _TELLING else None, error)
