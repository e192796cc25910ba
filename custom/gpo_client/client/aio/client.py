"""The client, with the groups of its methods, and conversations to talk in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import attrs

from gpo_client.client.aio.chat import BatchMethods, ChatMethods, SessionMethods
from gpo_client.client.aio.core import AsyncPage, ClientCore
from gpo_client.client.aio.documents import DocumentMethods
from gpo_client.client.aio.feedback import FeedbackMethods
from gpo_client.client.aio.history import HistoryMethods
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.models.answer import ChatResponse, Message
from gpo_client.models.session import ChatContext
from gpo_client.streams.aio.chat_stream import ChatStream

if TYPE_CHECKING:
    from gpo_client.client.aio.feedback import RatingGroup
    from gpo_client.client.aio.history import BookmarkGroup
    from gpo_client.client.aio.metrics import MetricGroup
    from gpo_client.client.aio.question_details import QuestionDetailGroup
    from gpo_client.client.aio.users import ReferenceGroup, UserGroup
    from gpo_client.models.generated import Conversation
    from gpo_client.models.requests import ConversationRatingDict, SessionContextDict, Unchecked
    from gpo_core_client.models import SessionContext


class Groups(ClientCore):
    """The groups. Each is made when it is asked for, and its module is loaded then."""

    @property
    def bookmarks(self) -> BookmarkGroup:
        """Conversations to come back to."""
        from gpo_client.client.aio.history import BookmarkGroup

        return BookmarkGroup(self)

    @property
    def ratings(self) -> RatingGroup:
        """How users rated their conversations, found and exported."""
        from gpo_client.client.aio.feedback import RatingGroup

        return RatingGroup(self)

    @property
    def question_details(self) -> QuestionDetailGroup:
        """Questions with their answers, row by row, found and exported."""
        from gpo_client.client.aio.question_details import QuestionDetailGroup

        return QuestionDetailGroup(self)

    @property
    def metrics(self) -> MetricGroup:
        """Metrics of an instance."""
        from gpo_client.client.aio.metrics import MetricGroup

        return MetricGroup(self)

    @property
    def users(self) -> UserGroup:
        """The users of an instance."""
        from gpo_client.client.aio.users import UserGroup

        return UserGroup(self)

    @property
    def reference(self) -> ReferenceGroup:
        """Lists that other methods refer to."""
        from gpo_client.client.aio.users import ReferenceGroup

        return ReferenceGroup(self)


class GPOCoreClient(
    SessionMethods, ChatMethods, BatchMethods, HistoryMethods, FeedbackMethods, DocumentMethods, Groups
):
    """The client of the GPO Core API.

    ::

        async with GPOCoreClient() as client:
            session = await client.session({"instance_id": "advisory-001", "user_id": "user-1"})
            async with client.chat_stream(session.chat_context(), {"query": "What is RESICO?"}) as stream:
                async for chunk in stream:
                    print(chunk.content or "", end="")

    Besides the methods for conversations there are groups of others: ``bookmarks``, ``ratings``, ``question_details``,
    ``metrics``, ``users`` and ``reference``.

    Close it, or use it as a context manager, to close its connections.

    Thread and task safety: it may be shared by any number of tasks and event loops, and so may all that it
    gives, apart from streams.

    Args:
        config: The settings. Default: what the environment says (``GPO_API_BASE_URL`` …), else the defaults.
        http_client: An HTTP client to use instead of one of its own; it is not closed with this client, and its own
            settings for connections apply.
        on_retry: Called with ``RetryDetails`` before a request is sent again.
        on_resume: Called with ``ResumeDetails`` before a stream is continued on a new connection.
        observers: Told of every call from beginning to end, such as ``gpo_client.otel.OpenTelemetryObserver()``.
        overrides: Single settings that beat ``config`` and the environment, such as ``base_url="…"``.

    Raises:
        ConfigurationError: A setting is unknown or impossible.
        InvalidArgumentError: ``observers`` holds something else, or ``http_client`` is none for this kind of client.
    """

    async def open_conversation(
        self,
        session_context: SessionContext | SessionContextDict | Unchecked,
        *,
        title: str | None = None,
        **options: Unpack[CallOptions],
    ) -> ConversationHandle:
        """Open a session and begin a conversation in one step.

        Args:
            session_context: Who asks, as for ``session``.
            title: The conversation's title. Default: the service's own choice.
            options: ``timeout`` (seconds for each of the two calls), ``headers``.

        Returns:
            A handle to ask and to stream with, without naming session and conversation each time.

        Raises:
            GPOClientError: As for any call.
        """
        session = await self.session(session_context, **options)
        conversation = await self.start_conversation(session.chat_context(), {"title": title}, **options)
        return ConversationHandle(self, session.chat_context(conversation.conversation_id), conversation)


@attrs.frozen(repr=False)
class ConversationHandle:
    """A conversation, bound to its client and session. ``client.open_conversation`` makes one.

    Thread and task safety: like its client, it may be shared by any number of tasks and event loops. Each
    stream has one reader.

    Attributes:
        context: The session and the conversation, for other methods of the client.
        conversation: What the service told of it when it began.
    """

    _client: GPOCoreClient = attrs.field(alias="client", repr=False)
    context: ChatContext
    conversation: Conversation

    def __repr__(self) -> str:
        """Which conversation of which client; not its title, which may be a question."""
        return f"<{type(self).__name__} {self.context.conversation_id!r} of {self._client!r}>"

    async def ask(self, query: str, **options: Unpack[CreateOptions]) -> ChatResponse:
        """Ask a question and wait for the whole answer.

        Args:
            query: The question.
            options: As for ``chat``.

        Raises:
            GPOClientError: As for ``chat``.
        """
        return await self._client.chat(self.context, {"query": query}, **options)

    def stream(self, query: str, *, fallback: bool = False, **options: Unpack[CreateOptions]) -> ChatStream:
        """Ask a question and stream the answer.

        Args:
            query: The question.
            fallback: As for ``chat_stream``.
            options: As for ``chat_stream``.
        """
        return self._client.chat_stream(self.context, {"query": query}, fallback=fallback, **options)

    async def messages(self, *, page_size: int = 20, **options: Unpack[CallOptions]) -> AsyncPage[Message]:
        """Return the messages so far, the oldest first.

        Args:
            page_size: Items to a page, 1 to 100.
            options: As for ``list_messages``.

        Raises:
            GPOClientError: As for ``list_messages``.
        """
        return await self._client.list_messages(self.context, page_size=page_size, **options)

    async def rate(self, rating: int, *, comment: str | None = None, **options: Unpack[CreateOptions]) -> None:
        """Rate the conversation.

        Args:
            rating: From 1 to 5.
            comment: Why. Default: no comment.
            options: As for ``rate_conversation``.

        Raises:
            GPOClientError: As for ``rate_conversation``.
        """
        request: ConversationRatingDict = {"rating": rating, "rating_comment": comment}
        await self._client.rate_conversation(self.context, request, **options)
