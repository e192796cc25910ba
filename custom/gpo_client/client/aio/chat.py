"""Sessions, conversations and questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from gpo_client.client.aio.core import ClientCore
from gpo_client.drivers.aio import AsyncRun
from gpo_client.flows.call import end_session_flow, open_session_flow
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.flows.stream import stream_flow
from gpo_client.models.answer import ChatResponse, SensitiveChatResponse
from gpo_client.models.session import Session
from gpo_client.operations import chat
from gpo_client.operations.context import Context
from gpo_client.streams.aio.chat_stream import ChatStream
from gpo_client.text.record import StreamRecord

if TYPE_CHECKING:
    from gpo_client.models.generated import Conversation
    from gpo_client.models.requests import (
        ChatRequestDict,
        ConversationRequestDict,
        SensitiveChatRequestDict,
        SessionContextDict,
        StreamingChatRequestDict,
        Unchecked,
    )
    from gpo_core_client.models import (
        ChatRequest,
        ConversationRequest,
        KnowledgeAssistantTag,
        SensitiveChatRequest,
        SessionContext,
        StreamingChatRequest,
    )


class SessionMethods(ClientCore):
    """Opening and ending sessions."""

    async def session(
        self, context: SessionContext | SessionContextDict | Unchecked, **options: Unpack[CreateOptions]
    ) -> Session:
        """Open a session for a user (operation createSession).

        Args:
            context: Who asks: a ``SessionContext`` or a mapping with ``instance_id`` and ``user_id``, and perhaps
                ``project_id`` and ``environment``.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The session. Its ``chat_context()`` is the context of the calls made in it.

        Raises:
            InvalidArgumentError: A field of the context is missing, unknown or of the wrong type.
            AuthenticationError: The service wants an API key, and ``api_key`` is not a valid one.
            GPOClientError: As for any call.
        """
        return await self._run(open_session_flow(self._runtime, chat.create_session(context), options))

    async def logout(self, context: Context, **options: Unpack[CallOptions]) -> None:
        """End a session: its token is not valid any more (operation logout).

        Args:
            context: The session to end.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            GPOClientError: As for any call.
        """
        await self._run(end_session_flow(self._runtime, chat.logout(context), options))


class ChatMethods(ClientCore):
    """Starting conversations and asking questions."""

    async def start_conversation(
        self,
        context: Context,
        request: ConversationRequest | ConversationRequestDict | Unchecked | None = None,
        *,
        knowledge_assistant_tag: KnowledgeAssistantTag | None = None,
        **options: Unpack[CreateOptions],
    ) -> Conversation:
        """Begin a conversation in a session (operation startConversation).

        Args:
            context: The session.
            request: A ``ConversationRequest`` or a mapping with ``title`` and ``metadata``, all optional.
            knowledge_assistant_tag: The assistant to talk to: ``"CE"``, ``"DE"``, ``"TD"`` or ``"SAT"``. Default: the
                service's own choice.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The conversation. ``session.chat_context(conversation.conversation_id)`` is the context for questions in it.

        Raises:
            InvalidArgumentError: A field of the request is unknown or of the wrong type.
            GPOClientError: As for any call.
        """
        return await self._call(chat.start_conversation(context, request, knowledge_assistant_tag), options)

    async def chat(
        self,
        context: Context,
        request: ChatRequest | StreamingChatRequest | ChatRequestDict | StreamingChatRequestDict | Unchecked,
        **options: Unpack[CreateOptions],
    ) -> ChatResponse:
        """Ask a question and wait for the whole answer (operation chat).

        Args:
            context: The session and, if the question belongs to one, the conversation.
            request: A ``ChatRequest`` or a mapping with ``query`` and perhaps ``use_openai`` (default True),
                ``response_type`` and ``client_metadata``. Where it names no session or conversation, the context does.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The answer's text with the sources it cites.

        Raises:
            InvalidArgumentError: A field of the request is missing, unknown or of the wrong type.
            InvalidRequestError: The service does not accept the question, an empty one for example.
            NotFoundError: There is no such conversation.
            GPOClientError: As for any call.
        """
        return await self._call(chat.chat(context, request), options)

    def chat_stream(
        self,
        context: Context,
        request: ChatRequest | StreamingChatRequest | ChatRequestDict | StreamingChatRequestDict | Unchecked,
        *,
        fallback: bool = False,
        **options: Unpack[CreateOptions],
    ) -> ChatStream:
        """Ask a question and stream the answer as it is written (operation chat).

        Nothing is sent yet: the stream opens when it is entered or iterated.

        Args:
            context: The session and, if the question belongs to one, the conversation.
            request: As for ``chat``; a ``StreamingChatRequest`` is the same.
            fallback: Whether to ask for the whole answer when the stream is lost for good, and to deliver what was
                still missing as one last chunk, with ``metadata["fallback"] = True``. Default False.
            options: ``timeout`` (seconds for the whole stream; default ``stream_total_timeout``), ``headers``,
                ``idempotency_key``.

        Returns:
            The stream: an iterator of ``StreamingChunk`` and a context manager.

        Raises:
            InvalidArgumentError: A field of the request is missing, unknown or of the wrong type.
            UsageError: The client is closed.
        """
        self._handle.check()
        config = self._runtime.config
        record = StreamRecord(self._runtime.clock, config.max_sources, config.max_source_bytes, config.base_url)
        fallback_call = chat.chat(context, request) if fallback else None
        flow = stream_flow(self._runtime, chat.chat(context, request, stream=True), record, options, fallback_call)
        return ChatStream(AsyncRun(self._handle, flow), record)

    async def chat_sensitive(
        self,
        context: Context,
        request: SensitiveChatRequest | SensitiveChatRequestDict | Unchecked,
        **options: Unpack[CreateOptions],
    ) -> SensitiveChatResponse:
        """Ask a question that may hold sensitive data, and wait for the whole answer (operation chatSensitive).

        Args:
            context: The session and, if the question belongs to one, the conversation.
            request: A ``SensitiveChatRequest`` or a mapping with ``query`` and perhaps ``is_sensitive`` (default
                True), ``chat_history``, ``sensitivity_markers`` and ``data_handling_policy``.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The answer, whether sensitive data was found, and what to take care of.

        Raises:
            InvalidArgumentError: A field of the request is missing, unknown or of the wrong type.
            GPOClientError: As for any call.
        """
        return await self._call(chat.chat_sensitive(context, request), options)
