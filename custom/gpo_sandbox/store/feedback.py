"""What users think: feedback on answers, on hand-offs, and ratings of conversations."""

import attrs

from gpo_sandbox.clock import now
from gpo_sandbox.requests import ConversationRating, Feedback, HandoffFeedback
from gpo_sandbox.store.database import Database


@attrs.frozen
class Opinions:
    """The tables of feedback and ratings. Whether the caller may speak is checked before."""

    _database: Database

    def give_feedback(self, given: Feedback) -> None:
        """Store feedback on an answer; it replaces what was said before."""
        self._database.execute(
            "INSERT OR REPLACE INTO feedback (message_id, liked, feedback, hand_off, suggest_next_response, created_at)"
            " VALUES (:message_id, :liked, :feedback, :hand_off, :suggest, :created_at)",
            message_id=given.message_id,
            liked=given.like,
            feedback=given.feedback,
            hand_off=given.hand_off,
            suggest=given.suggest_next_response,
            created_at=now(),
        )

    def judge_handoff(self, given: HandoffFeedback) -> None:
        """Store whether the question was clarified."""
        self._database.execute(
            "INSERT INTO handoffs (conversation_id, is_clarified, created_at)"
            " VALUES (:conversation_id, :is_clarified, :created_at)",
            conversation_id=given.conversation_id,
            is_clarified=given.is_clarified,
            created_at=now(),
        )

    def rate(self, given: ConversationRating) -> None:
        """Store the rating of a conversation; it replaces the one before."""
        self._database.execute(
            "INSERT OR REPLACE INTO ratings (conversation_id, rating, comment, created_at)"
            " VALUES (:conversation_id, :rating, :comment, :created_at)",
            conversation_id=given.conversation_id,
            rating=given.rating,
            comment=given.rating_comment,
            created_at=now(),
        )
