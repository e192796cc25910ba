"""Users, their sessions and conversations, documents, and what they refer to: everything but questions and reports."""

from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.decoding import (
    caller_of,
    changing,
    check_api_key,
    decode_body,
    decode_query,
    done,
    idempotency_key,
    json_response,
    raw_json,
    reading,
)
from gpo_sandbox.knowledge.corpus import filed
from gpo_sandbox.requests import (
    CONVERSATION_IDS,
    AssistantChoice,
    Bookmark,
    CategoryQuery,
    ClosedQuery,
    ConversationRating,
    ConversationRequest,
    DiscoverFile,
    DocumentSearch,
    Feedback,
    HandoffFeedback,
    HistoryQuery,
    MessageSearch,
    NoQuery,
    PageQuery,
    SessionContext,
    UserBatch,
    UserQuery,
)
from gpo_sandbox.responses import Document
from gpo_sandbox.sandbox import Sandbox, sandbox_of
from gpo_sandbox.store.metrics import countries, service_lines
from gpo_sandbox.store.sessions import Caller

_WELCOME = "Hello! I answer questions about taxes in Mexico from the documents of this sandbox."


async def start_conversation(request: Request) -> Response:
    """Serve startConversation."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    choice = decode_query(request, AssistantChoice)
    body, key = await decode_body(request, ConversationRequest), idempotency_key(request)
    sandbox.sessions.check_session(body.session_id, caller)

    def start() -> bytes:
        started = sandbox.conversations.start(
            caller, body, assistant_tag=choice.knowledge_assistant_tag, welcome=_WELCOME
        )
        return msgspec.json.encode(started)

    return raw_json(sandbox.once(caller, key, ["startConversation", choice, body], start))


list_conversations = reading("query", HistoryQuery, lambda it, caller, wanted: it.conversations.history(caller, wanted))
list_closed_conversations = reading(
    "query", ClosedQuery, lambda it, caller, wanted: it.conversations.closed(caller, wanted)
)
search_messages = reading("body", MessageSearch, lambda it, caller, wanted: it.messages.search(caller, wanted))


async def list_messages(request: Request) -> Response:
    """Serve listMessages."""
    sandbox = sandbox_of(request)
    caller, conversation_id = caller_of(sandbox, request), request.path_params["conversation_id"]
    wanted = decode_query(request, PageQuery)
    sandbox.conversations.check(caller, conversation_id)
    return json_response(sandbox.messages.page(conversation_id, wanted))


async def delete_conversations(request: Request) -> Response:
    """Serve deleteConversations."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    sandbox.conversations.delete(caller, await decode_body(request, CONVERSATION_IDS))
    return done()


def _add_bookmark(sandbox: Sandbox, caller: Caller, wanted: Bookmark) -> None:
    sandbox.conversations.check(caller, wanted.conversation_id, field="conversation_id")
    sandbox.bookmarks.add(wanted.conversation_id)


async def remove_bookmark(request: Request) -> Response:
    """Serve removeBookmark."""
    sandbox = sandbox_of(request)
    caller, conversation_id = caller_of(sandbox, request), request.path_params["conversation_id"]
    sandbox.conversations.check(caller, conversation_id)
    sandbox.bookmarks.remove(conversation_id)
    return done()


def _give_feedback(sandbox: Sandbox, caller: Caller, given: Feedback) -> None:
    sandbox.messages.check(caller, given.message_id)
    sandbox.opinions.give_feedback(given)


def _judge_handoff(sandbox: Sandbox, caller: Caller, given: HandoffFeedback) -> None:
    """Close a conversation that was clarified; one that was not is open (again)."""
    sandbox.conversations.check(caller, given.conversation_id, field="conversation_id")
    sandbox.opinions.judge_handoff(given)
    sandbox.conversations.set_closed(given.conversation_id, closed=given.is_clarified)


def _rate(sandbox: Sandbox, caller: Caller, given: ConversationRating) -> None:
    sandbox.conversations.check(caller, given.conversation_id, field="conversation_id")
    sandbox.opinions.rate(given)


add_bookmark = changing("addBookmark", Bookmark, _add_bookmark)
submit_feedback = changing("submitFeedback", Feedback, _give_feedback)
submit_handoff_feedback = changing("submitHandoffFeedback", HandoffFeedback, _judge_handoff)
rate_conversation = changing("rateConversation", ConversationRating, _rate)


async def create_session(request: Request) -> Response:
    """Serve createSession."""
    sandbox = sandbox_of(request)
    check_api_key(sandbox, request)
    body, key = await decode_body(request, SessionContext), idempotency_key(request)

    def open_() -> bytes:
        display_name = sandbox.users.arrive(body.instance_id, body.user_id)
        return msgspec.json.encode(sandbox.sessions.open(body, display_name))

    return raw_json(sandbox.once(None, key, ["createSession", body], open_))


async def logout(request: Request) -> Response:
    """Serve logout."""
    sandbox = sandbox_of(request)
    sandbox.sessions.revoke(caller_of(sandbox, request))
    return done()


list_users = reading("query", UserQuery, lambda it, caller, wanted: it.users.page(caller, wanted))


# All of them or none.
save_users = changing(
    "saveUsers", UserBatch, lambda it, caller, batch: [it.users.save(caller, entry) for entry in batch.users]
)


list_documents = reading("query", PageQuery, lambda it, caller, wanted: it.library.page(wanted, it.filings.of(caller)))
search_documents = reading(
    "body", DocumentSearch, lambda it, caller, wanted: it.library.search(wanted, it.filings.of(caller))
)
list_document_categories = reading(
    "query",
    CategoryQuery,
    lambda it, caller, wanted: it.library.categories(wanted.document_category_type, it.filings.of(caller)),
)


list_document_solutions = reading("query", NoQuery, lambda it, caller, _: it.library.solutions(it.filings.of(caller)))


def _file_document(sandbox: Sandbox, caller: Caller, wanted: DiscoverFile) -> Document:
    document = sandbox.library.named(wanted.file_name)
    sandbox.filings.save(caller, wanted)
    return filed(document, sandbox.filings.of(caller))


save_discover_file = changing("saveDiscoverFile", DiscoverFile, _file_document)


async def download_document(request: Request) -> Response:
    """Serve downloadDocument: the bytes of the file as it was written."""
    sandbox = sandbox_of(request)
    caller_of(sandbox, request)
    found = sandbox.library.find(request.path_params["document_id"])
    # RFC 6266: the starred form carries any name, and a name in plain ASCII for those who do not know it
    plain = found.document.file_name.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.document.file_name, safe='')}"
    return Response(found.data, media_type=found.document.media_type, headers={"Content-Disposition": disposition})


list_countries = reading("query", NoQuery, lambda _it, _caller, _wanted: countries())
list_service_lines = reading("query", NoQuery, lambda _it, _caller, _wanted: service_lines())
