"""The limiter against services in simulated time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpo_client.limits import Window
from tests.limits.simulation import Service, Simulation

_MANY = 400

_services = st.builds(
    lambda rate, burst, **more: Service(rate=lambda _: rate, burst=burst, **more),
    st.floats(2, 200),
    st.integers(1, 50),
    at_once=st.one_of(st.just(10**9), st.integers(1, 40)),
    retry_after=st.sampled_from([None, 0.5, 1.0, 5.0]),
    latency=st.sampled_from([0.005, 0.1, 1.0]),
    failures=st.sampled_from([0.0, 0.05]),
)


@settings(max_examples=30)
@given(_services, st.integers(1, 64), st.integers(0, 1000))
def test_every_question_is_answered(service: Service, workers: int, seed: int) -> None:
    """Whatever the service is like: nothing is lost, nothing is left over, and not half of it was in vain."""
    outcome = Simulation(service, 200, workers=workers, seed=seed).run()
    assert outcome.answered == 200
    assert outcome.most_in_flight <= workers
    assert outcome.throttled <= 100


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("burst", [5, 20])
@pytest.mark.parametrize("latency", [0.005, 0.1])
def test_token_bucket(latency: float, burst: int, seed: int) -> None:
    """20 each second: in hardly more than the ideal time, and hardly anything in vain."""
    outcome = Simulation(Service(lambda _: 20.0, burst, latency=latency), _MANY, seed=seed).run()
    assert outcome.answered == _MANY
    assert outcome.seconds <= 1.15 * _MANY / 20
    assert outcome.throttled <= 0.1 * _MANY


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("burst", "most"), [(20, 1.15), (5, 1.4)])
def test_token_bucket_with_pauses(burst: int, most: float, seed: int) -> None:
    """The same when each overload costs a second in which nothing may be sent, of which the bucket saves a part."""
    outcome = Simulation(Service(lambda _: 20.0, burst, retry_after=1.0), _MANY, seed=seed).run()
    assert outcome.seconds <= most * _MANY / 20
    assert outcome.throttled <= 0.1 * _MANY


@pytest.mark.parametrize("at_once", [8, 20])
def test_so_many_at_once(at_once: int) -> None:
    """A service that works on so many at once is kept busy."""
    outcome = Simulation(Service(at_once=at_once, latency=1.0), _MANY).run()
    assert outcome.seconds <= 1.5 * _MANY / at_once
    assert outcome.throttled <= 0.1 * _MANY


def test_a_service_that_becomes_slow() -> None:
    """It takes 50 each second, after two seconds 5: that is found out, and not by asking for it at 50 a second."""
    outcome = Simulation(Service(lambda now: 50.0 if now < 2 else 5.0, 10), 200).run()
    assert outcome.answered == 200
    assert outcome.seconds <= 1.3 * (2 + 100 / 5)
    assert outcome.throttled <= 40


def test_a_service_that_becomes_fast() -> None:
    """It begins with 5 each second and takes 5 more with each: it is not kept waiting."""
    outcome = Simulation(Service(lambda now: 5.0 + 5.0 * now, 5), 1000).run()
    ideal = 19.0  # 5 t + 2.5 t² = 1000
    assert outcome.seconds <= 1.5 * ideal
    assert outcome.throttled <= 100


def test_failures_that_are_no_overload() -> None:
    """5 % of 500s do not slow anything down."""
    without = Simulation(Service(latency=0.5), _MANY).run()
    failing = Simulation(Service(latency=0.5, failures=0.05), _MANY).run()
    assert failing.answered == _MANY
    assert failing.seconds <= 1.3 * without.seconds


@given(st.floats(1, 100), st.integers(0, 100))
def test_a_rate_is_kept(rate: float, seed: int) -> None:
    """In no second more than were allowed, and evenly spread; late wake-ups cost hardly anything."""
    outcome = Simulation(Service(), 50, seed=seed, rate=rate, adaptive=False).run()
    assert all(later - earlier >= 1 / rate - 0.0021 for earlier, later in pairwise(outcome.began))
    assert outcome.seconds <= 1.1 * 50 / rate + 1


@given(st.integers(1, 20), st.integers(0, 100))
def test_a_number_is_kept(most: int, seed: int) -> None:
    """Never more at once, and never fewer while others wait."""
    outcome = Simulation(Service(latency=1.0), 100, workers=most, seed=seed, adaptive=False).run()
    assert outcome.most_in_flight == min(most, 100)


def test_a_window() -> None:
    """Twice as wide with each round of answers; after an overload less, and then one more with each round."""
    window = Window(100, is_adaptive=True)
    for _ in range(12):
        window.accepted(int(window.size))
    assert window.size == 16
    window.accepted(3)  # it was not used up, and proves nothing
    window.overloaded(3)
    assert window.size == 16
    window.overloaded(16)
    assert window.size == pytest.approx(13.6)
    for _ in range(13):
        window.accepted(int(window.size))
    assert window.size == pytest.approx(14.6, abs=0.1)
    for _ in range(100):
        window.overloaded(100)
    assert window.size == 1


def test_a_forked_child_begins_anew() -> None:
    """What waits or is under way is the parent's, and giving it up in the child gives nothing back."""
    limiter = Simulation(Service(), workers=2, adaptive=False).limiter
    turns = [limiter.join() for _ in range(3)]
    assert [limiter.wait(turn) for turn in turns] == [0.0, 0.0, None]
    limiter.after_fork()
    for turn in turns:
        limiter.leave(turn)
    assert (limiter.in_flight, limiter.waiting) == (0, 0)
    assert [limiter.wait(limiter.join()) for _ in range(3)] == [0.0, 0.0, None]


def test_a_pause_is_everybodys() -> None:
    """After Retry-After nobody sends until it is over, and then one after the other."""
    service = Service(lambda _: 1.0, 3, retry_after=10.0)
    after = [time for time in Simulation(service, 10).run().began if time > 0.01]
    assert after[0] >= 10.0
    assert all(later - earlier > 0.01 for earlier, later in pairwise(after))
