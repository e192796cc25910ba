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

    def with_parts(self, other: Results) -> Results:
        """Return these with the parts that another run has measured; the rest, the machine too, stays as it was."""
        parts, samples = {**self.parts, **other.parts}, {**self.samples, **other.samples}
        return attrs.evolve(self, parts=parts, samples=samples)

    def write(self, path: Path, goals: list[dict[str, object]]) -> None:
        """Write them as JSON.

        Args:
            path: Where to.
            goals: What they mean for the goals, for readers; it follows from the rest and is not read back.
        """
        path.write_text(json.dumps(_rounded({**attrs.asdict(self), "goals": goals}), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what was written."""
        told = json.loads(path.read_text("utf-8"))
        return cls(**{field.name: told[field.name] for field in attrs.fields(cls)})


def _rounded(value: Any) -> Any:
    """Four digits are more than is repeatable."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
