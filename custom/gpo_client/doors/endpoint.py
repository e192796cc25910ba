"""The endpoint that answers questions over HTTP: who asks, in which chat, whole or as events."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gpo_client.client import GPOCoreClient
from gpo_client.concurrency.waiting import async_shielded
from gpo_client.doors.callers import Callers, RefusalError
from gpo_client.doors.chats import Chat, Chats
from gpo_client.doors.documents import Documents
from gpo_client.doors.turns import Asked, Link, Written, done_chore
from gpo_client.relay import Entry, EventId, LogUnavailable, ProblemCode, PublicProblem, Relay
from gpo_client.relay.aio.relay import Subscription
from gpo_client.relay.delivery import BrowserGone, deliver
from gpo_client.relay.machines.entries import HEARTBEAT, SSE_HEADERS
from gpo_client.relay.options import is_allowed
from gpo_client.streams.aio.chat_stream import ChatStream

_LONGEST_ID = 200
# How long noting a chat may take when its caller has gone, in seconds.
_GOODBYE_S = 5.0


@attrs.frozen(kw_only=True)
class QuestionEndpoint:
    """Takes questions over HTTP, in whatever protocol, and answers them.

    Attributes:
        client: Whom to ask.
        relay: What runs the answers.
        chats: Has sessions and conversations.
        callers: Who may call.
        documents: Has the links.
        user_id: The user that sessions are opened for; None: each caller is one.
        user_headers: In which trusted callers name the user.
        chat_headers: In which callers name the chat.
        max_body_bytes: The largest request.
        refuse: Gives refusals the protocol's shape.
    """

    client: GPOCoreClient
    relay: Relay
    chats: Chats
    callers: Callers
    documents: Documents
    user_id: str | None
    user_headers: Sequence[str]
    chat_headers: Sequence[str]
    max_body_bytes: int
    refuse: Callable[[RefusalError], Response]

    async def failed(self, _: Request, error: Exception) -> Response:
        """Tell what the service refuses, in words that give nothing of it away."""
        return self.refuse(RefusalError.of(PublicProblem.of(error, self.relay.options.problem_texts)))

    async def answer(
        self, request: Request, read: Callable[..., Asked], write: Callable[[Asked, Link, int], Written]
    ) -> Response:
        """Answer a question.

        Args:
            request: The request.
            read: Reads its body.
            write: Makes what writes the answer, of the question, of the addresses of sources and of the time.

        Raises:
            RefusalError: It is refused.
            GPOClientError: No conversation can be opened.
        """
        caller = await self.admit(request)
        asked = read(await self._body(request), max_query_chars=self.relay.options.max_query_chars)
        asked = attrs.evolve(asked, chat=_named(request, self.chat_headers) or asked.chat)
        user = _named(request, self.user_headers) or self.user_id or caller
        written = write(asked, partial(self.documents.link, request, user), int(time.time()))
        if (done := done_chore(asked.question)) is not None:
            return _chore(written, done)
        with ExitStack() as stack:
            stack.enter_context(self.callers.asking(caller))
            chat = await self._chat(user, asked)
            respond = StreamedAnswerResponse if asked.is_streamed else AnswerResponse
            return respond(
                self.client.chat_stream(chat.context, {"query": asked.question}),
                self.relay,
                user,
                written=written,
                refuse=self.refuse,
                ended=partial(_ended, chat, written),
                release=stack.pop_all(),
            )

    async def admit(self, request: Request) -> str:
        """Return the name of the caller.

        Raises:
            RefusalError: It may not come in.
        """
        if not is_allowed(request.headers, self.relay.options):
            raise RefusalError(403, "Pages of other sites may not use this service.", None, "forbidden")
        return await self.callers.find(request.headers.get("authorization"))

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > self.max_body_bytes:
                raise RefusalError(413, f"A request may have at most {self.max_body_bytes} bytes.", None, "too_large")
        return bytes(body)

    async def _chat(self, user: str, asked: Asked) -> Chat:
        keys, assistant = asked.keys(), asked.assistant
        if asked.previous and not asked.chat and not await self.chats.find(user, keys, assistant=assistant):
            message = f"There is no response {asked.previous!r} of this model to go on from."
            raise RefusalError(400, message, "previous_response_id", "previous_response_not_found")
        return await self.chats.open(user, keys, assistant=assistant)


async def _ended(chat: Chat, written: Written) -> None:
    problem = written.refusal.code if written.refusal else None
    await chat.ended(problem, written.asked.keys_with(written.answer_id, written.text))


def _chore(written: Written, text: str) -> Response:
    content = msgspec.json.encode({"content": text}).decode()
    events = written.opening() + written.take(Entry(1, content)) + written.take(Entry(2, "{}", is_last=True))
    if written.asked.is_streamed:
        return Response(events, headers=SSE_HEADERS)
    return Response(msgspec.json.encode(written.whole()), media_type="application/json")


def _named(request: Request, headers: Sequence[str]) -> str | None:
    found = (request.headers.get(header, "").strip() for header in headers)
    return next((value for value in found if 0 < len(value) <= _LONGEST_ID), None)


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
