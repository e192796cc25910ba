"""The sessions of a batch: one for all its questions, or one for each user."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, Generic, TypeVar

from gpo_client.concurrency.waiting import AsyncLock
from gpo_client.models.plain import json_text
from gpo_client.models.session import ChatContext, Session
from gpo_client.operations.context import read_context

T = TypeVar("T")

# Of users who have asked; those whose last question is longest ago are forgotten, and have another one later.
_MOST_SESSIONS = 1_000


class BatchSessions(Generic[T]):
    """Opens sessions as they are needed, each once.

    Args:
        open_session: Opens one, as the method ``session`` of a client does.
        session: An open session, or the context to open one with; None: each question has its own.
        of: The context of a question's session.
        key: What the idempotency keys of the sessions are made from; None: each is a new session.
    """

    def __init__(
        self,
        open_session: Callable[..., Awaitable[Session]],
        session: Any,
        of: Callable[[T], Any] | None,
        key: str | None,
    ) -> None:
        self._open_session = open_session
        self._session = session
        self._of = of
        self._key = key
        self._given = read_context(session) if of is None and _is_open(session) else None
        self._opened: OrderedDict[str, _Opening] = OrderedDict()

    @property
    def are_ours(self) -> bool:
        """Whether they are opened here."""
        return self._given is None

    async def open(self) -> None:
        """Open the session that is the same for all questions, if it is.

        Raises:
            GPOClientError: It cannot be opened.
        """
        if self._given is None and self._of is None:
            await self._context(self._session)

    async def context(self, question: T) -> ChatContext:
        """Return the context to ask a question in.

        Raises:
            GPOClientError: The session cannot be opened.
        """
        if self._given is not None:
            return self._given
        return await self._context(self._session if self._of is None else self._of(question))

    async def _context(self, who: Any) -> ChatContext:
        if _is_open(who):
            return read_context(who)
        name = json_text(who)
        opening = self._opened.setdefault(name, _Opening())
        async with opening.lock:
            if opening.context is None:
                opening.context = (await self._open_session(who, **self._options(name))).chat_context()
                while len(self._opened) > _MOST_SESSIONS:
                    self._opened.popitem(last=False)
        return opening.context

    def _options(self, name: str) -> Any:
        if self._key is None:
            return {}
        return {"idempotency_key": sha256(f"{self._key}\n{name}".encode()).hexdigest()}


class _Opening:
    def __init__(self) -> None:
        self.lock = AsyncLock()
        self.context: ChatContext | None = None


def _is_open(session: Any) -> bool:
    is_mapping = isinstance(session, Mapping)
    return isinstance(session, ChatContext | Session) or (is_mapping and "token" in session)
