"""The plan of a batch: numbers, order, bounds and ends, whatever the order in which things happen."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import BatchStoppedError, GPOClientError
from gpo_client.flows.batch import BatchOptions, BatchPlan
from gpo_client.models.answer import BatchResult


def _plan(**changes: Any) -> BatchPlan[int]:
    usual: dict[str, Any] = {"max_concurrency": 3, "rate": None, "adaptive": True, "ordered": False}
    return BatchPlan(BatchOptions(**{**usual, "stop_after": None, "max_retries": 0, **changes}))


def _result(number: int, *, fails: bool = False) -> BatchResult[int]:
    return BatchResult(number=number, question=number, error=GPOClientError("no") if fails else None)


@given(st.booleans(), st.integers(0, 30), st.integers())
def test_any_order_of_events(ordered: bool, count: int, seed: int) -> None:
    """Each question is begun once and its result handed out once, in order if that is wanted; few are ever held."""
    chance = random.Random(seed)
    plan, under_way, taken, begun = _plan(ordered=ordered), list[int](), list[int](), 0
    while not plan.is_over:
        can = [("take", True), ("begin", plan.may_begin and len(under_way) < 3), ("finish", bool(under_way))]
        act = chance.choice([name for name, possible in can if possible])
        if act == "take" and (result := plan.take()) is not None:
            taken.append(result.number)
        elif act == "begin" and begun == count:
            plan.exhaust()
        elif act == "begin":
            assert plan.begin() == begun
            under_way.append(begun)
            begun += 1
        elif act == "finish":
            plan.finish(_result(under_way.pop(chance.randrange(len(under_way)))))
        assert begun - len(taken) <= 4 * 3
        assert plan.in_progress == len(under_way)
    assert sorted(taken) == list(range(count))
    assert taken == sorted(taken) or not ordered
    assert plan.take() is None


@pytest.mark.parametrize("ordered", [False, True])
def test_an_end_with_an_error(ordered: bool) -> None:
    """All results that there are come first, also those behind one that will not come."""
    plan = _plan(ordered=ordered, stop_after=1)
    for _ in range(3):
        plan.begin()
    plan.finish(_result(2, fails=True))
    assert plan.is_stopped
    assert not plan.may_begin
    plan.abandon()
    plan.finish(_result(1))
    results = [plan.take(), plan.take()]
    assert sorted(result.number for result in results if result is not None) == [1, 2]
    with pytest.raises(BatchStoppedError):
        plan.take()
