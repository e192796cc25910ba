"""A question and its answer over a WebSocket (RFC 6455)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import anyio
import attrs
import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gpo_client.client import ConversationHandle, GPOCoreClient
from gpo_client.exceptions import GPOClientError, InvalidArgumentError
from gpo_client.operations.context import Context, read_context
from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.delivery import BrowserGone, default_relay, deliver
from gpo_client.relay.machines.entries import (
    Entry,
    EventId,
    ProblemCode,
    PublicProblem,
    message_of,
    opening_entry,
    problem_entry,
)
from gpo_client.relay.options import RelayOptions, check_type, is_allowed
from gpo_client.streams.aio.chat_stream import ChatStream

# RFC 6455 §7.4.1
_POLICY_VIOLATION = 1008
_SERVICE_RESTART = 1012


class Question(msgspec.Struct, frozen=True):
    """What a page sends. Whatever else it sends, such as a token, is not looked at."""

    query: str = ""
    conversation_id: str | None = None  # the conversation it belongs to; only for a client that is bound to none
    last_event_id: str | None = None  # the last id the page has, when it comes back for the rest of an answer


class _Stop(msgspec.Struct, frozen=True):
    stop: bool = False


async def websocket_chat(
    websocket: WebSocket,
    client: GPOCoreClient | ConversationHandle,
    *,
    context: Context | None = None,
    relay: Relay | None = None,
    owner: str = "",
) -> None:
    """Take one question from a WebSocket, relay the answer, and close it.

    ::

        @app.websocket("/api/chat/stream")
        async def chat(websocket: WebSocket):
            await websocket_chat(websocket, conversation)

    The page sends ``{"query": "…"}``, and receives a message for each piece of the answer. If the connection breaks it
    sends ``{"last_event_id": "…"}`` on a new one, with the ``id`` of the last message it has, and receives the rest.
    ``{"stop": true}`` stops the answer.

    Args:
        websocket: The connection, not accepted yet.
        client: Whom to ask: a conversation, or a client with ``context``.
        context: The session and perhaps the conversation to ask in. It is the service's: a token that the page sends
            is not looked at. Where it names no conversation, the page may name one of the same user's.
        relay: Settings and log. Default: a relay of the running event loop, with the default settings and a log in
            memory.
        owner: Whom the answer belongs to, as for ``sse_response``.

    Raises:
        InvalidArgumentError: A client was given without a context, or what is none, as a blocking client.
    """
    check_type("client", client, GPOCoreClient, ConversationHandle)
    if isinstance(client, GPOCoreClient) and context is None:
        message = "websocket_chat needs context= with a client: the session to ask in; or give it a conversation"
        raise InvalidArgumentError(message, field="context")
    relay = relay or default_relay()
    if not is_allowed(websocket.headers, relay.options):
        await websocket.close(_POLICY_VIOLATION)
        return
    await websocket.accept()
    channel = _MessageChannel(websocket, relay, owner)
    try:
        subscription = await _subscription(channel, client, context)
        if not subscription.is_empty:
            await deliver(channel, subscription, relay)
        await channel.close()
    except (WebSocketDisconnect, BrowserGone):
        return


@attrs.frozen
class _Refused(Exception):  # noqa: N818 - an event, not an error
    code: ProblemCode


async def _subscription(
    channel: _MessageChannel, client: GPOCoreClient | ConversationHandle, context: Context | None
) -> Subscription:
    relay = channel.relay
    try:
        question = await _question(channel.websocket, relay.options)
        stream = None if question.last_event_id else _asked(client, context, question)
    except _Refused as refused:
        problem = PublicProblem.of(refused.code, relay.options.problem_texts)
        return Subscription("0" * 16, rejection=problem_entry(problem))
    return await relay.subscribe(stream, last_event_id=question.last_event_id, owner=channel.owner)


async def _question(websocket: WebSocket, options: RelayOptions) -> Question:
    with anyio.move_on_after(options.question_timeout_s):
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise BrowserGone
        text = message.get("text") or ""  # a binary message has none
        if len(text.encode("utf-8", "replace")) > options.max_message_bytes:
            raise _Refused(ProblemCode.INVALID_QUESTION)
        try:
            question = msgspec.json.decode(text, type=Question)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise _Refused(ProblemCode.INVALID_QUESTION) from None
        if not question.last_event_id and not 0 < len(question.query.strip()) <= options.max_query_chars:
            raise _Refused(ProblemCode.INVALID_QUESTION)
        return question
    raise _Refused(ProblemCode.TIMEOUT)


def _asked(client: GPOCoreClient | ConversationHandle, context: Context | None, question: Question) -> ChatStream:
    try:
        if isinstance(client, ConversationHandle):
            return client.stream(question.query)
        asked_in = read_context(context if context is not None else {})
        if asked_in.conversation_id is None and question.conversation_id:
            asked_in = attrs.evolve(asked_in, conversation_id=question.conversation_id)
        return client.chat_stream(asked_in, {"query": question.query})
    except GPOClientError as error:
        raise _Refused(ProblemCode(PublicProblem.of(error).code)) from error


class _MessageChannel:
    def __init__(self, websocket: WebSocket, relay: Relay, owner: str) -> None:
        self.websocket = websocket
        self.relay = relay
        self.owner = owner
        self.answer_id = ""

    async def open(self, subscription: Subscription) -> None:
        self.answer_id = subscription.answer_id
        if subscription.answer is not None:
            await self.send(self.answer_id, [opening_entry(self.answer_id)])

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:
        try:
            for entry in entries:
                await self.websocket.send({"type": "websocket.send", "text": message_of(answer_id, entry)})
        except (WebSocketDisconnect, OSError):
            raise BrowserGone from None
        if entries[-1].is_last:
            await self.close()

    async def heartbeat(self) -> None:
        # Servers send pings of their own (RFC 6455 §5.5.2), which pages cannot.
        return None

    async def hint(self) -> None:
        await self.close(_SERVICE_RESTART)

    async def close(self, code: int = 1000) -> None:
        states = {self.websocket.application_state, self.websocket.client_state}
        if states == {WebSocketState.CONNECTED}:
            # RuntimeError: from uvicorn before 0.42, when the connection broke and nobody has been told yet
            with suppress(WebSocketDisconnect, RuntimeError, OSError):
                await self.websocket.close(code)

    async def left(self) -> None:
        while (message := await self.websocket.receive())["type"] != "websocket.disconnect":
            if _is_stop(message.get("text")):
                await self.relay.stop(str(EventId(self.answer_id, 0)), owner=self.owner)


def _is_stop(text: str | None) -> bool:
    try:
        return text is not None and msgspec.json.decode(text, type=_Stop).stop
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
