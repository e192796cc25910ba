"""The HTTP client behind a client, shared by its copies."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from gpo_client.drivers.requests import client_closed

H = TypeVar("H")


class HttpHandle(Generic[H]):
    """Builds an HTTP client when it is first needed, once, whichever thread comes first.

    Args:
        build: Makes the HTTP client.
        given: The HTTP client that was handed in instead. It belongs to whoever made it, and is not closed here.
    """

    def __init__(self, build: Callable[[], H], *, given: H | None = None) -> None:
        self._build = build
        self._http = given
        #: Whether the HTTP client was handed in.
        self.is_given = given is not None
        self._closed = False
        self._lock = Lock()

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

    def get(self) -> H:
        """The HTTP client.

        Raises:
            UsageError: The client has been closed.
        """
        with self._lock:
            self.check()
            if self._http is None:
                self._http = self._build()
            return self._http

    def take(self) -> H | None:
        """The HTTP client, to be closed; None when there is none to close (any more). Nobody gets it afterwards."""
        with self._lock:
            self._closed = True
            http, self._http = self._http, None
            return None if self.is_given else http
