"""Each seed that is kept as an ordinary test, and seeds that hypothesis changes; what fails is shrunk by it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from zlib import crc32

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tests.fuzz.target import SEEDS, Check, Hang, bounded
from tests.fuzz.targets import TARGETS

_ALL = [(name, path.name) for name, target in TARGETS.items() for path in target.seeds]
_LONGEST = 8_000
#: The same inputs in each run, unless it is told how many to try: others each time then (``make fuzz``).
_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 0)

Edit = tuple[int, int, bytes, int]


def mutated(seeds: Sequence[bytes], words: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Seeds with a few changes: words, bytes and parts of other seeds put in, often many times, or in place of parts.

    Args:
        seeds: What to begin with.
        words: What means something to whoever reads it.
    """
    longest = max(map(len, seeds))
    part = st.builds(lambda seed, start: seed[start * len(seed) // 8 :], st.sampled_from(seeds), st.integers(0, 8))
    piece = st.sampled_from(words) | st.binary(max_size=2) | part
    times = st.sampled_from((1, 1, 1, 2, 100))
    edits = st.lists(st.tuples(st.integers(0, longest), st.integers(0, 63), piece, times), max_size=6)
    return st.builds(changed, st.sampled_from(seeds), edits)


def changed(seed: bytes, edits: Sequence[Edit]) -> bytes:
    """A seed in which each edit has put its piece so many times at a place, over so many bytes."""
    data = bytearray(seed)
    for start, length, piece, times in edits:
        data[start : start + length] = piece * times
    return bytes(data[:_LONGEST])


@pytest.fixture(scope="module")
def check_of() -> Iterator[Callable[[str], Check]]:
    """The checks by the names of their targets; each is set up once."""
    with ExitStack() as stack:
        yield cache(lambda name: bounded(stack.enter_context(TARGETS[name].opened())))


@pytest.mark.parametrize(("name", "seed"), _ALL)
def test_seed(name: str, seed: str, check_of: Callable[[str], Check]) -> None:
    """Nothing but what is documented comes out."""
    check_of(name)((SEEDS / name / seed).read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_changed_seeds(name: str, check_of: Callable[[str], Check]) -> None:
    """Nor does it from what a seed may become. What fails here is printed: keep it as a seed."""
    target, check = TARGETS[name], check_of(name)
    known = [path.read_bytes() for path in target.seeds]

    @settings(
        max_examples=_EXAMPLES or 100,
        derandomize=not _EXAMPLES,
        database=None,  # what fails is kept as a seed
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=mutated(known, target.words))
    def try_it(data: bytes) -> None:
        check(data)

    try_it()


def test_every_folder_has_a_target() -> None:
    """And every target has seeds to begin with."""
    assert {path.name for path in SEEDS.iterdir()} == set(TARGETS)
    assert all(len(target.seeds) >= 4 for target in TARGETS.values())


_GOOD = b"data: Mexico taxes resident companies\n\n"


def test_words_get_into_seeds() -> None:
    """What is planted is found. Not at once: hypothesis draws constants too, of whatever has been imported."""
    how = settings(max_examples=2_000, derandomize=True, database=None, phases=(Phase.generate,))
    assert b"RESICO" in find(mutated([_GOOD], [b"\xff", b"RESICO"]), lambda data: b"RESICO" in data, settings=how)


def test_memory_is_looked_after() -> None:
    """An input that takes more than it explains is a failure."""
    data = next(data for data in (b"\xff" + bytes([number]) for number in range(256)) if not crc32(data) % 8)
    taken: list[list[bytes]] = []
    with pytest.raises(AssertionError, match="bytes of memory"):
        bounded(lambda data: taken.append([data] * 12_500_000))(data)


def test_what_does_not_end_is_a_failure() -> None:
    """It is not waited for, and no Exception: hypothesis would try to shrink it, at the same pace."""

    def hang(_: bytes) -> None:
        while True:
            pass

    with pytest.raises(Hang):
        bounded(hang, patience_s=0.05)(b"x")
