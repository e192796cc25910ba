"""Each seed that is kept, as an ordinary test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.fuzz.target import SEEDS, Check
from tests.fuzz.targets import TARGETS

_ALL = [(name, path.name) for name, target in TARGETS.items() for path in target.seeds]


@pytest.fixture(scope="module")
def check_of() -> Iterator[object]:
    """The checks by the names of their targets; each is set up once."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(TARGETS[name].opened()))


@pytest.mark.parametrize(("name", "seed"), _ALL)
def test_seed(name: str, seed: str, check_of: object) -> None:
    """Nothing but what is documented comes out."""
    assert callable(check_of)
    check: Check = check_of(name)
    check((SEEDS / name / seed).read_bytes())


def test_every_folder_has_a_target() -> None:
    """And every target has seeds to begin with."""
    assert {path.name for path in SEEDS.iterdir()} == set(TARGETS)
    assert all(len(target.seeds) >= 4 for target in TARGETS.values())
