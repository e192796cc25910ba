"""The playground as an application and as a server: from a command line, and inside a program."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from gpo_sandbox import RunningSandbox, SandboxSettings, create_app, running_sandbox
from gpo_sandbox.hosts import AddressGuard
from gpo_sandbox.middleware import RequestBoundary
from gpo_sandbox.playground import endpoints
from gpo_sandbox.playground.playground import Page, Playground
from gpo_sandbox.server import Command, SandboxServer


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


_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # nosec B104 # noqa: S104 - where to reach what listens everywhere


class PlaygroundServer(SandboxServer):
    """The server of the sandbox, with a relay to be ended as well."""

    def __init__(self, app: Starlette, on_ready: Callable[[], None]) -> None:
        super().__init__(app, on_ready)
        self._playground: Playground = app.state.playground

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End open streams, the page's first."""
        await self._playground.relay.aclose()
        await super().shutdown(sockets)


def playground_server(settings: SandboxSettings, address: str, on_ready: Callable[[], None]) -> SandboxServer:
    """Make the server of the playground.

    Args:
        settings: Settings of the sandbox.
        address: Where it listens.
        on_ready: Called once requests are served.

    Raises:
        SettingsError: The database or the documents cannot be used.
    """
    app = playground_app(settings, _reachable(address))
    return PlaygroundServer(app, on_ready)


def serve(settings: SandboxSettings | None = None, *, prog: str = "python -m gpo_sandbox.playground") -> int:
    """Serve the page and the sandbox until interrupted.

    Args:
        settings: Settings of the sandbox. Default: ``SandboxSettings()``.
        prog: How the command is called.

    Returns:
        The exit code: 0 after an interruption, 1 when the address cannot be used.

    Raises:
        SettingsError: The database or the documents cannot be used.
    """
    return command(prog).serve(settings or SandboxSettings())


def command(prog: str) -> Command:
    """Return the command that serves the page and the sandbox, and how it is called."""
    description = "Run a sandbox server of the GPO Core API, with a page to ask it on."
    return Command(prog, description, playground_server, _greet)


def running_playground(
    settings: SandboxSettings | None = None, **changes: Any
) -> AbstractContextManager[RunningSandbox]:
    """Run the page and the sandbox in a thread while the block lasts, as ``running_sandbox`` does the sandbox alone.

    Args:
        settings: Settings of the sandbox to begin with. Default: ``SandboxSettings()``.
        changes: Single settings by name, which beat ``settings``.
    """
    return running_sandbox(settings, build=playground_server, **changes)


def _reachable(address: str) -> str:
    parts = urlsplit(address)
    host = _LOOPBACK.get(parts.hostname or "")
    return address if host is None else urlunsplit(parts._replace(netloc=f"{host}:{parts.port}"))


def _greet(address: str) -> None:
    print(f"GPO playground on {_reachable(address)}/", flush=True)
    print(f"Point a client at it: GPO_API_BASE_URL={_reachable(address)}   (Ctrl+C to stop)", flush=True)
