# Derived from custom/gpo_client/client/aio/chat.py by `make sync`: edit that file, not this one.
"""Sessions, conversations and questions, one or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

import attrs

from gpo_client.client.sync.core import ClientCore
from gpo_client.concurrency.waiting import SyncEvent
from gpo_client.drivers.sync import SyncRun
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.call import end_session_flow, open_session_flow
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.flows.stream import stream_flow
from gpo_client.models.answer import ChatResponse, SensitiveChatResponse
from gpo_client.models.session import Session
from gpo_client.operations import chat
from gpo_client.operations.context import Context
from gpo_client.streams.sync.chat_stream import SyncChatStream
from gpo_client.text.record import StreamRecord

if TYPE_CHECKING:
    from gpo_client.client.sync.batch import SyncBatch
    from gpo_client.flows.active_call import Runtime
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

    Asked = str | ChatRequest | StreamingChatRequest | ChatRequestDict | StreamingChatRequestDict | Unchecked
    Who = Context | SessionContext | SessionContextDict | Unchecked


class SessionMethods(ClientCore):
    """Opening and ending sessions."""

    def session(
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
        return self._run(open_session_flow(self._runtime, chat.create_session(context), options))

    def logout(self, context: Context, **options: Unpack[CallOptions]) -> None:
        """End a session: its token is not valid any more (operation logout).

        Args:
            context: The session to end.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            GPOClientError: As for any call.
        """
        self._run(end_session_flow(self._runtime, chat.logout(context), options))


class ChatMethods(ClientCore):
    """Starting conversations and asking questions."""

    def start_conversation(
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
        return self._call(chat.start_conversation(context, request, knowledge_assistant_tag), options)

    def chat(
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
        return self._call(chat.chat(context, request), options)

    def chat_stream(
        self,
        context: Context,
        request: ChatRequest | StreamingChatRequest | ChatRequestDict | StreamingChatRequestDict | Unchecked,
        *,
        fallback: bool = False,
        **options: Unpack[CreateOptions],
    ) -> SyncChatStream:
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
        return SyncChatStream(SyncRun(self._handle, flow), record)

    def chat_sensitive(
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
        return self._call(chat.chat_sensitive(context, request), options)


T = TypeVar("T")

# A batch has time: it outlasts what would be too long for somebody who waits for one answer.
_MAX_RETRIES = 8
_MOST_DELAY_S = 300.0


class BatchMethods(ClientCore):
    """Asking many questions."""

    def batch(
        self,
        questions: Iterable[T],
        session: Who | None = None,
        *,
        sessions: Callable[[T], Who] | None = None,
        request: Callable[[T], Asked] | None = None,
        idempotency_key: Callable[[T], str] | None = None,
        session_key: str | None = None,
        max_concurrency: int = 32,
        rate: float | None = None,
        adaptive: bool = True,
        ordered: bool = False,
        stream: bool = False,
        stop_after: int | None = None,
        **options: Unpack[CallOptions],
    ) -> SyncBatch[T]:
        """Ask many questions, as many at once as the service takes, and give the results as they come.

        Each question is asked in a conversation of its own, unless it names one. A question that fails is tried again
        as any call is, and more often: 8 times unless ``max_retries`` says otherwise, for as long as it takes. When the
        service says that it has too much to do (429, 503), all questions wait for as long as it asks, and from then on
        fewer are asked at once.

        Args:
            questions: Texts, ``ChatRequest``s or mappings, or whatever ``request`` knows how to ask, in any iterable;
                the asynchronous client takes asynchronous ones too. It is read as far as there is room for questions.
            session: On whose behalf: a ``SessionContext`` or a mapping with ``instance_id`` and ``user_id``, for which
                a session is opened and opened again when its token ends; or a session that is open.
            sessions: The same for each question, when they are not all one user's: given a question, returns the
                context of its session. Each is opened once.
            request: Given a question, returns what to send. Default: the question itself.
            idempotency_key: Given a question, returns its idempotency key: a question that was asked under it before
                gets the same answer again. Default: a new key for each.
            session_key: The same for the sessions: they are opened under keys made of this and their context. Default:
                a new session each time.
            max_concurrency: How many questions may be under way at once. Default 32.
            rate: How many requests may begin each second. Default: any number.
            adaptive: Whether to find out how many the service takes, within these limits. Default True.
            ordered: Whether the results come in the order of the questions, not as they are answered. A question that
                takes long then holds up the others, once some are done. Default False.
            stream: Whether to have the answers streamed, which tells the time to the first chunk, and continues a
                long answer whose connection broke. Default False.
            stop_after: After how many questions without an answer to stop. Default: never.
            options: ``timeout`` (seconds for each attempt, or for a whole stream), ``max_retries``, ``headers``.

        Returns:
            The results: an iterator of ``BatchResult`` and a context manager.

        Raises:
            InvalidArgumentError: An argument is impossible.
            UsageError: The client is closed.
        """
        from gpo_client.client.sync.batch import BatchCalls, BatchSessions, BatchWork, SyncBatch
        from gpo_client.flows.batch import BatchOptions, sync_questions

        self._handle.check()
        if (session is None) == (sessions is None):
            raise InvalidArgumentError("batch takes either session or sessions", field="session")
        how = BatchOptions(
            max_concurrency=max_concurrency,
            rate=rate,
            adaptive=adaptive,
            ordered=ordered,
            stop_after=stop_after,
            max_retries=options.get("max_retries", _MAX_RETRIES),
        )
        view: Any = self._with_engine(self._batch_engine(how))
        calls = BatchCalls[T](
            runtime=view._runtime,
            owner=self._handle,
            sessions=BatchSessions(view.session, session, sessions, session_key),
            request=request,
            key=idempotency_key,
            stream=stream,
            options=options | {"max_retries": how.max_retries},
        )
        return SyncBatch(BatchWork(sync_questions(questions), calls, how))

    def _batch_engine(self, how: Any) -> Runtime:
        """Return the runtime with limits of the batch's own, besides the client's, and the patience of a batch."""
        from gpo_client.client.runtime import make_limiter

        how.check()
        runtime = self._runtime
        limiter = make_limiter(how.max_concurrency, how.rate, adaptive=how.adaptive, make_signal=SyncEvent)
        return attrs.evolve(
            runtime,
            config=runtime.config.replace(auto_renew_token=True),
            limiters=(limiter, *runtime.limiters),
            limit_patience=None,
            retry=attrs.evolve(runtime.retry, max_delay=max(runtime.retry.max_delay, _MOST_DELAY_S), max_elapsed=None),
        )
