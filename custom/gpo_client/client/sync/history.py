# Derived from custom/gpo_client/client/aio/history.py by `make sync`: edit that file, not this one.
"""Conversations and messages of the past, and those to come back to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from gpo_client.client.runtime import date_reader
from gpo_client.client.sync.core import ClientCore, Group, SyncPage
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.models.answer import Message
from gpo_client.operations import history
from gpo_client.operations.context import Context
from gpo_client.operations.filters import Moment

if TYPE_CHECKING:
    from gpo_client.models.generated import ConversationSummary
    from gpo_client.models.requests import MessageSearchDict, Unchecked
    from gpo_core_client.models import MessageSearch


class HistoryMethods(ClientCore):
    """Listing, searching and deleting what was said."""

    def list_conversations(
        self,
        context: Context,
        *,
        search_text: str | None = None,
        page: int = 1,
        page_size: int = 20,
        **options: Unpack[CallOptions],
    ) -> SyncPage[ConversationSummary]:
        """Return the user's conversations, the latest first (operation listConversations).

        Args:
            context: The session.
            search_text: Only those that hold this text. Default: all.
            page: The page to begin with, from 1.
            page_size: Items to a page, 1 to 100.
            options: ``timeout`` (seconds for each page), ``max_retries``, ``headers``.

        Raises:
            InvalidRequestError: ``page`` or ``page_size`` is out of range.
            GPOClientError: As for any call.
        """
        return self._page(
            lambda number: history.list_conversations(context, search_text, number or page, page_size), page, options
        )

    def list_closed_conversations(
        self,
        context: Context,
        *,
        from_date: Moment | None = None,
        to_date: Moment | None = None,
        page: int = 1,
        page_size: int = 20,
        **options: Unpack[CallOptions],
    ) -> SyncPage[ConversationSummary]:
        """Return the user's conversations that take no more questions (operation listClosedConversations).

        Args:
            context: The session.
            from_date: The first day (UTC): a date, a datetime, or a text such as ``"2026-11-01"``, ``"1 Nov 2026"`` or
                ``"last month"``, of which the first day counts. Default: no limit.
            to_date: The last day (UTC), in the same forms; of ``"last month"`` the last day counts. Default: no limit.
            page: The page to begin with, from 1.
            page_size: Items to a page, 1 to 100.
            options: ``timeout`` (seconds for each page), ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: A date cannot be read.
            InvalidRequestError: ``page`` or ``page_size`` is out of range.
            GPOClientError: As for any call.
        """
        dates = date_reader({})
        first, last = dates.day(from_date, "from_date"), dates.day(to_date, "to_date", last=True)
        return self._page(
            lambda number: history.list_closed_conversations(context, first, last, number or page, page_size),
            page,
            options,
        )

    def list_messages(
        self,
        context: Context,
        conversation_id: str | None = None,
        *,
        page: int = 1,
        page_size: int = 20,
        **options: Unpack[CallOptions],
    ) -> SyncPage[Message]:
        """Return the messages of a conversation, the oldest first (operation listMessages).

        Args:
            context: The session and, unless ``conversation_id`` is given, the conversation.
            conversation_id: The conversation. Default: the one in the context.
            page: The page to begin with, from 1.
            page_size: Items to a page, 1 to 100.
            options: ``timeout`` (seconds for each page), ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: Neither the context nor ``conversation_id`` names a conversation.
            NotFoundError: There is no such conversation.
            GPOClientError: As for any call.
        """
        return self._page(
            lambda number: history.list_messages(context, conversation_id, number or page, page_size), page, options
        )

    def search_messages(
        self, context: Context, request: MessageSearch | MessageSearchDict | Unchecked, **options: Unpack[CallOptions]
    ) -> SyncPage[Message]:
        """Return the user's messages that hold a text (operation searchMessages).

        Args:
            context: The session.
            request: A ``MessageSearch`` or a mapping with ``search_text`` and perhaps ``start_date`` (a day, in any
                form that ``list_closed_conversations`` takes), ``page`` (the page to begin with) and ``page_size``.
            options: ``timeout`` (seconds for each page), ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: A field of the request is missing, unknown or of the wrong type.
            GPOClientError: As for any call.
        """
        dates = date_reader({})
        return self._page(lambda number: history.search_messages(context, request, number, dates), None, options)

    def delete_conversations(
        self, context: Context, conversation_ids: Sequence[str], **options: Unpack[CallOptions]
    ) -> None:
        """Delete conversations with all their messages (operation deleteConversations).

        Args:
            context: The session.
            conversation_ids: The conversations to delete.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: ``conversation_ids`` is a single text.
            GPOClientError: As for any call.
        """
        self._call(history.delete_conversations(context, conversation_ids), options)


class BookmarkGroup(Group):
    """Conversations to come back to: ``client.bookmarks``. ``list_conversations`` tells which are bookmarked."""

    __slots__ = ()

    def add(self, context: Context, conversation_id: str | None = None, **options: Unpack[CreateOptions]) -> None:
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
        self._call(history.add_bookmark(context, conversation_id), options)

    def remove(self, context: Context, conversation_id: str | None = None, **options: Unpack[CallOptions]) -> None:
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
        self._call(history.remove_bookmark(context, conversation_id), options)
