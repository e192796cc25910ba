"""The application that serves OpenAI's chat completions and responses from the GPO assistant."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

import attrs
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gpo_client.client import GPOCoreClient
from gpo_client.doors.callers import Callers, Keys, RefusalError
from gpo_client.doors.chats import Chats
from gpo_client.doors.completions import Completion, error_body, read_completion
from gpo_client.doors.documents import Documents
from gpo_client.doors.endpoint import QuestionEndpoint
from gpo_client.doors.responses import ResponseObject, read_response
from gpo_client.doors.turns import MODELS
from gpo_client.exceptions import GPOClientError
from gpo_client.relay import Relay

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
    endpoint = QuestionEndpoint(
        client=client,
        relay=relay,
        chats=chats,
        callers=callers,
        documents=Documents(client, chats, callers, signing_key, link_s),
        user_id=user_id,
        user_headers=[user_header] if user_header else [],
        chat_headers=chat_headers,
        max_body_bytes=max_body_bytes,
        refuse=partial(_refused, None),
    )
    paths = _Paths(endpoint)
    app = Starlette(
        routes=[
            Route("/v1/models", paths.list_models),
            Route("/v1/models/{model}", paths.show_model),
            Route("/v1/chat/completions", paths.complete, methods=["POST"]),
            Route("/v1/responses", paths.respond, methods=["POST"]),
            endpoint.documents.route,
        ],
        middleware=_cross_origin(relay),
        exception_handlers={404: _unknown, 405: _unknown, RefusalError: _refused, GPOClientError: endpoint.failed},
        lifespan=_closing(relay),
    )
    app.state.endpoint = endpoint
    return app


@attrs.frozen
class _Paths:
    _endpoint: QuestionEndpoint

    async def list_models(self, request: Request) -> Response:
        """Return the assistants, as models."""
        await self._endpoint.admit(request)
        return JSONResponse({"object": "list", "data": [_model(name) for name in MODELS]})

    async def show_model(self, request: Request) -> Response:
        """Return one of them."""
        await self._endpoint.admit(request)
        name = request.path_params["model"]
        if name not in MODELS:
            raise RefusalError(404, f"The model {name!r} does not exist.", "model", "model_not_found")
        return JSONResponse(_model(name))

    async def complete(self, request: Request) -> Response:
        """Answer the last question of a chat with a chat completion."""
        return await self._endpoint.answer(
            request, read_completion, partial(Completion, f"chatcmpl-{secrets.token_hex(16)}")
        )

    async def respond(self, request: Request) -> Response:
        """Answer it with a response."""
        return await self._endpoint.answer(
            request, read_response, partial(ResponseObject, f"resp_{secrets.token_hex(24)}")
        )


def _unknown(request: Request, error: Exception) -> Response:
    message = f"There is no {request.method} {request.url.path} here."
    return _refused(request, RefusalError(getattr(error, "status_code", 404), message, None, "unknown_url"))


def _refused(_: Request | None, refusal: Any) -> Response:
    repeat = {"X-Should-Retry": "true" if refusal.is_repeatable else "false"}
    return JSONResponse(error_body(refusal), refusal.status, {**repeat, **refusal.headers})


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "gpo"}


def _closing(relay: Relay) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        # It does not drain on a signal: these clients cannot come back, so what runs is finished if the server waits.
        yield
        await relay.aclose()

    return lifespan


def _cross_origin(relay: Relay) -> list[Middleware]:
    if not relay.options.allowed_origins:
        return []
    allowed = list(relay.options.allowed_origins)
    return [Middleware(CORSMiddleware, allow_origins=allowed, allow_methods=["GET", "POST"], allow_headers=["*"])]
