"""Twice the input is twice the work, whatever its shape: counted in steps, so that no busy machine can disagree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gpo_client.sse.lenient import LenientEventParser
from gpo_client.sse.parser import EventParser, RawEvent
from gpo_client.text.bounds import BoundedText, Keep
from tests.support.counting import Tally, counted_steps, parsing_steps
from tests.support.cutting import cut, one_by_one

_KIB = 1024
_CHUNK = b'data: {"content": "word "}\n'

# Twice the steps, and a little for what comes once or rounds up.
_MOST = 2.2

Shape = Callable[[int], list[bytes]]


def one_huge_event(size: int) -> list[bytes]:
    """A line far longer than the reads."""
    data = b"data: " + b"x" * (size * 64) + b"\n\n"
    return cut(data, range(_KIB, len(data), _KIB))


def one_event_of_many_lines(size: int) -> list[bytes]:
    """Many data lines, joined once."""
    return [b"data: a line\n"] * size + [b"\n"]


def many_events_in_one_read(size: int) -> list[bytes]:
    """A read far longer than the events."""
    return [(_CHUNK + b"\n") * size]


def one_byte_a_read(size: int) -> list[bytes]:
    """The slowest network."""
    return one_by_one((_CHUNK + b"\n") * (size // 8))


def one_long_line_one_byte_a_read(size: int) -> list[bytes]:
    """The slowest network and nothing to hand out."""
    return one_by_one(b"data: " + b"x" * size)


def many_sloppy_lines(size: int) -> list[bytes]:
    """No blank line, ever."""
    return [_CHUNK * size]


def many_pieces_of_comments(size: int) -> list[bytes]:
    """Heartbeats, each cut in two."""
    return [b": heart", b"beat\r", b"\n\r\n"] * size


SHAPES: list[Shape] = [
    one_huge_event,
    one_event_of_many_lines,
    many_events_in_one_read,
    one_byte_a_read,
    one_long_line_one_byte_a_read,
    many_sloppy_lines,
    many_pieces_of_comments,
]


@pytest.mark.parametrize("kind", [EventParser, LenientEventParser])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_parsing_takes_linear_time(shape: Shape, kind: type[EventParser]) -> None:
    """Both parsers look at each byte a bounded number of times."""
    once, twice = (parsing_steps(kind(), shape(size)) for size in (500, 1000))
    assert once >= len(b"".join(shape(500)))  # the count counts
    assert twice <= _MOST * once


class JoinsAllItHolds(EventParser):
    """Quadratic in the size of a line."""

    held = b""

    def feed(self, data: bytes) -> list[RawEvent]:
        """Hold everything in one piece."""
        self.held = b"".join((self.held, data))
        return []


class LooksAgain(EventParser):
    """Quadratic in the size of a line as well, though it copies nothing."""

    def feed(self, data: bytes) -> list[RawEvent]:
        """Look for the end of the line from its beginning."""
        self._lines._rest += data
        self._lines._rest.find(b"\n\n")
        return []


class CopiesItsLines(EventParser):
    """Quadratic in the number of data lines."""

    def _add_data(self, value: bytes, events: list[RawEvent]) -> None:
        self._data = [*self._data, value]


@pytest.mark.parametrize(
    ("kind", "shape"),
    [(JoinsAllItHolds, one_huge_event), (LooksAgain, one_huge_event), (CopiesItsLines, one_event_of_many_lines)],
)
def test_the_count_sees_quadratic_time(kind: type[EventParser], shape: Shape) -> None:
    """Parsers that are slow on purpose are found out, so that the tests above mean something."""
    once, twice = (parsing_steps(kind(), shape(size)) for size in (500, 1000))
    assert twice > 3 * once


@pytest.mark.parametrize("keep", ["head", "tail"])
@pytest.mark.parametrize("bound", [lambda _: 100, lambda pieces: pieces], ids=["small bound", "growing bound"])
def test_gathering_text_takes_linear_time(keep: Keep, bound: Callable[[int], int]) -> None:
    """Text over its bound costs no more than text under it."""

    def steps(pieces: int) -> int:
        text, tally = BoundedText(bound(pieces), keep), Tally()
        with counted_steps(tally, (BoundedText,)):
            for _ in range(pieces):
                text.add("word ")
        return tally.steps

    assert steps(10_000) <= _MOST * steps(5_000)
