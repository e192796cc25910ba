"""Work counted instead of timed: bytes or characters looked at or copied, calls made, lines of Python run.

What a regular expression does inside is not seen. Those that read header fields are anchored or bounded, and are tried
on long fields besides.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self, overload

from gpo_client.sse.parser import EventParser, LineSplitter


class Tally:
    """A count of steps."""

    def __init__(self) -> None:
        self.steps = 0


_METHODS = (
    *("splitlines", "split", "partition", "rpartition", "find", "rfind", "index", "count", "startswith", "endswith"),
    *("removeprefix", "removesuffix", "strip", "lstrip", "rstrip", "replace", "isdigit", "decode"),
    *("__contains__", "__getitem__", "__add__"),
)
_METHODS_OF_TEXT = (
    *(name for name in _METHODS if name != "decode"),
    *("rsplit", "isascii", "encode", "lower", "upper", "isprintable", "translate", "title"),
)


class CountingBytes(bytes):
    """Bytes that count each byte looked at or copied, as do all bytes cut from them or joined to them.

    Where an operation could stop early it counts as if it did not.
    """

    tally: Tally

    def __radd__(self, other: bytes) -> bytes:
        return counting(other, self.tally) + self


class CountingBuffer(bytearray):
    """A buffer that counts likewise. Growing it costs what is added, as CPython over-allocates."""

    tally: Tally

    def __iadd__(self, other: Any) -> Self:  # type: ignore[misc] # bytearray says no more of its own
        self.tally.steps += len(other)
        super().__iadd__(other)
        return self

    def __bytes__(self) -> bytes:
        self.tally.steps += len(self)
        return counting(bytes(memoryview(self)), self.tally)


class CountingText(str):
    """A text that counts likewise, character by character."""

    tally: Tally

    def __iter__(self) -> Iterator[str]:
        self.tally.steps += len(self)
        return super().__iter__()


@overload
def counting(data: bytes, tally: Tally) -> CountingBytes: ...


@overload
def counting(data: str, tally: Tally) -> CountingText: ...


def counting(data: bytes | str, tally: Tally) -> CountingBytes | CountingText:
    """``data`` that counts."""
    counted = CountingText(data) if isinstance(data, str) else CountingBytes(data)
    counted.tally = tally
    return counted


def _counted(kind: type, name: str, parts: type[bytes | str]) -> Callable[..., Any]:
    method = getattr(kind, name)

    def call(self: CountingBytes | CountingBuffer | CountingText, *args: Any, **named: Any) -> Any:
        result = method(self, *args, **named)
        self.tally.steps += len(self) + (len(result) if isinstance(result, parts) else 0)
        if isinstance(result, parts):
            return counting(result, self.tally)
        if isinstance(result, (list, tuple)):
            return type(result)(counting(part, self.tally) for part in result)
        return result

    return call


for _name in _METHODS:
    setattr(CountingBytes, _name, _counted(bytes, _name, bytes))
    setattr(CountingBuffer, _name, _counted(bytearray, _name, bytes))
for _name in _METHODS_OF_TEXT:
    setattr(CountingText, _name, _counted(str, _name, str))


class Churn:
    """The size of what a machine holds, each time it is replaced: growing in place is free, a copy is not."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, str], object] = {}

    def of(self, machine: object) -> int:
        """What has been replaced since the last look."""
        churned = 0
        for name in (*getattr(machine, "__dict__", ()), *getattr(machine, "__slots__", ())):
            part = getattr(machine, name)
            if self._held.get((id(machine), name)) is not part:
                self._held[id(machine), name] = part
                churned += _size(part)
        return churned


def _size(part: object) -> int:
    if isinstance(part, list):
        return sum(1 + _size(item) for item in part)
    return len(part) if isinstance(part, (bytes, bytearray, str)) else 0


@contextmanager
def without_collector() -> Iterator[None]:
    """Leave garbage alone meanwhile: the destructors of what other tests have left run in whatever is being counted."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def counted_steps(tally: Tally, kinds: tuple[type, ...]) -> Iterator[None]:
    """Count calls, those of built-in functions included, and what machines of these kinds replace in themselves."""
    churn = Churn()

    def note(frame: FrameType, event: str, _arg: Any) -> None:
        if event in ("call", "c_call"):
            tally.steps += 1
        elif event == "return" and isinstance(machine := frame.f_locals.get("self"), kinds):
            tally.steps += churn.of(machine)

    before = sys.getprofile()
    with without_collector():
        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(before)


def parsing_steps(parser: EventParser, portions: list[bytes]) -> int:
    """The steps that ``parser`` takes for ``portions``: calls, and bytes looked at or copied."""
    tally = Tally()
    buffer = parser._lines._rest = CountingBuffer()
    buffer.tally = tally
    counted = [counting(portion, tally) for portion in portions]
    with counted_steps(tally, (EventParser, LineSplitter)):
        for portion in counted:
            parser.feed(portion)
    return tally.steps


def reading_steps(read: Callable[[str], object], text: str) -> int:
    """The steps that ``read`` takes for ``text``: characters looked at or copied, and lines of Python."""
    tally = Tally()

    def note(_: FrameType, event: str, __: Any) -> Any:
        tally.steps += event == "line"
        return note

    before = sys.gettrace()
    with without_collector():
        sys.settrace(note)
        try:
            read(counting(text, tally))
        finally:
            sys.settrace(before)
    return tally.steps
