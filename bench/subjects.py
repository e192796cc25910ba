"""The clients by name, and which of them can be measured here."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any, Literal, cast

import attrs

from bench.clients.base import AsynchronousClient, BlockingClient
from gpo_client import GPOConfig

#: Which shell, and for the asynchronous one on which event loop.
Runtime = Literal["sync", "async", "uvloop"]


@attrs.frozen(kw_only=True)
class Subject:
    """A client to measure.

    Attributes:
        label: Its name in tables.
        module: The module in ``bench.clients`` with its classes ``Blocking`` and ``Asynchronous``.
        needs: The package it comes from.
        options: What its classes are made with, beside the server's address.
        event: The name that its events must have.
        cost_us: Microseconds of CPU that an event in its own segment costs it at most, roughly: it is sent events at a
            pace that it can keep up with, for events that had to wait would be read together, which costs less.
    """

    label: str
    module: str
    needs: str = "httpx"
    options: dict[str, Any] = attrs.field(factory=dict[str, Any])
    event: str = ""
    cost_us: int = 60

    @property
    def missing(self) -> str | None:
        """Why it cannot be measured here; None when it can."""
        if find_spec(self.needs) is None:
            return f"{self.needs} is not installed (pip install 'gpo-client[bench]')"
        if self.module == "ours" and "transport" in self.options and "transport" not in GPOConfig().to_dict():
            return "GPOConfig has no setting 'transport'"
        return None

    def blocking(self, address: str, **options: Any) -> BlockingClient:
        """Its blocking client for a server, with further options."""
        return cast("BlockingClient", self._class("Blocking")(address, **{**self.options, **options}))

    def asynchronous(self, address: str, **options: Any) -> AsynchronousClient:
        """Its asynchronous client for a server, with further options."""
        return cast("AsynchronousClient", self._class("Asynchronous")(address, **{**self.options, **options}))

    def _class(self, name: str) -> Any:
        return getattr(importlib.import_module(f"bench.clients.{self.module}"), name)


SUBJECTS: dict[str, Subject] = {
    "floor": Subject(label="typed floor", module="floors"),
    "ours": Subject(label="gpo_client", module="ours"),
    "httpx-sse": Subject(label="httpx-sse + json.loads", module="peer_httpx_sse", needs="httpx_sse"),
    "openai": Subject(
        label="openai-python", module="peers", needs="openai", options={"library": "openai"}, cost_us=250
    ),
    "anthropic": Subject(
        label="anthropic-sdk-python",
        module="peers",
        needs="anthropic",
        options={"library": "anthropic"},
        event="content_block_delta",
        cost_us=250,
    ),
    "httpx-20": Subject(label="httpx, 20 kept alive", module="floors", options={"keep": 20}),
    "httpx-all": Subject(label="httpx, all kept alive", module="floors"),
}
