"""Bytes cut into the portions in which a network might deliver them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from hypothesis import strategies as st

#: Where to cut; positions beyond the end cut nothing off, equal ones give an empty portion.
cuts = st.lists(st.integers(0, 400), max_size=12)


def cut(data: bytes, positions: Iterable[int]) -> list[bytes]:
    """``data`` in portions that end at ``positions``."""
    edges = [0, *sorted(min(position, len(data)) for position in positions), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def in_bytes(data: bytes) -> list[bytes]:
    """``data`` one byte at a time."""
    return [data[index : index + 1] for index in range(len(data))]


def in_twos(data: bytes) -> Iterator[list[bytes]]:
    """Every way to cut ``data`` in two, one of them empty included."""
    return (cut(data, [position]) for position in range(len(data) + 1))


def all_ways(data: bytes) -> Iterator[list[bytes]]:
    """``data`` whole, byte by byte, and every way cut in two."""
    yield [data]
    yield in_bytes(data)
    yield from in_twos(data)
