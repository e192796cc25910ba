"""Waits: random within their ceilings, and never beyond any bound."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import RetryPolicy

SECONDS = st.floats(0, 1e6)
POLICIES = st.builds(
    RetryPolicy,
    max_retries=st.integers(0, 1000),
    backoff_factor=SECONDS,
    max_delay=SECONDS,
    max_elapsed=st.none() | SECONDS,
)
CHANCES = st.floats(0, 1)
ASKED = st.none() | SECONDS


@given(policy=POLICIES, failures=st.integers(1, 10**400), random=CHANCES)
def test_full_jitter(policy: RetryPolicy, failures: int, random: float) -> None:
    """Between nothing and the ceiling, which doubles up to max_delay; numbers of any size overflow nothing."""
    wait = policy.backoff(failures, random=random)
    ceiling = min(policy.max_delay, policy.backoff_factor * 2.0 ** min(failures - 1, 100))
    assert isfinite(wait)
    assert 0 <= wait <= ceiling
    assert wait == pytest.approx(random * ceiling) or policy.backoff_factor * 2.0**30 < policy.max_delay


def test_the_ceiling_doubles() -> None:
    """From the factor on, with each failure; the wait is that part of it which the random number says."""
    policy = RetryPolicy(backoff_factor=0.5, max_delay=6.0)
    assert [policy.backoff(failures, random=1.0) for failures in range(1, 7)] == [0.5, 1.0, 2.0, 4.0, 6.0, 6.0]
    assert policy.backoff(3, random=0.25) == 0.5


@given(policy=POLICIES, random=CHANCES)
def test_ceilings_never_fall(policy: RetryPolicy, random: float) -> None:
    """More failures mean longer waits, for the same random."""
    waits = [policy.backoff(failures, random=random) for failures in range(1, 50)]
    assert waits == sorted(waits)
    assert policy.backoff(1, random=1.0) == min(policy.max_delay, policy.backoff_factor)


@given(policy=POLICIES, failures=st.integers(1, 2000), random=CHANCES, elapsed=SECONDS, asked=ASKED)
def test_every_bound_holds(
    policy: RetryPolicy, failures: int, random: float, elapsed: float, asked: float | None
) -> None:
    """In attempts, in each wait, and in total; what the server asks for is what is waited."""
    wait = policy.delay(failures, random=random, elapsed=elapsed, asked=asked)
    if wait is None:
        assert (
            failures > policy.max_retries
            or (asked is not None and asked > policy.max_delay)
            or (policy.max_elapsed is not None and elapsed + max(asked or 0.0, policy.max_delay) > policy.max_elapsed)
        )
        return
    assert failures <= policy.max_retries
    assert 0 <= wait <= policy.max_delay
    assert asked is None or wait == asked
    assert policy.max_elapsed is None or elapsed + wait <= policy.max_elapsed


@pytest.mark.parametrize(
    ("asked", "expected"), [(0.0, 0.0), (20.0, 20.0), (30.0, 30.0), (30.1, None), (1e300, None), (None, 0.25)]
)
def test_what_the_server_asks_for(asked: float | None, expected: float | None) -> None:
    """Exactly that, whatever the random; or nothing, when it is longer than max_delay."""
    assert RetryPolicy().delay(1, random=0.5, asked=asked) == expected


@pytest.mark.parametrize(("elapsed", "expected"), [(0.0, 8.0), (92.0, 8.0), (92.1, None), (1e9, None)])
def test_the_last_try(elapsed: float, expected: float | None) -> None:
    """It may begin when max_elapsed is over, and not a moment later."""
    assert RetryPolicy(max_elapsed=100.0).delay(1, random=0.5, elapsed=elapsed, asked=8.0) == expected
    assert RetryPolicy(max_elapsed=None).delay(1, random=0.5, elapsed=elapsed, asked=8.0) == 8.0


def test_no_retries() -> None:
    """Zero never tries again."""
    assert RetryPolicy(max_retries=0).delay(1, random=0.0) is None


def test_the_time_that_has_passed() -> None:
    """Is none unless it is said."""
    policy = RetryPolicy(backoff_factor=1.0, max_elapsed=1.0)
    assert policy.delay(1, random=1.0) == 1.0
    assert policy.delay(1, random=1.0, elapsed=0.1) is None


@pytest.mark.parametrize(("left", "expected"), [(100.0, 4.0), (8.0, 4.0), (6.0, 3.0), (0.0, 0.0)])
def test_a_wait_leaves_time_for_the_try(left: float, expected: float) -> None:
    """A random wait takes half of the time that is left at most; one that is asked for is as long as that."""
    policy = RetryPolicy(backoff_factor=4.0)
    assert policy.backoff(1, random=1.0, left=left) == expected
    assert policy.delay(1, random=1.0, left=left) == expected
    assert policy.delay(1, random=1.0, asked=5.0, left=left) == 5.0
