"""What the page asks its service for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import attrs
import msgspec
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gpo_client.exceptions import GPOClientError
from gpo_client.models.plain import known_values
from gpo_client.relay import ProblemCode, PublicProblem, sse_response
from gpo_sandbox.decoding import require_json
from gpo_sandbox.injection import FAULT_HEADER
from gpo_sandbox.playground.playground import COOKIE, Page, Playground, Visitor
from gpo_sandbox.streaming import HANG_UP

Endpoint = Callable[[Request], Awaitable[Response]]
VisitorEndpoint = Callable[[Request, Playground, Visitor], Awaitable[Response]]

# How long slow motion waits before each event.
_SLOW = "slow=0.2"
_YEAR_S = 31_536_000
_MOST_TITLE_CHARS = 100
_MOST_ID_CHARS = 100
_MOST_BODY_BYTES = 4096
_ELSEWHERE = {"cross-site", "same-site"}
_AGAIN = "here"


class Wish(msgspec.Struct, frozen=True):
    """The body of a request that changes something."""

    id: str = ""  # of any event of an answer
    page: str = ""  # the id a page made up for itself
    title: str = ""  # of a new conversation


def _for_visitors(endpoint: VisitorEndpoint) -> Endpoint:
    """Let only those in who come from the page, and tell them of errors in words for them."""

    @wraps(endpoint)
    async def serve(request: Request) -> Response:
        playground: Playground = request.app.state.playground
        try:
            visitor = await playground.visitor(request)
            if visitor is None:
                return _problem(ProblemCode.NOT_AUTHORIZED, 403)
            return await endpoint(request, playground, visitor)
        except GPOClientError as error:
            return _problem(error, error.status_code or 502)

    return serve


async def page(request: Request) -> Response:
    """Return the page; whoever has no cookie of ours yet gets one."""
    served: Page = request.app.state.page
    playground: Playground = request.app.state.playground
    response = Response(served.body, media_type="text/html", headers=served.headers)
    if playground.name_of(request) is not None:
        return response
    if request.headers.get("Sec-Fetch-Site", "none") in _ELSEWHERE and _AGAIN not in request.query_params:
        # Whoever follows a link from another site may have a cookie that the browser keeps back; ours would replace it.
        response.headers["Refresh"] = f"0; url=/?{_AGAIN}"
    else:
        response.set_cookie(COOKIE, playground.welcome(), max_age=_YEAR_S, httponly=True, samesite="strict")
    return response


@_for_visitors
async def ask(request: Request, playground: Playground, visitor: Visitor) -> Response:
    """Answer a question as server-sent events."""
    asked = request.query_params
    query = asked.get("query", "").strip()
    if not 0 < len(query) <= playground.relay.options.max_query_chars:
        return _problem(ProblemCode.INVALID_QUESTION, 400)
    context = visitor.session.chat_context(asked.get("conversation") or None)
    headers = {FAULT_HEADER: _SLOW} if asked.get("slow") else {}
    stream = playground.client.chat_stream(context, {"query": query}, headers=headers)
    hang_up = request.scope.get("state", {}).get(HANG_UP)
    response = sse_response(stream, relay=playground.relay, owner=visitor.user_id)
    if (page_id := asked.get("page", "")[:_MOST_ID_CHARS]) and hang_up is not None:
        connection = visitor, page_id, hang_up
        playground.connected(*connection)
        response.background = BackgroundTask(playground.disconnected, *connection)
    return response


@_for_visitors
async def stop(request: Request, playground: Playground, visitor: Visitor) -> Response:
    """Stop an answer for good."""
    wish = await _wish(request)
    found = await playground.relay.stop(wish.id, owner=visitor.user_id)
    return Response(status_code=204 if found else 404)


@_for_visitors
async def cut(request: Request, playground: Playground, visitor: Visitor) -> Response:
    """Break the connection on which a page receives its answer, so that it can be seen to come back."""
    wish = await _wish(request)
    return Response(status_code=204 if playground.cut(visitor, wish.page) else 404)


@_for_visitors
async def start_conversation(request: Request, playground: Playground, visitor: Visitor) -> Response:
    """Begin a conversation."""
    wish = await _wish(request)
    title = wish.title.strip()[:_MOST_TITLE_CHARS] or None
    conversation = await playground.client.start_conversation(visitor.session, {"title": title})
    return JSONResponse({"id": conversation.conversation_id}, 201)


@_for_visitors
async def list_conversations(_: Request, playground: Playground, visitor: Visitor) -> Response:
    """Return the visitor's latest conversations, the latest first."""
    found = await playground.client.list_conversations(visitor.session, page_size=50)
    return JSONResponse([{"id": item.conversation_id, "title": item.title} for item in found.items])


@_for_visitors
async def list_messages(request: Request, playground: Playground, visitor: Visitor) -> Response:
    """Return what was said in a conversation of the visitor's."""
    conversation_id: str = request.path_params["conversation_id"]
    found = await playground.client.list_messages(visitor.session, conversation_id, page_size=100)
    messages: list[dict[str, Any]] = []
    async for message in found:
        sources = [known_values(source) for source in message.sources or ()]
        messages.append({"role": message.role, "content": message.content, "sources": sources})
    return JSONResponse(messages)


async def _wish(request: Request) -> Wish:
    require_json(request)
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > _MOST_BODY_BYTES:
            return Wish()
    try:
        return msgspec.json.decode(data, type=Wish)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Wish()


def _problem(what: ProblemCode | GPOClientError, status: int) -> Response:
    return JSONResponse(attrs.asdict(PublicProblem.of(what)), status)
