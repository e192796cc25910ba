"""From what clients want counted to conditions of SQL, for the views `begun`, `asked`, `opined` and `rated`."""

from datetime import datetime
from typing import Literal

import attrs

from gpo_sandbox.filters import MetricFilter
from gpo_sandbox.language import folded
from gpo_sandbox.store.database import Value
from gpo_sandbox.store.ids import to_json
from gpo_sandbox.store.sessions import Caller

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

    Args:
        view: Which view.
        caller: Who asks. Administrators get the rows of their whole instance, everybody else their own; what happens
            in other instances is nobody's business here.
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
