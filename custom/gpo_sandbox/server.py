"""The sandbox's server: the application on uvicorn, its signals, its prompt end; in a program and as a command."""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import attrs
import uvicorn
from starlette.applications import Starlette

from gpo_sandbox.app import create_app
from gpo_sandbox.hosts import address_of, listen
from gpo_sandbox.middleware import REQUEST_TIMEOUT_S, ProblemProtocol
from gpo_sandbox.sandbox import Sandbox
from gpo_sandbox.settings import ENVIRONMENT_PREFIX, SandboxSettings, SettingsError, flag_name

# How long requests may take to notice that the sandbox is shutting down, in seconds.
_PATIENCE_S = 0.5
# How long it takes at most to see that the last of them has ended, in seconds.
_MOMENT_S = 0.002
# After so many turns of the event loop a connection that was just taken is among those that are served: asyncio makes
# its transport in a task, which tells the protocol by a callback. Were the server closed before, it would stay open.
_TURNS = 4
# Far more than any head that means something; the body is bounded by a setting.
_MOST_HEAD_BYTES = 32 << 10

_LOG = logging.getLogger("gpo_client.sandbox")

# In a tuple, where tools that stop the clock of a test do not find it.
_CLOCK = (time.monotonic,)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that goes on when a test has stopped the clock: else no pause, nor the sandbox, would end."""

    def time(self) -> float:
        """Return the time by which pauses are counted."""
        return _CLOCK[0]()


class PromptServer(uvicorn.Server):
    """A uvicorn server that ends when it is told to: uvicorn looks every 0.1 s whether it was, and sleeps as it ends.

    Where servers come and go with each test, most of a test's time would go there.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def stop(self) -> None:
        """End it, from any thread."""
        self.should_exit = True
        if self._told is not None:
            loop, told = self._told
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(told.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End it because of a signal."""
        super().handle_exit(sig, frame)
        self.stop()

    async def main_loop(self) -> None:
        """Serve until told to stop; each second the responses' date is written."""
        self._told = asyncio.get_running_loop(), asyncio.Event()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told[1].wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, let the responses under way end, then the application."""
        state, loop = self.server_state, asyncio.get_running_loop()
        for listener in [listener for server in self.servers for listener in server.sockets]:
            loop.remove_reader(listener.fileno())
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while (state.connections or state.tasks) and not self.force_exit:  # noqa: ASYNC110 - they tell nobody
                    await asyncio.sleep(_MOMENT_S)
        except TimeoutError:
            _LOG.error("%d requests do not end: they are cancelled", len(state.tasks))
            for task in state.tasks:
                task.cancel()
        if not self.force_exit:
            await self.lifespan.shutdown()


class SandboxServer(PromptServer):
    """A server that ends open streams when it stops.

    uvicorn waits for all responses to end before it tells the application to shut down, and a stream would keep it
    waiting for as long as its answer takes.
    """

    def __init__(self, app: Starlette, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app, loop="asyncio", http=ProblemProtocol, ws="none", lifespan="on", log_config=None, access_log=False,
            server_header=False, timeout_graceful_shutdown=5, h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
        )  # fmt: skip
        super().__init__(config)
        self._sandbox: Sandbox = app.state.sandbox
        self._on_ready = on_ready

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop."""
        with asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(self.serve(sockets))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        self.lifespan.state[REQUEST_TIMEOUT_S] = self._sandbox.settings.request_timeout_s
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End open streams, then everything else."""
        await self._sandbox.generations.close()
        hurry = asyncio.get_running_loop().call_later(_PATIENCE_S, self._hang_up)
        await super().shutdown(sockets)
        hurry.cancel()

    def _hang_up(self) -> None:
        # Whoever is left does not read or does not finish sending; there is nothing to wait for.
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stop on SIGINT and SIGTERM, in the main thread; that is a normal end, so no signal is raised again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


#: Makes the server for settings, the address it will have, and what to call once it serves requests.
ServerBuilder = Callable[[SandboxSettings, str, Callable[[], None]], SandboxServer]


def sandbox_server(settings: SandboxSettings, address: str, on_ready: Callable[[], None]) -> SandboxServer:  # noqa: ARG001 - as for any builder
    """Make the server of the sandbox alone, which will be reached at an address.

    Raises SettingsError: the database or the documents cannot be used.
    """
    return SandboxServer(create_app(settings), on_ready)


@attrs.frozen
class RunningSandbox:
    """A sandbox that is serving requests.

    Attributes:
        base_url: Where, without a slash at the end.
        settings: How it was set up; `port` is the one it really has.
    """

    base_url: str
    settings: SandboxSettings


@contextmanager
def running_sandbox(
    settings: SandboxSettings | None = None, *, build: ServerBuilder = sandbox_server, **changes: Any
) -> Generator[RunningSandbox]:
    """Run a sandbox in a thread while the block lasts.

        with running_sandbox(chunk_delay_s=0) as sandbox:
            client = SyncGPOCoreClient(base_url=sandbox.base_url)

    Args:
        settings: Settings to begin with; the defaults when not given. The environment is not read.
        build: Makes the server; for a sandbox that is served together with something else.
        changes: Single settings by name, which beat `settings`. The port is a free one unless it is given here, so
            that any number of sandboxes can run side by side.

    Raises:
        SettingsError: A setting cannot be used.
        OSError: The address cannot be used.
    """
    chosen = attrs.evolve(settings or SandboxSettings(), **{"port": 0, **changes})
    listener = listen(chosen.host, chosen.port)
    ready = threading.Event()
    actual = attrs.evolve(chosen, port=listener.getsockname()[1])
    address = address_of(listener)
    try:
        server = build(actual, address, ready.set)
    except BaseException:
        listener.close()
        raise
    thread = threading.Thread(target=_serve, args=(server, listener, ready), name="gpo-sandbox")
    thread.start()
    try:
        ready.wait()
        if not server.started:
            raise RuntimeError("the sandbox could not start; its thread has said why")
        yield RunningSandbox(address, actual)
    finally:
        server.stop()
        thread.join()


def _serve(server: SandboxServer, listener: Any, ready: threading.Event) -> None:
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        # Whoever waits is let go even if it could not start; the traceback is the thread's.
        ready.set()


@attrs.frozen
class Command:
    """A command that serves a sandbox, alone or together with something else, and says where it is."""

    prog: str
    description: str
    build: ServerBuilder
    greet: Callable[[str], None]

    def run(self, argv: Sequence[str] | None = None) -> int:
        """Serve until interrupted, with the command line's arguments.

        Return the exit code: 0 after an interruption, 1 when the address cannot be used, 2 when a setting cannot.
        """
        flags = vars(self._parser().parse_args(argv))
        try:
            return self.serve(SandboxSettings.from_sources(os.environ, flags | {"api_key": _key(flags)}))
        except SettingsError as error:
            return _refuse(str(error), 2)
        except KeyboardInterrupt:
            return 0

    def serve(self, settings: SandboxSettings) -> int:
        """Serve until interrupted; return the exit code, 1 when the address cannot be used.

        Raises SettingsError: the database or the documents cannot be used.
        """
        try:
            listener = listen(settings.host, settings.port)
        except OSError as error:
            return _refuse(f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}", 1)
        with listener:
            address = address_of(listener)
            self.build(settings, address, lambda: self.greet(address)).run(sockets=[listener])
        return 0

    def _parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            prog=self.prog,
            allow_abbrev=False,
            description=self.description,
            epilog=f"Every setting can also be given in the environment, such as {ENVIRONMENT_PREFIX}PORT.",
        )
        for field in attrs.fields(SandboxSettings):
            default = "" if field.default is None else f" (default: {field.default})"
            # Left as text here: the settings themselves know what is allowed and say so in one way for all sources.
            alone: dict[str, Any] = {"nargs": "?", "const": "true"} if isinstance(field.default, bool) else {}
            what = field.metadata["help"] + default
            if field.name == "api_key":
                parser.add_argument("--api-key-file", help=f"file with the {what}", metavar="FILE")
            else:
                parser.add_argument(flag_name(field.name), help=what, metavar="VALUE", **alone)
        # So that it is not taken for a short form of the other, nor its value for the name of a file to be shown.
        parser.add_argument("--api-key", nargs="?", const="", help=argparse.SUPPRESS)
        return parser


def _key(flags: dict[str, str | None]) -> str | None:
    """Return the API key in the file that was named, if one was."""
    if flags.pop("api_key") is not None:
        raise SettingsError(
            "--api-key is no argument, because everybody on this machine could see the key there: put it into"
            f" {ENVIRONMENT_PREFIX}API_KEY, or into a file and name that with --api-key-file"
        )
    path = flags.pop("api_key_file")
    if path is None:
        return None
    try:
        key = Path(path).read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"setting api_key: cannot read it in --api-key-file {path!r}: {reason}") from None
    if not key:
        raise SettingsError(f"setting api_key: --api-key-file {path!r} is empty")
    return key


def _refuse(reason: str, code: int) -> int:
    print(f"gpo sandbox: {reason}", file=sys.stderr)
    return code
