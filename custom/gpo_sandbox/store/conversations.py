"""Conversations and their bookmarks: each belongs to one user of one instance; nobody else can tell that it exists."""

from collections.abc import Sequence

import attrs
import msgspec

from gpo_sandbox.language import folded
from gpo_sandbox.requests import ClosedQuery, ConversationRequest, HistoryQuery, PageQuery
from gpo_sandbox.responses import Conversation, ConversationSummary, Page, Problem
from gpo_sandbox.store.database import DAY_S, Database, Value, midnight, new_id, now, rfc3339, to_json
from gpo_sandbox.store.sessions import OWNED, Caller

_DEFAULT_TITLE = "New conversation"

_SUMMARIES = f"""
SELECT position, conversation_id, title, created_at, welcome_message, metadata,
    CASE WHEN closed_at IS NULL THEN 'active' ELSE 'closed' END AS status,
    (SELECT count(*) FROM messages AS m WHERE m.conversation_id = c.conversation_id) AS message_count,
    (SELECT max(m.created_at) FROM messages AS m WHERE m.conversation_id = c.conversation_id) AS last_message_at,
    EXISTS (SELECT 1 FROM bookmarks AS b WHERE b.conversation_id = c.conversation_id) AS is_bookmarked
FROM conversations AS c WHERE {OWNED}
"""  # nosec B608 # noqa: S608
_MOST_RECENTLY_ACTIVE = "coalesce(last_message_at, created_at) DESC, position DESC"
_MENTIONING = """
AND (instr(folded(title), :text) OR EXISTS (
    SELECT 1 FROM messages AS m WHERE m.conversation_id = c.conversation_id AND instr(folded(m.content), :text)))
"""


class _State(msgspec.Struct):
    closed_at: float | None


@attrs.frozen
class Conversations:
    """The table of conversations."""

    _database: Database

    def start(
        self,
        caller: Caller,
        wanted: ConversationRequest,
        *,
        assistant_tag: str | None = None,
        welcome: str | None = None,
    ) -> Conversation:
        """Start a conversation of the caller, with the assistant that was asked for and a greeting to keep with it."""
        conversation_id, title, created_at = new_id("conv"), wanted.title or _DEFAULT_TITLE, now()
        self._database.insert(
            "conversations",
            conversation_id=conversation_id,
            title=title,
            assistant_tag=assistant_tag,
            welcome_message=welcome,
            metadata=to_json(wanted.metadata),
            created_at=created_at,
            **caller.owner,
        )
        return Conversation(
            conversation_id=conversation_id,
            title=title,
            created_at=rfc3339(created_at),
            status="active",
            welcome_message=welcome,
            metadata=wanted.metadata,
        )

    def check(self, caller: Caller, conversation_id: str, *, open_: bool = False, field: str | None = None) -> None:
        """Check that a conversation is there for the caller and, if `open_`, takes more questions.

        Raises Problem: it is not there, or closed.
        """
        state = self._database.first(
            _State,
            f"SELECT closed_at FROM conversations WHERE conversation_id = :conversation_id AND {OWNED}",  # nosec B608 # noqa: S608
            conversation_id=conversation_id,
            **caller.owner,
        )
        if state is None:
            raise Problem("not_found", f"There is no conversation {conversation_id!r}.", field=field)
        if open_ and state.closed_at is not None:
            detail = f"The conversation was closed at {rfc3339(state.closed_at)}; start another one."
            raise Problem("conversation_closed", detail, field=field)

    def set_closed(self, conversation_id: str, *, closed: bool) -> None:
        """Close a conversation, or open it again."""
        self._database.execute(
            "UPDATE conversations SET closed_at = :closed_at WHERE conversation_id = :conversation_id",
            conversation_id=conversation_id,
            closed_at=now() if closed else None,
        )

    def delete(self, caller: Caller, conversation_ids: Sequence[str]) -> None:
        """Delete conversations with everything in them; ids that the caller does not have are passed over."""
        with self._database.transaction():
            for conversation_id in conversation_ids:
                self._database.execute(
                    f"DELETE FROM conversations WHERE conversation_id = :conversation_id AND {OWNED}",  # nosec B608 # noqa: S608
                    conversation_id=conversation_id,
                    **caller.owner,
                )

    def history(self, caller: Caller, wanted: HistoryQuery) -> Page[ConversationSummary]:
        """List the caller's conversations, the most recently active first."""
        text = folded(wanted.search_text or "")
        return self._page(caller, _MENTIONING if text else "", wanted, {"text": text} if text else {})

    def closed(self, caller: Caller, wanted: ClosedQuery) -> Page[ConversationSummary]:
        """List the caller's closed conversations that were started in a range of days."""
        condition, values = " AND closed_at IS NOT NULL", dict[str, Value]()
        if wanted.from_date is not None:
            condition, values["start"] = condition + " AND created_at >= :start", midnight(wanted.from_date)
        if wanted.to_date is not None:
            condition, values["end"] = condition + " AND created_at < :end", midnight(wanted.to_date) + DAY_S
        return self._page(caller, condition, wanted, values)

    def _page(
        self, caller: Caller, condition: str, wanted: PageQuery, values: dict[str, Value]
    ) -> Page[ConversationSummary]:
        query, order = _SUMMARIES + condition, _MOST_RECENTLY_ACTIVE
        return self._database.page(ConversationSummary, query, order, wanted, **caller.owner, **values)


@attrs.frozen
class Bookmarks:
    """The table of bookmarks."""

    _database: Database

    def add(self, conversation_id: str) -> None:
        """Bookmark a conversation; once is as good as twice."""
        self._database.execute(
            "INSERT OR IGNORE INTO bookmarks (conversation_id, created_at) VALUES (:conversation_id, :now)",
            conversation_id=conversation_id,
            now=now(),
        )

    def remove(self, conversation_id: str) -> None:
        """Remove the bookmark of a conversation, if it has one."""
        self._database.execute(
            "DELETE FROM bookmarks WHERE conversation_id = :conversation_id", conversation_id=conversation_id
        )
