"""Work counted instead of timed: bytes looked at or copied, and calls made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

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


def counting(data: bytes, tally: Tally) -> CountingBytes:
    """``data`` that counts."""
    counted = CountingBytes(data)
    counted.tally = tally
    return counted


def _counted(kind: type, name: str) -> Callable[..., Any]:
    method = getattr(kind, name)

    def call(self: CountingBytes | CountingBuffer, *args: Any) -> Any:
        result = method(self, *args)
        self.tally.steps += len(self) + (len(result) if isinstance(result, bytes) else 0)
        if isinstance(result, bytes):
            return counting(result, self.tally)
        if isinstance(result, (list, tuple)):
            parts = (counting(part, self.tally) for part in result)
            return type(result)(parts)
        return result

    return call


for _name in _METHODS:
    setattr(CountingBytes, _name, _counted(bytes, _name))
    setattr(CountingBuffer, _name, _counted(bytearray, _name))


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
def counted_steps(tally: Tally, kinds: tuple[type, ...]) -> Iterator[None]:
    """Count calls, those of built-in functions included, and what machines of these kinds replace in themselves."""
    churn = Churn()

    def note(frame: FrameType, event: str, _arg: Any) -> None:
        if event in ("call", "c_call"):
            tally.steps += 1
        elif event == "return" and isinstance(machine := frame.f_locals.get("self"), kinds):
            tally.steps += churn.of(machine)

    before = sys.getprofile()
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
