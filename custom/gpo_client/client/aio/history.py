"""What was said: conversations and messages, those to come back to, and all questions of an instance, row by row."""

# pyright: reportPrivateUsage=false
# A group is a part of its client, apart only by name: it sends through the client's own methods.

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from gpo_client.client.aio.core import AsyncPage, ClientCore, Group
from gpo_client.client.runtime import date_reader
from gpo_client.flows.options import CallOptions, CreateOptions, WindowOptions
from gpo_client.models.answer import Download, Message, QuestionDetail
from gpo_client.operations import history
from gpo_client.operations.call import OnProgress
from gpo_client.operations.context import Context
from gpo_client.operations.filters import Moment

if TYPE_CHECKING:
    from gpo_client.models.generated import ConversationSummary, SelectedQuestionColumns
    from gpo_client.models.requests import (
        MessageSearchDict,
        QuestionDetailExportDict,
        QuestionDetailSearchDict,
        Unchecked,
    )
    from gpo_core_client.models import MessageSearch, QuestionColumn, QuestionDetailExport, QuestionDetailSearch


class HistoryMethods(ClientCore):
    """Listing, searching and deleting what was said."""

    async def list_conversations(
        self,
        context: Context,
        *,
        search_text: str | None = None,
        page: int = 1,
        page_size: int = 20,
        **options: Unpack[CallOptions],
    ) -> AsyncPage[ConversationSummary]:
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
        return await self._page(
            lambda number: history.list_conversations(context, search_text, number or page, page_size), page, options
        )

    async def list_closed_conversations(
        self,
        context: Context,
        *,
        from_date: Moment | None = None,
        to_date: Moment | None = None,
        page: int = 1,
        page_size: int = 20,
        **options: Unpack[CallOptions],
    ) -> AsyncPage[ConversationSummary]:
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
        return await self._page(
            lambda number: history.list_closed_conversations(context, first, last, number or page, page_size),
            page,
            options,
        )

    async def list_messages(
        self,
        context: Context,
        conversation_id: str | None = None,
        *,
        page: int = 1,
        page_size: int = 20,
        **options: Unpack[CallOptions],
    ) -> AsyncPage[Message]:
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
        return await self._page(
            lambda number: history.list_messages(context, conversation_id, number or page, page_size), page, options
        )

    async def search_messages(
        self, context: Context, request: MessageSearch | MessageSearchDict | Unchecked, **options: Unpack[CallOptions]
    ) -> AsyncPage[Message]:
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
        return await self._page(lambda number: history.search_messages(context, request, number, dates), None, options)

    async def delete_conversations(
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
        await self._call(history.delete_conversations(context, conversation_ids), options)


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
        await self._client._call(history.add_bookmark(context, conversation_id), options)

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
        await self._client._call(history.remove_bookmark(context, conversation_id), options)


# pyright: reportPrivateUsage=false
# A group is a part of its client, apart only by name: it sends through the client's own methods.


class QuestionDetailGroup(Group):
    """Questions of the users of an instance, with their answers: ``client.question_details``."""

    __slots__ = ()

    async def search(
        self,
        context: Context,
        request: QuestionDetailSearch | QuestionDetailSearchDict | Unchecked | None = None,
        **options: Unpack[WindowOptions],
    ) -> AsyncPage[QuestionDetail]:
        """Find questions with their answers, the newest first by default (operation searchQuestionDetails).

        Args:
            context: The session. What is found is what the users of its instance asked.
            request: A ``QuestionDetailSearch`` or a mapping with ``search_text``, ``sort_column`` (``"asked_at"``,
                ``"question"``, ``"response_time_ms"``, ``"relevance_score"``), ``sort_order`` (``"Ascending"``,
                ``"Descending"``), ``filter`` (as for ``client.metrics``),
                ``page`` (the page to begin with) and ``page_size``, all optional. The dates in ``filter`` may be given
                in any form that ``window`` takes.
            options: ``window`` and ``time_zone``, as for ``client.metrics``; ``timeout`` (seconds for each page),
                ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: ``page`` or ``page_size`` is out of range.
            GPOClientError: As for any call.
        """
        dates = date_reader(options)
        return await self._client._page(
            lambda number: history.search_question_details(context, request, dates, number),
            None,
            options,
        )

    async def export(
        self,
        context: Context,
        request: QuestionDetailExport | QuestionDetailExportDict | Unchecked | None = None,
        to: str | os.PathLike[str] | None = None,
        *,
        on_progress: OnProgress | None = None,
        **options: Unpack[WindowOptions],
    ) -> Download:
        """Everything that a search finds, as CSV (RFC 4180) in UTF-8 (operation exportQuestionDetails).

        Args:
            context: The session.
            request: A ``QuestionDetailExport`` or a mapping as for ``search``, without pages.
            to: The file to write, or a folder to put it in under the name the service gives it, made safe. The file
                appears when it is whole. Default: None, into memory, up to 64 MiB.
            on_progress: Called with the number of bytes so far and of all, None when not known.
            options: ``window`` and ``time_zone``, as for ``client.metrics``; times are written in that zone too, by
                default in UTC. ``timeout`` (seconds; into a file, without a single byte), ``max_retries``, ``headers``.

        Returns:
            The content, or the path it went to, with its name and media type.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            OSError: The file cannot be written.
            GPOClientError: As for any call.
        """
        call = history.export_question_details(context, request, date_reader(options))
        return await self._client._download(call, to, options, on_progress=on_progress, expected="text/csv")

    async def select_columns(
        self,
        context: Context,
        columns: Sequence[QuestionColumn] | None = None,
        **options: Unpack[CreateOptions],
    ) -> SelectedQuestionColumns:
        """Select the columns of the user's exports, or ask which are selected (operation selectQuestionColumns).

        Args:
            context: The session.
            columns: The names of the columns, each once, in the order of the file. Default: leave them as they are.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The columns that are selected now.

        Raises:
            InvalidArgumentError: A column is unknown, or ``columns`` is a single text.
            InvalidRequestError: A column is named twice, or none is named.
            GPOClientError: As for any call.
        """
        return await self._client._call(history.select_question_columns(context, columns), options)
