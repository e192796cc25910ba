"""Answers for pages that use the AI SDK (``useChat``), which survive a reload in mid-answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from types import NoneType

from starlette.datastructures import Headers
from starlette.responses import Response

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.relay.aio.log import RelayLog
from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.delivery import default_sync_relay
from gpo_client.relay.machines.entries import EventId
from gpo_client.relay.machines.logbook import LogUnavailable
from gpo_client.relay.machines.ui_message import NOTE_S, UIMessageDialect, note_key
from gpo_client.relay.options import check_type
from gpo_client.relay.sse import SSELines, SSEResponse
from gpo_client.relay.sync.relay import SyncRelay, SyncSubscription
from gpo_client.streams.aio.chat_stream import ChatStream
from gpo_client.streams.sync.chat_stream import SyncChatStream


def ui_message_response(
    stream: ChatStream | None, *, chat_id: str | None = None, relay: Relay | None = None, owner: str = ""
) -> Response:
    """Relay an answer to ``useChat`` of the AI SDK (UI message stream v1, AI SDK 5 to 7).

    ::

        @app.post("/api/chat")
        async def chat(request: Request):
            asked = await request.json()
            query = asked["messages"][-1]["parts"][0]["text"]
            return ui_message_response(conversation.stream(query), chat_id=asked["id"])

        @app.get("/api/chat/{chat_id}/stream")
        async def resume(chat_id: str):
            return ui_message_response(None, chat_id=chat_id)

    With ``resume: true``, ``useChat`` asks the second address when its page has been loaded. It gets the running answer
    from its beginning and then what follows, or 204 when no answer of the chat is running. With a log in Redis any
    process can serve it.

    Args:
        stream: The answer, not opened yet, which is closed in any case; None to resume the chat's running answer.
        chat_id: The chat, as the page names it. Default: none, and the answer cannot be resumed.
        relay: Settings and log. Default: a relay of the running event loop, with the default settings and a log in
            memory.
        owner: Whom the answer belongs to, such as the user's id: only the same owner can resume it. Set it wherever
            chats' ids can be guessed.

    Returns:
        The response, for the endpoint to return. The message's id is the answer's: ``relay.stop(f"{id}:0")`` stops it.

    Raises:
        InvalidArgumentError: There is neither a stream nor a chat, or ``stream`` is no stream of this kind of client.
    """
    _check(stream, chat_id, ChatStream)
    return UIMessageResponse(stream, relay, owner, chat_id)


class UIMessageResponse(SSEResponse):
    """The response that ``ui_message_response`` makes.

    Thread and task safety: it belongs to its request, and is sent by one task.
    """

    def __init__(self, stream: ChatStream | None, relay: Relay | None, owner: str, chat_id: str | None) -> None:
        super().__init__(stream, relay, owner, None, lambda options: UIMessageDialect(options.problem_texts))
        self._key = note_key(owner, chat_id) if chat_id else None

    async def _subscribe(self, relay: Relay, headers: Headers) -> Subscription:  # noqa: ARG002 - it returns by its chat
        try:
            return await self._subscribe_chat(relay)
        except LogUnavailable:
            return Subscription("", is_deferred=True)

    async def _subscribe_chat(self, relay: Relay) -> Subscription:
        log = relay.log
        if self._stream is None:
            running = await log.noted(self._key) if self._key else None
            if not running:
                return Subscription("")
            return await relay.subscribe(None, last_event_id=str(EventId(running, 0)), owner=self._owner)
        subscription = await relay.subscribe(self._stream, last_event_id=None, owner=self._owner)
        if self._key and subscription.answer is not None:
            with suppress(LogUnavailable):  # it is answered, though it cannot be resumed
                await log.note(self._key, subscription.answer_id, NOTE_S)
        return subscription

    def _ended(self, relay: Relay, subscription: Subscription) -> Callable[[], Awaitable[object]] | None:
        if self._key is None or subscription.subscriber is None:
            return None
        return partial(_forget, relay.log, self._key, subscription.answer_id)


async def _forget(log: RelayLog, key: str, answer_id: str) -> None:
    """Forget that an answer is running: a page that has all of it shall not get it again."""
    if await log.noted(key) == answer_id:
        await log.note(key, "", NOTE_S)


def ui_message_lines(
    stream: SyncChatStream | None, *, chat_id: str | None = None, relay: SyncRelay | None = None, owner: str = ""
) -> SSELines:
    """Relay an answer to ``useChat`` from a blocking service: what ``ui_message_response`` is for async ones.

    Args:
        stream: As for ``ui_message_response``.
        chat_id: As there.
        relay: Settings and log. Default: a relay of this process, with the default settings and a log in memory.
        owner: As there.

    Returns:
        The body, with the ``status`` and the ``headers`` of the response.

    Raises:
        InvalidArgumentError: There is neither a stream nor a chat, or ``stream`` is no stream of this kind of client.
    """
    _check(stream, chat_id, SyncChatStream)
    relay = relay or default_sync_relay()
    key = note_key(owner, chat_id) if chat_id else None
    dialect = UIMessageDialect(relay.options.problem_texts)
    try:
        running = relay.log.noted(key) if key and stream is None else None
    except LogUnavailable:
        return SSELines(lambda: SyncSubscription("", is_deferred=True), relay, dialect)
    answer_id = running or ""

    def subscribe() -> SyncSubscription:
        nonlocal answer_id
        last_event_id = str(EventId(running, 0)) if running else None
        subscription = relay.subscribe(stream, last_event_id=last_event_id, owner=owner)
        answer_id = subscription.answer_id
        if key and subscription.answer is not None:
            with suppress(LogUnavailable):
                relay.log.note(key, answer_id, NOTE_S)
        return subscription

    def ended() -> None:
        with suppress(LogUnavailable):
            if key and relay.log.noted(key) == answer_id:
                relay.log.note(key, "", NOTE_S)

    return SSELines(subscribe, relay, dialect, is_empty=stream is None and not running, ended=ended)


def _check(stream: object, chat_id: str | None, kind: type) -> None:
    check_type("stream", stream, kind, NoneType)
    if stream is None and not chat_id:
        raise InvalidArgumentError("there is nothing to resume: name the chat with chat_id=", field="chat_id")
