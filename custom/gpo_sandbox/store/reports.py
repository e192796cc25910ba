"""Reports: the questions, answers and ratings that clients ask for, found, sorted, and read by page or row by row.

A `Selection` makes conditions of SQL from what is wanted, for the views `begun`, `asked`, `opined` and `rated`; a
`Report` says which view it reads, and how its rows are searched and sorted.
"""

from collections.abc import Generator, Mapping
from datetime import datetime
from typing import ClassVar, Generic, Literal, TypeVar, get_args

import attrs
import msgspec

from gpo_sandbox.language import folded
from gpo_sandbox.requests import (
    MetricFilter,
    Paged,
    QuestionColumn,
    QuestionColumnSelection,
    RatingFilter,
    ReportFilter,
    ReportSearch,
)
from gpo_sandbox.responses import (
    Page,
    Problem,
    QuestionDetail,
    RatedConversation,
    SelectedQuestionColumns,
)
from gpo_sandbox.store.database import Database, Value, from_json, to_json
from gpo_sandbox.store.sessions import OWNED, Caller

View = Literal["begun", "asked", "opined", "rated"]

# Questions have a speed of their own; conversations count when they have such a question.
_SPEED = {
    "asked": "response_time_ms BETWEEN :fastest_ms AND :slowest_ms",
    "opined": "response_time_ms BETWEEN :fastest_ms AND :slowest_ms",
}
_SPEED_OF_ONE = (
    "EXISTS (SELECT 1 FROM answers AS timed WHERE timed.conversation_id = {view}.conversation_id"
    " AND timed.response_time_ms BETWEEN :fastest_ms AND :slowest_ms)"
)


@attrs.define
class Selection:
    """Rows of a view: `SELECT ... FROM view WHERE ...`, piece by piece.

    Administrators get the rows of their whole instance, everybody else their own, and nobody those of other instances.
    """

    view: View
    caller: Caller
    _conditions: list[str] = attrs.field(factory=list[str], init=False)
    values: dict[str, Value] = attrs.field(factory=dict[str, Value], init=False)

    def __attrs_post_init__(self) -> None:
        self.keep("instance_id = :instance_id", instance_id=self.caller.instance_id)
        if not self.caller.is_admin:
            self.keep("user_id = :user_id", user_id=self.caller.user_id)

    def keep(self, condition: str, **values: Value) -> "Selection":
        """Keep the rows that fulfil one more condition."""
        self._conditions.append(condition)
        self.values.update(values)
        return self

    def counted(self, wanted: MetricFilter | None) -> "Selection":
        """Keep what a filter asks for."""
        if wanted is None:
            return self
        if wanted.start_date is not None:
            self.keep("at >= :start", start=_seconds(wanted.start_date))
        if wanted.end_date is not None:
            self.keep("at < :end", end=_seconds(wanted.end_date))
        if wanted.country_ids:
            self.keep("country_id IN (SELECT value FROM json_each(:countries))", countries=to_json(wanted.country_ids))
        if wanted.user_types:
            self.keep("user_type IN (SELECT value FROM json_each(:user_types))", user_types=to_json(wanted.user_types))
        if wanted.min_response_time_s is not None or wanted.max_response_time_s is not None:
            self._timed(wanted.min_response_time_s, wanted.max_response_time_s)
        return self

    def containing(self, text: str | None, *columns: str) -> "Selection":
        """Keep the rows that have a text in one of some columns, in any case and with or without accents."""
        if wanted := folded(text or ""):
            found = " OR ".join(f"instr(folded(coalesce({column}, '')), :text)" for column in columns)
            self.keep(f"({found})", text=wanted)
        return self

    def select(self, columns: str) -> str:
        """Write the query."""
        # Columns and conditions are constants of this package; what comes from requests is a parameter.
        return f"SELECT {columns} FROM {self.view} WHERE {' AND '.join(self._conditions)}"  # nosec B608 # noqa: S608

    def _timed(self, least_s: float | None, most_s: float | None) -> None:
        self.keep(
            _SPEED.get(self.view) or _SPEED_OF_ONE.format(view=self.view),
            fastest_ms=(least_s or 0.0) * 1000,
            slowest_ms=float("inf") if most_s is None else most_s * 1000,
        )


def _seconds(moment: datetime) -> float:
    return moment.timestamp()


R = TypeVar("R", bound=msgspec.Struct)

# The columns of our views that have another name in the contract.
_STORED = {"asked_at": "at", "rated_at": "at", "given_at": "at", "rating_comment": "comment"}


@attrs.frozen
class Report(Generic[R]):
    """The rows of a view, as far as the caller may see them."""

    VIEW: ClassVar[View]  # which view
    KEY: ClassVar[str]  # the column that tells its rows apart
    SEARCHED: ClassVar[tuple[str, ...]]  # the columns in which a text is searched for
    ORDERS: ClassVar[Mapping[str, str]]  # what rows are sorted by, by its name; the first one is the default

    _database: Database
    _kind: type[R]  # what each row is in the contract

    def page(self, caller: Caller, wanted: ReportSearch) -> Page[R]:
        """Return one page of what was found."""
        return page_of(self._database, self._kind, self._found(caller, wanted), self._order(wanted), wanted)

    def each(self, caller: Caller, wanted: ReportFilter) -> Generator[R]:
        """Return everything that is found, row by row, each read when it is asked for."""
        found = self._found(caller, wanted)
        one = f"SELECT {_columns(self._kind)} FROM {self.VIEW} WHERE {self.KEY} = :id"  # nosec B608 # noqa: S608
        chosen = found.select(f"{self.KEY} AS id")
        return self._database.each(self._kind, chosen, self._order(wanted), one, **found.values)

    def _found(self, caller: Caller, wanted: ReportFilter) -> Selection:
        return Selection(self.VIEW, caller).counted(wanted.filter).containing(wanted.search_text, *self.SEARCHED)

    def _order(self, wanted: ReportFilter) -> str:
        direction = "ASC" if wanted.sort_order == "Ascending" else "DESC"
        column: str = wanted.sort_column or next(iter(self.ORDERS))
        return f"{self.ORDERS[column]} {direction}, position {direction}"


def page_of(database: Database, kind: type[R], found: Selection, order: str, wanted: Paged) -> Page[R]:
    """Return one page of a selection, in the shape of the contract."""
    return database.page(kind, found.select(_columns(kind)), order, wanted, **found.values)


def _columns(kind: type[msgspec.Struct]) -> str:
    return ", ".join(("position", *(f"{_STORED.get(name, name)} AS {name}" for name in kind.__struct_fields__)))


@attrs.frozen
class Ratings(Report[RatedConversation]):
    """What users rated."""

    VIEW = "rated"
    KEY = "conversation_id"
    SEARCHED = ("title", "comment")
    ORDERS: ClassVar = {"rated_at": "at", "rating": "rating", "title": "folded(title)"}

    _kind: type[RatedConversation] = RatedConversation

    def _found(self, caller: Caller, wanted: ReportFilter) -> Selection:
        found = super()._found(caller, wanted)
        kept = wanted.rating_filters if isinstance(wanted, RatingFilter) else None
        if kept is not None and kept.rating_values:
            found.keep("rating IN (SELECT value FROM json_each(:stars))", stars=to_json(kept.rating_values))
        if kept is not None and kept.is_comment_not_provided is not None:
            found.keep("(coalesce(comment, '') = '') = :silent", silent=kept.is_comment_not_provided)
        return found


@attrs.frozen
class Questions(Report[QuestionDetail]):
    """What users asked and what they were answered, and which columns they want in their exports."""

    VIEW = "asked"
    KEY = "question_id"
    SEARCHED = ("question", "answer")
    ORDERS: ClassVar = {
        "asked_at": "at",
        "question": "folded(question)",
        "response_time_ms": "response_time_ms",
        "relevance_score": "relevance_score",
    }
    ALL_COLUMNS: ClassVar[tuple[str, ...]] = get_args(QuestionColumn)

    _kind: type[QuestionDetail] = QuestionDetail

    def selected(self, caller: Caller) -> SelectedQuestionColumns:
        """Return the columns of a user's exports; all of them until the user has chosen."""
        chosen = self._database.text(f"SELECT columns FROM selected_columns WHERE {OWNED}", **caller.owner)  # nosec B608 # noqa: S608
        return SelectedQuestionColumns(columns=from_json(chosen, list[str]) or list(self.ALL_COLUMNS))

    def select(self, caller: Caller, wanted: QuestionColumnSelection) -> SelectedQuestionColumns:
        """Choose the columns of a user's exports. Raises Problem if one is named twice."""
        if wanted.columns is not None:
            if len(set(wanted.columns)) < len(wanted.columns):
                raise Problem("validation_failed", "Each column is named once.", field="columns")
            columns = to_json(wanted.columns)
            self._database.replace("selected_columns", columns=columns, **caller.owner)
        return self.selected(caller)
