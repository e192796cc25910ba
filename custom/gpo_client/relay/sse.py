"""An answer as an event stream: the response of a Starlette endpoint, or an iterable of bytes for Flask or Django."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any, Self

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.delivery import HTTPChannel, default_relay, default_sync_relay, start_answer
from gpo_client.relay.machines.entries import (
    SSE_HEADERS,
    Dialect,
    Entry,
    EventId,
    EventSourceDialect,
    ProblemCode,
    PublicProblem,
    problem_entry,
)
from gpo_client.relay.options import RelayOptions, check_type, cors_headers, is_allowed, preflight_headers
from gpo_client.relay.sync.answer import SyncSubscriber
from gpo_client.relay.sync.relay import SyncRelay, SyncSubscription
from gpo_client.streams.aio.chat_stream import ChatStream
from gpo_client.streams.sync.chat_stream import SyncChatStream


def sse_response(
    stream: ChatStream, *, relay: Relay | None = None, owner: str = "", last_event_id: str | None = None
) -> Response:
    """Relay an answer to a browser's ``EventSource`` as server-sent events (WHATWG HTML §9.2).

    ::

        @app.get("/api/chat/stream-http")
        async def chat(query: str):
            return sse_response(client.chat_stream(context, {"query": query}))

    When the connection breaks, ``EventSource`` asks the same address again, and the response continues the answer
    from where the browser is. ``stream`` is not asked for then; nothing is sent to the GPO API.

    Args:
        stream: The answer, not opened yet. It is closed in any case.
        relay: Settings and log. Default: a relay of the running event loop, with the default settings and a log in
            memory.
        owner: Whom the answer belongs to, such as the user's id: only the same owner can continue it. Default: whoever
            knows the answer's id, which is hard to guess.
        last_event_id: The id of the last event that the browser has. Default: what its ``Last-Event-ID`` header says.

    Returns:
        The response, for the endpoint to return. Errors of the GPO API are told to the browser as events.

    Raises:
        InvalidArgumentError: ``stream`` is none, as a conversation is, or a blocking client's stream.
    """
    check_type("stream", stream, ChatStream)
    return SSEResponse(stream, relay, owner, last_event_id, lambda options: EventSourceDialect(options.retry_ms))


class SSEResponse(Response):
    """The response that ``sse_response`` makes, in whatever dialect.

    Thread and task safety: it belongs to its request, and is sent by one task.
    """

    def __init__(
        self,
        stream: ChatStream | None,
        relay: Relay | None,
        owner: str,
        last_event_id: str | None,
        dialect: Callable[[RelayOptions], Dialect],
    ) -> None:
        super().__init__(headers=SSE_HEADERS)
        del self.headers["Content-Length"]
        self._stream = stream
        self._relay = relay
        self._owner = owner
        self._last_event_id = last_event_id
        self._dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, run the answer for as long as it is wanted, and then the endpoint's background tasks."""
        await self._respond(scope, receive, send)
        if self.background is not None:
            await self.background()

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        # Endpoints that are no coroutines are called in threads, where there is no loop to have a relay of.
        relay = self._relay or default_relay()
        dialect = self._dialect(relay.options)
        cors = cors_headers(headers.get("origin"), relay.options)
        self.headers.update({**dialect.headers, **cors})
        if (short := self._without_answer(scope, headers, relay, cors)) is not None:
            if self._stream is not None:
                await self._stream.aclose()
            return await short(scope, receive, send)
        subscription = await self._subscribe(relay, headers)
        if subscription.is_empty:
            # EventSource comes back after every end. 204 tells it that there is nothing more (WHATWG HTML §9.2.3).
            return await self._bare(204)(scope, receive, send)
        channel = _EventChannel(dialect, self.raw_headers, receive, send, self._ended(relay, subscription))
        return await channel.deliver(subscription, relay)

    def _without_answer(self, scope: Scope, headers: Headers, relay: Relay, cors: dict[str, str]) -> Response | None:
        """Return the response to a request that nobody is to be asked for; None: it is a question or a return."""
        if not is_allowed(headers, relay.options):
            return JSONResponse({"error": "Pages of other sites may not use this service.", "code": "forbidden"}, 403)
        if scope.get("method") == "OPTIONS":
            return Response(status_code=204, headers={**cors, **preflight_headers(headers, relay.options)})
        if scope.get("method") == "HEAD":
            # Starlette offers it wherever there is GET.
            return self._bare(200)
        return None

    def _bare(self, status: int) -> Response:
        """Return a response without a body that has all headers of this one, the endpoint's cookies too."""
        bare = Response(status_code=status)
        bare.raw_headers = self.raw_headers
        return bare

    async def _subscribe(self, relay: Relay, headers: Headers) -> Subscription:
        given = self._last_event_id if self._last_event_id is not None else headers.get("last-event-id")
        return await relay.subscribe(self._stream, last_event_id=given, owner=self._owner)

    def _ended(self, relay: Relay, subscription: Subscription) -> Callable[[], Awaitable[object]] | None:  # noqa: ARG002
        """Return what is to be told of the end of the answer."""
        return None


class _EventChannel(HTTPChannel):
    def __init__(self, dialect: Dialect, headers: Sequence[tuple[bytes, bytes]], *connection: Any) -> None:
        super().__init__(*connection)
        self._dialect = dialect
        self._headers = headers

    async def open(self, subscription: Subscription) -> None:
        await self.begin(self._headers)
        if not subscription.is_deferred:
            await self.write(self._dialect.opening(subscription.answer_id, is_new=subscription.answer is not None))

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:
        body = b"".join(map(self._dialect.entry, repeat(answer_id), entries))
        if is_last := entries[-1].is_last:
            await self.finish()
        # The browser must not have to wait for the answer's grace time to see the end of the response.
        await self.write(body, more=not is_last)

    async def heartbeat(self) -> None:
        await self.write(self._dialect.heartbeat())

    async def hint(self) -> None:
        await self.write(self._dialect.hint(), more=False)


_LOG = logging.getLogger("gpo_client.relay")


def sse_lines(
    stream: SyncChatStream,
    *,
    relay: SyncRelay | None = None,
    owner: str = "",
    last_event_id: str | None = None,
    method: str = "GET",
) -> SSELines:
    """Relay an answer to a browser's ``EventSource``, from a blocking service: what ``sse_response`` is for async ones.

    ::

        lines = sse_lines(client.chat_stream(context, {"query": query}), last_event_id=headers.get("Last-Event-ID"))
        return Response(lines, status=lines.status, headers=lines.headers)

    The answer is read in a thread of its own, so that it goes on while the browser comes back.

    Args:
        stream: The answer, not opened yet. Nothing is asked before the lines are iterated.
        relay: Settings and log. Default: a relay of this process, with the default settings and a log in memory.
        owner: Whom the answer belongs to, such as the user's id: only the same owner can continue it. Default: whoever
            knows the answer's id, which is hard to guess.
        last_event_id: The request's ``Last-Event-ID`` header. Default: the browser asks for the first time.
        method: The request's method. For ``HEAD`` there are no lines, and nothing is asked.

    Returns:
        An iterable of whole events, with the ``status`` and the ``headers`` of the response. Errors of the GPO API are
        told to the browser as events.

    Raises:
        InvalidArgumentError: ``stream`` is none, as a conversation is, or an asynchronous client's stream.
    """
    check_type("stream", stream, SyncChatStream)
    relay = relay or default_sync_relay()
    returns_for = EventId.parse(last_event_id or "")
    return SSELines(
        lambda: relay.subscribe(stream, last_event_id=last_event_id, owner=owner),
        relay,
        EventSourceDialect(relay.options.retry_ms),
        is_empty=returns_for is not None and returns_for.position is None,
        is_asked=method.upper() != "HEAD",
    )


class SSELines(Iterator[bytes]):
    """What ``sse_lines`` returns.

    In event loops (Django under ASGI) it is an asynchronous iterable, and waits in threads of its own.

    Thread and task safety: it belongs to its request, and is iterated by one thread.

    Attributes:
        status: The status of the response: 200, or 204 for a browser that has everything.
        headers: The headers of the response.
    """

    def __init__(
        self,
        subscribe: Callable[[], SyncSubscription],
        relay: SyncRelay,
        dialect: Dialect,
        *,
        is_empty: bool = False,
        is_asked: bool = True,
        ended: Callable[[], None] | None = None,
    ) -> None:
        self.status = 204 if is_empty else 200
        self.headers = {} if is_empty else dict(dialect.headers)
        self._subscribe = subscribe if is_asked and not is_empty else None
        self._relay = relay
        self._dialect = dialect
        self._ended = ended
        self._answer_id = ""
        self._subscriber: SyncSubscriber | None = None
        self._ready: list[bytes] = []
        self._has_sent = False

    def __iter__(self) -> Self:
        """Itself. Raises TypeError: it is to be iterated in an event loop, which it would block: ``async for`` does
        not.
        """
        if _serves_event_loop():
            raise TypeError("in an event loop, iterate the lines with `async for`")
        return self

    def __next__(self) -> bytes:
        """Return the next events, when they are there, or a heartbeat."""
        if self._subscribe is not None:
            subscribe, self._subscribe = self._subscribe, None
            self._begin(subscribe())
        if self._ready:
            return self._ready.pop(0)
        if (subscriber := self._subscriber) is None:
            raise StopIteration
        # Being asked for more is the only sign that what was given before has been sent.
        if self._has_sent:
            subscriber.sent()
        entries = self._advance(subscriber)
        if entries is None:
            self.close()
            if subscriber.following.ended:
                raise StopIteration
            return self._dialect.hint()
        self._has_sent = bool(entries)
        if entries and entries[-1].is_last and self._ended is not None:
            self._ended()  # before the end is sent: a page that has it shall not be told that the answer runs
        return self._written(entries)

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the same for event loops; each waits in a thread."""
        return self._awaited()

    def close(self) -> None:
        """Close: the browser has gone, or has everything. Closing twice is allowed."""
        self._subscribe = None
        subscriber, self._subscriber = self._subscriber, None
        if subscriber is not None:
            subscriber.leave()

    async def _awaited(self) -> AsyncIterator[bytes]:
        # Not the event loop's usual threads: those who wait for long would keep them from everybody else.
        limiter = anyio.CapacityLimiter(1)
        try:
            while line := await anyio.to_thread.run_sync(partial(next, self, b""), limiter=limiter):
                yield line
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self.close, limiter=anyio.CapacityLimiter(1))

    def _begin(self, subscription: SyncSubscription) -> None:
        self._answer_id = subscription.answer_id
        self._subscriber = subscription.subscriber
        if subscription.answer is not None:
            start_answer(subscription.answer, self._relay, self._ended)
        if subscription.is_deferred:
            self._ready.append(self._dialect.hint())
        elif not subscription.is_empty:
            opening = self._dialect.opening(subscription.answer_id, is_new=subscription.answer is not None)
            self._ready.append(opening)
        if subscription.rejection is not None:
            self._ready.append(self._dialect.entry(subscription.answer_id, subscription.rejection))

    def _written(self, entries: Sequence[Entry]) -> bytes:
        written = b"".join([self._dialect.entry(self._answer_id, entry) for entry in entries])
        return written if entries else self._dialect.heartbeat()

    def _advance(self, subscriber: SyncSubscriber) -> Sequence[Entry] | None:
        try:
            return subscriber.advance()
        except Exception:  # noqa: BLE001 - whatever it is, the browser is told that it has ended
            _LOG.exception("answer %s cannot be delivered", self._answer_id)
            problem = PublicProblem.of(ProblemCode.INTERNAL, self._relay.options.problem_texts)
            self.close()
            return [problem_entry(problem)]


def _serves_event_loop() -> bool:
    """Whether the caller runs in an event loop, or in a thread that Django has one wait for."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asgiref: Any = sys.modules.get("asgiref.sync")
        if asgiref is None or "django.core.handlers.asgi" not in sys.modules:
            return False
        return getattr(asgiref.SyncToAsync.threadlocal, "main_event_loop", None) is not None
    return True
