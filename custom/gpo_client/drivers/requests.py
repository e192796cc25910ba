"""What stands between flows and transports: requests, heads of answers, failures, and who has the transport."""

from __future__ import annotations

from typing import Protocol, TypeVar

from gpo_client.exceptions import UsageError
from gpo_client.flows.effects import Failure, FailureKind, Open, Opened
from gpo_client.http import errors
from gpo_client.http.options import Limits, address_of
from gpo_client.http.request import Request
from gpo_client.http.response import Head
from gpo_client.operations.generated import urlencoded

T_co = TypeVar("T_co", covariant=True)


class Run(Protocol):
    """A flow being driven."""

    def stop(self) -> None:
        """End it, asked from anywhere: whoever drives it is told that the client is closed."""
        ...


class Owner(Protocol[T_co]):
    """Who has the transport that runs use, and ends them when it is closed."""

    def get(self) -> T_co:
        """Return the transport; raises ``UsageError`` if it has been closed."""
        ...

    def note(self, run: Run) -> None:
        """Remember a run, as long as it lives."""
        ...


def request_of(effect: Open) -> Request:
    """Return the request that an effect asks for; raises ``ConnectFailed`` if it leads nowhere."""
    request = effect.request
    address = address_of(request.url)
    if request.params:
        address = address._replace(target=f"{address.target}?{urlencoded(request.params)}")
    body = request.content or b""
    return Request(request.method, address, request.headers, body, request.is_repeatable, request.on_progress)


def limits_of(effect: Open) -> Limits:
    """How long the steps to the head may take."""
    return Limits(connect=effect.connect_timeout, pool=effect.read_timeout, head=effect.read_timeout)


def opened(head: Head) -> Opened:
    """Return the head of an answer, as flows know it."""
    return Opened(head.status, head.headers)


def client_closed() -> UsageError:
    """Return the error of whoever uses a client that is closed."""
    return UsageError("the client is closed; make a new one, or use it inside its with block only")


_KINDS: tuple[tuple[type[errors.HttpError], FailureKind], ...] = (
    (errors.ConnectTimeout, FailureKind.CONNECT_TIMEOUT),
    (errors.PoolTimeout, FailureKind.NO_FREE_CONNECTION),
    (errors.ReadTimeout, FailureKind.TIMEOUT),
    (errors.TlsFailed, FailureKind.TLS),
    (errors.LocalLimit, FailureKind.LOCAL_LIMIT),
    (errors.ProxyDenied, FailureKind.PROXY_DENIED),
    (errors.ProxyFailed, FailureKind.PROXY_FAILED),
    (errors.ConnectFailed, FailureKind.UNREACHABLE),
    (errors.ConnectionBroken, FailureKind.RESET),
    (errors.ConnectionCut, FailureKind.CUT),
)
_TELLING = (
    FailureKind.UNREACHABLE,
    FailureKind.TLS,
    FailureKind.PROTOCOL,
    FailureKind.PROXY_DENIED,
    FailureKind.PROXY_FAILED,
)


def failure_of(error: errors.HttpError) -> Failure:
    """Return the failure that an error stands for. Raises UsageError: nothing failed but the program: its client is
    closed, belongs to another process, or has a hook that takes what it should leave.
    """
    if isinstance(error, errors.TransportClosed):
        raise client_closed() from error
    if isinstance(error, errors.BodyTaken | errors.WrongProcess):
        raise UsageError(str(error)) from error
    kind = next((kind for known, kind in _KINDS if isinstance(error, known)), FailureKind.PROTOCOL)
    if kind is FailureKind.UNREACHABLE and isinstance(error.__cause__, ConnectionRefusedError):
        kind = FailureKind.CONNECTION_REFUSED
    return Failure(kind, (str(error) or None) if kind in _TELLING else None, error)
