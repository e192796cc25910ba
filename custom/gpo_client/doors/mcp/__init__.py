"""The door for agents that speak the Model Context Protocol (2025-06-18 to 2026-07-28), over stdio and over HTTP."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

try:
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import MCPServerError, ResourceError, ResourceNotFoundError, ToolError
    from mcp.server.transport_security import TransportSecuritySettings
    from mcp.types import CallToolResult, Resource, ToolAnnotations
    from pydantic import Field
except ModuleNotFoundError as error:
    if error.name not in ("mcp", "pydantic"):
        raise
    raise ImportError('the door needs mcp, which is not installed: pip install "gpo-client[mcp]"') from error

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gpo_client.client import GPOCoreClient
from gpo_client.doors.callers import ANYONE, Callers, Keys, RefusalError, problem_of
from gpo_client.doors.chats import Chats
from gpo_client.doors.mcp import shapes
from gpo_client.exceptions import GPOClientError, NotFoundError
from gpo_client.models.answer import Download
from gpo_client.relay import LogUnavailable, MemoryRelayLog, ProblemCode, PublicProblem, RelayLog
from gpo_client.version import VERSION

if TYPE_CHECKING:
    from gpo_client.models.requests import DocumentSearchDict

_LOOPBACK = ("127.0.0.1", "127.0.0.1:*", "localhost", "localhost:*", "[::1]", "[::1]:*")
# How often an agent is told how far an answer is, in seconds.
_PROGRESS_S = 0.25
_MOST_LISTED = 100
_INSTRUCTIONS = (
    "Answers questions from the documents of the organisation. Use `ask` for an answer with numbered sources; use "
    "`search` and `fetch` to read the documents yourself."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ASKS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)

# What an agent can do about a problem, besides telling its user.
_REMEDIES = {
    ProblemCode.NOT_FOUND: "Call again without `conversation`.",
    ProblemCode.CONFLICT: "Call again without `conversation`.",
    ProblemCode.RATE_LIMITED: "Wait a minute before you call again.",
    ProblemCode.BUSY: "Wait a minute before you call again.",
    ProblemCode.NOT_AUTHORIZED: "Only the operator of this server can mend that; do not call again.",
}

_SOME_TEXT: Any = {"pattern": r"\S", "max_length": 8000}
Question = Annotated[str, Field(description="The question, whole: nothing else of your context is known", **_SOME_TEXT)]
Conversation = Annotated[str | None, Field(description="From an earlier answer, to go on. Default: this connection's")]
Query = Annotated[str, Field(description="A question or some words", **_SOME_TEXT)]
DocumentId = Annotated[str, Field(description="From `search`, `documents` or the sources of an answer", **_SOME_TEXT)]


class GPOServer(MCPServer[Any]):
    """The server that ``mcp_server`` makes.

    Thread and task safety: it serves any number of connections in one event loop.
    """

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(name, title="GPO assistant", instructions=_INSTRUCTIONS, version=VERSION, log_level="WARNING")
        self.desk = desk
        self.add_tool(desk.ask, annotations=_ASKS)
        for tool in (desk.search, desk.fetch, desk.documents):
            self.add_tool(tool, annotations=_READS)
        template = self.resource(shapes.DOCUMENTS + "{document_id}", title="A document of the organisation")
        template(desk.read)

    async def list_resources(self) -> list[Resource]:
        """Return the first hundred documents; `documents` pages through all of them."""
        try:
            found = await self.desk.first_documents()
        except GPOClientError as error:
            raise ResourceError(_words(error)) from error
        return [
            Resource(uri=shapes.uri_of(each.document_id), name=each.title, mime_type=each.media_type) for each in found
        ]


class Desk:
    """What the tools do. One for a server."""

    def __init__(self, client: GPOCoreClient, *, chats: Chats, callers: Callers, user_id: str | None) -> None:
        self._client = client
        self._chats = chats
        self.callers = callers
        self._user_id = user_id
        self._process = secrets.token_urlsafe(16)

    async def ask(
        self, question: Question, ctx: Context, conversation: Conversation = None
    ) -> Annotated[CallToolResult, shapes.Answer]:
        """Ask the assistant; the answer cites its sources by number."""
        async with self._calling(ctx) as user:
            chat = await self._chats.open(user, self._keys(ctx), conversation_id=conversation)
            try:
                async with self._client.chat_stream(chat.context, {"query": question}) as stream:
                    done = 0
                    async for chunk in stream.batched(_PROGRESS_S):
                        done += len(chunk.content or "")
                        await ctx.report_progress(done, message=chunk.content or None)
            except GPOClientError as error:
                await chat.ended(PublicProblem.of(error).code)
                raise
            return shapes.answered(stream.partial, chat.context.conversation_id or "")

    async def search(self, query: Query, ctx: Context) -> Annotated[CallToolResult, shapes.Results]:
        """Find documents that bear on a question; `fetch` gives their text."""
        async with self._calling(ctx) as user, self._chats.session(user) as session:
            passages = await self._client.chat(session, {"query": query, "use_openai": False})
            named = await self._client.search_documents(session, {"search_text": query[:200], "page_size": 10})
            return shapes.found(passages.sources, named.items)

    async def fetch(self, id: DocumentId, ctx: Context) -> Annotated[CallToolResult, shapes.Fetched]:  # noqa: A002 - connectors call it that
        """Get the text of a document."""
        found = await self._document(ctx, id, ToolError)
        if (text := _text_of(found)) is None:
            raise ToolError(f"It is {found.media_type}, not text: read the resource {shapes.uri_of(_id_of(id))}.")
        return shapes.fetched(_id_of(id), found.file_name or _id_of(id), text, found.media_type)

    async def documents(
        self,
        ctx: Context,
        search_text: Annotated[str | None, Field(description="What title, tags or summary must hold")] = None,
        page: Annotated[int, Field(ge=1)] = 1,
        page_size: Annotated[int, Field(ge=1, le=100)] = 20,
    ) -> shapes.DocumentList:
        """List the documents that answers rest on."""
        async with self._calling(ctx) as user, self._chats.session(user) as session:
            wanted: DocumentSearchDict = {"search_text": search_text, "page": page, "page_size": page_size}
            found = await self._client.search_documents(session, wanted)
            return shapes.listed(found.items, found.total_count)

    async def read(self, document_id: str, ctx: Context) -> str | bytes:
        """Read a document as a resource."""
        found = await self._document(ctx, document_id, ResourceError, ResourceNotFoundError)
        text = _text_of(found)
        return found.content if text is None else text

    async def first_documents(self) -> list[Any]:
        """Return the documents that are listed as resources."""
        async with self._chats.session(self._user_id or "mcp") as session:
            return list((await self._client.list_documents(session, page_size=_MOST_LISTED)).items)

    async def _document(
        self, ctx: Context, name: str, told: type[MCPServerError], missing: type[MCPServerError] = ToolError
    ) -> Download:
        async with self._calling(ctx, told) as user, self._chats.session(user) as session:
            try:
                return await self._client.download_document(session, _id_of(name))
            except NotFoundError as error:
                raise missing(f"There is no document {name:.100}: `search` and `documents` give ids.") from error

    @asynccontextmanager
    async def _calling(self, ctx: Context, kind: type[MCPServerError] = ToolError) -> AsyncGenerator[str]:
        """Count a call of a user, and tell the agent what goes wrong in words that it can act on."""
        try:
            caller = "mcp" if ctx.headers is None else await self.callers.find(ctx.headers.get("authorization"))
            with self.callers.asking(caller):
                yield self._user_id or caller
        except RefusalError as refusal:
            wait = f" Wait {refusal.headers['Retry-After']} seconds." if refusal.retry_after else ""
            raise kind(refusal.message + wait) from None
        except (GPOClientError, LogUnavailable) as error:
            raise kind(_words(error)) from error

    def _keys(self, ctx: Context) -> list[str]:
        # Over stdio there is one connection for each process. Without a session in HTTP every question is the first.
        connection = self._process if ctx.headers is None else ctx.headers.get("mcp-session-id")
        return [f"mcp:{connection}"] if connection else []


def mcp_server(
    client: GPOCoreClient,
    *,
    instance_id: str,
    user_id: str | None = None,
    project_id: str | None = None,
    keys: Keys = ANYONE,
    log: RelayLog | None = None,
    max_running_per_caller: int = 8,
    calls_per_minute: int = 120,
    name: str = "gpo",
) -> GPOServer:
    """Make a server of the Model Context Protocol with the tools ``ask``, ``search``, ``fetch`` and ``documents``.

    ::

        mcp_server(client, instance_id="advisory-001", user_id="user-1").run("stdio")

    Over stdio it serves whoever started it. Over HTTP, mount ``mcp_app``, which asks for keys.

    Args:
        client: Whom to ask; it is not closed.
        instance_id: The instance that sessions are opened in.
        user_id: The user that sessions are opened for. Default: each caller is a user, under its own name.
        project_id: The project that they are opened in. Default: none.
        keys: Who may call over HTTP; ``mcp_app`` sets it.
        log: Where the conversations of connections are noted. Default: in memory.
        max_running_per_caller: How many calls a caller may have at the same time. Default 8.
        calls_per_minute: How many calls a caller may make in a minute. Default 120.
        name: What the server calls itself.

    Returns:
        The server, an ``MCPServer`` of the SDK: further tools can be added.

    Raises:
        InvalidArgumentError: The keys or a limit cannot be used.
    """
    chats = Chats(client, log or MemoryRelayLog(), instance_id=instance_id, project_id=project_id)
    callers = Callers(keys, max_running=max_running_per_caller, per_minute=calls_per_minute)
    return GPOServer(Desk(client, chats=chats, callers=callers, user_id=user_id), name)


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
            except RefusalError as refusal:
                code = "invalid_token" if refusal.status == 401 else "temporarily_unavailable"
                told = {"error": code, "error_description": refusal.message}
                refused = JSONResponse(told, refusal.status, refusal.headers)
                return await refused(scope, receive, send)
        return await self._app(scope, receive, send)


def _id_of(name: str) -> str:
    """Return the id of a document that is named by it, or by its URI as `search` gives it."""
    return name.strip().removeprefix(shapes.DOCUMENTS)


def _text_of(found: Download) -> str | None:
    if not (found.media_type.startswith("text/") or found.media_type.split(";")[0] == "application/json"):
        return None
    return found.content.decode("utf-8", "replace")


def _words(error: Exception) -> str:
    problem = problem_of(error)
    return f"{problem.error} {_REMEDIES.get(ProblemCode(problem.code), '')}".strip()
