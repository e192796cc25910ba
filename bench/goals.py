"""The goals, as data: what is compared with what, and how far it may go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import attrs

from bench.results import Results

Compute = Callable[[Results], float | None]


@attrs.frozen(kw_only=True)
class Goal:
    """A goal.

    Attributes:
        what: What is measured.
        limit: How far it may go.
        unit: What ``limit`` counts: ``×`` for a ratio.
        at: Whether ``limit`` is the most or the least.
        how: How it is computed.
        compute: Computes it; None when what it needs was not measured.
        elsewhere: Where it is shown, when that is not here.
    """

    what: str
    limit: float
    how: str
    compute: Compute
    unit: str = "×"
    at: Literal["≤", "≥"] = "≤"
    elsewhere: str = ""

    def judge(self, results: Results) -> Verdict:
        """Hold it against what was measured."""
        measured = self.compute(results)
        held = None
        if measured is not None:
            held = measured <= self.limit if self.at == "≤" else measured >= self.limit
        return Verdict(goal=self, measured=measured, held=held)


@attrs.frozen(kw_only=True)
class Verdict:
    """Whether a goal is held; None: not measured."""

    goal: Goal
    measured: float | None
    held: bool | None

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        goal = attrs.asdict(self.goal, filter=lambda field, _: field.name != "compute")
        return {**goal, "measured": self.measured, "held": self.held}

    def is_missed(self, *, partly: bool) -> bool:
        """Whether the goal was missed, or should have been measured and was not.

        Args:
            partly: Whether only a part was to be measured.
        """
        unmeasured = self.held is None and not (partly or self.goal.elsewhere)
        return unmeasured or self.held is False


def number(part: str, key: str, name: str = "cpu_us", scale: float = 1.0) -> Compute:
    """One number, scaled."""

    def compute(results: Results) -> float | None:
        found = results.find(part, key, name)
        return None if found is None else found * scale

    return compute


def ratio(one: Compute, other: Compute) -> Compute:
    """One number divided by another."""

    def compute(results: Results) -> float | None:
        above, below = one(results), other(results)
        return None if above is None or not below else above / below

    return compute


def largest(*all_of: Compute) -> Compute:
    """The largest of several numbers, all of which must be there."""

    def compute(results: Results) -> float | None:
        found = [value for one in all_of if (value := one(results)) is not None]
        return max(found) if len(found) == len(all_of) else None

    return compute


def excess(one: Compute, other: Compute) -> Compute:
    """What one number has beyond another."""

    def compute(results: Results) -> float | None:
        more, less = one(results), other(results)
        return None if more is None or less is None else more - less

    return compute
