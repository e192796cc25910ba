"""Requests and heads of answers, between flows and httpx."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import lru_cache

import httpx

from gpo_client.drivers.failures import TRANSPORT_ERRORS, failure_of
from gpo_client.exceptions import UsageError
from gpo_client.flows.effects import Failure, Open, Opened
from gpo_client.transports.limits import ReadTimeout


def build_request(http: httpx.Client | httpx.AsyncClient, effect: Open, read_timeout: ReadTimeout) -> httpx.Request:
    """The httpx request for an effect; ``read_timeout`` limits the reads of its answer.

    Raises:
        UsageError: The HTTP client has been closed since the flow was made.
    """
    if http.is_closed:
        raise client_closed()
    request = effect.request
    built = http.build_request(
        request.method,
        _address(request.url),
        params=request.params or None,
        content=request.content,
        headers=request.headers,
        timeout=httpx.Timeout(effect.read_timeout, connect=effect.connect_timeout),
    )
    built.extensions["timeout"]["read"] = read_timeout
    built.stream = _Body(request.content or b"")
    return built


@lru_cache(maxsize=64)
def _address(url: str) -> httpx.URL:
    """An address that most requests share with the one before: taking it apart costs more than anything else."""
    return httpx.URL(url)


def failure_or_raise(http: httpx.Client | httpx.AsyncClient, error: Exception) -> Failure:
    """The failure that an exception of a request stands for, which is raised if it is none.

    Raises:
        UsageError: The HTTP client was closed while the request was under way.
    """
    if http.is_closed:
        raise client_closed() from error
    if not isinstance(error, TRANSPORT_ERRORS):
        raise error
    return failure_of(error)


def client_closed() -> UsageError:
    """The error of whoever uses a client that is closed."""
    return UsageError("the client is closed; make a new one, or use it inside its with block only")


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A request body in one piece.

    httpx hands out its own through a generator, which a cancelled request leaves suspended for the garbage collector
    to find, with a warning. This one can be dropped at any time.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._content,))

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _OnePiece(self._content)


class _OnePiece(AsyncIterator[bytes]):
    def __init__(self, content: bytes) -> None:
        self._pieces = iter((content,))

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


def head_of(response: httpx.Response) -> Opened:
    """The head of an answer; httpx gives the names in lower case."""
    return Opened(response.status_code, dict(response.headers.items()))
