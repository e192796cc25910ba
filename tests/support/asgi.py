"""An ASGI application on a real server, in a thread, for as long as a ``with`` block lasts."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn

from gpo_sandbox.server import PromptServer

_PATIENCE_S = 60.0


class _Server(PromptServer):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_ready.set()


class _Complaints(logging.Handler):
    """What the server or the relay complains about."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(logging.Formatter().format(record))


@contextmanager
def serving(app: Any, *, complaint: str = "", **options: Any) -> Generator[str]:
    """Serve an application, which must give the server no other reason to complain.

    Args:
        app: The application.
        complaint: The one that it must have.
        options: Of uvicorn.

    Yields:
        Its address, without a slash at the end.
    """
    complaints = _Complaints()
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "gpo_client.relay", "gpo_client.sandbox")]
    for logger in loggers:
        logger.addHandler(complaints)
    listener = socket.create_server(("127.0.0.1", 0))
    usual = {"log_config": None, "timeout_graceful_shutdown": 5, "lifespan": "on", "ws": "websockets-sansio"}
    config = uvicorn.Config(app, **{**usual, **options})
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert server.is_ready.wait(_PATIENCE_S), "the server does not start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        thread.join()
        listener.close()
        for logger in loggers:
            logger.removeHandler(complaints)
    assert complaints.texts == [complaint] * bool(complaint), "\n".join(complaints.texts)
