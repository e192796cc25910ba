"""What a target of fuzzing is."""

from __future__ import annotations

import signal
import tracemalloc
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import attrs

#: A folder for each target, in it a file for each input that is to be kept.
SEEDS = Path(__file__).parent / "seeds"

#: Takes one input, and raises whatever must not come out.
Check = Callable[[bytes], None]

# What an input may take besides its own size, and how many times its size: JSON read into Python's objects takes most.
_ALLOWED_BYTES = 8 * 1024 * 1024
_ALLOWED_TIMES = 200
# Longer than any input takes on a busy machine.
_PATIENCE_S = 60.0


@attrs.frozen
class Target:
    """Something that reads bytes from outside.

    Attributes:
        name: Of the target, and of the folder with its seeds.
        opened: Sets up what a check needs, and gives the check.
        words: What means something there, so that changed inputs go deeper than the first byte that is wrong.
    """

    name: str
    opened: Callable[[], AbstractContextManager[Check]]
    words: Sequence[bytes]

    @property
    def seeds(self) -> list[Path]:
        """The inputs that are kept."""
        return sorted((SEEDS / self.name).iterdir())


def pure(check: Check) -> Callable[[], AbstractContextManager[Check]]:
    """For targets that need nothing to be set up."""

    @contextmanager
    def opened() -> Generator[Check]:
        yield check

    return opened


class Hang(BaseException):
    """An input has taken far too long. No Exception: hypothesis would try to shrink it, at the same pace."""


@contextmanager
def _hurried(seconds: float) -> Generator[None]:
    def give_up(*_: object) -> None:
        raise Hang(f"no end after {seconds:g} s")

    if not hasattr(signal, "SIGALRM"):  # Windows has none
        yield
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _frugal(size: int) -> Generator[None]:
    tracemalloc.start()
    try:
        yield
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    allowed = _ALLOWED_BYTES + _ALLOWED_TIMES * size
    assert taken <= allowed, f"{size} bytes took {taken} bytes of memory; {allowed} are allowed"


def bounded(check: Check, patience_s: float = _PATIENCE_S) -> Check:
    """The check, which fails too if it takes far too long, or more memory than its input explains.

    Looking after memory takes most of the time, so it is done for some inputs: always the same, so that one that fails
    can be shrunk.
    """

    def measured(data: bytes) -> None:
        with _hurried(patience_s), nullcontext() if crc32(data) % 8 else _frugal(len(data)):
            check(data)

    return measured


Text = TypeVar("Text", bytes, str)


def in_portions(data: Text) -> list[list[Text]]:
    """Ways to cut an input: whole, in small pieces, and one by one if that is not too many."""
    sizes = [7, 1] if len(data) < 600 else [1021]
    return [[data]] + [[data[at : at + size] for at in range(0, len(data), size)] for size in sizes]
