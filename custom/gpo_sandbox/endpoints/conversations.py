"""Starting, finding, reading and deleting conversations."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.decoding import decode_body, decode_query, idempotency_key
from gpo_sandbox.endpoints.replying import done, json_response, raw_json
from gpo_sandbox.requests import (
    CONVERSATION_IDS,
    AssistantChoice,
    ClosedQuery,
    ConversationRequest,
    HistoryQuery,
    MessageSearch,
    PageQuery,
)
from gpo_sandbox.sandbox import sandbox_of

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


async def list_conversations(request: Request) -> Response:
    """Serve listConversations."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    return json_response(sandbox.conversations.history(caller, decode_query(request, HistoryQuery)))


async def list_closed_conversations(request: Request) -> Response:
    """Serve listClosedConversations."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    return json_response(sandbox.conversations.closed(caller, decode_query(request, ClosedQuery)))


async def list_messages(request: Request) -> Response:
    """Serve listMessages."""
    sandbox = sandbox_of(request)
    caller, conversation_id = caller_of(sandbox, request), request.path_params["conversation_id"]
    wanted = decode_query(request, PageQuery)
    sandbox.conversations.check(caller, conversation_id)
    return json_response(sandbox.messages.page(conversation_id, wanted))


async def search_messages(request: Request) -> Response:
    """Serve searchMessages."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    return json_response(sandbox.messages.search(caller, await decode_body(request, MessageSearch)))


async def delete_conversations(request: Request) -> Response:
    """Serve deleteConversations."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    sandbox.conversations.delete(caller, await decode_body(request, CONVERSATION_IDS))
    return done()
