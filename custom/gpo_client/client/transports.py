"""The transport behind a client, shared by its copies, and HTTP clients that users give instead of having one made."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar, cast
from weakref import WeakSet

from gpo_client.drivers.requests import Run, client_closed
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.http import processes
from gpo_client.http.given import AsyncHttpClient, HttpClient, library_of

T = TypeVar("T")


class TransportHandle(Generic[T]):
    """Makes a transport when it is first needed, once, whichever thread comes first.

    Args:
        make: Makes the transport.
        is_given: Whether the transport is over an HTTP client that was handed in.
    """

    def __init__(self, make: Callable[[], T], *, is_given: bool = False) -> None:
        self._make = make
        self._transport: T | None = None
        self.is_given = is_given
        self._closed = False
        self._lock = Lock()
        self._runs: WeakSet[Run] = WeakSet()
        processes.register(self)

    @property
    def is_closed(self) -> bool:
        """Whether it serves nobody any more."""
        return self._closed

    def check(self) -> None:
        """Find out early.

        Raises:
            UsageError: The client has been closed.
        """
        if self._closed:
            raise client_closed()

    def get(self) -> T:
        """Return the transport.

        Raises:
            UsageError: The client has been closed.
        """
        if (made := self._transport) is not None:
            return made
        with self._lock:
            self.check()
            if self._transport is None:
                self._transport = self._make()
            return self._transport

    def note(self, run: Run) -> None:
        """Remember a run: it is to end when the transport is closed, whatever it waits for."""
        with self._lock:
            self._runs.add(run)

    def take(self) -> T | None:
        """Stop all runs and return the transport, to be closed.

        None when there is none to close (any more). Nobody gets it afterwards.
        """
        with self._lock:
            self._closed = True
            transport, self._transport = self._transport, None
            runs = tuple(self._runs)
        for run in runs:
            run.stop()
        return transport

    def after_fork(self) -> None:
        """In a child: a thread that held the lock is not there to give it back."""
        self._lock = Lock()


def sync_given_client(given: object) -> HttpClient | None:
    """Return what was given as ``http_client`` of a blocking client.

    Raises:
        InvalidArgumentError: It is anything else than an ``httpx.Client`` or an ``httpx2.Client``.
    """
    return cast("HttpClient | None", _checked(given, "Client", "AsyncClient", "GPOCoreClient"))


def async_given_client(given: object) -> AsyncHttpClient | None:
    """Return what was given as ``http_client`` of an asynchronous client.

    Raises:
        InvalidArgumentError: It is anything else than an ``httpx.AsyncClient`` or an ``httpx2.AsyncClient``.
    """
    return cast("AsyncHttpClient | None", _checked(given, "AsyncClient", "Client", "SyncGPOCoreClient"))


def _checked(given: object, wanted: str, other: str, for_other: str) -> Any:
    library = library_of(given)
    if given is None or isinstance(given, getattr(library, wanted, ())):
        return given
    named = f"{library.__name__ if library else 'httpx'}.{wanted}"
    if isinstance(given, type):
        what = f"the class {given.__name__}: make one first, {named}()"
    else:
        is_other = isinstance(given, getattr(library, other, ()))
        what = _name(type(given)) + (f", which {for_other} takes" if is_other else "")
    raise InvalidArgumentError(f"http_client must be an {named}, not {what}", field="http_client")


def _name(kind: type) -> str:
    # httpx and requests say that their classes are at home where users import them from.
    home = kind.__module__.partition(".")[0]
    return kind.__qualname__ if home == "builtins" else f"{home}.{kind.__qualname__}"
