"""Searching for an input that fails, for a bounded time."""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from tests.fuzz.mutation import mutated
from tests.fuzz.target import Target, bounded

# Beginning anew takes hypothesis as long as some hundred inputs.
_AT_A_TIME = 1000
# Longer than any input takes on a busy machine.
_PATIENCE_S = 60.0


@attrs.define
class Outcome:
    """What a search has come to.

    Attributes:
        tried: How many inputs were tried, seeds included.
        data: The last one.
        error: What came out of it that must not; None when nothing did.
    """

    tried: int = 0
    data: bytes = b""
    error: BaseException | None = None


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


def search(target: Target, seconds: float, patience_s: float = _PATIENCE_S, first: int | None = None) -> Outcome:
    """Try the seeds of a target, and changed ones until the time is over or one fails.

    Args:
        target: What to try.
        seconds: How long. An input that has failed is shrunk all the same.
        patience_s: How long a single input may take.
        first: Decides which inputs are tried, and in which order. Default: others each time.
    """
    outcome = Outcome()
    end = time.monotonic() + seconds
    seeds = [path.read_bytes() for path in target.seeds]
    with target.opened() as unmeasured:
        try:
            for known in seeds:
                outcome.data = known
                with _hurried(patience_s):
                    unmeasured(known)
                outcome.tried += 1
            check, is_failing = bounded(unmeasured), list[bool]()

            @settings(
                max_examples=_AT_A_TIME,
                deadline=None,
                database=None,  # what fails is kept as a seed
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
                verbosity=Verbosity.quiet,
            )
            @given(data=mutated(seeds, target.words))
            def some(data: bytes) -> None:
                if time.monotonic() > end and not is_failing:
                    return
                outcome.data = data
                outcome.tried += 1
                try:
                    with _hurried(patience_s):
                        check(data)
                except Exception:
                    is_failing.append(True)
                    raise

            for number in itertools.count(first or 0):
                if time.monotonic() > end:
                    break
                (some if first is None else seed(number)(some))()
        except (Exception, Hang) as error:  # noqa: BLE001 - whatever comes out is what is looked for
            outcome.error = error
    return outcome
