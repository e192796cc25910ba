"""A browser's EventSource, and its connections to a relay in the same process, in each of the three runtimes."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread

from gpo_client.relay import Relay, SyncMemoryRelayLog, SyncRelay, sse_lines, sse_response
from gpo_client.streaming import ServerSentEvent, SSEDecoder

#: Longer than anything takes on a busy machine; only a test that fails waits for it.
PATIENCE_S = 20.0


class Page:
    """What a page makes of the events it gets, over any number of connections."""

    def __init__(self) -> None:
        self.last_event_id = ""
        self.text = ""
        self.sources: list[dict[str, Any]] | None = None
        self.error: dict[str, Any] | None = None
        self.is_complete = False
        self.heartbeats = 0
        self.retry: int | None = None
        self._decoder = SSEDecoder()

    @property
    def ended(self) -> bool:
        return self.is_complete or self.error is not None

    def connect(self) -> None:
        """A new connection: what was cut off on the last one is lost."""
        self._decoder = SSEDecoder()

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        self.heartbeats += data.count(b": heartbeat\n\n")
        events = self._decoder.feed(data)
        for event in events:
            self._take(event)
        self.retry = self._decoder.retry if self._decoder.retry is not None else self.retry
        return events

    def _take(self, event: ServerSentEvent) -> None:
        self.last_event_id = event.id or self.last_event_id
        if event.event != "message":
            return
        data = json.loads(event.data)
        self.text += data.get("content", "")
        self.sources = data.get("sources", self.sources)
        self.is_complete = data.get("is_complete", False)
        self.error = data if "error" in data else None


class Visit:
    """One connection of a browser: what it has received, part by part."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = 0
        self.headers: dict[str, str] = {}
        page.connect()

    async def part(self) -> bytes | None:
        """The next part of the response; None at its end."""
        raise NotImplementedError

    async def leave(self) -> None:
        """Lose the connection."""
        raise NotImplementedError

    async def until(self, text: str) -> None:
        """Read until the page shows this text, or the response has ended."""
        while text not in self.page.text and await self._read():
            pass
        assert text in self.page.text, self.page.__dict__

    async def rest(self) -> None:
        """Read to the end of the response."""
        while await self._read():
            pass

    async def _read(self) -> bool:
        with anyio.fail_after(PATIENCE_S):
            part = await self.part()
        if part is not None:
            self.page.feed(part)
        return part is not None


class AsyncVisit(Visit):
    """A connection to ``sse_response``."""

    def __init__(self, page: Page, response: Any, headers: Mapping[str, str]) -> None:
        super().__init__(page)
        self._response = response
        fields = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._scope = {"type": "http", "method": "GET", "path": "/", "headers": fields}
        self._scope_of_task = anyio.CancelScope()
        self._gone = anyio.Event()
        #: Whether sending to it raises, as servers may do when it has gone.
        self.is_broken = False
        self._started = anyio.Event()
        # Without a buffer: the response goes on when the browser has read, as over a full socket.
        self._sending, self._receiving = anyio.create_memory_object_stream[bytes](0)

    async def run(self) -> None:
        with self._scope_of_task:
            await self._response(self._scope, self._receive, self._send)
        self._sending.close()
        self._receiving.close()

    def vanish(self) -> None:
        """Be gone while what is being sent goes nowhere: the server says so, and the sending does not return."""
        self._gone.set()

    def cancel(self) -> None:
        """Cancel the task that serves it, as a server does."""
        self._scope_of_task.cancel()

    async def started(self) -> None:
        with anyio.fail_after(PATIENCE_S):
            await self._started.wait()

    async def part(self) -> bytes | None:
        try:
            return await self._receiving.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            return None

    async def leave(self) -> None:
        self._gone.set()
        self._receiving.close()

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self._started.set()
            return
        if self.is_broken and self.page.text:
            self._sending.close()
            raise OSError("the browser has gone")
        try:
            if message["body"]:
                await self._sending.send(message["body"])
            if not message.get("more_body"):
                self._sending.close()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # servers swallow what is sent to a browser that has gone


class SyncVisit(Visit):
    """A connection to a service that returns ``sse_lines``."""

    def __init__(self, page: Page, lines: Any) -> None:
        super().__init__(page)
        self._lines = lines
        self.status = lines.status
        self.headers = {name.lower(): value for name, value in lines.headers.items()}
        self._first: bytes | None = next(lines, None)  # servers begin at once, and nothing is asked before they do

    async def part(self) -> bytes | None:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        line: bytes | None = await anyio.to_thread.run_sync(next, self._lines, None)
        return line

    async def leave(self) -> None:
        await anyio.to_thread.run_sync(self._lines.close)


class Browser:
    """Opens connections to a relay."""

    def __init__(self, relay: Any, tasks: Any) -> None:
        self.relay = relay
        self._tasks = tasks

    async def visit(self, stream: Any, page: Page | None = None, *, owner: str = "", **headers: str) -> Visit:
        """Ask, or ask again with the page's last event id.

        Args:
            stream: The answer, as the client of the test's runtime gives it.
            page: The page that comes back. Default: a new one.
            owner: Whose answer it is.
            headers: Further request headers.
        """
        page = page or Page()
        if isinstance(self.relay, SyncRelay):
            return await anyio.to_thread.run_sync(self._sync_visit, stream, page, owner)
        if page.last_event_id:
            headers["Last-Event-ID"] = page.last_event_id
        visit = AsyncVisit(page, sse_response(stream, relay=self.relay, owner=owner), headers)
        self._tasks.start_soon(visit.run)
        await visit.started()
        return visit

    async def stop(self, event_id: str) -> bool:
        found = self.relay.stop(event_id)
        return bool(found if isinstance(self.relay, SyncRelay) else await found)

    def _sync_visit(self, stream: Any, page: Page, owner: str) -> Visit:
        blocking = stream._blocking
        return SyncVisit(page, sse_lines(blocking, relay=self.relay, owner=owner, last_event_id=page.last_event_id))


@asynccontextmanager
async def open_browser(runtime: str, options: Any, log: Any = None) -> AsyncGenerator[Browser]:
    """A browser and the relay of the service it visits. At the end all answers must come to their ends by themselves.

    Args:
        runtime: The test's runtime.
        options: The relay's settings.
        log: The relay's log. Default: in memory.
    """
    if runtime == "sync":
        yield Browser(SyncRelay(options, log=log or SyncMemoryRelayLog()), None)
        await anyio.to_thread.run_sync(_join_threads)
        return
    with anyio.fail_after(3 * PATIENCE_S):
        async with anyio.create_task_group() as tasks:
            yield Browser(Relay(options, log=log), tasks)


def _join_threads() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("gpo-relay"):
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), f"{thread.name} goes on"
