"""The plan of a batch: its questions, which comes next, and which result may be handed out. A machine without I/O."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from math import inf
from typing import Generic, TypeVar

import attrs

from gpo_client.exceptions import BatchStoppedError, InvalidArgumentError
from gpo_client.flows.observers import AttemptDetails, CallDetails, CallObserver, Observer, WaitDetails
from gpo_client.models.answer import BatchResult

T = TypeVar("T")

# How many results may wait to be taken, or for an earlier one, to each that may be under way.
_AHEAD = 4
_TOO_MANY_REQUESTS = 429


@attrs.frozen(kw_only=True)
class BatchOptions:
    """How a batch is to be run."""

    max_concurrency: int  # how many questions may be under way
    rate: float | None  # how many requests may begin each second; None: any number
    adaptive: bool  # whether to find out what the service takes
    ordered: bool  # whether results come in the order of the questions
    stop_after: int | None  # after how many questions without an answer to ask no more; None: never
    max_retries: int  # how often to try a question again

    def check(self) -> None:
        """Check what users give. Raises InvalidArgumentError if a value is impossible."""
        for name, value, least in (
            ("max_concurrency", self.max_concurrency, 1),
            ("stop_after", 1 if self.stop_after is None else self.stop_after, 1),
            ("max_retries", self.max_retries, 0),
        ):
            if type(value) is not int or value < least:
                raise InvalidArgumentError(f"{name} must be a whole number from {least} on, not {value!r}", field=name)
        rate = self.rate
        is_number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if rate is not None and not (is_number and 0 < rate < inf):
            raise InvalidArgumentError(f"rate must be a number of requests a second, not {rate!r}", field="rate")


class BatchPlan(Generic[T]):
    """Numbers the questions and puts the results in order. It holds a bounded number of either.

    Thread and task safety: it has one owner; calls must not overlap.
    """

    def __init__(self, options: BatchOptions) -> None:
        self._options = options
        self._most = _AHEAD * options.max_concurrency
        self._begun = 0
        self._handed_out = 0
        self._ready: dict[int, BatchResult[T]] = {}
        self._in_order = options.ordered
        self._is_exhausted = False
        self._error: BaseException | None = None
        self.answered = 0
        self.failed = 0
        self.throttled = 0

    @property
    def in_progress(self) -> int:
        """How many questions have been begun and have no result yet."""
        return self._begun - self.answered - self.failed

    @property
    def may_begin(self) -> bool:
        """Whether there is room for another question."""
        return not self.is_stopped and self._begun - self._handed_out < self._most

    @property
    def is_stopped(self) -> bool:
        """Whether no question is to be begun any more."""
        return self._is_exhausted or self._error is not None

    @property
    def is_over(self) -> bool:
        """Whether no result is to be expected any more."""
        return self.is_stopped and not self.in_progress and not self._ready

    def begin(self) -> int:
        """Begin a question; its number."""
        self._begun += 1
        return self._begun - 1

    def exhaust(self) -> None:
        """Note that there are no more questions."""
        self._is_exhausted = True

    def stop(self, error: BaseException) -> None:
        """Note that something has failed that is no question's fault. The first one counts."""
        self._error = self._error or error  # those that follow are mostly of its making

    def abandon(self) -> None:
        """Note that a question that was begun will have no result."""
        self._begun -= 1

    def finish(self, result: BatchResult[T]) -> None:
        """Note the result of a question."""
        self._ready[result.number] = result
        self.throttled += result.throttled
        if result.error is None:
            self.answered += 1
            return
        self.failed += 1
        if self.failed == self._options.stop_after:
            self.stop(_stopped(self.failed, result.error))

    def take(self) -> BatchResult[T] | None:
        """Return the next result to hand out, if it is there. Raises BaseException: whatever has stopped the batch,
        once all results have been handed out.
        """
        if not self._ready:
            if self._error is not None and self.is_over:
                raise self._error
            return None
        if self._error is not None and not self.in_progress:
            number = min(self._ready)  # those before it may never come
        else:  # a dict keeps the order of arrival: its first key is the result that has waited longest
            number = self._handed_out if self._in_order else next(iter(self._ready))
        result = self._ready.pop(number, None)
        self._handed_out += result is not None
        return result


class QuestionNote(Observer, CallObserver):
    """Counts what one question has cost."""

    def __init__(self) -> None:
        self.attempts = 0
        self.throttled = 0
        self.seconds_waited = 0.0
        self.time_to_first_chunk: float | None = None

    def call_started(self, call: CallDetails, parent: CallObserver | None) -> CallObserver | None:  # noqa: ARG002
        """Count the question itself, and not the renewal of its token."""
        return self if parent is None else None

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        """Count an attempt."""
        self.attempts = attempt.number
        self.throttled += attempt.status_code == _TOO_MANY_REQUESTS

    def waited(self, wait: WaitDetails) -> None:
        """Add a wait."""
        self.seconds_waited += wait.seconds

    def first_chunk(self, seconds: float) -> None:
        """Note when the first chunk came."""
        self.time_to_first_chunk = seconds


def _stopped(failed: int, last: Exception) -> BatchStoppedError:
    error = BatchStoppedError(
        f"the batch was stopped, as {failed} questions had no answer (stop_after); the last of them: {last}"
    )
    error.__cause__ = last
    return error


def sync_questions(questions: Iterable[T]) -> Iterator[T]:
    """Return the questions of a blocking batch; InvalidArgumentError for what is none, such as a single text."""
    if isinstance(questions, str) or not isinstance(questions, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise _no_questions(questions)
    return iter(questions)


def async_questions(questions: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    """Return the questions of an asynchronous batch; InvalidArgumentError for what is none, such as a single text."""
    return aiter(questions) if isinstance(questions, AsyncIterable) else _Each(sync_questions(questions))


class _Each(AsyncIterator[T], Generic[T]):
    """A plain iterator as an asynchronous one. Unlike a generator, it may be left at any moment."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items

    async def __anext__(self) -> T:
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None


def _no_questions(given: object) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"questions must be an iterable of questions, such as a list of texts, not a {type(given).__name__}",
        field="questions",
    )
