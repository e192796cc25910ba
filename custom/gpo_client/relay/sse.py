"""An answer as the response of a Starlette or FastAPI endpoint."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.defaults import default_relay
from gpo_client.relay.delivery import deliver
from gpo_client.relay.machines.entries import HEARTBEAT, Entry, event_of, opening_event, retry_hint
from gpo_client.relay.origins import cors_headers, is_allowed
from gpo_client.streams.aio.chat_stream import ChatStream

SSE_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # nginx would hold events back until it has a buffer full of them
    "X-Accel-Buffering": "no",
}


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
    return SSEResponse(stream, relay or default_relay(), owner, last_event_id)


class SSEResponse(Response):
    """The response that ``sse_response`` makes.

    Thread and task safety: it belongs to its request, and is sent by one task.
    """

    def __init__(self, stream: ChatStream, relay: Relay, owner: str, last_event_id: str | None) -> None:
        super().__init__(headers=SSE_HEADERS)
        del self.headers["Content-Length"]
        self._stream = stream
        self._relay = relay
        self._owner = owner
        self._last_event_id = last_event_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, and run the answer for as long as it is wanted."""
        headers = Headers(scope=scope)
        self.headers.update(cors_headers(headers.get("origin"), self._relay.options))
        if not is_allowed(headers, self._relay.options):
            await self._stream.aclose()
            return await _forbidden()(scope, receive, send)
        if scope.get("method") == "HEAD":
            # Starlette offers it wherever there is GET; nobody wants an answer then.
            await self._stream.aclose()
            return await Response(headers=SSE_HEADERS)(scope, receive, send)
        given = self._last_event_id if self._last_event_id is not None else headers.get("last-event-id")
        subscription = await self._relay.subscribe(self._stream, last_event_id=given, owner=self._owner)
        if subscription.subscriber is None and subscription.rejection is None:
            # EventSource comes back after every end. 204 tells it that there is nothing more (WHATWG HTML §9.2.3).
            done = Response(status_code=204, headers=cors_headers(headers.get("origin"), self._relay.options))
            return await done(scope, receive, send)
        channel = _EventChannel(receive, send, self._relay.options.retry_ms)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await channel.open(subscription)
        await deliver(channel, subscription, self._relay)
        return None


class _EventChannel:
    def __init__(self, receive: Receive, send: Send, retry_ms: int) -> None:
        self._receive = receive
        self._send = send
        self._retry_ms = retry_ms
        self._is_complete = False

    async def open(self, subscription: Subscription) -> None:
        if subscription.answer is not None:
            await self._write(opening_event(subscription.answer_id, self._retry_ms))
        else:
            await self._write(retry_hint(self._retry_ms))

    async def send(self, answer_id: str, entry: Entry) -> None:
        # The browser must not have to wait for the answer's grace time to see the end of the response.
        await self._write(event_of(answer_id, entry), more=not entry.is_last)

    async def heartbeat(self) -> None:
        await self._write(HEARTBEAT)

    async def hint(self) -> None:
        await self._write(retry_hint(self._retry_ms), more=False)

    async def left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        if not self._is_complete:
            self._is_complete = not more
            await self._send({"type": "http.response.body", "body": body, "more_body": more})


def _forbidden() -> Response:
    return JSONResponse({"error": "Pages of other sites may not use this service.", "code": "forbidden"}, 403)
