"""Questions with their answers, found and sorted, and which columns users want in their exports."""

from collections.abc import Generator

import attrs
import msgspec

from gpo_sandbox.clock import rfc3339
from gpo_sandbox.filters import (
    QuestionColumn,
    QuestionColumnSelection,
    QuestionDetailFilter,
    QuestionDetailSearch,
)
from gpo_sandbox.metrics_schema import QuestionDetail, SelectedQuestionColumns
from gpo_sandbox.problems import Problem
from gpo_sandbox.responses import CitationSource, Page
from gpo_sandbox.store.counting import Selection
from gpo_sandbox.store.database import Database
from gpo_sandbox.store.ids import from_json, to_json
from gpo_sandbox.store.sessions import Caller

ALL_COLUMNS: tuple[str, ...] = QuestionColumn.__args__  # type: ignore[attr-defined]  # what a Literal lists

_COLUMNS = (
    "position, question_id, conversation_id, user_id, question, at, message_id, answer, answered_at, response_time_ms,"
    " relevance_score, sources, liked, feedback, country_id, user_type"
)
_ORDERS = {
    "asked_at": "at",
    "question": "folded(question)",
    "response_time_ms": "response_time_ms",
    "relevance_score": "relevance_score",
}


class Row(msgspec.Struct):
    """A question as it is stored; times are in seconds since 1970."""

    question_id: str
    conversation_id: str
    user_id: str
    question: str
    at: float
    message_id: str | None
    answer: str | None
    answered_at: float | None
    response_time_ms: int | None
    relevance_score: float | None
    sources: str | None
    liked: bool | None
    feedback: str | None
    country_id: str | None
    user_type: str | None

    @property
    def cited(self) -> list[CitationSource] | None:
        """What the answer cites."""
        return from_json(self.sources, list[CitationSource])

    def reply(self) -> QuestionDetail:
        """Write it as the contract has it."""
        facts = msgspec.structs.asdict(self)
        answered = None if self.answered_at is None else rfc3339(self.answered_at)
        facts.update(sources=self.cited, answered_at=answered, asked_at=rfc3339(facts.pop("at")))
        return QuestionDetail(**facts)


@attrs.frozen
class Questions:
    """What users asked and what they were answered, as far as the caller may see it."""

    _database: Database

    def page(self, caller: Caller, wanted: QuestionDetailSearch) -> Page[QuestionDetail]:
        """Return one page of what was found."""
        found = _found(caller, wanted)
        rows, total = self._database.page(Row, found.select(_COLUMNS), _order(wanted), wanted.part, **found.values)
        items = [row.reply() for row in rows]
        return Page(items=items, page=wanted.page, page_size=wanted.page_size, total_count=total)

    def each(self, caller: Caller, wanted: QuestionDetailFilter) -> Generator[Row]:
        """Return everything that is found, row by row, each read when it is asked for."""
        found = _found(caller, wanted)
        one = f"SELECT {_COLUMNS} FROM asked WHERE question_id = :id"  # nosec B608 # noqa: S608
        return self._database.each(Row, found.select("question_id AS id"), _order(wanted), one, **found.values)

    def selected(self, caller: Caller) -> SelectedQuestionColumns:
        """Return the columns of a user's exports; all of them until the user has chosen."""
        chosen = self._database.first(
            _Columns,
            "SELECT columns FROM selected_columns WHERE instance_id = :instance_id AND user_id = :user_id",
            instance_id=caller.instance_id,
            user_id=caller.user_id,
        )
        columns = from_json(chosen.columns, list[str]) if chosen else None
        return SelectedQuestionColumns(columns=columns or list(ALL_COLUMNS))

    def select(self, caller: Caller, wanted: QuestionColumnSelection) -> SelectedQuestionColumns:
        """Choose the columns of a user's exports.

        Raises:
            Problem: A column is named twice.
        """
        if wanted.columns is not None:
            if len(set(wanted.columns)) < len(wanted.columns):
                raise Problem("validation_failed", "Each column is named once.", field="columns")
            self._database.execute(
                "INSERT OR REPLACE INTO selected_columns (instance_id, user_id, columns)"
                " VALUES (:instance_id, :user_id, :columns)",
                instance_id=caller.instance_id,
                user_id=caller.user_id,
                columns=to_json(wanted.columns),
            )
        return self.selected(caller)


class _Columns(msgspec.Struct):
    columns: str


def _found(caller: Caller, wanted: QuestionDetailFilter) -> Selection:
    found = Selection("asked", caller).counted(wanted.filter)
    return found.containing(wanted.search_text, "question", "answer")


def _order(wanted: QuestionDetailFilter) -> str:
    direction = "ASC" if wanted.sort_order == "Ascending" else "DESC"
    return f"{_ORDERS[wanted.sort_column or 'asked_at']} {direction}, position {direction}"
