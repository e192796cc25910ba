"""The HTTP client behind a client, shared by its copies."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from gpo_client.exceptions import UsageError

H = TypeVar("H")


class HttpHandle(Generic[H]):
    """Builds an HTTP client when it is first needed, once, whichever thread comes first.

    Args:
        build: Makes the HTTP client.
    """

    def __init__(self, build: Callable[[], H]) -> None:
        self._build = build
        self._http: H | None = None
        self._closed = False
        self._lock = Lock()

    def get(self) -> H:
        """The HTTP client.

        Raises:
            UsageError: The client has been closed.
        """
        with self._lock:
            if self._closed:
                raise UsageError("the client is closed; make a new one, or use it inside its with block only")
            if self._http is None:
                self._http = self._build()
            return self._http

    def take(self) -> H | None:
        """The HTTP client for whoever closes it; None when there is none (any more). Nobody gets it afterwards."""
        with self._lock:
            self._closed = True
            http, self._http = self._http, None
            return http
