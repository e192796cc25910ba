"""Bookmarks."""

# pyright: reportPrivateUsage=false
# A group is a part of its client, apart only by name: it sends through the client's own methods.

from __future__ import annotations

from typing import Unpack

from gpo_client.client.aio.group import Group
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.operations import bookmarks
from gpo_client.operations.context import Context


class BookmarkGroup(Group):
    """Conversations to come back to: ``client.bookmarks``. ``list_conversations`` tells which are bookmarked."""

    __slots__ = ()

    async def add(self, context: Context, conversation_id: str | None = None, **options: Unpack[CreateOptions]) -> None:
        """Bookmark a conversation; once is as good as twice (operation addBookmark).

        Args:
            context: The session and, unless ``conversation_id`` is given, the conversation.
            conversation_id: The conversation. Default: the one in the context.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Raises:
            InvalidArgumentError: Neither the context nor ``conversation_id`` names a conversation.
            NotFoundError: There is no such conversation.
            GPOClientError: As for any call.
        """
        await self._client._call(bookmarks.add_bookmark(context, conversation_id), options)

    async def remove(
        self, context: Context, conversation_id: str | None = None, **options: Unpack[CallOptions]
    ) -> None:
        """Remove the bookmark of a conversation, if it has one (operation removeBookmark).

        Args:
            context: The session and, unless ``conversation_id`` is given, the conversation.
            conversation_id: The conversation. Default: the one in the context.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: Neither the context nor ``conversation_id`` names a conversation.
            NotFoundError: There is no such conversation.
            GPOClientError: As for any call.
        """
        await self._client._call(bookmarks.remove_bookmark(context, conversation_id), options)
