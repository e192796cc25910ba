"""Bookmarked conversations. Whose they are is checked before."""

import attrs

from gpo_sandbox.clock import now
from gpo_sandbox.store.database import Database


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
