"""Chats: which session and conversation of the GPO API a question from outside belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import attrs

from gpo_client.client import GPOCoreClient
from gpo_client.exceptions import AuthenticationError, PermissionDeniedError
from gpo_client.models.session import ChatContext, Session
from gpo_client.relay import ProblemCode, RelayLog
from gpo_core_client.models import KnowledgeAssistantTag

if TYPE_CHECKING:
    from gpo_client.models.requests import SessionContextDict

# A conversation is found again for so long after its last question, in seconds: 30 days.
_KEEP_S = 30 * 86_400.0
_MOST_USERS = 10_000
# A token that ends this soon is not begun with.
_NEAR_END = timedelta(seconds=60)


@attrs.define
class _Visit:
    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    session: Session | None = None


class Chats:
    """Opens a session for each user and a conversation for each chat, and finds them again.

    Sessions are this process's own; conversations are kept in the log's notes, so that another process finds them.

    Thread and task safety: it may be shared by any number of tasks of one event loop.

    Args:
        client: Whom to ask.
        log: Where conversations are noted.
        instance_id: The instance that sessions are opened in.
        project_id: The project that they are opened in. Default: none.
    """

    def __init__(
        self, client: GPOCoreClient, log: RelayLog, *, instance_id: str, project_id: str | None = None
    ) -> None:
        self._client = client
        self._log = log
        self._place = instance_id, project_id
        # In the order in which they were used.
        self._visits: dict[str, _Visit] = {}

    @asynccontextmanager
    async def session(self, user: str) -> AsyncGenerator[Session]:
        """Give the session of a user, opened when it is first needed and again before its token ends.

        One that the service refuses within the block is opened anew the next time. GPOClientError: it cannot be opened.
        """
        visit = self._visits.pop(user, None) or _Visit()
        self._visits[user] = visit
        while len(self._visits) > _MOST_USERS:
            del self._visits[next(iter(self._visits))]
        async with visit.lock:
            if visit.session is None or _is_over(visit.session):
                instance_id, project_id = self._place
                place: SessionContextDict = {"instance_id": instance_id, "user_id": user}
                if project_id:
                    place["project_id"] = project_id
                visit.session = await self._client.session(place)
            session = visit.session
        try:
            yield session
        except (AuthenticationError, PermissionDeniedError):
            self.forget_session(user)
            raise

    def forget_session(self, user: str) -> None:
        """Open a new session the next time: the service has refused this one."""
        self._visits.pop(user, None)

    async def find(
        self, user: str, keys: Sequence[str], *, assistant: KnowledgeAssistantTag | None = None
    ) -> str | None:
        """Return the conversation that is noted under the first of the keys that there is one for."""
        for key in keys:
            if conversation_id := await self._log.noted(_digest(user, assistant or "", key)):
                return conversation_id
        return None

    async def open(
        self,
        user: str,
        keys: Sequence[str],
        *,
        assistant: KnowledgeAssistantTag | None = None,
        conversation_id: str | None = None,
    ) -> Chat:
        """Return a chat, in the conversation that is noted under one of its keys, the surest first, else in a new one.

        It is the user's own: another's is never found. A ``conversation_id`` that the caller names comes before the
        keys. ``assistant`` is whom a new conversation is with; None: the service's own choice. Raises GPOClientError: a
        session or a conversation cannot be opened.
        """
        async with self.session(user) as session:
            if conversation_id:
                return Chat(self, user, (), assistant, session.chat_context(conversation_id))
            conversation_id = await self.find(user, keys, assistant=assistant)
            if not conversation_id:
                begun = await self._client.start_conversation(session, knowledge_assistant_tag=assistant)
                conversation_id = begun.conversation_id
        chat = Chat(self, user, keys, assistant, session.chat_context(conversation_id))
        # It may be asked again before there is an answer.
        await chat.remember(keys)
        return chat

    async def note(self, chat: Chat, keys: Sequence[str], conversation_id: str) -> None:
        """Note the conversation of a chat under each key; an empty id forgets it."""
        for key in keys:
            await self._log.note(_digest(chat.user, chat.assistant or "", key), conversation_id, _KEEP_S)


@attrs.frozen
class Chat:
    """A chat, while one question in it is being answered: whose it is, and in which session and conversation."""

    _chats: Chats
    user: str
    keys: Sequence[str]
    assistant: KnowledgeAssistantTag | None
    context: ChatContext

    async def remember(self, keys: Sequence[str]) -> None:
        """Know the chat by further keys."""
        await self._chats.note(self, keys, self.context.conversation_id or "")

    async def ended(self, problem: str | None, keys: Sequence[str] = ()) -> None:
        """Know the chat by further keys from its answer, or, after a ``problem``, forget what the service does not
        know.
        """
        if problem == ProblemCode.NOT_AUTHORIZED:
            self._chats.forget_session(self.user)
        elif problem in (ProblemCode.NOT_FOUND, ProblemCode.CONFLICT):
            await self._chats.note(self, self.keys, "")
        else:
            await self.remember(keys)


#: A message: its role and its text.
Said = tuple[str, str]


@attrs.frozen
class ChatNames:
    """What a chat is known by, in protocols that send all that was said with each question."""

    begin: tuple[str, ...]  # system prompt, first question and, once there is one, first answer
    chat: str | None = None  # its id, if the caller gives it one
    previous: str | None = None  # the answer that it goes on from, if one is named

    @classmethod
    def of(cls, before: Sequence[Said], question: str) -> ChatNames:
        """Return what is known by what was said before a question.

        >>> ChatNames.of([("user", "Two?"), ("assistant", "Yes.")], "Three?").begin
        ('', 'Two?', 'Yes.')
        """
        system = "\n".join(text for role, text in before if role in ("system", "developer"))
        first = next((text.strip() for role, text in before if role == "user"), None)
        if first is None:
            return cls((system, question))
        return cls((system, first, next((text.strip() for role, text in before if role == "assistant"), "")))

    def keys(self) -> list[str]:
        """Return what the chat may be known by, the surest first: its name, or what was said before the question.

        A chat begins with its system prompt, the first question and the first answer. None of its later requests
        lacks them. Front ends may change the answer, by taking its ends off for example: then the first two must do.
        Nothing was said before the first question, so it begins a new conversation.
        """
        if self.chat:
            return [f"id:{self.chat}"]
        if self.previous:
            return [f"answer:{self.previous}"]
        return [_said(*self.begin), _said(*self.begin[:2])] if len(self.begin) > 2 else []

    def keys_with(self, text: str, answer_id: str | None) -> list[str]:
        """Return what else it will be known by when it has been answered; an id is what others may go on from."""
        keys = [] if self.keys() else [_said(*self.begin, text.strip()), _said(*self.begin)]
        return [*keys, f"answer:{answer_id}"] if answer_id else keys


def _said(*texts: str) -> str:
    return "said:" + _digest(*texts)


def _digest(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _is_over(session: Session) -> bool:
    return session.expires_at is not None and session.expires_at <= datetime.now(UTC) + _NEAR_END
