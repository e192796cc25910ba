"""Answers for callers that cannot come back: whole, or as events while they are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress

import msgspec
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gpo_client.concurrency.waiting import async_shielded
from gpo_client.doors.callers import RefusalError
from gpo_client.doors.written import Written
from gpo_client.relay import Entry, EventId, LogUnavailable, ProblemCode, PublicProblem, Relay
from gpo_client.relay.aio.relay import Subscription
from gpo_client.relay.delivery import BrowserGone, deliver
from gpo_client.relay.machines.entries import HEARTBEAT, SSE_HEADERS
from gpo_client.streams.aio.chat_stream import ChatStream

# How long noting a chat may take when its caller has gone, in seconds.
_GOODBYE_S = 5.0


class AnswerResponse(Response):
    """An answer as one object, which is written for as long as its caller is there.

    Args:
        stream: The answer, not opened yet; closed in any case.
        relay: What runs it.
        owner: Whose it is.
        written: What becomes of it in the caller's protocol.
        refuse: Gives refusals their shape.
        ended: Told at the end, however that comes about, and before it is sent: the next question may follow at once.
        release: Closed at the end.
    """

    def __init__(
        self,
        stream: ChatStream,
        relay: Relay,
        owner: str,
        *,
        written: Written,
        refuse: Callable[[RefusalError], Response],
        ended: Callable[[], Awaitable[None]],
        release: ExitStack,
    ) -> None:
        super().__init__()
        self._stream = stream
        self._relay = relay
        self._owner = owner
        self._written = written
        self._refuse = refuse
        self._ended = ended
        self._release = release
        self._is_finished = False
        self._event_id = ""
        self._asgi: tuple[Scope, Receive, Send]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, and run the answer."""
        self._asgi = scope, receive, _telling(send)
        with self._release:
            subscription = await self._relay.subscribe(self._stream, last_event_id=None, owner=self._owner)
            self._event_id = str(EventId(subscription.answer_id, 0))
            try:
                await deliver(self, subscription, self._relay)
            finally:
                async with async_shielded(_GOODBYE_S):
                    await self._finish()

    async def open(self, subscription: Subscription) -> None:
        """Nothing is sent before there is a status to send."""

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:  # noqa: ARG002 - it has an id of its own
        """Take in entries, and send what there is to send."""
        events = b"".join([self._written.take(entry) for entry in entries])
        if is_last := entries[-1].is_last:
            await self._finish()
        if (refusal := self._written.refusal) is not None and not self._has_begun:
            await self._respond(self._refuse(refusal))
        else:
            await self._send(events, is_last=is_last)

    async def heartbeat(self) -> None:
        """Nothing can be sent before the whole answer."""

    async def hint(self) -> None:
        """End it: the caller cannot come back for the rest."""
        await self._respond(self._refuse(self._interruption()))

    async def left(self) -> None:
        """Wait until the caller has gone; nobody waits for the grace time, as it cannot come back."""
        while (await self._asgi[1]())["type"] != "http.disconnect":
            pass
        await self._relay.stop(self._event_id, owner=self._owner)

    @property
    def _has_begun(self) -> bool:
        """Whether it is too late for a status."""
        return False

    async def _send(self, events: bytes, *, is_last: bool) -> None:  # noqa: ARG002 - for those who want events
        if is_last:
            body = msgspec.json.encode(self._written.whole())
            await self._respond(Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json"))

    async def _finish(self) -> None:
        if not self._is_finished:
            with suppress(LogUnavailable):
                await self._ended()
            self._is_finished = True

    async def _respond(self, response: Response) -> None:
        await response(*self._asgi)

    def _interruption(self) -> RefusalError:
        return RefusalError.of(PublicProblem.of(ProblemCode.INTERRUPTED, self._relay.options.problem_texts))


class StreamedAnswerResponse(AnswerResponse):
    """An answer as server-sent events.

    The response begins with the first entry, or with the first heartbeat: until then a problem is still a status.
    """

    _is_open = False
    _is_complete = False

    async def heartbeat(self) -> None:
        """Send a comment."""
        await self._write(HEARTBEAT)

    async def hint(self) -> None:
        """End it: the caller cannot come back for the rest."""
        if self._is_open:
            await self._write(self._written.failed(self._interruption()), more=False)
        else:
            await super().hint()

    @property
    def _has_begun(self) -> bool:
        return self._is_open or bool(self._written.text)

    async def _send(self, events: bytes, *, is_last: bool) -> None:
        await self._write(events, more=not is_last)

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        send = self._asgi[2]
        if not self._is_open:
            self._is_open = True
            headers = [(name.lower().encode(), value.encode()) for name, value in SSE_HEADERS.items()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            body = self._written.opening() + body
        if not self._is_complete:
            self._is_complete = not more
            await send({"type": "http.response.body", "body": body, "more_body": more})


def _telling(send: Send) -> Send:
    async def tell(message: Message) -> None:
        try:
            await send(message)
        except OSError:  # how servers say that the caller has gone (ASGI 2.4)
            raise BrowserGone from None

    return tell
