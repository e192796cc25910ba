"""Results: what was measured, as it is written to JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

import attrs

from bench.measures.base import Numbers


@attrs.define(kw_only=True)
class Results:
    """What was measured.

    Attributes:
        machine: What the numbers depend on.
        parts: For each part, by the name of the measurement, what its samples come to.
        samples: The same, with all samples.
        notes: What was left out, and why.
    """

    machine: dict[str, object]
    parts: dict[str, dict[str, Numbers]] = attrs.field(factory=dict[str, dict[str, Numbers]])
    samples: dict[str, dict[str, list[Numbers]]] = attrs.field(factory=dict[str, dict[str, list[Numbers]]])
    notes: list[str] = attrs.field(factory=list[str])

    def find(self, part: str, key: str, number: str) -> float | None:
        """One number; None when it was not measured."""
        return self.parts.get(part, {}).get(key, {}).get(number)

    def write(self, path: Path, **more: Any) -> None:
        """Write them as JSON, with something more."""
        path.write_text(json.dumps({**attrs.asdict(self), **more}, indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what was written."""
        told = json.loads(path.read_text("utf-8"))
        return cls(**{field.name: told[field.name] for field in attrs.fields(cls)})
