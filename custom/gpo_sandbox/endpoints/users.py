"""Sessions, opened and ended, and users, found and saved."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.decoding import caller_of, check_api_key, decode_body, done, idempotency_key, raw_json, reading
from gpo_sandbox.requests import SessionContext, UserBatch, UserQuery
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


list_users = reading("query", UserQuery, lambda it, caller, wanted: it.users.page(caller, wanted))


async def save_users(request: Request) -> Response:
    """Serve saveUsers: all of them or none."""
    sandbox = sandbox_of(request)
    caller, batch = caller_of(sandbox, request), await decode_body(request, UserBatch)

    def save() -> bytes:
        return msgspec.json.encode([sandbox.users.save(caller, entry) for entry in batch.users])

    return raw_json(sandbox.once(caller, idempotency_key(request), ["saveUsers", batch], save))
