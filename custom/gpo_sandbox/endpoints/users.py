"""Finding and saving users."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.decoding import decode_body, decode_query, idempotency_key
from gpo_sandbox.endpoints.replying import json_response, raw_json
from gpo_sandbox.people import UserBatch, UserQuery
from gpo_sandbox.sandbox import sandbox_of


async def list_users(request: Request) -> Response:
    """Serve listUsers."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    return json_response(sandbox.users.page(caller, decode_query(request, UserQuery)))


async def save_users(request: Request) -> Response:
    """Serve saveUsers: all of them or none."""
    sandbox = sandbox_of(request)
    caller, batch = caller_of(sandbox, request), await decode_body(request, UserBatch)

    def save() -> bytes:
        return msgspec.json.encode([sandbox.users.save(caller, entry) for entry in batch.users])

    return raw_json(sandbox.once(caller, idempotency_key(request), ["saveUsers", batch], save))
