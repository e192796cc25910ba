"""Runs that go on where they were stopped: over a file, or in slices by other processes and on other machines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any

import attrs

from gpo_client.batch.answers import AnswerFile, answer_row
from gpo_client.batch.questions import QuestionFile, QuestionRow, question_row
from gpo_client.client import SyncGPOCoreClient

# Of different settings in one process.
_MOST_CLIENTS = 8
# A rate is kept over the fewest whole seconds that hold a whole number of questions, and over so many at most.
_LONGEST_WINDOW_S = 60
# Clocks of machines differ: what should be over already is asked for again after this, in seconds.
_SHORTEST_S = 0.01
_sleep = time.sleep


def question_request_key(run: str, key: str) -> str:
    """Return the idempotency key of a question in a run."""
    return sha256(f"{run}\n{key}".encode()).hexdigest()


@attrs.frozen(kw_only=True)
class RunOptions:
    """How the questions of a file are asked."""

    session: Mapping[str, Any]  # the context to open the session with
    run: str  # what the idempotency keys are made from, besides the questions: under another name all are new questions
    max_concurrency: int = 32  # how many questions may be under way
    rate: float | None = None  # how many requests may begin each second; None: any number
    stream: bool = True  # whether to have the answers streamed
    limit: int | None = None  # how many questions to ask at most; None: all
    stop_after: int | None = None  # after how many questions without an answer to stop; None: never
    options: Mapping[str, Any] = attrs.field(factory=dict[str, Any])  # of each call

    def key(self, row: QuestionRow) -> str:
        """Return the idempotency key of a question: the same in each run of that name."""
        return question_request_key(self.run, row.key)


class FileRun:
    """One run over a file of questions. What is answered in ``answers`` is not asked again."""

    def __init__(
        self,
        client: SyncGPOCoreClient,
        questions: QuestionFile,
        answers: AnswerFile,
        options: RunOptions,
        on_row: Callable[[Mapping[str, Any]], object] = lambda _: None,
    ) -> None:
        self._answers = answers
        self._questions = questions
        self._options = options
        self._on_row = on_row
        self._done = {row["key"] for row in answers.rows()}
        self._asked = 0
        self._is_ending = False
        #: The results under way; its ``progress`` tells how far they have come.
        self.batch = client.batch(
            self._to_ask(),
            options.session,
            request=QuestionRow.request,
            idempotency_key=options.key,
            session_key=options.run,
            max_concurrency=options.max_concurrency,
            rate=options.rate,
            stream=options.stream,
            stop_after=options.stop_after,
            **options.options,
        )

    @property
    def done_before(self) -> int:
        """How many rows there were before."""
        return len(self._done)

    def end(self) -> None:
        """Begin no more questions; those under way have their answers written."""
        self._is_ending = True

    def run(self) -> None:
        """Ask and write until the end. Raises GPOClientError: the session cannot be opened, or more failed than
        ``stop_after`` allows; OSError: a file cannot be read or written.
        """
        with self.batch as results:
            for result in results:
                asked = result.question
                row = answer_row(result, asked.key, asked.question, asked.fields)
                self._answers.append(row)
                self._on_row(row)

    def _to_ask(self) -> Iterator[QuestionRow]:
        for row in self._questions:
            if self._is_ending or self._asked == self._options.limit:
                return
            if row.key not in self._done:
                self._asked += 1
                yield row


def ask_slice(
    questions: Iterable[str | Mapping[str, Any]],
    *,
    session: Mapping[str, Any],
    run: str,
    config: Mapping[str, Any] | None = None,
    max_concurrency: int = 8,
    rate: float | None = None,
    workers: int = 1,
    rate_storage: str | None = None,
    stream: bool = False,
    stop_after: int | None = None,
) -> list[dict[str, Any]]:
    """Ask some questions and return a row for each: to be sent to wherever there is a worker.

    All arguments and the rows are of JSON's types, so that they can go through any queue. The client is made where
    the function runs, once in each process, with what was learnt of the service's pace. A slice that is asked again,
    because a worker was killed, gets the same answers: each question goes out under a key that is made of itself and
    the run. So no two questions of a run may be equal; give them numbers if they are.

    Args:
        questions: Texts, or rows with a column ``user_input``, ``question``, ``query``, ``input`` or ``prompt``.
        session: The context of the session: ``instance_id`` and ``user_id``.
        run: The name of the run: under another one all questions are new.
        config: Settings that differ from those of the worker's environment, where the API key should come from.
        max_concurrency: How many questions may be under way in this process.
        rate: How many requests may begin each second in all processes together; None: any number.
        workers: Among how many processes the rate is shared out.
        rate_storage: Where all processes count their questions instead, such as ``redis://127.0.0.1:6379/0``: an
            address as the package ``limits`` reads it. The rate is then kept exactly, however many processes there
            are; what is asked again by itself is not counted.
        stream: Whether to have the answers streamed.
        stop_after: After how many questions without an answer to stop; None: never.

    Returns:
        The rows, in the order of the questions, as ``gpo batch`` writes them. Those without an answer have ``error``.

    Raises:
        GPOClientError: The session cannot be opened, or more failed than ``stop_after`` allows.
        ImportError: ``rate_storage`` is given, and the package ``limits`` is not installed.
    """
    share = None if rate is None or rate_storage else rate / workers
    client = _client(json.dumps(dict(config or {}), sort_keys=True), max_concurrency, share)
    rows = [question_row(number, question) for number, question in enumerate(questions, 1)]
    results = client.batch(
        rows if rate is None or rate_storage is None else _in_turn(rows, run, rate, rate_storage),
        session,
        request=QuestionRow.request,
        idempotency_key=lambda row: question_request_key(run, row.key),
        session_key=run,
        max_concurrency=max_concurrency,
        adaptive=False,  # the client's own limits are, from one slice to the next
        ordered=True,
        stream=stream,
        stop_after=stop_after,
    )
    with results:
        return [
            answer_row(result, result.question.key, result.question.question, result.question.fields)
            for result in results
        ]


def _in_turn(rows: Iterable[QuestionRow], run: str, rate: float, storage: str) -> Iterator[QuestionRow]:
    """Hand on each row when it is its turn among those of all processes."""
    try:
        from limits import RateLimitItemPerSecond
        from limits.storage import storage_from_string
        from limits.strategies import MovingWindowRateLimiter
    except ModuleNotFoundError as error:
        if error.name != "limits":
            raise
        raise ImportError("rate_storage needs limits, which is not installed: pip install limits redis") from error
    window = Fraction(rate).limit_denominator(_LONGEST_WINDOW_S)
    item = RateLimitItemPerSecond(max(window.numerator, 1), window.denominator, namespace="gpo")
    limiter = MovingWindowRateLimiter(storage_from_string(storage))
    for row in rows:
        while not limiter.hit(item, run):
            _sleep(max(limiter.get_window_stats(item, run).reset_time - time.time(), _SHORTEST_S))
        yield row


@lru_cache(maxsize=_MOST_CLIENTS)
def _client(config: str, max_concurrency: int, rate: float | None) -> SyncGPOCoreClient:
    """Return the client of this process with these settings."""
    settings: Any = {"max_concurrency": max_concurrency, "requests_per_second": rate, "adaptive": True}
    return SyncGPOCoreClient(**settings | json.loads(config))
