"""Opening and ending sessions."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of, check_api_key
from gpo_sandbox.decoding import decode_body, idempotency_key
from gpo_sandbox.endpoints.replying import done, raw_json
from gpo_sandbox.requests import SessionContext
from gpo_sandbox.sandbox import sandbox_of


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
