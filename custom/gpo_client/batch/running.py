"""Runs that go on where they were stopped: questions from a file, answers into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import attrs

from gpo_client.batch.answers import AnswerFile
from gpo_client.batch.questions import QuestionFile, QuestionRow
from gpo_client.batch.rows import answer_row
from gpo_client.client import SyncGPOCoreClient


def question_request_key(run: str, key: str) -> str:
    """Return the idempotency key of a question in a run."""
    return sha256(f"{run}\n{key}".encode()).hexdigest()


@attrs.frozen(kw_only=True)
class RunOptions:
    """How the questions of a file are asked.

    Attributes:
        session: The context to open the session with.
        run: What the idempotency keys are made from, besides the questions: under another name all are new questions.
        max_concurrency: How many questions may be under way.
        rate: How many requests may begin each second; None: any number.
        stream: Whether to have the answers streamed.
        limit: How many questions to ask at most; None: all.
        stop_after: After how many questions without an answer to stop; None: never.
        options: Of each call.
    """

    session: Mapping[str, Any]
    run: str
    max_concurrency: int = 32
    rate: float | None = None
    stream: bool = True
    limit: int | None = None
    stop_after: int | None = None
    options: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    def key(self, row: QuestionRow) -> str:
        """Return the idempotency key of a question: the same in each run of that name."""
        return question_request_key(self.run, row.key)


class FileRun:
    """One run over a file of questions.

    Args:
        client: Asks.
        questions: What to ask.
        answers: Where the answers go; what is answered there is not asked again.
        options: How.
        on_row: Told of each row that has been written.
    """

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
        """Ask and write until the end.

        Raises:
            GPOClientError: The session cannot be opened, or more failed than ``stop_after`` allows.
            OSError: A file cannot be read or written.
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
