"""Answers for pages that use the AI SDK (``useChat``), which survive a reload in mid-answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import attrs
from starlette.datastructures import Headers
from starlette.responses import Response

from gpo_client.concurrency.waiting import async_shielded
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.relay.aio.log import RelayLog
from gpo_client.relay.aio.relay import Relay, Subscription
from gpo_client.relay.delivery import Channel, default_sync_relay
from gpo_client.relay.machines.entries import Entry, EventId
from gpo_client.relay.machines.logbook import LogUnavailable
from gpo_client.relay.machines.ui_message import NOTE_S, UIMessageDialect, note_key
from gpo_client.relay.sse import SSELines, SSEResponse
from gpo_client.relay.sync.relay import SyncRelay, SyncSubscription
from gpo_client.streams.aio.chat_stream import ChatStream
from gpo_client.streams.sync.chat_stream import SyncChatStream

# How long forgetting a chat's running answer may take when its page has gone, in seconds.
_GOODBYE_S = 5.0


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
        InvalidArgumentError: There is neither a stream nor a chat.
    """
    _check(stream, chat_id)
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
            await log.note(self._key, subscription.answer_id, NOTE_S)
        return subscription

    async def _deliver(self, channel: Channel, subscription: Subscription, relay: Relay) -> None:
        if self._key is None:
            return await super()._deliver(channel, subscription, relay)
        forgetting = _ForgettingChannel(channel, relay.log, self._key, subscription.answer_id)
        try:
            await super()._deliver(forgetting, subscription, relay)
        finally:
            # It returns when the answer has ended, which may be long after its page has gone.
            if subscription.answer is not None:
                async with async_shielded(_GOODBYE_S):
                    await forgetting.forget()


@attrs.frozen
class _ForgettingChannel:
    """Forgets that an answer is running before its end is sent: a page that has all of it shall not get it again."""

    _channel: Channel
    _log: RelayLog
    _key: str
    _answer_id: str

    async def open(self, subscription: Subscription) -> None:
        await self._channel.open(subscription)

    async def send(self, answer_id: str, entries: Sequence[Entry]) -> None:
        if entries[-1].is_last:
            await self.forget()
        await self._channel.send(answer_id, entries)

    async def heartbeat(self) -> None:
        await self._channel.heartbeat()

    async def hint(self) -> None:
        await self._channel.hint()

    async def left(self) -> None:
        await self._channel.left()

    async def forget(self) -> None:
        with suppress(LogUnavailable):
            if await self._log.noted(self._key) == self._answer_id:
                await self._log.note(self._key, "", NOTE_S)


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
        InvalidArgumentError: There is neither a stream nor a chat.
    """
    _check(stream, chat_id)
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


def _check(stream: object, chat_id: str | None) -> None:
    if stream is None and not chat_id:
        raise InvalidArgumentError("there is nothing to resume: name the chat with chat_id=", field="chat_id")
