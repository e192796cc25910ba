"""``gpo serve``, ``gpo mcp`` and ``gpo sandbox``: servers on this machine."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from cyclopts import Parameter
from cyclopts.validators import Number

from gpo_client.cli.console import Screen
from gpo_client.cli.exit_codes import CommandError, usage
from gpo_client.cli.options import Common, OnScreen, Switch, whole_number
from gpo_client.cli.signals import end_at_once, handled
from gpo_client.client import GPOCoreClient
from gpo_client.config.rules import is_loopback
from gpo_client.exceptions import InvalidArgumentError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from gpo_client.doors.callers import Keys


_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# How long answers may take to end when the server is told to stop, in seconds.
_PATIENCE_S = 30
_PIECE = 1 << 16

Port = Annotated[int, Parameter(converter=whole_number, validator=Number(gte=0, lte=65535))]


def serve_openai(
    *,
    host: str = "127.0.0.1",
    port: Port = 8770,
    keys: Path | None = None,
    anyone: Switch = False,
    user_header: str | None = None,
    common: Common = Common(),
    screen: OnScreen,
) -> int:
    """Serve the assistant to programs that speak OpenAI's chat completions, until Ctrl-C.

    Args:
        host: The address to listen on. Default: this machine alone.
        port: The port to listen on.
        keys: A file with the keys that callers must bring, one a line, each perhaps followed by the caller's name.
            Default: one new key, which is shown.
        anyone: Ask for no key.
        user_header: The header in which callers, who are trusted to name the right one, name the user that asks.
    """
    openai_app = _doors("openai_app", "relay")
    client, place = _client(common, screen, is_single=keys is None)
    app = openai_app(client, keys=_keys(keys, screen, anyone=anyone), user_header=user_header, **place)
    return _serve(app, client, screen, host=host, port=port, path="/v1")


def mcp(
    *,
    http: Switch = False,
    host: str = "127.0.0.1",
    port: Port = 8771,
    keys: Path | None = None,
    anyone: Switch = False,
    common: Common = Common(),
    screen: OnScreen,
) -> int:
    """Serve the assistant to an agent by the Model Context Protocol, on standard input and output.

    Args:
        http: Serve any number of agents over streamable HTTP instead, until Ctrl-C.
        host: The address to listen on. Default: this machine alone.
        port: The port to listen on.
        keys: A file with the keys that callers must bring, as for gpo serve openai.
        anyone: Ask for no key.
    """
    make = _doors("mcp_app" if http else "mcp_server", "mcp")
    client, place = _client(common, screen, is_single=keys is None)
    if http:
        app = make(client, keys=_keys(keys, screen, anyone=anyone), **place)
        return _serve(app, client, screen, host=host, port=port, path="/mcp")

    if sys.stdin is None or sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise usage("an agent speaks over standard input and output, and they are closed: --http does without")

    async def serve() -> None:
        async with client:
            await make(client, **place).run_stdio_async()

    # Whoever runs it reads standard output as the protocol: all that is said otherwise goes to standard error.
    with _ending_input() as ended_by:
        anyio.run(serve)
    return 128 + signal.SIGTERM if signal.SIGTERM in ended_by else 0


@contextmanager
def _ending_input() -> Generator[list[int]]:
    """Have a signal end standard input, as agents do, and a second one the process; the result is which one came.

    The server reads in a thread that nothing can stop. So it reads what a thread of ours passes on, which may be left.
    """
    reader, writer = socket.socketpair()
    source, ended_by = sys.stdin, list[int]()

    def end(number: int, _: FrameType | None) -> None:
        ended_by.append(number)
        end_at_once()
        with suppress(OSError):  # it has ended already
            writer.shutdown(socket.SHUT_WR)

    def pass_on() -> None:
        with suppress(OSError, ValueError):  # the server reads no more
            while data := os.read(source.fileno(), _PIECE):
                writer.sendall(data)
        with suppress(OSError):
            writer.shutdown(socket.SHUT_WR)

    with reader, writer, reader.makefile("r", encoding="utf-8") as passed_on:
        sys.stdin = passed_on
        threading.Thread(target=pass_on, name="standard-input", daemon=True).start()
        try:
            with handled({signal.SIGINT: end, signal.SIGTERM: end}):
                yield ended_by
        finally:
            sys.stdin = source


def _client(common: Common, screen: Screen, *, is_single: bool) -> tuple[GPOCoreClient, dict[str, str | None]]:
    """Return the client, and where sessions are opened: for one user, unless callers have names."""
    identity = {name: value for name, (value, _) in common.identity().items()}
    place = {name: identity[name] for name in ("instance_id", "project_id")}
    return (
        GPOCoreClient(common.settings(screen).replace(auto_renew_token=True)),
        {**place, "user_id": identity["user_id"] if is_single else None},
    )


def _doors(name: str, extra: str) -> Callable[..., Any]:
    try:
        from gpo_client import doors

        return getattr(doors, name)  # type: ignore[no-any-return]
    except ImportError as error:
        raise CommandError(f'this needs more packages: pip install "gpo-client[{extra}]" ({error})') from error


def _keys(path: Path | None, screen: Screen, *, anyone: bool) -> Keys:
    from gpo_client.doors.callers import ANYONE, Callers

    if anyone and path is not None:
        raise usage("--anyone asks for no key, and --keys for one: choose")
    if anyone:
        return ANYONE
    if path is None:
        key = f"sk-{secrets.token_urlsafe(24)}"
        screen.warn(f"callers bring this key: {key}")
        return [key]
    try:
        lines = [line.split(maxsplit=1) for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CommandError(f"cannot read the keys in {path}: {reason}") from error
    keys = {key: (name[0].strip() if name else f"caller-{number}") for number, (key, *name) in enumerate(lines, 1)}
    try:
        Callers(keys)
    except InvalidArgumentError as error:
        rule = "a key has at least 8 characters, all of ASCII, and perhaps a name behind it"
        raise usage(f"{path} must have a key on each line: {rule}") from error
    return keys


def _serve(app: Starlette, client: GPOCoreClient, screen: Screen, *, host: str, port: int, path: str) -> int:
    try:
        import uvicorn
    except ImportError as error:
        raise CommandError("this needs a server: pip install uvicorn") from error
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Mount

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with client, app.router.lifespan_context(app):
            yield

    # A page whose name is made to lead to this machine (DNS rebinding) gives itself away by its name.
    shown = f"[{host}]" if ":" in host else host
    named = [Middleware(TrustedHostMiddleware, allowed_hosts=[*_LOOPBACK, shown])] if is_loopback(host) else []
    outer = Starlette(routes=[Mount("/", app)], middleware=named, lifespan=lifespan)
    config = uvicorn.Config(outer, ws="none", log_level="warning", timeout_graceful_shutdown=_PATIENCE_S)
    if not host:  # it would be all that this machine has
        raise usage("--host is empty: name an address of this machine, or leave it out")
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise CommandError(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    screen.warn(f"serving http://{shown}:{listener.getsockname()[1]}{path} until Ctrl-C")
    with listener, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def sandbox(*arguments: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Run a test server on this machine.

    It has a page to ask questions on, and runs until Ctrl-C. gpo sandbox --help shows its settings.

    Args:
        arguments: The settings, such as --port 8760 --db gpo.db.
    """
    try:
        from gpo_sandbox.playground.__main__ import main
    except ImportError as error:  # its message names the extra
        raise CommandError(str(error)) from error
    return main(arguments, prog="gpo sandbox")
