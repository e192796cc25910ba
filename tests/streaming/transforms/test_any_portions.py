"""What holds for every transform, in whatever portions a text arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import InvalidArgumentError, UsageError
from gpo_client.markdown.code import CodeTracker, InlineCodeTracker
from gpo_client.markdown.fences import FenceLine, FenceTracker, Runs
from gpo_client.text.transforms.highlight import KeywordMarker
from gpo_client.text.transforms.machine import Machine
from tests.streaming.transforms.portions import HOLDING, MACHINES, Make, cuts, fed, texts
from tests.support.counting import Tally, counted_steps
from tests.support.cutting import cut, in_twos

EACH = pytest.mark.parametrize("make", MACHINES.values(), ids=MACHINES)


@given(text=texts, positions=cuts)
def test_the_result_is_that_of_the_whole_text(text: str, positions: list[int]) -> None:
    """In any portions, and character by character."""
    for name, make in MACHINES.items():
        whole = fed(make, [text])
        assert fed(make, cut(text, positions)) == whole, name
        assert fed(make, list(text)) == whole, name


def test_code_is_that_of_the_whole_text() -> None:
    """The same of each character, whether it is code."""

    def is_code(portions: Iterable[str]) -> list[bool]:
        tracker = CodeTracker()
        pieces = [piece for portion in portions for piece in tracker.feed(portion)] + tracker.close()
        return [found for found, part in pieces for _ in part]

    for portions in product(["a", "a\\", "\\", "`", "~~~", "a\n", "\r", ""], repeat=4):
        assert is_code(portions) == is_code(["".join(portions)]), portions


@EACH
def test_every_cut_of_a_long_answer(make: Make) -> None:
    """An answer with everything in it, cut in two at every position, with a portion in between that is empty."""
    whole = fed(make, [ANSWER])
    assert all(fed(make, [first, "", second]) == whole for first, second in in_twos(ANSWER))


@given(text=texts, position=st.integers(0, 120))
def test_what_is_held_back_is_bounded(text: str, position: int) -> None:
    """Of a text that might go on."""
    for name, (make, bound) in HOLDING.items():
        assert held(make, text[:position]) <= bound, name


@pytest.mark.parametrize(("make", "bound"), HOLDING.values(), ids=HOLDING)
@pytest.mark.parametrize(
    "run", ["```", "`", "~", "```python ", "x", " ", "\n", ".", "tax ", "!)", "[1]", "ß", "x. [1", "1."]
)
def test_endless_text_is_not_held(make: Make, bound: int, run: str) -> None:
    """Not even if it looks all the way like the beginning of what is looked for."""
    most = max(held(make, (run * 4000)[:size]) for size in (*range(0, 3000, 61), 4000))
    assert most <= bound


def held(make: Make, text: str) -> int:
    """How many characters a transform that changes nothing still has when it was fed ``text``."""
    machine = make()
    machine.feed(text)
    rest = machine.close()
    return len(rest) if isinstance(rest, str) else sum(len(getattr(item, "text", item)) for item in rest)


@EACH
@pytest.mark.parametrize("ending", ["close", "cut"])
def test_one_text_each(make: Make, ending: str) -> None:
    """A transform that is closed, or whose text broke off, gives nothing more, and says so when it is fed."""
    machine = make()
    assert any((machine.feed("income tax"), getattr(machine, ending)()))
    for close_again in (machine.close, machine.cut):
        with pytest.raises(UsageError, match=r"^the \w+ is closed: it serves one text, make a new one for the next$"):
            machine.feed("more")
        assert not close_again()


@EACH
@pytest.mark.parametrize("wrong", [None, b"tax", 5])
def test_what_is_no_text(make: Make, wrong: Any) -> None:
    """Is refused, as the content of a chunk that has none may be; the transform goes on."""
    machine = make()
    with pytest.raises(InvalidArgumentError, match=r"fed with text, not") as caught:
        machine.feed(wrong)
    assert caught.value.field == "text"
    assert not machine.feed("")


ANSWER = """# Taxes in México

Dr. Ruiz says: companies pay 30 % income tax on 3.5 million. [1] ¿Y el IVA? It is 16 %... mostly [1, 2].
Call a@b.mx or `income tax()`; card 4111 1111. “Really?” Yes! straße STRASSE Tax_rate C++.

1. First:
   ```python title="x"
   rate = 0.30  # income tax
   ```
2. Second
~~~~
tax ``` ~~~
~~~~
中文。好！ <b>tax</b> & income\ttax\r\n- item
```
unclosed tax"""


# --- The work grows with the text and no faster, character by character or in one piece: counted in steps.

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
