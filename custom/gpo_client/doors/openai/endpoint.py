"""What is served: models, answers to questions in either protocol, and the documents that answers link to."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any
from urllib.parse import quote

import attrs
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gpo_client.client import GPOCoreClient
from gpo_client.doors.callers import Callers, RefusalError, problem_of
from gpo_client.doors.chats import Chat, Chats
from gpo_client.doors.openai.turns import MODELS, Asked, Body, Written, done_chore, error_body, tag_of
from gpo_client.exceptions import NotFoundError
from gpo_client.http.errors import ConnectFailed
from gpo_client.http.options import address_of
from gpo_client.models.stream import CitationSource
from gpo_client.relay import Entry, EventId, ProblemCode, PublicProblem, Relay
from gpo_client.relay.aio.relay import Subscription
from gpo_client.relay.delivery import HTTPChannel
from gpo_client.relay.machines.entries import HEARTBEAT, SSE_HEADERS
from gpo_client.relay.options import is_allowed
from gpo_client.streams.aio.chat_stream import ChatStream

_LONGEST_ID = 200
#: Of a document, whatever it is: it must not become a page of this origin.
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
_SSE_HEAD = [(name.lower().encode(), value.encode()) for name, value in SSE_HEADERS.items()]


@attrs.frozen(kw_only=True)
class Endpoint:
    """What answers requests, by the settings of ``openai_app``."""

    client: GPOCoreClient
    relay: Relay
    chats: Chats
    callers: Callers
    signer: URLSafeTimedSerializer
    link_s: float
    user_id: str | None
    user_headers: Sequence[str]
    chat_headers: Sequence[str]
    max_body_bytes: int

    async def failed(self, request: Request, error: Exception) -> Response:
        """Tell what went wrong; what the service says of it is not told."""
        if isinstance(error, HTTPException):
            message = f"There is no {request.method} {request.scope['path'][:_LONGEST_ID]} here."
            return _refused(RefusalError(error.status_code, message, None, "unknown_url"), error.headers)
        if not isinstance(error, RefusalError):
            error = RefusalError.of(problem_of(error, self.relay.options.problem_texts))
        return _refused(error)

    async def list_models(self, request: Request) -> Response:
        """Return the assistants, as models."""
        await self._admit(request)
        return JSONResponse({"object": "list", "data": [_model(name) for name in MODELS]})

    async def show_model(self, request: Request) -> Response:
        """Return one of them."""
        await self._admit(request)
        tag_of(request.path_params["model"])
        return JSONResponse(_model(request.path_params["model"]))

    async def send_document(self, request: Request) -> Response:
        """Send the document that a link stands for."""
        try:
            user, document_id = self.signer.loads(request.path_params["ticket"], max_age=int(self.link_s))
            with self.callers.asking(f"documents of {user}"):
                async with self.chats.session(user) as session:
                    found = await self.client.download_document(session, document_id)
        except BadData:
            raise RefusalError(404, "This link is not valid any more.", None, "link_expired") from None
        except NotFoundError:
            raise RefusalError(404, "This document does not exist any more.", None, "not_found") from None
        name = quote(found.file_name or document_id, safe="")
        headers = {**_HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(found.content, headers=headers, media_type=found.media_type or "application/octet-stream")

    def link(self, request: Request, user: str, source: CitationSource) -> str:
        """Return the address of a source for somebody without a token."""
        url, name = source.url, source.document_id
        if url and _is_elsewhere(url, self.client.config.base_url):
            return url
        if not name:
            # Protocols want an address in any case: a URN (RFC 8141) is one that leads nowhere.
            return f"urn:gpo:source:{source.id or 'unknown'}"
        here = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
        return f"{here}/v1/documents/{self.signer.dumps([user, name])}/{quote(name, safe='')}"

    async def answer(self, kind: type[Body], write: type[Written], request: Request) -> ASGIApp:
        """Answer the last question of a chat, in the protocol that reads and writes so."""
        caller = await self._admit(request)
        asked = kind.read(await self._body(request), max_query_chars=self.relay.options.max_query_chars)
        chat_name = _named(request, self.chat_headers) or asked.names.chat
        asked = attrs.evolve(asked, names=attrs.evolve(asked.names, chat=chat_name))
        user = _named(request, self.user_headers) or self.user_id or caller
        link = partial(self.link, request, user)
        written = write(write.PREFIX + secrets.token_hex(24), asked, link, int(time.time()))
        if (done := done_chore(asked.question)) is not None:
            events = written.all_of(done)
            return Response(events, headers=SSE_HEADERS) if asked.is_streamed else _whole(written)
        with ExitStack() as stack:
            stack.enter_context(self.callers.asking(caller))
            chat = await self._chat(user, asked)
            stream = self.client.chat_stream(chat.context, {"query": asked.question})
            return AnswerResponse(stream, self.relay, chat, written, stack.pop_all())

    async def _admit(self, request: Request) -> str:
        """Return the name of the caller."""
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
        keys, assistant, previous = asked.names.keys(), tag_of(asked.model), asked.names.previous
        if previous and not asked.names.chat and not await self.chats.find(user, keys, assistant=assistant):
            message = f"There is no response {previous[:_LONGEST_ID]!r} of this model to go on from."
            raise RefusalError(400, message, "previous_response_id", "previous_response_not_found")
        return await self.chats.open(user, keys, assistant=assistant)


@attrs.frozen(eq=False)
class AnswerResponse:
    """The response with an answer, for as long as its caller is there; its stream is closed, and all else released."""

    stream: ChatStream
    relay: Relay
    chat: Chat
    written: Written
    release: ExitStack

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send it (ASGI 3)."""
        with self.release:
            subscription = await self.relay.subscribe(self.stream, last_event_id=None, owner=self.chat.user)
            await _AnswerChannel(self, receive, send).deliver(subscription, self.relay)


class _AnswerChannel(HTTPChannel):
    """As one object or as events. These begin with the first entry or heartbeat: until then, a problem is a status."""

    def __init__(self, response: AnswerResponse, receive: Receive, send: Send) -> None:
        super().__init__(receive, send, self._note)
        self._relay, self._chat, self._written = response.relay, response.chat, response.written
        self._is_streamed = response.written.asked.is_streamed
        self._event_id = ""

    async def open(self, subscription: Subscription) -> None:
        # Nothing is sent before there is a status to send.
        self._event_id = str(EventId(subscription.answer_id, 0))

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:  # noqa: ARG002 - it has an id of its own
        events = b"".join([self._written.take(entry) for entry in entries])
        if is_last := entries[-1].is_last:
            await self.finish()
        if self._written.refusal is not None and not self.is_open and not (self._is_streamed and self._written.text):
            await self._respond(_refused(self._written.refusal))
        elif self._is_streamed:
            await self._write_events(events, more=not is_last)
        elif is_last:
            await self._respond(_whole(self._written))

    async def heartbeat(self) -> None:
        if self._is_streamed:
            await self._write_events(HEARTBEAT)

    async def hint(self) -> None:
        # The caller cannot come back for the rest.
        problem = PublicProblem.of(ProblemCode.INTERRUPTED, self._relay.options.problem_texts)
        if self.is_open:
            await self.write(self._written.failed(RefusalError.of(problem)), more=False)
        else:
            await self._respond(_refused(RefusalError.of(problem)))

    async def left(self) -> None:
        await super().left()
        # Nor is it waited for.
        await self._relay.stop(self._event_id, owner=self._chat.user)

    async def _write_events(self, events: bytes, *, more: bool = True) -> None:
        if not self.is_open:
            events = self._written.opening() + events
            await self.begin(_SSE_HEAD)
        await self.write(events, more=more)

    async def _respond(self, response: Response) -> None:
        await self.begin(response.raw_headers, response.status_code)
        await self.write(bytes(response.body), more=False)

    async def _note(self) -> None:
        asked, refusal = self._written.asked, self._written.refusal
        answer_id = self._written.answer_id if asked.is_stored else None
        await self._chat.ended(refusal.code if refusal else None, asked.names.keys_with(self._written.text, answer_id))


def _refused(refusal: RefusalError, headers: Mapping[str, str] | None = None) -> Response:
    repeat = {"X-Should-Retry": "true" if refusal.is_repeatable else "false"}
    return JSONResponse(error_body(refusal), refusal.status, {**repeat, **refusal.headers, **(headers or {})})


def _whole(written: Written) -> Response:
    return JSONResponse(written.whole(), headers={"Cache-Control": "no-store"})


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "gpo"}


def _named(request: Request, headers: Sequence[str]) -> str | None:
    found = (request.headers.get(header, "").strip() for header in headers)
    return next((value for value in found if 0 < len(value) <= _LONGEST_ID), None)


def _is_elsewhere(url: str, api: str) -> bool:
    """Whether an address of the web leads to another origin (RFC 6454) than the API, where a token is wanted."""
    try:
        origin = address_of(url).origin
    except ConnectFailed:
        return False
    is_web = bool(origin.host) and url.lower().startswith(("http://", "https://"))
    return is_web and origin != address_of(api).origin
