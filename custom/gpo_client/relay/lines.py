"""An answer as the body of a response of Flask, Django or any other framework that takes an iterable of bytes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from gpo_client.relay.defaults import default_sync_relay
from gpo_client.relay.machines.dialects import Dialect, EventSourceDialect
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.problems import ProblemCode, PublicProblem
from gpo_client.relay.machines.writer import problem_entry
from gpo_client.relay.running import start_answer
from gpo_client.relay.sync.relay import SyncRelay, SyncSubscription
from gpo_client.streams.sync.chat_stream import SyncChatStream

_LOG = logging.getLogger("gpo_client.relay")


def sse_lines(
    stream: SyncChatStream, *, relay: SyncRelay | None = None, owner: str = "", last_event_id: str | None = None
) -> SSELines:
    """Relay an answer to a browser's ``EventSource``, from a blocking service: what ``sse_response`` is for async ones.

    ::

        lines = sse_lines(client.chat_stream(context, {"query": query}), last_event_id=headers.get("Last-Event-ID"))
        return Response(lines, status=lines.status, headers=lines.headers)

    The answer is read in a thread of its own, so that it goes on while the browser comes back.

    Args:
        stream: The answer, not opened yet. It is closed in any case.
        relay: Settings and log. Default: a relay of this process, with the default settings and a log in memory.
        owner: Whom the answer belongs to, such as the user's id: only the same owner can continue it. Default: whoever
            knows the answer's id, which is hard to guess.
        last_event_id: What the request's ``Last-Event-ID`` header says; None when there is none.

    Returns:
        The body, with the ``status`` and the ``headers`` of the response.
    """
    relay = relay or default_sync_relay()
    subscription = relay.subscribe(stream, last_event_id=last_event_id, owner=owner)
    return SSELines(subscription, relay, EventSourceDialect(relay.options.retry_ms))


class SSELines(Iterator[bytes]):
    """The body that ``sse_lines`` makes: whole events, to be sent one by one. WSGI servers close it (PEP 3333).

    Thread and task safety: it belongs to its request and is read by one thread at a time.

    Attributes:
        status: The HTTP status: 200, or 204 when the browser has everything already.
        headers: The response's headers.
    """

    def __init__(
        self,
        subscription: SyncSubscription,
        relay: SyncRelay,
        dialect: Dialect,
        *,
        ended: Callable[[], None] | None = None,
    ) -> None:
        is_empty = subscription.subscriber is None and subscription.rejection is None
        self.status = 204 if is_empty else 200
        self.headers = {} if is_empty else dict(dialect.headers)
        self._answer_id = subscription.answer_id
        self._subscriber = subscription.subscriber
        self._relay = relay
        self._dialect = dialect
        self._ended = ended
        self._ready: list[bytes] = []
        self._has_sent = False
        if subscription.answer is not None:
            start_answer(subscription.answer, relay, ended)
        if not is_empty:
            self._ready.append(dialect.opening(subscription.answer_id, is_new=subscription.answer is not None))
        if subscription.rejection is not None:
            self._ready.append(dialect.entry(subscription.answer_id, subscription.rejection))

    def __iter__(self) -> Self:
        """Itself."""
        return self

    def __next__(self) -> bytes:
        """The next events, when they are there, or a heartbeat."""
        if self._ready:
            return self._ready.pop(0)
        if (subscriber := self._subscriber) is None:
            raise StopIteration
        # Being asked for more is the only sign that what was given before has been sent.
        if self._has_sent:
            subscriber.sent()
        entries = self._advance()
        if entries is None:
            self.close()
            if subscriber.ended:
                raise StopIteration
            return self._dialect.hint()
        self._has_sent = bool(entries)
        if entries and entries[-1].is_last and self._ended is not None:
            self._ended()  # before the end is sent: a page that has it shall not be told that the answer runs
        return b"".join(self._dialect.entry(self._answer_id, entry) for entry in entries) or self._dialect.heartbeat()

    def close(self) -> None:
        """The browser has gone, or has everything. Closing twice is allowed."""
        subscriber, self._subscriber = self._subscriber, None
        if subscriber is not None:
            subscriber.leave()

    def _advance(self) -> Sequence[Entry] | None:
        assert self._subscriber is not None  # nosec B101 # noqa: S101 - for type checkers
        try:
            return self._subscriber.advance()
        except Exception:  # noqa: BLE001 - whatever it is, the browser is told that it has ended
            _LOG.exception("answer %s cannot be delivered", self._answer_id)
            problem = PublicProblem.of(ProblemCode.INTERNAL, self._relay.options.problem_texts)
            self.close()
            return [problem_entry(problem)]
