"""The metadata of an answer's chunks, merged within a bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpo_client.text.sizes import Budget, json_bytes


class MetadataCollector:
    """Merge metadata, later values winning.

    Args:
        budget: How many bytes to keep; None (the default): any number.

    >>> metadata = MetadataCollector()
    >>> metadata.add({"model_used": "x", "message_id": "m"})
    >>> metadata.add({"model_used": "y"})
    >>> metadata.values
    {'model_used': 'y', 'message_id': 'm'}
    """

    __slots__ = ("_budget", "_sizes", "truncated", "values")

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        self._sizes: dict[str, int] = {}
        #: What has been said so far.
        self.values: dict[str, Any] = {}
        #: Whether something was left out.
        self.truncated = False

    def add(self, metadata: Mapping[str, Any]) -> None:
        """Merge the metadata of a chunk."""
        for name, value in metadata.items():
            size = json_bytes((name, value))
            if self._budget.take(size - self._sizes.get(name, 0)):
                self._sizes[name] = size
                self.values[name] = value
            else:
                self.truncated = True
