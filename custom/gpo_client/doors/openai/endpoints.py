"""Endpoints of the door for OpenAI's protocol: models, completions, and the documents that answers link to."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from functools import partial, wraps
from typing import Any
from urllib.parse import quote

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gpo_client.client import GPOCoreClient
from gpo_client.doors.callers import CallerLimitError, Callers, UnknownCallerError
from gpo_client.doors.chats import Chats
from gpo_client.doors.openai.asked import MODELS, Asked, CompletionError, read_asked
from gpo_client.doors.openai.chores import done_chore
from gpo_client.doors.openai.completion import Completion, problem_of
from gpo_client.doors.openai.downloads import Signer, Ticket, link_of
from gpo_client.doors.openai.response import CompletionResponse, error_response
from gpo_client.exceptions import GPOClientError
from gpo_client.models.session import ChatContext
from gpo_client.models.stream import CitationSource
from gpo_client.relay import Entry, ProblemCode, PublicProblem, Relay
from gpo_client.relay.machines.dialects import SSE_HEADERS
from gpo_client.relay.origins import is_allowed

#: Below which path documents are.
DOCUMENTS = "/v1/documents"

_LONGEST_ID = 200


@attrs.frozen(kw_only=True)
class Door:
    """What the endpoints share: the arguments of ``openai_app``, made into what they are used for."""

    client: GPOCoreClient
    relay: Relay
    chats: Chats
    callers: Callers
    signer: Signer
    user_id: str | None
    user_header: str | None
    chat_headers: Sequence[str]
    max_body_bytes: int
    link_s: float


Endpoint = Callable[[Request], Awaitable[Response]]


def _for_callers(serve: Callable[[Request, Door, str], Awaitable[Response]]) -> Endpoint:
    """Let in whoever brings a key, and tell what goes wrong in OpenAI's terms."""

    @wraps(serve)
    async def endpoint(request: Request) -> Response:
        door: Door = request.app.state.door
        try:
            if not is_allowed(request.headers, door.relay.options):
                raise CompletionError(403, "Pages of other sites may not use this service.", None, "forbidden")
            caller = await door.callers.find(request.headers.get("authorization"))
            return await serve(request, door, caller)
        except CompletionError as error:
            return error_response(error)
        except UnknownCallerError:
            message = "This service wants a key, and no valid one was sent (Authorization: Bearer …)."
            unknown = CompletionError(401, message, None, "invalid_api_key")
            return error_response(unknown, {"WWW-Authenticate": "Bearer"})
        except CallerLimitError as error:
            return _too_much(error)
        except GPOClientError as error:
            problem = PublicProblem.of(error, door.relay.options.problem_texts)
            return error_response(problem_of(problem.code, problem.error))

    return endpoint


@_for_callers
async def list_models(_: Request, __: Door, ___: str) -> Response:
    """Return the assistants, as models."""
    return JSONResponse({"object": "list", "data": [_model(name) for name in MODELS]})


@_for_callers
async def show_model(request: Request, _: Door, __: str) -> Response:
    """One of them."""
    name = request.path_params["model"]
    if name not in MODELS:
        raise CompletionError(404, f"The model {name!r} does not exist.", "model", "model_not_found")
    return JSONResponse(_model(name))


@_for_callers
async def complete(request: Request, door: Door, caller: str) -> Response:
    """Answer the last question of a chat."""
    asked = read_asked(await _body(request, door), max_query_chars=door.relay.options.max_query_chars)
    user = _named(request, [door.user_header] if door.user_header else []) or door.user_id or caller
    completion = Completion(
        f"chatcmpl-{secrets.token_urlsafe(16)}", asked, int(time.time()), lambda source: _link(request, user, source)
    )
    if (done := done_chore(asked.question)) is not None:
        return _chore(completion, done, is_streamed=asked.is_streamed)
    chat_id = _named(request, door.chat_headers)
    with ExitStack() as stack:
        stack.enter_context(door.callers.asking(caller))
        keys = [f"id:{chat_id}"] if chat_id else asked.keys()
        context = await door.chats.find(user, keys, assistant=asked.assistant)
        # A chat that is named by its front end is known at once, and may be asked again before there is an answer.
        await _remember(door, user, asked, keys, context)
        return CompletionResponse(
            door.client.chat_stream(context, {"query": asked.question}),
            door.relay,
            user,
            is_streamed=asked.is_streamed,
            completion=completion,
            ended=partial(_ended, door, user, asked, context=context, keys=keys),
            release=stack.pop_all(),
        )


async def document(request: Request) -> Response:
    """Return a document that an answer cites, for whoever has the link."""
    door: Door = request.app.state.door
    ticket = door.signer.read(request.path_params["ticket"], time.time())
    if ticket is None:
        return error_response(CompletionError(404, "This link is not valid any more.", None, "link_expired"))
    try:
        with door.callers.asking(f"documents of {ticket.user}"):
            session = await door.chats.session(ticket.user)
            found = await door.client.download_document(session, ticket.document_id)
    except CallerLimitError as error:
        return _too_much(error)
    except GPOClientError as error:
        problem = PublicProblem.of(error, door.relay.options.problem_texts)
        return error_response(problem_of(problem.code, problem.error))
    headers = {
        # Whatever it is, it must not become a page of this origin.
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.file_name or ticket.document_id, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
    return Response(found.content, headers=headers, media_type=found.media_type or "application/octet-stream")


async def no_such_path(request: Request, error: Exception) -> Response:
    """Return a path or method that is not served."""
    message = f"There is no {request.method} {request.url.path} here."
    return error_response(CompletionError(getattr(error, "status_code", 404), message, None, "unknown_url"))


async def _body(request: Request, door: Door) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > door.max_body_bytes:
            raise CompletionError(413, f"A request may have at most {door.max_body_bytes} bytes.", None, "too_large")
    return bytes(body)


async def _remember(door: Door, user: str, asked: Asked, keys: Sequence[str], context: ChatContext) -> None:
    await door.chats.remember(user, keys, context.conversation_id or "", assistant=asked.assistant)


async def _ended(
    door: Door, user: str, asked: Asked, completion: Completion, *, context: ChatContext, keys: Sequence[str]
) -> None:
    """Note how the chat began, or forget what the service does not know any more."""
    code = completion.problem.code if completion.problem else None
    if code == ProblemCode.NOT_AUTHORIZED:
        door.chats.forget_session(user)
    elif code in (ProblemCode.NOT_FOUND, ProblemCode.CONFLICT):
        await door.chats.remember(user, keys, "", assistant=asked.assistant)
    elif not keys:
        await _remember(door, user, asked, asked.keys_with(completion.text), context)


def _named(request: Request, headers: Sequence[str]) -> str | None:
    found = (request.headers.get(header, "").strip() for header in headers)
    return next((value for value in found if 0 < len(value) <= _LONGEST_ID), None)


def _link(request: Request, user: str, source: CitationSource) -> str:
    door: Door = request.app.state.door
    address = None
    if source.document_id:
        ticket = door.signer.write(Ticket(user, source.document_id, int(time.time() + door.link_s)))
        here = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
        address = f"{here}{DOCUMENTS}/{ticket}/{quote(source.document_id, safe='')}"
    return link_of(source, api=door.client.config.base_url, document=address)


def _chore(completion: Completion, text: str, *, is_streamed: bool) -> Response:
    events = completion.opening()
    for entry in Entry(1, msgspec.json.encode({"content": text}).decode()), Entry(2, "{}", is_last=True):
        events += completion.take(entry)
    if is_streamed:
        return Response(events, headers=SSE_HEADERS)
    return Response(msgspec.json.encode(completion.whole()), media_type="application/json")


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "gpo"}


def _too_much(error: CallerLimitError) -> Response:
    refused = CompletionError(429, "Too many questions: please wait.", None, "rate_limited", "rate_limit_error")
    return error_response(refused, {"Retry-After": str(max(1, round(error.retry_after)))})
