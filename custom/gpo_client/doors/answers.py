"""Answers for callers that cannot come back: whole, or as events while they are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any, Protocol

import msgspec
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gpo_client.concurrency.waiting import async_shielded
from gpo_client.doors.refusals import RefusalError
from gpo_client.doors.written import Written
from gpo_client.relay import Entry, EventId, LogUnavailable, ProblemCode, PublicProblem, Relay
from gpo_client.relay.aio.relay import Subscription
from gpo_client.relay.delivery import BrowserGone, deliver
from gpo_client.relay.machines.entries import HEARTBEAT, SSE_HEADERS
from gpo_client.streams.aio.chat_stream import ChatStream

# How long noting a chat may take when its caller has gone, in seconds.
_GOODBYE_S = 5.0


class AnswerWriter(Protocol):
    """Writes one answer in a protocol. Sans-I/O."""

    @property
    def answer_id(self) -> str:
        """What the answer is called in the protocol."""
        ...

    @property
    def written(self) -> Written:
        """What there is of the answer."""
        ...

    def opening(self) -> bytes:
        """Return the first events of a stream."""
        ...

    def take(self, entry: Entry) -> bytes:
        """Take in an entry of the relay's log; return the events that it becomes in a stream."""
        ...

    def failed(self, refusal: RefusalError) -> bytes:
        """Return the events that end a stream which is not whole."""
        ...

    def whole(self) -> dict[str, Any]:
        """Return the answer as one object, once the last entry has been taken in."""
        ...


class AnswerResponse(Response):
    """An answer, which is written for as long as its caller is there.

    Args:
        stream: The answer, not opened yet; closed in any case.
        relay: What runs it.
        owner: Whose it is.
        is_streamed: Whether the caller wants events.
        writer: Writes it.
        refuse: Gives refusals their shape.
        ended: Told at the end, however that comes about, and before it is sent.
        release: Closed at the end.
    """

    def __init__(
        self,
        stream: ChatStream,
        relay: Relay,
        owner: str,
        *,
        is_streamed: bool,
        writer: AnswerWriter,
        refuse: Callable[[RefusalError], Response],
        ended: Callable[[], Awaitable[None]],
        release: ExitStack,
    ) -> None:
        super().__init__()
        self._stream = stream
        self._relay = relay
        self._owner = owner
        self._kind = _Events if is_streamed else _Whole
        self._writer = writer
        self._refuse = refuse
        self._ended = ended
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, and run the answer."""
        with self._release:
            subscription = await self._relay.subscribe(self._stream, last_event_id=None, owner=self._owner)
            asgi = scope, receive, _telling(send)
            channel = self._kind(self._writer, asgi, self._relay, self._refuse, self._ended)
            channel.answer = str(EventId(subscription.answer_id, 0)), self._owner
            try:
                await deliver(channel, subscription, self._relay)
            finally:
                async with async_shielded(_GOODBYE_S):
                    await channel.finish()


def _telling(send: Send) -> Send:
    async def tell(message: Message) -> None:
        try:
            await send(message)
        except OSError:  # how servers say that the caller has gone (ASGI 2.4)
            raise BrowserGone from None

    return tell


class _Whole:
    """Sends the answer as one object."""

    def __init__(
        self,
        writer: AnswerWriter,
        asgi: tuple[Scope, Receive, Send],
        relay: Relay,
        refuse: Callable[[RefusalError], Response],
        ended: Callable[[], Awaitable[None]],
    ) -> None:
        self.answer: tuple[str, str] = "", ""
        self._writer = writer
        self._asgi = asgi
        self._relay = relay
        self._refuse = refuse
        self._ended = ended
        self._is_finished = False

    async def finish(self) -> None:
        """Tell, once, that the answer has ended; before its end is sent, as the next question may follow at once."""
        if not self._is_finished:
            with suppress(LogUnavailable):
                await self._ended()
            self._is_finished = True

    async def open(self, subscription: Subscription) -> None:
        """Nothing is sent before there is a status to send."""

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:  # noqa: ARG002 - it has an id of its own
        for entry in entries:
            self._writer.take(entry)
        if entries[-1].is_last:
            await self.finish()
        if (refusal := self._writer.written.refusal) is not None:
            await self._respond(self._refuse(refusal))
        elif entries[-1].is_last:
            body = msgspec.json.encode(self._writer.whole())
            await self._respond(Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json"))

    async def heartbeat(self) -> None:
        return None

    async def hint(self) -> None:
        await self._respond(self._refuse(self._interruption()))

    async def left(self) -> None:
        while (await self._asgi[1]())["type"] != "http.disconnect":
            pass
        # Whoever has gone cannot come back in this protocol: nobody waits for the grace time.
        event_id, owner = self.answer
        await self._relay.stop(event_id, owner=owner)

    async def _respond(self, response: Response) -> None:
        await response(*self._asgi)

    def _interruption(self) -> RefusalError:
        return RefusalError.of(PublicProblem.of(ProblemCode.INTERRUPTED, self._relay.options.problem_texts))


class _Events(_Whole):
    """Sends the answer as server-sent events.

    The response begins with the first entry, or with the first heartbeat: until then a problem is still a status.
    """

    _has_begun = False
    _is_complete = False

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:  # noqa: ARG002 - as above
        events = b"".join([self._writer.take(entry) for entry in entries])
        if entries[-1].is_last:
            await self.finish()
        if (refusal := self._writer.written.refusal) is not None and not (self._has_begun or self._writer.written.text):
            await self._respond(self._refuse(refusal))
        else:
            await self._write(events, more=not entries[-1].is_last)

    async def heartbeat(self) -> None:
        await self._write(HEARTBEAT)

    async def hint(self) -> None:
        if self._has_begun:
            await self._write(self._writer.failed(self._interruption()), more=False)
        else:
            await self._respond(self._refuse(self._interruption()))

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        send = self._asgi[2]
        if not self._has_begun:
            self._has_begun = True
            headers = [(name.lower().encode(), value.encode()) for name, value in SSE_HEADERS.items()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            body = self._writer.opening() + body
        if not self._is_complete:
            self._is_complete = not more
            await send({"type": "http.response.body", "body": body, "more_body": more})
