"""The transport behind a client, shared by its copies."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from gpo_client.drivers.requests import client_closed
from gpo_client.http import processes

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

    def take(self) -> T | None:
        """Return the transport, to be closed.

        None when there is none to close (any more). Nobody gets it afterwards.
        """
        with self._lock:
            self._closed = True
            transport, self._transport = self._transport, None
            return transport

    def after_fork(self) -> None:
        """In a child: a thread that held the lock is not there to give it back."""
        self._lock = Lock()
