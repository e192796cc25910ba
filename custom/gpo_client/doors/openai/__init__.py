"""The door for programs that speak OpenAI's chat completions or responses."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

try:
    from itsdangerous import URLSafeTimedSerializer
except ModuleNotFoundError as error:
    raise ImportError('the door needs itsdangerous: pip install "gpo-client[relay]"') from error
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from gpo_client.client import GPOCoreClient
from gpo_client.doors.callers import Callers, Keys, RefusalError
from gpo_client.doors.chats import Chats
from gpo_client.doors.openai.completions import Completion, CompletionBody
from gpo_client.doors.openai.endpoint import Endpoint
from gpo_client.doors.openai.responses import ResponseBody, ResponseObject
from gpo_client.exceptions import GPOClientError, InvalidArgumentError
from gpo_client.relay import LogFull, LogUnavailable, Relay

_SHORTEST_KEY = 32
# What is told in OpenAI's shape; of what is not expected the server's log is told too.
_EXPECTED = (HTTPException, RefusalError, GPOClientError, LogUnavailable, LogFull, ClientDisconnect)

#: Headers in which chat front ends say which chat a request belongs to: Open WebUI's own, and the one for LibreChat.
CHAT_HEADERS = ("X-OpenWebUI-Chat-Id", "X-Chat-Id")


def openai_app(
    client: GPOCoreClient,
    *,
    keys: Keys,
    instance_id: str,
    project_id: str | None = None,
    relay: Relay | None = None,
    user_id: str | None = None,
    user_header: str | None = None,
    chat_headers: Sequence[str] = CHAT_HEADERS,
    signing_key: bytes | None = None,
    max_running_per_caller: int = 8,
    questions_per_minute: int = 60,
    max_body_bytes: int = 1_048_576,
    link_s: float = 7 * 86_400.0,
) -> Starlette:
    """Serve the assistant to programs that speak OpenAI's chat completions or responses.

    ::

        app = openai_app(client, keys=["…"], instance_id="advisory-001")

    It serves ``/v1/models``, ``/v1/chat/completions``, ``/v1/responses`` and, for the links in answers,
    ``/v1/documents``. Run it with any ASGI server, or mount it in an application of yours.

    Args:
        client: Whom to ask; it is not closed.
        keys: The keys that callers send as ``Authorization: Bearer …``: a list, a mapping of keys to callers' names, a
            function that gives a key's caller, or ``gpo_client.doors.ANYONE``.
        instance_id: The instance that sessions are opened in.
        project_id: The project that they are opened in. Default: none.
        relay: Settings, and a log that several processes may share. Default: one of its own, in memory. Its
            ``allowed_origins`` say which pages of other sites may call; by default none.
        user_id: The user that sessions are opened for. Default: each caller is a user, under its own name.
        user_header: The header in which callers name the user that asks, such as ``X-OpenWebUI-User-Id``; sessions are
            then opened for that user. Set it only if you trust every caller to name the right one. Default: none.
        chat_headers: The headers in which callers name the chat. Without one, a chat is known by how it began.
        signing_key: At least 32 random bytes that links to documents are signed with. Default: new ones, so that links
            end with the process.
        max_running_per_caller: How many answers a caller may have at the same time. Default 8.
        questions_per_minute: How many questions a caller may ask in a minute. Default 60.
        max_body_bytes: The largest request, in bytes. Default 1 MiB.
        link_s: How long a link to a document works, in seconds. Default 7 days.

    Returns:
        The application. Errors have OpenAI's shape.

    Raises:
        InvalidArgumentError: The keys or a limit cannot be used.
    """
    relay = relay or Relay()
    chats = Chats(client, relay.log, instance_id=instance_id, project_id=project_id)
    callers = Callers(keys, max_running=max_running_per_caller, per_minute=questions_per_minute)
    endpoint = Endpoint(
        client=client,
        relay=relay,
        chats=chats,
        callers=callers,
        signer=_signer(signing_key),
        link_s=link_s,
        user_id=user_id,
        user_headers=[user_header] if user_header else [],
        chat_headers=chat_headers,
        max_body_bytes=max_body_bytes,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        # It does not drain on a signal: these clients cannot come back, so what runs is finished if the server waits.
        yield
        await relay.aclose()

    origins = list(relay.options.allowed_origins)
    cors = Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=["*"])
    middleware = [cors] if origins else []
    routes = [
        Route("/v1/models", endpoint.list_models),
        Route("/v1/models/{model}", endpoint.show_model),
        Route("/v1/chat/completions", partial(endpoint.answer, CompletionBody, Completion), methods=["POST"]),
        Route("/v1/responses", partial(endpoint.answer, ResponseBody, ResponseObject), methods=["POST"]),
        Route("/v1/documents/{ticket}/{name:path}", endpoint.send_document),
    ]
    handlers: dict[Any, Any] = dict.fromkeys((*_EXPECTED, Exception), endpoint.failed)
    app = Starlette(routes=routes, middleware=middleware, exception_handlers=handlers, lifespan=lifespan)
    app.state.endpoint = endpoint
    return app


def _signer(key: bytes | None) -> URLSafeTimedSerializer:
    """Return what signs links: HMAC with SHA-256 (RFC 2104), by a key of its own kind."""
    if key is not None and len(key) < _SHORTEST_KEY:
        message = f"signing_key must have at least {_SHORTEST_KEY} bytes, as secrets.token_bytes(32) has"
        raise InvalidArgumentError(message, field="signing_key")
    how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(key or secrets.token_bytes(_SHORTEST_KEY), salt="gpo documents", signer_kwargs=how)
