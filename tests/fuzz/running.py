"""Searching for an input that fails, for a bounded time."""

from __future__ import annotations

import time

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, given, settings

from tests.fuzz.mutation import mutated
from tests.fuzz.target import Target, bounded

# Beginning anew takes hypothesis as long as some hundred inputs.
_AT_A_TIME = 1000


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


def search(target: Target, seconds: float) -> Outcome:
    """Try the seeds of a target, and changed ones until the time is over or one fails.

    Args:
        target: What to try.
        seconds: How long. An input that has failed is shrunk all the same.
    """
    outcome = Outcome()
    end = time.monotonic() + seconds
    seeds = [path.read_bytes() for path in target.seeds]
    with target.opened() as unmeasured:
        try:
            for seed in seeds:
                outcome.data = seed
                unmeasured(seed)
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
                    check(data)
                except Exception:
                    is_failing.append(True)
                    raise

            while time.monotonic() < end:
                some()
        except BaseException as error:
            if not isinstance(error, Exception):
                raise
            outcome.error = error
    return outcome
