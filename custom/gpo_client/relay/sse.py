"""An answer as the response of a Starlette or FastAPI endpoint."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.defaults import default_relay
from gpo_client.relay.delivery import Channel, deliver
from gpo_client.relay.machines.dialects import Dialect, EventSourceDialect
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.origins import cors_headers, is_allowed
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
    relay = relay or default_relay()
    return SSEResponse(stream, relay, owner, last_event_id, EventSourceDialect(relay.options.retry_ms))


class SSEResponse(Response):
    """The response that ``sse_response`` makes, in whatever dialect.

    Thread and task safety: it belongs to its request, and is sent by one task.
    """

    def __init__(
        self, stream: ChatStream | None, relay: Relay, owner: str, last_event_id: str | None, dialect: Dialect
    ) -> None:
        super().__init__(headers=dialect.headers)
        del self.headers["Content-Length"]
        self._stream = stream
        self._relay = relay
        self._owner = owner
        self._last_event_id = last_event_id
        self._dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, and run the answer for as long as it is wanted."""
        headers = Headers(scope=scope)
        self.headers.update(cors_headers(headers.get("origin"), self._relay.options))
        if not is_allowed(headers, self._relay.options):
            await self._close()
            return await _forbidden()(scope, receive, send)
        if scope.get("method") == "HEAD":
            # Starlette offers it wherever there is GET; nobody wants an answer then.
            await self._close()
            return await Response(headers=self._dialect.headers)(scope, receive, send)
        subscription = await self._subscribe(headers)
        if subscription.subscriber is None and subscription.rejection is None:
            # EventSource comes back after every end. 204 tells it that there is nothing more (WHATWG HTML §9.2.3).
            done = Response(status_code=204, headers=cors_headers(headers.get("origin"), self._relay.options))
            return await done(scope, receive, send)
        channel = _EventChannel(receive, send, self._dialect)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await channel.open(subscription)
        await self._deliver(channel, subscription)
        return None

    async def _subscribe(self, headers: Headers) -> Subscription:
        given = self._last_event_id if self._last_event_id is not None else headers.get("last-event-id")
        return await self._relay.subscribe(self._stream, last_event_id=given, owner=self._owner)

    async def _deliver(self, channel: Channel, subscription: Subscription) -> None:
        await deliver(channel, subscription, self._relay)

    async def _close(self) -> None:
        if self._stream is not None:
            await self._stream.aclose()


class _EventChannel:
    def __init__(self, receive: Receive, send: Send, dialect: Dialect) -> None:
        self._receive = receive
        self._send = send
        self._dialect = dialect
        self._is_complete = False

    async def open(self, subscription: Subscription) -> None:
        await self._write(self._dialect.opening(subscription.answer_id, is_new=subscription.answer is not None))

    async def send(self, answer_id: str, entry: Entry) -> None:
        # The browser must not have to wait for the answer's grace time to see the end of the response.
        await self._write(self._dialect.entry(answer_id, entry), more=not entry.is_last)

    async def heartbeat(self) -> None:
        await self._write(self._dialect.heartbeat())

    async def hint(self) -> None:
        await self._write(self._dialect.hint(), more=False)

    async def left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        if not self._is_complete:
            self._is_complete = not more
            await self._send({"type": "http.response.body", "body": body, "more_body": more})


def _forbidden() -> Response:
    return JSONResponse({"error": "Pages of other sites may not use this service.", "code": "forbidden"}, 403)
