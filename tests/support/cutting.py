"""Bytes and texts cut into the portions in which a network might deliver them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

from hypothesis import strategies as st

Data = TypeVar("Data", bytes, str)

#: Where to cut; positions beyond the end cut nothing off, equal ones give an empty portion.
cuts = st.lists(st.integers(0, 400), max_size=12)


def cut(data: Data, positions: Iterable[int]) -> list[Data]:
    """``data`` in portions that end at ``positions``."""
    edges = [0, *sorted(min(position, len(data)) for position in positions), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def one_by_one(data: Data) -> list[Data]:
    """``data`` one byte or character at a time."""
    return [data[index : index + 1] for index in range(len(data))]


def in_twos(data: Data) -> Iterator[list[Data]]:
    """Every way to cut ``data`` in two, one of them empty included."""
    return (cut(data, [position]) for position in range(len(data) + 1))


def all_ways(data: Data) -> Iterator[list[Data]]:
    """``data`` whole, one by one, and every way cut in two."""
    yield [data]
    yield one_by_one(data)
    yield from in_twos(data)
