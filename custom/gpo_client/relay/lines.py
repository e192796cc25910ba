"""Answers as bodies of responses of Flask, Django and other frameworks that take an iterable of bytes."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from typing import Any, Self

import anyio
import anyio.to_thread

from gpo_client.relay.delivery import default_sync_relay, start_answer
from gpo_client.relay.machines.entries import Dialect, Entry, EventId, EventSourceDialect, problem_entry
from gpo_client.relay.machines.problems import ProblemCode, PublicProblem
from gpo_client.relay.sync.answer import SyncSubscriber
from gpo_client.relay.sync.relay import SyncRelay, SyncSubscription
from gpo_client.streams.sync.chat_stream import SyncChatStream

_LOG = logging.getLogger("gpo_client.relay")


def sse_lines(
    stream: SyncChatStream,
    *,
    relay: SyncRelay | None = None,
    owner: str = "",
    last_event_id: str | None = None,
    method: str = "GET",
) -> SSELines:
    """Relay an answer to a browser's ``EventSource``, from a blocking service: what ``sse_response`` is for async ones.

    ::

        lines = sse_lines(client.chat_stream(context, {"query": query}), last_event_id=headers.get("Last-Event-ID"))
        return Response(lines, status=lines.status, headers=lines.headers)

    The answer is read in a thread of its own, so that it goes on while the browser comes back.

    Args:
        stream: The answer, not opened yet. Nothing is asked before the lines are iterated.
        relay: Settings and log. Default: a relay of this process, with the default settings and a log in memory.
        owner: Whom the answer belongs to, such as the user's id: only the same owner can continue it. Default: whoever
            knows the answer's id, which is hard to guess.
        last_event_id: The request's ``Last-Event-ID`` header. Default: the browser asks for the first time.
        method: The request's method. For ``HEAD`` there are no lines, and nothing is asked.

    Returns:
        An iterable of whole events, with the ``status`` and the ``headers`` of the response. Errors of the GPO API are
        told to the browser as events.
    """
    relay = relay or default_sync_relay()
    returns_for = EventId.parse(last_event_id or "")
    return SSELines(
        lambda: relay.subscribe(stream, last_event_id=last_event_id, owner=owner),
        relay,
        EventSourceDialect(relay.options.retry_ms),
        is_empty=returns_for is not None and returns_for.position is None,
        is_asked=method.upper() != "HEAD",
    )


class SSELines(Iterator[bytes]):
    """What ``sse_lines`` returns.

    In event loops (Django under ASGI) it is an asynchronous iterable, and waits in threads of its own.

    Thread and task safety: it belongs to its request, and is iterated by one thread.

    Attributes:
        status: The status of the response: 200, or 204 for a browser that has everything.
        headers: The headers of the response.
    """

    def __init__(
        self,
        subscribe: Callable[[], SyncSubscription],
        relay: SyncRelay,
        dialect: Dialect,
        *,
        is_empty: bool = False,
        is_asked: bool = True,
        ended: Callable[[], None] | None = None,
    ) -> None:
        self.status = 204 if is_empty else 200
        self.headers = {} if is_empty else dict(dialect.headers)
        self._subscribe = subscribe if is_asked and not is_empty else None
        self._relay = relay
        self._dialect = dialect
        self._ended = ended
        self._answer_id = ""
        self._subscriber: SyncSubscriber | None = None
        self._ready: list[bytes] = []
        self._has_sent = False

    def __iter__(self) -> Self:
        """Itself.

        Raises:
            TypeError: It is to be iterated in an event loop, which it would block: ``async for`` does not.
        """
        if _serves_event_loop():
            raise TypeError("in an event loop, iterate the lines with `async for`")
        return self

    def __next__(self) -> bytes:
        """Return the next events, when they are there, or a heartbeat."""
        if self._subscribe is not None:
            subscribe, self._subscribe = self._subscribe, None
            self._begin(subscribe())
        if self._ready:
            return self._ready.pop(0)
        if (subscriber := self._subscriber) is None:
            raise StopIteration
        # Being asked for more is the only sign that what was given before has been sent.
        if self._has_sent:
            subscriber.sent()
        entries = self._advance(subscriber)
        if entries is None:
            self.close()
            if subscriber.ended:
                raise StopIteration
            return self._dialect.hint()
        self._has_sent = bool(entries)
        if entries and entries[-1].is_last and self._ended is not None:
            self._ended()  # before the end is sent: a page that has it shall not be told that the answer runs
        return self._written(entries)

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the same for event loops; each waits in a thread."""
        return self._awaited()

    def close(self) -> None:
        """Close: the browser has gone, or has everything. Closing twice is allowed."""
        self._subscribe = None
        subscriber, self._subscriber = self._subscriber, None
        if subscriber is not None:
            subscriber.leave()

    async def _awaited(self) -> AsyncIterator[bytes]:
        # Not the event loop's usual threads: those who wait for long would keep them from everybody else.
        limiter = anyio.CapacityLimiter(1)
        try:
            while line := await anyio.to_thread.run_sync(partial(next, self, b""), limiter=limiter):
                yield line
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self.close, limiter=anyio.CapacityLimiter(1))

    def _begin(self, subscription: SyncSubscription) -> None:
        self._answer_id = subscription.answer_id
        self._subscriber = subscription.subscriber
        if subscription.answer is not None:
            start_answer(subscription.answer, self._relay, self._ended)
        if subscription.is_deferred:
            self._ready.append(self._dialect.hint())
        elif not subscription.is_empty:
            opening = self._dialect.opening(subscription.answer_id, is_new=subscription.answer is not None)
            self._ready.append(opening)
        if subscription.rejection is not None:
            self._ready.append(self._dialect.entry(subscription.answer_id, subscription.rejection))

    def _written(self, entries: Sequence[Entry]) -> bytes:
        written = b"".join([self._dialect.entry(self._answer_id, entry) for entry in entries])
        return written if entries else self._dialect.heartbeat()

    def _advance(self, subscriber: SyncSubscriber) -> Sequence[Entry] | None:
        try:
            return subscriber.advance()
        except Exception:  # noqa: BLE001 - whatever it is, the browser is told that it has ended
            _LOG.exception("answer %s cannot be delivered", self._answer_id)
            problem = PublicProblem.of(ProblemCode.INTERNAL, self._relay.options.problem_texts)
            self.close()
            return [problem_entry(problem)]


def _serves_event_loop() -> bool:
    """Whether the caller runs in an event loop, or in a thread that Django has one wait for."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asgiref: Any = sys.modules.get("asgiref.sync")
        if asgiref is None or "django.core.handlers.asgi" not in sys.modules:
            return False
        return getattr(asgiref.SyncToAsync.threadlocal, "main_event_loop", None) is not None
    return True
