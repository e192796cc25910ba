"""The application: the page, the service behind it, and the sandbox beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from gpo_sandbox import SandboxSettings, create_app
from gpo_sandbox.hosts import AddressGuard
from gpo_sandbox.middleware import RequestBoundary
from gpo_sandbox.playground import endpoints
from gpo_sandbox.playground.page import Page
from gpo_sandbox.playground.playground import Playground


def playground_app(settings: SandboxSettings, address: str) -> Starlette:
    """Make the playground as an ASGI application; its lifespan must be run.

    Args:
        settings: Settings of the sandbox.
        address: Where the application will be reached from this machine, such as ``"http://127.0.0.1:8760"``.

    Raises:
        SettingsError: The database or the documents cannot be used.
    """
    sandbox_app = create_app(settings)
    playground = Playground(address, sandbox_app.state.sandbox)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with sandbox_app.router.lifespan_context(sandbox_app), playground:
            yield

    app = Starlette(
        routes=[
            Route("/", endpoints.page),
            Route("/playground/ask", endpoints.ask),
            Route("/playground/stop", endpoints.stop, methods=["POST"]),
            Route("/playground/cut", endpoints.cut, methods=["POST"]),
            Route("/playground/conversations", endpoints.list_conversations),
            Route("/playground/conversations", endpoints.start_conversation, methods=["POST"]),
            Route("/playground/conversations/{conversation_id}", endpoints.list_messages),
            Mount("/", sandbox_app),
        ],
        middleware=[Middleware(RequestBoundary), Middleware(AddressGuard, allowed=settings.further_hosts)],
        lifespan=lifespan,
    )
    app.state.sandbox = sandbox_app.state.sandbox
    app.state.playground = playground
    app.state.page = Page.load()
    return app
