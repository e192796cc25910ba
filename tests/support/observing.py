"""An observer that keeps what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from gpo_client.observers import CallDetails, CallObserver, CallResult, Observer


class SeenCall(CallObserver):
    """What was told of one call, as names and arguments in order."""

    def __init__(self, call: CallDetails, parent: CallObserver | None, headers: Mapping[str, str]) -> None:
        self.call = call
        self.parent = parent
        self.news: list[tuple[str, Any]] = []
        self._headers = headers

    @property
    def names(self) -> list[str]:
        """The names alone."""
        return [name for name, _ in self.news]

    @property
    def results(self) -> list[CallResult]:
        """How it ended: there must be one."""
        return self.of("call_ended")

    def of(self, name: str) -> list[Any]:
        """What was told under one name."""
        return [told for known, told in self.news if known == name]

    def request_headers(self) -> Mapping[str, str]:
        return self._headers

    def __getattribute__(self, name: str) -> Any:
        if name in _NEWS:
            return lambda told: self.news.append((name, told))
        return super().__getattribute__(name)


_NEWS = {"attempt_started", "attempt_ended", "waited", "retrying", "resuming", "first_chunk", "call_ended"}


@attrs.define(eq=False)
class Recorder(Observer):
    """Keeps what it is told of all calls.

    Attributes:
        headers: Header fields to send with each request.
        calls: In the order in which they began.
    """

    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    calls: list[SeenCall] = attrs.field(factory=list[SeenCall])

    def call_started(self, call: CallDetails, parent: CallObserver | None) -> CallObserver:
        self.calls.append(SeenCall(call, parent, self.headers))
        return self.calls[-1]

    def of(self, operation: str) -> list[SeenCall]:
        """The calls of one operation."""
        return [seen for seen in self.calls if seen.call.operation == operation]
