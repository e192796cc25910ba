"""The endpoint that answers questions over HTTP: who asks, in which chat, whole or as events."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_client.client import GPOCoreClient
from gpo_client.doors.answers import AnswerResponse, StreamedAnswerResponse
from gpo_client.doors.asked import Asked, done_chore
from gpo_client.doors.callers import Callers, RefusalError
from gpo_client.doors.chats import Chat, Chats
from gpo_client.doors.documents import Documents
from gpo_client.doors.written import Link, Written
from gpo_client.relay import Entry, PublicProblem, Relay
from gpo_client.relay.machines.entries import SSE_HEADERS
from gpo_client.relay.options import is_allowed

_LONGEST_ID = 200


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
