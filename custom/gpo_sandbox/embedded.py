"""A sandbox inside a program: in a thread of its own, for as long as a `with` block lasts."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import attrs

from gpo_sandbox.addresses import address_of, listen
from gpo_sandbox.server import SandboxServer, ServerBuilder, sandbox_server
from gpo_sandbox.settings import SandboxSettings


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
        server.should_exit = True
        thread.join()


def _serve(server: SandboxServer, listener: Any, ready: threading.Event) -> None:
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        # Whoever waits is let go even if it could not start; the traceback is the thread's.
        ready.set()
