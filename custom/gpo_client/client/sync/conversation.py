# Derived from custom/gpo_client/client/aio/conversation.py by `make sync`: edit that file, not this one.
"""A conversation to talk in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import attrs

from gpo_client.client.sync.pages import SyncPage
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.models.answer import ChatResponse, Message
from gpo_client.models.session import ChatContext
from gpo_client.streams.sync.chat_stream import SyncChatStream

if TYPE_CHECKING:
    from gpo_client.client.sync.client import SyncGPOCoreClient
    from gpo_client.models.generated import Conversation
    from gpo_client.models.requests import ConversationRatingDict


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
