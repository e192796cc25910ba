"""Every operation as a user calls it: a good call, one that breaks a rule, and one that names what is not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any

import attrs

from gpo_client import ChatContext, Secret

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


#: The arguments of a call after the context: a list by their place, a mapping by their name.
Arguments = list[Any] | dict[str, Any]


def _of(name: str, good: Arguments, bad: Arguments | None = None, missing: Arguments | None = None) -> Calls:
    """The calls of a method, which may be that of a group, with these arguments."""

    def calling(given: Arguments) -> CallIt:
        def call(client: Any, world: World, **options: Any) -> Awaitable[object]:
            method: Callable[..., Awaitable[object]] = attrgetter(name)(client)
            if isinstance(given, list):
                return method(world.context, *given, **options)
            return method(world.context, **given, **options)

        return call

    return Calls(*(given if given is None else calling(given) for given in (good, bad, missing)))  # type: ignore[arg-type]


def _metric(name: str, bad: dict[str, Any] | None = None) -> Calls:
    return _of(f"metrics.{name}", {"window": "this year"}, [bad or {"min_response_time_s": -1}])


_ASKED = {"query": "?", "conversation_id": "nobody"}
_CLARIFIED = {"is_clarified": True}
CALLS: dict[str, Calls] = {
    "createSession": Calls(
        lambda c, w, **o: c.session(w.user, **o), lambda c, w, **o: c.session({**w.user, "user_id": ""}, **o)
    ),
    "logout": _of("logout", []),
    # A conversation is started from nothing but a session, and a session that is not there is forbidden.
    "startConversation": _of("start_conversation", [{"title": "t"}], [{"title": LONG}]),
    "chat": _of("chat", [{"query": "What is IVA?"}], [{"query": ""}], [_ASKED]),
    "chatSensitive": _of("chat_sensitive", [{"query": "What is IVA?"}], [{"query": ""}], [_ASKED]),
    "listConversations": _of("list_conversations", [], {"page_size": 101}),
    "listClosedConversations": _of("list_closed_conversations", {"from_date": "last month"}, {"page": 0}),
    "listMessages": _of("list_messages", [], {"page": 0}, ["nobody"]),
    "deleteConversations": Calls(
        lambda c, w, **o: c.delete_conversations(w.context, [w.context.conversation_id], **o),
        lambda c, w, **o: c.delete_conversations(w.context, [], **o),
    ),
    "submitFeedback": Calls(
        lambda c, w, **o: c.submit_feedback(w.context, {"message_id": w.message_id, "like": True}, **o),
        lambda c, w, **o: c.submit_feedback(w.context, {"message_id": w.message_id, "feedback": LONG}, **o),
        lambda c, w, **o: c.submit_feedback(w.context, {"message_id": "nobody"}, **o),
    ),
    "submitHandoffFeedback": _of(
        *("submit_handoff_feedback", [_CLARIFIED]),
        *([{**_CLARIFIED, "conversation_id": conversation}] for conversation in ("", "no")),
    ),
    "rateConversation": _of(
        *("rate_conversation", [{"rating": 5}], [{"rating": 6}], [{"rating": 5, "conversation_id": "nobody"}])
    ),
    "searchMessages": _of("search_messages", [{"search_text": "IVA"}], [{"search_text": ""}]),
    "listDocuments": _of("list_documents", [], {"page": 0}),
    "searchDocuments": _of("search_documents", [], [{"page_size": 0}]),
    "downloadDocument": _of("download_document", ["doc-resico"], None, ["nobody"]),
    "listDocumentCategories": _of("list_document_categories", [], {"document_category_type": "Shelf"}),
    "listDocumentSolutions": _of("list_document_solutions", []),
    "saveDiscoverFile": _of("save_discover_file", *([{"file_name": name}] for name in ("resico.md", LONG, "no.md"))),
    "addBookmark": _of("bookmarks.add", [], [LONG], ["nobody"]),
    "removeBookmark": _of("bookmarks.remove", [], None, ["nobody"]),
    "searchRatings": _of("ratings.search", [], [{"page": 0}]),
    "exportRatings": _of("ratings.export", [], [{"search_text": LONG}]),
    "searchQuestionDetails": _of("question_details.search", [], [{"page": 0}]),
    "exportQuestionDetails": _of("question_details.export", [], [{"search_text": LONG}]),
    "selectQuestionColumns": _of("question_details.select_columns", [["question"]], [[]]),
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
    "listCountries": _of("reference.countries", []),
    "listServiceLines": _of("reference.service_lines", []),
    "listUsers": _of("users.search", [], {"page": 0}),
    "saveUsers": _of("users.save", [[{"email": "ana@example.com"}]], [[{"email": "nobody"}]]),
}
#: For calls whose answers are made up.
NOWHERE = World(
    context=ChatContext(session_id="session-1", token=Secret("t0k3n"), conversation_id="conv-1"),
    message_id="msg-1",
    user={"instance_id": "i", "user_id": "u"},
)
