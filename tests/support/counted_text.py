"""Work on a text counted instead of timed: characters looked at or copied, and lines of Python that were run.

What a regular expression does inside is not seen. Those that read header fields are anchored or bounded, and are tried
on long fields besides.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from tests.streaming.counting import Tally

_METHODS = (
    "split", "rsplit", "splitlines", "partition", "rpartition", "find", "rfind", "index", "count", "startswith",
    "endswith", "removeprefix", "removesuffix", "strip", "lstrip", "rstrip", "replace", "isdigit", "isascii",
    "encode", "lower", "upper", "isprintable", "translate", "title", "__contains__", "__getitem__", "__add__",
)  # fmt: skip


class CountingText(str):
    """A text that counts each character looked at or copied, as do all texts cut from it.

    Where an operation could stop early it counts as if it did not.
    """

    tally: Tally

    def __iter__(self) -> Iterator[str]:
        self.tally.steps += len(self)
        return super().__iter__()


def counting_text(text: str, tally: Tally) -> CountingText:
    """``text`` that counts."""
    counted = CountingText(text)
    counted.tally = tally
    return counted


def _counted(name: str) -> Callable[..., Any]:
    method = getattr(str, name)

    def call(self: CountingText, *args: Any, **named: Any) -> Any:
        result = method(self, *args, **named)
        self.tally.steps += len(self) + (len(result) if isinstance(result, str) else 0)
        if isinstance(result, str):
            return counting_text(result, self.tally)
        if isinstance(result, list | tuple):
            return type(result)(counting_text(part, self.tally) for part in result)
        return result

    return call


for _name in _METHODS:
    setattr(CountingText, _name, _counted(_name))


def reading_steps(read: Callable[[str], object], text: str) -> int:
    """The steps that ``read`` takes for ``text``: characters, and lines of Python."""
    tally = Tally()

    def note(_: FrameType, event: str, __: Any) -> Any:
        tally.steps += event == "line"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        read(counting_text(text, tally))
    finally:
        sys.settrace(before)
    return tally.steps
