"""Conversations, their messages and bookmarks, and questions with their answers: lists, searches, exports, deletion."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from gpo_client.models.answer import Message, QuestionDetail
from gpo_client.models.page import Page
from gpo_client.operations.call import Call, generated, page_of, typed
from gpo_client.operations.context import Context, conversation_of
from gpo_client.operations.filters import DateReader, search_from
from gpo_client.operations.generated import call_of, given, model_from, path_segment, texts_of

if TYPE_CHECKING:
    from gpo_client.models.generated import ConversationSummary, SelectedQuestionColumns
    from gpo_core_client.models import MessageSearch, QuestionColumn, QuestionDetailExport, QuestionDetailSearch


def list_conversations(
    context: Context, search_text: str | None, page: int, page_size: int
) -> Call[Page[ConversationSummary]]:
    """listConversations: the user's conversations."""
    from gpo_client.models.generated import ConversationSummary
    from gpo_core_client.api.history import list_conversations as operation

    kwargs = operation._get_kwargs(search_text=given(search_text), page=page, page_size=page_size)
    return call_of("listConversations", kwargs, context, page_of(generated(ConversationSummary)))


def list_closed_conversations(
    context: Context, from_date: date | None, to_date: date | None, page: int, page_size: int
) -> Call[Page[ConversationSummary]]:
    """listClosedConversations: the user's conversations that take no more questions."""
    from gpo_client.models.generated import ConversationSummary
    from gpo_core_client.api.history import list_closed_conversations as operation

    kwargs = operation._get_kwargs(from_date=given(from_date), to_date=given(to_date), page=page, page_size=page_size)
    return call_of("listClosedConversations", kwargs, context, page_of(generated(ConversationSummary)))


def list_messages(context: Context, conversation_id: str | None, page: int, page_size: int) -> Call[Page[Message]]:
    """listMessages: the messages of a conversation."""
    from gpo_core_client.api.history import list_messages as operation

    kwargs = operation._get_kwargs(_conversation(context, conversation_id), page=page, page_size=page_size)
    template = "/api/Chat/{conversation_id}/message"
    return call_of("listMessages", kwargs, context, page_of(typed(Message)), template=template)


def search_messages(
    context: Context, request: MessageSearch | Mapping[str, Any], page: int | None, dates: DateReader
) -> Call[Page[Message]]:
    """searchMessages: the user's messages that hold certain words."""
    from gpo_core_client.api.history import search_messages as operation
    from gpo_core_client.models import MessageSearch

    if isinstance(request, Mapping) and request.get("start_date") is not None:
        request = {**request, "start_date": dates.day(request["start_date"], "request.start_date")}
    body = model_from(MessageSearch, request, "request")
    body.page = body.page if page is None else page
    return call_of("searchMessages", operation._get_kwargs(body=body), context, page_of(typed(Message)))


def delete_conversations(context: Context, conversation_ids: Sequence[str]) -> Call[None]:
    """deleteConversations: delete conversations with their messages."""
    from gpo_core_client.api.history import delete_conversations as operation

    body = texts_of(conversation_ids, "conversation_ids", "ids")
    return call_of("deleteConversations", operation._get_kwargs(body=body), context, None)


def add_bookmark(context: Context, conversation_id: str | None) -> Call[None]:
    """addBookmark: bookmark a conversation."""
    from gpo_core_client.api.bookmarks import add_bookmark as operation
    from gpo_core_client.models import Bookmark

    body = Bookmark(conversation_id=_conversation(context, conversation_id))
    return call_of("addBookmark", operation._get_kwargs(body=body), context, None, creates=True)


def remove_bookmark(context: Context, conversation_id: str | None) -> Call[None]:
    """removeBookmark: remove the bookmark of a conversation."""
    from gpo_core_client.api.bookmarks import remove_bookmark as operation

    kwargs = operation._get_kwargs(_conversation(context, conversation_id))
    return call_of("removeBookmark", kwargs, context, None, template="/api/Bookmarks/{conversation_id}")


def _conversation(context: Context, conversation_id: str | None) -> str:
    return path_segment(conversation_of(context) if conversation_id is None else conversation_id, "conversation_id")


def search_question_details(
    context: Context, request: QuestionDetailSearch | Mapping[str, Any] | None, dates: DateReader, page: int | None
) -> Call[Page[QuestionDetail]]:
    """searchQuestionDetails: questions with their answers, by words and time."""
    from gpo_core_client.api.question_details import search_question_details as operation
    from gpo_core_client.models import QuestionDetailSearch

    body = search_from(QuestionDetailSearch, request, dates, page)
    return call_of("searchQuestionDetails", operation._get_kwargs(body=body), context, page_of(typed(QuestionDetail)))


def export_question_details(
    context: Context, request: QuestionDetailExport | Mapping[str, Any] | None, dates: DateReader
) -> Call[None]:
    """exportQuestionDetails: the same as CSV. Its body is no JSON; the download flow reads it."""
    from gpo_core_client.api.question_details import export_question_details as operation
    from gpo_core_client.models import QuestionDetailExport

    body = search_from(QuestionDetailExport, request, dates, time_zone=dates.time_zone)
    return call_of("exportQuestionDetails", operation._get_kwargs(body=body), context, None)


def select_question_columns(
    context: Context, columns: Sequence[QuestionColumn] | None
) -> Call[SelectedQuestionColumns]:
    """selectQuestionColumns: which columns exports have."""
    from gpo_client.models.generated import SelectedQuestionColumns
    from gpo_core_client.api.question_details import select_question_columns as operation
    from gpo_core_client.models import QuestionColumnSelection

    fields = {} if columns is None else {"columns": texts_of(columns, "columns", "names")}
    body, decoder = model_from(QuestionColumnSelection, fields, "request"), generated(SelectedQuestionColumns)
    return call_of("selectQuestionColumns", operation._get_kwargs(body=body), context, decoder, creates=True)
