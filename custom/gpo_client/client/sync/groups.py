# Derived from custom/gpo_client/client/aio/groups.py by `make sync`: edit that file, not this one.
"""The groups of the client: attributes under which further methods are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpo_client.client.sync.core import ClientCore

if TYPE_CHECKING:
    from gpo_client.client.sync.bookmarks import BookmarkGroup
    from gpo_client.client.sync.metrics import MetricGroup
    from gpo_client.client.sync.question_details import QuestionDetailGroup
    from gpo_client.client.sync.ratings import RatingGroup
    from gpo_client.client.sync.reference import ReferenceGroup
    from gpo_client.client.sync.users import UserGroup


class Groups(ClientCore):
    """The groups. Each is made when it is asked for, and its module is loaded then."""

    @property
    def bookmarks(self) -> BookmarkGroup:
        """Conversations to come back to."""
        from gpo_client.client.sync.bookmarks import BookmarkGroup

        return BookmarkGroup(self)

    @property
    def ratings(self) -> RatingGroup:
        """How users rated their conversations, found and exported."""
        from gpo_client.client.sync.ratings import RatingGroup

        return RatingGroup(self)

    @property
    def question_details(self) -> QuestionDetailGroup:
        """What was asked and answered, row by row, found and exported."""
        from gpo_client.client.sync.question_details import QuestionDetailGroup

        return QuestionDetailGroup(self)

    @property
    def metrics(self) -> MetricGroup:
        """What goes on in an instance, in numbers."""
        from gpo_client.client.sync.metrics import MetricGroup

        return MetricGroup(self)

    @property
    def users(self) -> UserGroup:
        """The users of an instance."""
        from gpo_client.client.sync.users import UserGroup

        return UserGroup(self)

    @property
    def reference(self) -> ReferenceGroup:
        """Lists that other methods refer to."""
        from gpo_client.client.sync.reference import ReferenceGroup

        return ReferenceGroup(self)
