"""The blocking driver: does what flows ask for, in the thread that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import httpx

from gpo_client.drivers.failures import TRANSPORT_ERRORS, failure_of
from gpo_client.drivers.files import FileWriter
from gpo_client.drivers.requests import build_request, head_of
from gpo_client.flows.effects import (
    Close,
    Deliver,
    Effect,
    Failure,
    FileEffect,
    Flow,
    Open,
    Opened,
    Read,
)
from gpo_client.models.stream import StreamingChunk
from gpo_client.transports.limits import limit_reads, release_reads

T = TypeVar("T")


class SyncRun(Generic[T]):
    """One flow being driven. It owns what the flow opens, and lets go of it however the flow ends.

    Args:
        http: The HTTP client to use.
        flow: The flow to drive.
    """

    def __init__(self, http: httpx.Client, flow: Flow[T]) -> None:
        self._http = http
        self._flow = flow
        self._outcome: Any = None
        self._response: httpx.Response | None = None
        self._body: Iterator[bytes] = iter(())
        self._files = FileWriter()
        self._result: T | None = None
        self._effects: dict[type[Effect[Any]], Callable[[Any], Any]] = {
            Open: self._open,
            Read: self._read,
            Close: self._close,
        }

    def finish(self) -> T:
        """Drive the flow to its end and return its result."""
        while self.advance() is not None:
            pass
        return self._result  # type: ignore[return-value]

    def advance(self) -> Sequence[StreamingChunk] | None:
        """Drive the flow to its next delivery; None at its end."""
        try:
            while True:
                effect = self._flow.send(self._outcome)
                if isinstance(effect, Deliver):
                    self._outcome = None
                    return effect.chunks
                if isinstance(effect, FileEffect):
                    self._outcome = self._files.perform(effect)
                else:
                    self._outcome = self._effects[type(effect)](effect)
        except StopIteration as stop:
            self._result = stop.value
            self.close()
            return None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of everything. The flow, if it is not at its end, ends here."""
        self._flow.close()
        self._files.close()
        self._close()

    def _open(self, effect: Open) -> Opened | Failure:
        try:
            self._response = self._http.send(build_request(self._http, effect), stream=True)
        except TRANSPORT_ERRORS as error:
            return failure_of(error)
        self._body = self._response.iter_raw()
        return head_of(self._response)

    def _read(self, effect: Read) -> bytes | Failure:
        if self._response is not None:
            limit_reads(self._response, effect.timeout)
        try:
            # Empty pieces are no end: some transports have them.
            return next(filter(None, self._body), b"")
        except TRANSPORT_ERRORS as error:
            return failure_of(error)

    def _close(self, _: Close | None = None) -> None:
        response, self._response = self._response, None
        if response is not None:
            release_reads(response)
            response.close()
