"""An answer as the response of a Starlette or FastAPI endpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.delivery import BrowserGone, Channel, default_relay, deliver
from gpo_client.relay.machines.entries import SSE_HEADERS, Dialect, Entry, EventSourceDialect
from gpo_client.relay.options import RelayOptions, cors_headers, is_allowed, preflight_headers
from gpo_client.streams.aio.chat_stream import ChatStream


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
    """
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
        """Send the response, and run the answer for as long as it is wanted."""
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
            return await Response(status_code=204, headers=cors)(scope, receive, send)
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        return await self._deliver(_EventChannel(receive, send, dialect, start), subscription, relay)

    def _without_answer(self, scope: Scope, headers: Headers, relay: Relay, cors: dict[str, str]) -> Response | None:
        """Return the response to a request that nobody is to be asked for; None: it is a question or a return."""
        if not is_allowed(headers, relay.options):
            return JSONResponse({"error": "Pages of other sites may not use this service.", "code": "forbidden"}, 403)
        if scope.get("method") == "OPTIONS":
            return Response(status_code=204, headers={**cors, **preflight_headers(headers, relay.options)})
        if scope.get("method") == "HEAD":
            # Starlette offers it wherever there is GET.
            return Response(headers=dict(self.headers))
        return None

    async def _subscribe(self, relay: Relay, headers: Headers) -> Subscription:
        given = self._last_event_id if self._last_event_id is not None else headers.get("last-event-id")
        return await relay.subscribe(self._stream, last_event_id=given, owner=self._owner)

    async def _deliver(self, channel: Channel, subscription: Subscription, relay: Relay) -> None:
        await deliver(channel, subscription, relay)


class _EventChannel:
    def __init__(self, receive: Receive, send: Send, dialect: Dialect, start: Message) -> None:
        self._receive = receive
        self._send = send
        self._dialect = dialect
        self._start = start
        self._is_complete = False

    async def open(self, subscription: Subscription) -> None:
        await self._tell(self._start)
        if not subscription.is_deferred:
            await self._write(self._dialect.opening(subscription.answer_id, is_new=subscription.answer is not None))

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:
        body = b"".join([self._dialect.entry(answer_id, entry) for entry in entries])
        # The browser must not have to wait for the answer's grace time to see the end of the response.
        await self._write(body, more=not entries[-1].is_last)

    async def heartbeat(self) -> None:
        await self._write(self._dialect.heartbeat())

    async def hint(self) -> None:
        await self._write(self._dialect.hint(), more=False)

    async def left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        if not self._is_complete:
            await self._tell({"type": "http.response.body", "body": body, "more_body": more})
            self._is_complete = not more

    async def _tell(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:  # how servers say that the browser has gone (ASGI 2.4)
            raise BrowserGone from None
