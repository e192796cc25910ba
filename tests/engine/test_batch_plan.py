"""The plan of a batch: numbers, order, bounds and ends, whatever the order in which things happen."""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator
from math import inf, nan
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import BatchStoppedError, GPOClientError, InvalidArgumentError
from gpo_client.flows.batch import BatchOptions, BatchPlan, QuestionNote, async_questions, sync_questions
from gpo_client.flows.observers import AttemptDetails, CallObserver, WaitDetails
from gpo_client.models.answer import BatchResult


def _options(**changes: Any) -> BatchOptions:
    usual: dict[str, Any] = {"max_concurrency": 3, "rate": None, "adaptive": True, "ordered": False}
    return BatchOptions(**{**usual, "stop_after": None, "max_retries": 0, **changes})


def _plan(**changes: Any) -> BatchPlan[int]:
    return BatchPlan(_options(**changes))


def _result(number: int, *, fails: bool = False) -> BatchResult[int]:
    return BatchResult(number=number, question=number, error=GPOClientError("no") if fails else None)


@given(st.booleans(), st.integers(0, 30), st.integers())
def test_any_order_of_events(ordered: bool, count: int, seed: int) -> None:
    """Each question is begun once and its result handed out once, in order if that is wanted; few are ever held."""
    chance = random.Random(seed)
    plan, under_way, taken, begun = _plan(ordered=ordered), list[int](), list[int](), 0
    acts = itertools.count()
    while not plan.is_over:
        assert next(acts) < 5_000, "it does not end"
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


@pytest.mark.parametrize(
    ("field", "values", "message"),
    [
        ("max_concurrency", [0, True, 1.5, "3", None], "max_concurrency must be a whole number from 1 on, not {!r}"),
        ("stop_after", [0, True, 1.5], "stop_after must be a whole number from 1 on, not {!r}"),
        ("max_retries", [-1, True, 1.5, None], "max_retries must be a whole number from 0 on, not {!r}"),
        ("rate", [0, -1.0, inf, nan, True, "2"], "rate must be a number of requests a second, not {!r}"),
    ],
)
def test_impossible_options(field: str, values: list[Any], message: str) -> None:
    """Each is named, with what it may be."""
    for value in values:
        with pytest.raises(InvalidArgumentError) as caught:
            _options(**{field: value}).check()
        assert (caught.value.field, caught.value.message) == (field, message.format(value))
    for value in {"max_concurrency": (1,), "stop_after": (1, None), "max_retries": (0,), "rate": (0.5, 1, 2, None)}[
        field
    ]:
        _options(**{field: value}).check()


def test_how_far_ahead_it_goes() -> None:
    """As many results as four times those under way may wait to be taken; not one more."""
    plan = _plan()
    while plan.may_begin:
        plan.finish(_result(plan.begin()))
    assert (plan.answered, plan.in_progress) == (12, 0)
    plan.take()
    assert plan.may_begin


def test_results_as_they_come() -> None:
    """The one that has waited longest, or the one whose turn it is, also when the batch is to end."""
    for is_ordered, stops in itertools.product((False, True), repeat=2):
        plan = _plan(ordered=is_ordered)
        for _ in range(4):
            plan.begin()
        plan.finish(_result(2))
        plan.finish(_result(1))
        if stops:
            plan.stop(ValueError("x"))
        taken = [plan.take() for _ in range(3)]
        assert [result and result.number for result in taken] == ([None] * 3 if is_ordered else [2, 1, None])
        plan.finish(_result(3))
        plan.finish(_result(0))
        taken = [plan.take() for _ in range(2)]
        assert [result and result.number for result in taken] == ([0, 1] if is_ordered else [0, 3] if stops else [3, 0])


def test_what_is_counted() -> None:
    """Answers, failures and refusals for too much; a batch is stopped by as many failures as it may have."""
    plan = _plan(stop_after=2)
    for number in range(3):
        plan.begin()
        plan.finish(attrs.evolve(_result(number, fails=number > 0), throttled=number + 1))
        assert plan.is_stopped == (number == 2)
    assert (plan.answered, plan.failed, plan.throttled) == (1, 2, 6)
    plan.stop(ValueError("later"))
    for _ in range(3):
        plan.take()
    with pytest.raises(BatchStoppedError) as caught:
        plan.take()
    assert str(caught.value) == "the batch was stopped, as 2 questions had no answer (stop_after); the last of them: no"
    assert isinstance(caught.value.__cause__, GPOClientError)


def test_what_a_question_costs() -> None:
    """Its own attempts and waits, and not those of a renewal within it."""
    note, call = QuestionNote(), CallObserver()
    assert note.call_started(None, None) is note  # type: ignore[arg-type]
    assert note.call_started(None, call) is None  # type: ignore[arg-type]
    assert (note.attempts, note.throttled, note.seconds_waited, note.time_to_first_chunk) == (0, 0, 0.0, None)
    for number, status in enumerate((429, 503, 429, 429), 1):
        note.attempt_ended(
            AttemptDetails(number=number, duration=1.0, status_code=status, failure=None, request_id="r")
        )
        note.waited(WaitDetails(operation="chat", seconds=0.5, reason="adaptive"))
    note.first_chunk(1.5)
    assert (note.attempts, note.throttled, note.seconds_waited, note.time_to_first_chunk) == (4, 3, 2.0, 1.5)


@pytest.mark.parametrize("given", ["text", 5, None])
def test_what_are_no_questions(given: Any) -> None:
    """A single text would be asked letter by letter."""
    for questions in (sync_questions, async_questions):
        with pytest.raises(InvalidArgumentError) as caught:
            questions(given)
        assert caught.value.field == "questions"
        assert caught.value.message == (
            f"questions must be an iterable of questions, such as a list of texts, not a {type(given).__name__}"
        )


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_questions_of_either_kind() -> None:
    """One after the other, to their end."""

    async def asked() -> AsyncIterator[int]:
        for number in range(3):
            yield number

    assert list(sync_questions(range(3))) == [0, 1, 2]
    assert [[number async for number in async_questions(given)] for given in (asked(), range(3))] == [[0, 1, 2]] * 2
