"""Every operation as a user calls it: a good call, one that breaks a rule, and one that names what is not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import attrs

from gpo_client import ChatContext

CallIt = Callable[..., Awaitable[object]]

LONG = "x" * 5000


@attrs.frozen
class World:
    """What calls refer to: a session with a conversation and an answer in it."""

    context: ChatContext
    message_id: str
    user: dict[str, str]


@attrs.frozen
class Calls:
    """The calls of one operation; each takes the client, the world and the options of the call.

    Attributes:
        good: Succeeds.
        bad: Breaks a rule of the contract that the client leaves to the service; None where there is none to break.
        missing: Names something that does not exist; None where nothing is named.
    """

    good: CallIt
    bad: CallIt | None = None
    missing: CallIt | None = None


def _metric(name: str, bad: dict[str, Any] | None = None) -> Calls:
    return Calls(
        lambda c, w, **o: getattr(c.metrics, name)(w.context, window="this year", **o),
        lambda c, w, **o: getattr(c.metrics, name)(w.context, bad or {"min_response_time_s": -1}, **o),
    )


CALLS: dict[str, Calls] = {
    "createSession": Calls(
        lambda c, w, **o: c.session(w.user, **o), lambda c, w, **o: c.session({**w.user, "user_id": ""}, **o)
    ),
    "logout": Calls(lambda c, w, **o: c.logout(w.context, **o)),
    "startConversation": Calls(
        lambda c, w, **o: c.start_conversation(w.context, {"title": "t"}, **o),
        lambda c, w, **o: c.start_conversation(w.context, {"title": LONG}, **o),
        # A conversation is started from nothing but a session, and a session that is not there is forbidden.
    ),
    "chat": Calls(
        lambda c, w, **o: c.chat(w.context, {"query": "What is IVA?"}, **o),
        lambda c, w, **o: c.chat(w.context, {"query": ""}, **o),
        lambda c, w, **o: c.chat(w.context, {"query": "?", "conversation_id": "nobody"}, **o),
    ),
    "chatSensitive": Calls(
        lambda c, w, **o: c.chat_sensitive(w.context, {"query": "What is IVA?"}, **o),
        lambda c, w, **o: c.chat_sensitive(w.context, {"query": ""}, **o),
        lambda c, w, **o: c.chat_sensitive(w.context, {"query": "?", "conversation_id": "nobody"}, **o),
    ),
    "listConversations": Calls(
        lambda c, w, **o: c.list_conversations(w.context, **o),
        lambda c, w, **o: c.list_conversations(w.context, page_size=101, **o),
    ),
    "listClosedConversations": Calls(
        lambda c, w, **o: c.list_closed_conversations(w.context, from_date="last month", **o),
        lambda c, w, **o: c.list_closed_conversations(w.context, page=0, **o),
    ),
    "listMessages": Calls(
        lambda c, w, **o: c.list_messages(w.context, **o),
        lambda c, w, **o: c.list_messages(w.context, page=0, **o),
        lambda c, w, **o: c.list_messages(w.context, "nobody", **o),
    ),
    "deleteConversations": Calls(
        lambda c, w, **o: c.delete_conversations(w.context, [w.context.conversation_id], **o),
        lambda c, w, **o: c.delete_conversations(w.context, [], **o),
    ),
    "submitFeedback": Calls(
        lambda c, w, **o: c.submit_feedback(w.context, {"message_id": w.message_id, "like": True}, **o),
        lambda c, w, **o: c.submit_feedback(w.context, {"message_id": w.message_id, "feedback": LONG}, **o),
        lambda c, w, **o: c.submit_feedback(w.context, {"message_id": "nobody"}, **o),
    ),
    "submitHandoffFeedback": Calls(
        lambda c, w, **o: c.submit_handoff_feedback(w.context, {"is_clarified": True}, **o),
        lambda c, w, **o: c.submit_handoff_feedback(w.context, {"is_clarified": True, "conversation_id": ""}, **o),
        lambda c, w, **o: c.submit_handoff_feedback(w.context, {"is_clarified": True, "conversation_id": "no"}, **o),
    ),
    "rateConversation": Calls(
        lambda c, w, **o: c.rate_conversation(w.context, {"rating": 5}, **o),
        lambda c, w, **o: c.rate_conversation(w.context, {"rating": 6}, **o),
        lambda c, w, **o: c.rate_conversation(w.context, {"rating": 5, "conversation_id": "nobody"}, **o),
    ),
    "searchMessages": Calls(
        lambda c, w, **o: c.search_messages(w.context, {"search_text": "IVA"}, **o),
        lambda c, w, **o: c.search_messages(w.context, {"search_text": ""}, **o),
    ),
    "listDocuments": Calls(
        lambda c, w, **o: c.list_documents(w.context, **o), lambda c, w, **o: c.list_documents(w.context, page=0, **o)
    ),
    "searchDocuments": Calls(
        lambda c, w, **o: c.search_documents(w.context, **o),
        lambda c, w, **o: c.search_documents(w.context, {"page_size": 0}, **o),
    ),
    "downloadDocument": Calls(
        lambda c, w, **o: c.download_document(w.context, "doc-resico", **o),
        missing=lambda c, w, **o: c.download_document(w.context, "nobody", **o),
    ),
    "listDocumentCategories": Calls(
        lambda c, w, **o: c.list_document_categories(w.context, **o),
        lambda c, w, **o: c.list_document_categories(w.context, document_category_type="Shelf", **o),
    ),
    "listDocumentSolutions": Calls(lambda c, w, **o: c.list_document_solutions(w.context, **o)),
    "saveDiscoverFile": Calls(
        lambda c, w, **o: c.save_discover_file(w.context, {"file_name": "resico.md"}, **o),
        lambda c, w, **o: c.save_discover_file(w.context, {"file_name": LONG}, **o),
        lambda c, w, **o: c.save_discover_file(w.context, {"file_name": "nobody.md"}, **o),
    ),
    "addBookmark": Calls(
        lambda c, w, **o: c.bookmarks.add(w.context, **o),
        lambda c, w, **o: c.bookmarks.add(w.context, LONG, **o),
        lambda c, w, **o: c.bookmarks.add(w.context, "nobody", **o),
    ),
    "removeBookmark": Calls(
        lambda c, w, **o: c.bookmarks.remove(w.context, **o),
        missing=lambda c, w, **o: c.bookmarks.remove(w.context, "nobody", **o),
    ),
    "searchRatings": Calls(
        lambda c, w, **o: c.ratings.search(w.context, **o),
        lambda c, w, **o: c.ratings.search(w.context, {"page": 0}, **o),
    ),
    "exportRatings": Calls(
        lambda c, w, **o: c.ratings.export(w.context, **o),
        lambda c, w, **o: c.ratings.export(w.context, {"search_text": LONG}, **o),
    ),
    "searchQuestionDetails": Calls(
        lambda c, w, **o: c.question_details.search(w.context, **o),
        lambda c, w, **o: c.question_details.search(w.context, {"page": 0}, **o),
    ),
    "exportQuestionDetails": Calls(
        lambda c, w, **o: c.question_details.export(w.context, **o),
        lambda c, w, **o: c.question_details.export(w.context, {"search_text": LONG}, **o),
    ),
    "selectQuestionColumns": Calls(
        lambda c, w, **o: c.question_details.select_columns(w.context, ["question"], **o),
        lambda c, w, **o: c.question_details.select_columns(w.context, [], **o),
    ),
    "getAverageResponseTime": _metric("average_response_time"),
    "getOpinion": _metric("opinion"),
    "getResolvedRate": _metric("resolved_rate"),
    "getSentimentDistribution": _metric("sentiment_distribution"),
    "getTopSourceDocuments": _metric("top_source_documents", {"limit": 0}),
    "getTotalConversations": _metric("total_conversations"),
    "getTotalEngagedUsers": _metric("total_engaged_users"),
    "getTotalQuestions": _metric("total_questions", {"search_text": LONG}),
    "getTotalTraffic": _metric("total_traffic"),
    "getTrafficDistribution": _metric("traffic_distribution"),
    "listUserFeedback": _metric("user_feedback", {"page": 0}),
    "listCountries": Calls(lambda c, w, **o: c.reference.countries(w.context, **o)),
    "listServiceLines": Calls(lambda c, w, **o: c.reference.service_lines(w.context, **o)),
    "listUsers": Calls(
        lambda c, w, **o: c.users.search(w.context, **o), lambda c, w, **o: c.users.search(w.context, page=0, **o)
    ),
    "saveUsers": Calls(
        lambda c, w, **o: c.users.save(w.context, [{"email": "ana@example.com"}], **o),
        lambda c, w, **o: c.users.save(w.context, [{"email": "nobody"}], **o),
    ),
}
