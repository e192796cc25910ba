# Derived from custom/gpo_client/client/aio/client.py by `make sync`: edit that file, not this one.
"""The client, with the groups of its methods, and conversations to talk in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import attrs

from gpo_client.client.sync.chat import BatchMethods, ChatMethods, SessionMethods
from gpo_client.client.sync.core import ClientCore, SyncPage
from gpo_client.client.sync.documents import DocumentMethods
from gpo_client.client.sync.feedback import FeedbackMethods
from gpo_client.client.sync.history import HistoryMethods
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.models.answer import ChatResponse, Message
from gpo_client.models.session import ChatContext
from gpo_client.streams.sync.chat_stream import SyncChatStream

if TYPE_CHECKING:
    from gpo_client.client.sync.feedback import RatingGroup
    from gpo_client.client.sync.history import BookmarkGroup
    from gpo_client.client.sync.metrics import MetricGroup
    from gpo_client.client.sync.question_details import QuestionDetailGroup
    from gpo_client.client.sync.users import ReferenceGroup, UserGroup
    from gpo_client.models.generated import Conversation
    from gpo_client.models.requests import ConversationRatingDict, SessionContextDict, Unchecked
    from gpo_core_client.models import SessionContext


class Groups(ClientCore):
    """The groups. Each is made when it is asked for, and its module is loaded then."""

    @property
    def bookmarks(self) -> BookmarkGroup:
        """Conversations to come back to."""
        from gpo_client.client.sync.history import BookmarkGroup

        return BookmarkGroup(self)

    @property
    def ratings(self) -> RatingGroup:
        """How users rated their conversations, found and exported."""
        from gpo_client.client.sync.feedback import RatingGroup

        return RatingGroup(self)

    @property
    def question_details(self) -> QuestionDetailGroup:
        """Questions with their answers, row by row, found and exported."""
        from gpo_client.client.sync.question_details import QuestionDetailGroup

        return QuestionDetailGroup(self)

    @property
    def metrics(self) -> MetricGroup:
        """Metrics of an instance."""
        from gpo_client.client.sync.metrics import MetricGroup

        return MetricGroup(self)

    @property
    def users(self) -> UserGroup:
        """The users of an instance."""
        from gpo_client.client.sync.users import UserGroup

        return UserGroup(self)

    @property
    def reference(self) -> ReferenceGroup:
        """Lists that other methods refer to."""
        from gpo_client.client.sync.users import ReferenceGroup

        return ReferenceGroup(self)


class SyncGPOCoreClient(
    SessionMethods, ChatMethods, BatchMethods, HistoryMethods, FeedbackMethods, DocumentMethods, Groups
):
    """The client of the GPO Core API.

    ::

        with SyncGPOCoreClient() as client:
            session = client.session({"instance_id": "advisory-001", "user_id": "user-1"})
            with client.chat_stream(session.chat_context(), {"query": "What is RESICO?"}) as stream:
                for chunk in stream:
                    print(chunk.content or "", end="")

    Besides the methods for conversations there are groups of others: ``bookmarks``, ``ratings``, ``question_details``,
    ``metrics``, ``users`` and ``reference``.

    Close it, or use it as a context manager, to close its connections.

    Thread and task safety: it may be shared by any number of threads, and so may all that it
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

    def open_conversation(
        self,
        session_context: SessionContext | SessionContextDict | Unchecked,
        *,
        title: str | None = None,
        **options: Unpack[CallOptions],
    ) -> SyncConversationHandle:
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
        session = self.session(session_context, **options)
        conversation = self.start_conversation(session.chat_context(), {"title": title}, **options)
        return SyncConversationHandle(self, session.chat_context(conversation.conversation_id), conversation)


@attrs.frozen(repr=False)
class SyncConversationHandle:
    """A conversation, bound to its client and session. ``client.open_conversation`` makes one.

    Thread and task safety: like its client, it may be shared by any number of threads. Each
    stream has one reader.

    Attributes:
        context: The session and the conversation, for other methods of the client.
        conversation: What the service told of it when it began.
    """

    _client: SyncGPOCoreClient = attrs.field(alias="client", repr=False)
    context: ChatContext
    conversation: Conversation

    def __repr__(self) -> str:
        """Which conversation of which client; not its title, which may be a question."""
        return f"<{type(self).__name__} {self.context.conversation_id!r} of {self._client!r}>"

    def ask(self, query: str, **options: Unpack[CreateOptions]) -> ChatResponse:
        """Ask a question and wait for the whole answer.

        Args:
            query: The question.
            options: As for ``chat``.

        Raises:
            GPOClientError: As for ``chat``.
        """
        return self._client.chat(self.context, {"query": query}, **options)

    def stream(self, query: str, *, fallback: bool = False, **options: Unpack[CreateOptions]) -> SyncChatStream:
        """Ask a question and stream the answer.

        Args:
            query: The question.
            fallback: As for ``chat_stream``.
            options: As for ``chat_stream``.
        """
        return self._client.chat_stream(self.context, {"query": query}, fallback=fallback, **options)

    def messages(self, *, page_size: int = 20, **options: Unpack[CallOptions]) -> SyncPage[Message]:
        """Return the messages so far, the oldest first.

        Args:
            page_size: Items to a page, 1 to 100.
            options: As for ``list_messages``.

        Raises:
            GPOClientError: As for ``list_messages``.
        """
        return self._client.list_messages(self.context, page_size=page_size, **options)

    def rate(self, rating: int, *, comment: str | None = None, **options: Unpack[CreateOptions]) -> None:
        """Rate the conversation.

        Args:
            rating: From 1 to 5.
            comment: Why. Default: no comment.
            options: As for ``rate_conversation``.

        Raises:
            GPOClientError: As for ``rate_conversation``.
        """
        request: ConversationRatingDict = {"rating": rating, "rating_comment": comment}
        self._client.rate_conversation(self.context, request, **options)
