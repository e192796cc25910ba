"""Bookmarking conversations."""

from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.decoding import decode_body, idempotency_key
from gpo_sandbox.endpoints.replying import done
from gpo_sandbox.requests import Bookmark
from gpo_sandbox.sandbox import sandbox_of


async def add_bookmark(request: Request) -> Response:
    """Serve addBookmark."""
    sandbox = sandbox_of(request)
    caller, body = caller_of(sandbox, request), await decode_body(request, Bookmark)

    def add() -> bytes:
        sandbox.conversations.check(caller, body.conversation_id, field="conversation_id")
        sandbox.bookmarks.add(body.conversation_id)
        return b""

    sandbox.once(caller, idempotency_key(request), ["addBookmark", body], add)
    return done()


async def remove_bookmark(request: Request) -> Response:
    """Serve removeBookmark."""
    sandbox = sandbox_of(request)
    caller, conversation_id = caller_of(sandbox, request), request.path_params["conversation_id"]
    sandbox.conversations.check(caller, conversation_id)
    sandbox.bookmarks.remove(conversation_id)
    return done()
