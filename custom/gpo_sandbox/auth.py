"""Who sends a request: bearer tokens, as in RFC 6750."""

import secrets

from starlette.requests import Request

from gpo_sandbox.problems import Problem
from gpo_sandbox.sandbox import Sandbox
from gpo_sandbox.store.sessions import Caller


def caller_of(sandbox: Sandbox, request: Request) -> Caller:
    """Return the session that a request belongs to.

    Raises:
        Problem: It has no bearer token, or one that is unknown, revoked or expired.
    """
    token = _bearer(request)
    if token is None:
        raise Problem("missing_token", "Send the token of a session: Authorization: Bearer <token>.")
    return sandbox.sessions.caller(token)


def check_api_key(sandbox: Sandbox, request: Request) -> None:
    """Check the API key, where the sandbox has one.

    Raises:
        Problem: It is missing or wrong.
    """
    expected = sandbox.settings.api_key
    if not expected:
        return
    given = _bearer(request)
    if given is None:
        raise Problem("missing_token", "Send the API key: Authorization: Bearer <key>.")
    # in constant time, so that the answer's timing does not give the key away letter by letter
    if not secrets.compare_digest(given.encode(), expected.encode()):
        raise Problem("invalid_token", "This is not the API key of the sandbox.")


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
