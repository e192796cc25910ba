"""Responses that carry a chat completion: whole, or as events while the answer is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gpo_client.concurrency.waiting import async_shielded
from gpo_client.doors.openai.asked import CompletionError
from gpo_client.doors.openai.completion import Completion, problem_of
from gpo_client.relay import Entry, EventId, ProblemCode, PublicProblem, Relay
from gpo_client.relay.aio.relay import Subscription
from gpo_client.relay.delivery import deliver
from gpo_client.relay.machines.dialects import SSE_HEADERS
from gpo_client.relay.machines.entries import HEARTBEAT
from gpo_client.streams.aio.chat_stream import ChatStream

# How long noting a chat may take when its caller has gone, in seconds.
_GOODBYE_S = 5.0
# What may be asked once more without being asked twice.
_REPEATABLE = {ProblemCode.RATE_LIMITED, ProblemCode.BUSY, ProblemCode.UNAVAILABLE}


def error_response(error: CompletionError, headers: dict[str, str] | None = None) -> Response:
    """Return an error in OpenAI's shape."""
    repeat = "true" if error.code in _REPEATABLE or error.status == 429 else "false"
    content = msgspec.json.encode(error.body())
    return Response(content, error.status, {"X-Should-Retry": repeat, **(headers or {})}, "application/json")


class CompletionResponse(Response):
    """A chat completion, which is written for as long as its caller is there.

    Args:
        stream: The answer, not opened yet; closed in any case.
        relay: What runs it.
        owner: Whose it is.
        is_streamed: Whether the caller wants events.
        completion: Writes it.
        ended: Told at the end, however that comes about.
        release: Closed at the end.
    """

    def __init__(
        self,
        stream: ChatStream,
        relay: Relay,
        owner: str,
        *,
        is_streamed: bool,
        completion: Completion,
        ended: Callable[[Completion], Awaitable[None]],
        release: ExitStack,
    ) -> None:
        super().__init__()
        self._stream = stream
        self._relay = relay
        self._owner = owner
        self._is_streamed = is_streamed
        self._completion = completion
        self._ended = ended
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, and run the answer."""
        with self._release:
            subscription = await self._relay.subscribe(self._stream, last_event_id=None, owner=self._owner)
            kind = _Events if self._is_streamed else _Whole
            channel = kind(self._completion, scope, receive, send, self._relay)
            channel.answer = str(EventId(subscription.answer_id, 0)), self._owner
            try:
                await deliver(channel, subscription, self._relay)
            finally:
                async with async_shielded(_GOODBYE_S):
                    await self._ended(self._completion)


class _Whole:
    """Sends the completion as one object."""

    def __init__(self, completion: Completion, scope: Scope, receive: Receive, send: Send, relay: Relay) -> None:
        self.answer: tuple[str, str] = "", ""
        self._completion = completion
        self._asgi = scope, receive, send
        self._relay = relay

    async def open(self, subscription: Subscription) -> None:
        """Nothing is sent before there is a status to send."""

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:  # noqa: ARG002 - it has an id of its own
        for entry in entries:
            self._completion.take(entry)
        if (problem := self._completion.problem) is not None:
            await self._respond(error_response(problem))
        elif entries[-1].is_last:
            body = msgspec.json.encode(self._completion.whole())
            await self._respond(Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json"))

    async def heartbeat(self) -> None:
        return None

    async def hint(self) -> None:
        await self._respond(error_response(self._interruption()))

    async def left(self) -> None:
        while (await self._asgi[1]())["type"] != "http.disconnect":
            pass
        # Whoever has gone cannot come back in this protocol: nobody waits for the grace time.
        event_id, owner = self.answer
        await self._relay.stop(event_id, owner=owner)

    async def _respond(self, response: Response) -> None:
        await response(*self._asgi)

    def _interruption(self) -> CompletionError:
        problem = PublicProblem.of(ProblemCode.INTERRUPTED, self._relay.options.problem_texts)
        return problem_of(problem.code, problem.error)


class _Events(_Whole):
    """Sends the completion as server-sent events.

    The response begins with the first entry, or with the first heartbeat: until then a problem is still a status.
    """

    _has_begun = False
    _is_complete = False

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:  # noqa: ARG002 - as above
        events = b"".join([self._completion.take(entry) for entry in entries])
        if (problem := self._completion.problem) is not None and not (self._has_begun or self._completion.text):
            await self._respond(error_response(problem))
        else:
            await self._write(events, more=not entries[-1].is_last)

    async def heartbeat(self) -> None:
        await self._write(HEARTBEAT)

    async def hint(self) -> None:
        problem = self._interruption()
        if self._has_begun:
            await self._write(b"data: " + msgspec.json.encode(problem.body()) + b"\n\n", more=False)
        else:
            await self._respond(error_response(problem))

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        send = self._asgi[2]
        if not self._has_begun:
            self._has_begun = True
            headers = [(name.lower().encode(), value.encode()) for name, value in SSE_HEADERS.items()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            body = self._completion.opening() + body
        if not self._is_complete:
            self._is_complete = not more
            await send({"type": "http.response.body", "body": body, "more_body": more})
