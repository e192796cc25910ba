"""Messages, what users asked and what they were answered; and what they think of that: feedback and ratings."""

from typing import Literal

import attrs

from gpo_sandbox.language import folded
from gpo_sandbox.requests import ConversationRating, Feedback, HandoffFeedback, MessageSearch, PageQuery
from gpo_sandbox.responses import CitationSource, Message, Page, Problem
from gpo_sandbox.store.database import Database, midnight, new_id, now, to_json
from gpo_sandbox.store.sessions import OWNED, Caller

_MESSAGES = """
SELECT position, m.message_id, m.conversation_id, role, content, m.created_at, sources, liked
FROM messages AS m LEFT JOIN feedback USING (message_id)
"""
_OF_CALLER = f" WHERE m.conversation_id IN (SELECT conversation_id FROM conversations WHERE {OWNED})"  # nosec B608 # noqa: S608
_COUNT_ONE = f"SELECT count(*) FROM messages AS m {_OF_CALLER} AND m.message_id = :message_id"  # nosec B608 # noqa: S608


@attrs.frozen
class Messages:
    """The table of messages."""

    _database: Database

    def add(
        self,
        conversation_id: str,
        role: Literal["user", "assistant"],
        content: str,
        *,
        message_id: str | None = None,
        sources: list[CitationSource] | None = None,
        client_metadata: dict[str, object] | None = None,
    ) -> str:
        """Store a message at the end of a conversation and return its id, a new one if none is given."""
        message_id = message_id or new_id("msg")
        self._database.insert(
            "messages",
            message_id=message_id,
            conversation_id=conversation_id,
            role=role,
            content=content,
            sources=to_json(sources),
            client_metadata=to_json(client_metadata),
            created_at=now(),
        )
        return message_id

    def check(self, caller: Caller, message_id: str) -> None:
        """Check that a message is there for the caller. Raises Problem if it is not."""
        found = self._database.number(_COUNT_ONE, message_id=message_id, **caller.owner)
        if not found:
            raise Problem("not_found", f"There is no message {message_id!r}.", field="message_id")

    def latest_question(self, conversation_id: str) -> str | None:
        """Return what the user wrote last in a conversation."""
        return self._database.text(
            "SELECT content FROM messages WHERE conversation_id = :conversation_id AND role = 'user'"
            " ORDER BY position DESC LIMIT 1",
            conversation_id=conversation_id,
        )

    def page(self, conversation_id: str, wanted: PageQuery) -> Page[Message]:
        """List the messages of a conversation, the oldest first."""
        query = f"{_MESSAGES} WHERE m.conversation_id = :conversation_id"
        return self._database.page(Message, query, "position", wanted, conversation_id=conversation_id)

    def search(self, caller: Caller, wanted: MessageSearch) -> Page[Message]:
        """Find the caller's messages that contain a text, in any case and with or without accents, the newest first."""
        query = f"{_MESSAGES} {_OF_CALLER} AND instr(folded(content), :text) AND m.created_at >= :start"
        start = midnight(wanted.start_date) if wanted.start_date else 0.0
        text, order = folded(wanted.search_text), "position DESC"
        return self._database.page(Message, query, order, wanted, text=text, start=start, **caller.owner)


@attrs.frozen
class Opinions:
    """The tables of feedback and ratings. Whether the caller may speak is checked before."""

    _database: Database

    def give_feedback(self, given: Feedback) -> None:
        """Store feedback on an answer; it replaces what was said before."""
        self._database.replace(
            "feedback",
            message_id=given.message_id,
            liked=given.like,
            feedback=given.feedback,
            hand_off=given.hand_off,
            suggest_next_response=given.suggest_next_response,
            created_at=now(),
        )

    def judge_handoff(self, given: HandoffFeedback) -> None:
        """Store whether the question was clarified."""
        self._database.insert(
            "handoffs", conversation_id=given.conversation_id, is_clarified=given.is_clarified, created_at=now()
        )

    def rate(self, given: ConversationRating) -> None:
        """Store the rating of a conversation; it replaces the one before."""
        self._database.replace(
            "ratings",
            conversation_id=given.conversation_id,
            rating=given.rating,
            comment=given.rating_comment,
            created_at=now(),
        )
