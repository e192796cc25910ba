"""The server of the Model Context Protocol over streamable HTTP, for callers with keys."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gpo_client.client import GPOCoreClient
from gpo_client.doors.callers import Callers, Keys, UnknownCallerError
from gpo_client.doors.mcp.server import mcp_server

_LOOPBACK = ("127.0.0.1", "127.0.0.1:*", "localhost", "localhost:*", "[::1]", "[::1]:*")


def mcp_app(
    client: GPOCoreClient,
    *,
    keys: Keys,
    allowed_hosts: Collection[str] = _LOOPBACK,
    allowed_origins: Collection[str] = (),
    path: str = "/mcp",
    **options: Any,
) -> Starlette:
    """Serve agents over streamable HTTP.

    ::

        app = mcp_app(client, keys=["…"], instance_id="advisory-001", allowed_hosts=["gpo.example.com"])

    Run it with any ASGI server. Mounted in an application of yours, run its ``lifespan`` in yours.

    Args:
        client: Whom to ask; it is not closed.
        keys: The keys that callers send as ``Authorization: Bearer …``, as for ``openai_app``.
        allowed_hosts: The names that it is reached by, each perhaps with a port (``:*``: any). Default: this machine's.
        allowed_origins: The origins of pages that may call. Default: none.
        path: Where.
        options: As for ``mcp_server``.

    Returns:
        The application.

    Raises:
        InvalidArgumentError: The keys or a limit cannot be used.
    """
    server = mcp_server(client, keys=keys, **options)
    security = TransportSecuritySettings(allowed_hosts=list(allowed_hosts), allowed_origins=list(allowed_origins))
    app: Starlette = server.streamable_http_app(streamable_http_path=path, transport_security=security)
    app.user_middleware.insert(0, Middleware(_KeyGuard, callers=server.desk.callers))
    return app


class _KeyGuard:
    """Turns away whoever brings no valid key, before anything is read."""

    def __init__(self, app: ASGIApp, callers: Callers) -> None:
        self._app = app
        self._callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                await self._callers.find(Headers(scope=scope).get("authorization"))
            except UnknownCallerError:
                told = {"error": "invalid_token", "error_description": "A valid key is wanted."}
                refused = JSONResponse(told, 401, {"WWW-Authenticate": "Bearer"})
                return await refused(scope, receive, send)
        return await self._app(scope, receive, send)
