"""Users, their sessions and conversations, documents, and what they refer to: everything but questions and reports."""

from collections.abc import Callable
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.decoding import (
    caller_of,
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
    PageQuery,
    SessionContext,
    UserBatch,
    UserQuery,
)
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


async def add_bookmark(request: Request) -> Response:
    """Serve addBookmark."""
    sandbox = sandbox_of(request)
    caller, body = caller_of(sandbox, request), await decode_body(request, Bookmark)

    def add() -> None:
        sandbox.conversations.check(caller, body.conversation_id, field="conversation_id")
        sandbox.bookmarks.add(body.conversation_id)

    return _stored(sandbox, request, caller, ["addBookmark", body], add)


async def remove_bookmark(request: Request) -> Response:
    """Serve removeBookmark."""
    sandbox = sandbox_of(request)
    caller, conversation_id = caller_of(sandbox, request), request.path_params["conversation_id"]
    sandbox.conversations.check(caller, conversation_id)
    sandbox.bookmarks.remove(conversation_id)
    return done()


async def submit_feedback(request: Request) -> Response:
    """Serve submitFeedback."""
    sandbox = sandbox_of(request)
    caller, body = caller_of(sandbox, request), await decode_body(request, Feedback)

    def give() -> None:
        sandbox.messages.check(caller, body.message_id)
        sandbox.opinions.give_feedback(body)

    return _stored(sandbox, request, caller, ["submitFeedback", body], give)


async def submit_handoff_feedback(request: Request) -> Response:
    """Serve submitHandoffFeedback. A clarified conversation is closed; one that is not is open (again)."""
    sandbox = sandbox_of(request)
    caller, body = caller_of(sandbox, request), await decode_body(request, HandoffFeedback)

    def judge() -> None:
        sandbox.conversations.check(caller, body.conversation_id, field="conversation_id")
        sandbox.opinions.judge_handoff(body)
        sandbox.conversations.set_closed(body.conversation_id, closed=body.is_clarified)

    return _stored(sandbox, request, caller, ["submitHandoffFeedback", body], judge)


async def rate_conversation(request: Request) -> Response:
    """Serve rateConversation."""
    sandbox = sandbox_of(request)
    caller, body = caller_of(sandbox, request), await decode_body(request, ConversationRating)

    def rate() -> None:
        sandbox.conversations.check(caller, body.conversation_id, field="conversation_id")
        sandbox.opinions.rate(body)

    return _stored(sandbox, request, caller, ["rateConversation", body], rate)


def _stored(sandbox: Sandbox, request: Request, caller: Caller, asked: object, act: Callable[[], None]) -> Response:
    def outcome() -> bytes:
        act()
        return b""

    sandbox.once(caller, idempotency_key(request), asked, outcome)
    return done()


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


async def save_users(request: Request) -> Response:
    """Serve saveUsers: all of them or none."""
    sandbox = sandbox_of(request)
    caller, batch = caller_of(sandbox, request), await decode_body(request, UserBatch)

    def save() -> bytes:
        return msgspec.json.encode([sandbox.users.save(caller, entry) for entry in batch.users])

    return raw_json(sandbox.once(caller, idempotency_key(request), ["saveUsers", batch], save))


list_documents = reading("query", PageQuery, lambda it, caller, wanted: it.library.page(wanted, it.filings.of(caller)))
search_documents = reading(
    "body", DocumentSearch, lambda it, caller, wanted: it.library.search(wanted, it.filings.of(caller))
)
list_document_categories = reading(
    "query",
    CategoryQuery,
    lambda it, caller, wanted: it.library.categories(wanted.document_category_type, it.filings.of(caller)),
)


async def list_document_solutions(request: Request) -> Response:
    """Serve listDocumentSolutions."""
    sandbox = sandbox_of(request)
    return json_response(sandbox.library.solutions(sandbox.filings.of(caller_of(sandbox, request))))


async def save_discover_file(request: Request) -> Response:
    """Serve saveDiscoverFile."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, DiscoverFile)

    def save() -> bytes:
        document = sandbox.library.named(wanted.file_name)
        sandbox.filings.save(caller, wanted)
        return msgspec.json.encode(filed(document, sandbox.filings.of(caller)))

    return raw_json(sandbox.once(caller, idempotency_key(request), ["saveDiscoverFile", wanted], save))


async def download_document(request: Request) -> Response:
    """Serve downloadDocument: the bytes of the file as it was written."""
    sandbox = sandbox_of(request)
    caller_of(sandbox, request)
    found = sandbox.library.find(request.path_params["document_id"])
    # RFC 6266: the starred form carries any name, and a name in plain ASCII for those who do not know it
    plain = found.document.file_name.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.document.file_name, safe='')}"
    return Response(found.data, media_type=found.document.media_type, headers={"Content-Disposition": disposition})


async def list_countries(request: Request) -> Response:
    """Serve listCountries."""
    caller_of(sandbox_of(request), request)
    return json_response(countries())


async def list_service_lines(request: Request) -> Response:
    """Serve listServiceLines."""
    caller_of(sandbox_of(request), request)
    return json_response(service_lines())
