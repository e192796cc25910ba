"""The work grows with the text and no faster, character by character or in one piece: counted in steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from gpo_client.markdown.code import CodeTracker, InlineCodeTracker
from gpo_client.markdown.fences import FenceLine, FenceTracker, Runs
from gpo_client.text.transforms.highlight import KeywordMarker
from gpo_client.text.transforms.machine import Machine
from tests.streaming.transforms.portions import MACHINES, Make
from tests.support.counting import Tally, counted_steps

# In quadratic time the third part would cost five thirds of the second.
_MOST = 1.2
# More than the longest line that is held.
_SIZE = 1100
_KINDS = (Machine, KeywordMarker, CodeTracker, FenceTracker, FenceLine, InlineCodeTracker, Runs)

#: Texts that keep a machine holding, looking again, or deciding at every character.
SHAPES: dict[str, Callable[[int], str]] = {
    "prose": lambda size: "No tax is due, e.g. on income. [1] " * (size // 35),
    "parts of keywords": lambda size: "income ta " * (size // 10),
    "a line of backticks": lambda size: "`" * size,
    "lines that may be fences": lambda size: "``\n" * (size // 3),
    "full stops": lambda size: "." * size,
    "space": lambda size: " " * size,
}


def steps(make: Make, portions: Iterable[str]) -> int:
    """Calls, and the size of what machines replace in themselves."""
    tally, machine = Tally(), make()
    with counted_steps(tally, _KINDS):
        for portion in portions:
            machine.feed(portion)
        machine.close()
    return tally.steps


def growth(make: Make, shape: Callable[[int], str], portions: Callable[[str], list[str]]) -> float:
    """What the third part of a text costs as compared with the second; the first is where machines fill up."""
    first, second, third = (steps(make, portions(shape(parts * _SIZE))) for parts in (1, 2, 3))
    return (third - second) / max(second - first, 50)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_time_is_linear(shape: Callable[[int], str]) -> None:
    """Every part of a text costs the same, character by character and in one piece."""
    for name in ("highlight", "highlight in code", "redact", "code_blocks", "short sentences", "short lines"):
        assert growth(MACHINES[name], shape, list) <= _MOST, name
        assert growth(MACHINES[name], shape, lambda text: [text]) <= _MOST, name


class JoinsAllItHolds(Machine[str]):
    """Quadratic in the size of the text."""

    held = ""

    def _take(self, text: str) -> str:
        self.held += text
        return ""

    def _finish(self) -> str:
        return self.held


def test_the_count_sees_quadratic_time() -> None:
    """A transform that is slow on purpose is found out, so that the test above means something."""
    assert growth(JoinsAllItHolds, lambda size: "x" * size, list) > 1.5
