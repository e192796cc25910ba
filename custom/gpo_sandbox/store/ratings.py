"""Rated conversations, found and sorted."""

from collections.abc import Generator

import attrs
import msgspec

from gpo_sandbox.clock import rfc3339
from gpo_sandbox.filters import RatingFilter, RatingSearch
from gpo_sandbox.metrics_schema import RatedConversation
from gpo_sandbox.responses import Page
from gpo_sandbox.store.counting import Selection
from gpo_sandbox.store.database import Database
from gpo_sandbox.store.ids import to_json
from gpo_sandbox.store.sessions import Caller

_COLUMNS = "position, conversation_id, title, user_id, rating, comment, at, message_count"
_ORDERS = {"rated_at": "at", "rating": "rating", "title": "folded(title)"}


class Row(msgspec.Struct):
    """A rating as it is stored; `at` is in seconds since 1970."""

    conversation_id: str
    title: str
    user_id: str
    rating: int
    comment: str | None
    at: float
    message_count: int

    def reply(self) -> RatedConversation:
        """Write it as the contract has it."""
        return RatedConversation(
            conversation_id=self.conversation_id,
            title=self.title,
            user_id=self.user_id,
            rating=self.rating,
            rating_comment=self.comment,
            rated_at=rfc3339(self.at),
            message_count=self.message_count,
        )


@attrs.frozen
class Ratings:
    """What users rated, as far as the caller may see it."""

    _database: Database

    def page(self, caller: Caller, wanted: RatingSearch) -> Page[RatedConversation]:
        """Return one page of what was found."""
        found = _found(caller, wanted)
        rows, total = self._database.page(Row, found.select(_COLUMNS), _order(wanted), wanted.part, **found.values)
        items = [row.reply() for row in rows]
        return Page(items=items, page=wanted.page, page_size=wanted.page_size, total_count=total)

    def each(self, caller: Caller, wanted: RatingFilter) -> Generator[Row]:
        """Return everything that is found, row by row, each read when it is asked for."""
        found = _found(caller, wanted)
        one = f"SELECT {_COLUMNS} FROM rated WHERE conversation_id = :id"  # nosec B608 # noqa: S608
        return self._database.each(Row, found.select("conversation_id AS id"), _order(wanted), one, **found.values)


def _found(caller: Caller, wanted: RatingFilter) -> Selection:
    found = Selection("rated", caller).counted(wanted.filter).containing(wanted.search_text, "title", "comment")
    kept = wanted.rating_filters
    if kept is not None and kept.rating_values:
        found.keep("rating IN (SELECT value FROM json_each(:stars))", stars=to_json(kept.rating_values))
    if kept is not None and kept.is_comment_not_provided is not None:
        found.keep("(coalesce(comment, '') = '') = :silent", silent=kept.is_comment_not_provided)
    return found


def _order(wanted: RatingFilter) -> str:
    direction = "ASC" if wanted.sort_order == "Ascending" else "DESC"
    return f"{_ORDERS[wanted.sort_column or 'rated_at']} {direction}, position {direction}"
