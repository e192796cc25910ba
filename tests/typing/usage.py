"""What type checkers make of the public API. Nobody runs this file: mypy --strict and pyright read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, assert_type

from gpo_client import (
    APIStatusError,
    AsyncPage,
    ChatContext,
    ChatRequest,
    ChatResponse,
    ChatStream,
    Citation,
    CitationSource,
    ConfigurationError,
    Conversation,
    ConversationHandle,
    ConversationSummary,
    Document,
    DocumentCategory,
    DocumentSolution,
    Download,
    Feedback,
    GPOClientError,
    GPOConfig,
    GPOCoreClient,
    InvalidArgumentError,
    InvalidRequestError,
    InvalidResponseError,
    Message,
    Page,
    Problem,
    RateLimitError,
    Secret,
    SensitiveChatResponse,
    Session,
    StreamedResponse,
    StreamError,
    StreamingChatRequest,
    StreamingChunk,
    StreamInterruptedError,
    StreamServerError,
    SyncChatStream,
    SyncConversationHandle,
    SyncGPOCoreClient,
    SyncPage,
)
from gpo_client.models import AnswerList, MetricTotal, QuestionDetail, TopSourceDocument
from gpo_client.models.requests import ChatRequestDict
from gpo_client.observers import CallDetails, CallObserver, CallResult, Observer
from gpo_client.otel import OpenTelemetryObserver
from gpo_client.streaming import Pipeline, Segment, Splitter, TextTransform, code_blocks, highlight, lines, sentences
from gpo_core_client import AuthenticatedClient


async def asynchronous(client: GPOCoreClient, context: ChatContext) -> None:
    """Everything that is awaited, and what comes of it."""
    session = await client.session({"instance_id": "i", "user_id": "u"})
    assert_type(session, Session)
    assert_type(session.token, Secret)
    assert_type(session.expires_at, datetime | None)
    assert_type(session.chat_context("c"), ChatContext)
    assert_type(await client.start_conversation(session, knowledge_assistant_tag="SAT"), Conversation)
    assert_type(await client.chat(context, ChatRequest(query="q")), ChatResponse)
    assert_type(await client.chat(context, {"query": "q"}, timeout=None, idempotency_key="k"), ChatResponse)
    assert_type(await client.chat_sensitive(context, {"query": "q"}), SensitiveChatResponse)
    assert_type(await client.submit_feedback(context, Feedback(message_id="m")), None)
    assert_type(await client.download_document(context, "d", Path("folder")), Download)
    assert_type(await client.list_document_categories(context), AnswerList[DocumentCategory])
    assert_type(await client.list_document_solutions(context), AnswerList[DocumentSolution])
    assert_type(client.raw, AuthenticatedClient)
    assert_type(client.with_options(timeout=5), GPOCoreClient)
    handle = await client.open_conversation({"instance_id": "i", "user_id": "u"}, title="t")
    assert_type(handle, ConversationHandle)
    assert_type(handle.context, ChatContext)
    assert_type(await handle.ask("q"), ChatResponse)
    assert_type(handle.stream("q"), ChatStream)


async def asynchronous_stream(client: GPOCoreClient, context: ChatContext) -> None:
    """A stream: chunks, text, the whole."""
    async with client.chat_stream(context, StreamingChatRequest(query="q")) as stream:
        assert_type(stream, ChatStream)
        async for chunk in stream:
            assert_type(chunk, StreamingChunk)
            assert_type(chunk.content, str | None)
            assert_type(chunk.sources, list[CitationSource] | None)
            assert_type(chunk.is_complete, bool)
            assert_type(chunk.metadata, dict[str, Any] | None)
        async for text in stream.text():
            assert_type(text, str)
        assert_type(stream.request_id, str | None)
        assert_type(stream.last_event_id, str | None)
        assert_type(stream.resume_count, int)
        answer = await stream.collect(max_chars=10)
    assert_type(answer, StreamedResponse)
    assert_type(answer.sources, list[CitationSource])
    assert_type(answer.time_to_first_chunk, float | None)
    as_iterator: AsyncIterator[StreamingChunk] = stream
    as_iterator = client.chat_stream(context, {"query": "q"}, fallback=True)
    assert_type(await anext(as_iterator), StreamingChunk)


async def asynchronous_pages(client: GPOCoreClient, context: ChatContext) -> None:
    """Lists, and their items."""
    documents = await client.list_documents(context, page_size=5)
    assert_type(documents, AsyncPage[Document])
    async for document in documents:
        assert_type(document, Document)
    assert_type(await documents.next_page(), AsyncPage[Document] | None)
    assert_type(documents.items, list[Document])
    plain: Page[Document] = documents
    assert_type(plain.total_count, int | None)
    assert_type([item async for item in await client.list_conversations(context)], list[ConversationSummary])
    assert_type([item async for item in await client.list_messages(context, "c")], list[Message])
    assert_type([item async for item in await client.search_messages(context, {"search_text": "t"})], list[Message])


def blocking(client: SyncGPOCoreClient, context: ChatContext) -> None:
    """The same without ``await``."""
    assert_type(client.session({"instance_id": "i", "user_id": "u"}).token, Secret)
    assert_type(client.start_conversation(context), Conversation)
    answer = client.chat(context, {"query": "q"})
    assert_type(answer, ChatResponse)
    assert_type(answer.message_content, str)
    assert_type(answer.sources[0].relevance_score, float | None)
    assert_type(answer.sources[0].content_excerpt, str | None)
    with client.chat_stream(context, {"query": "q"}) as stream:
        assert_type(stream, SyncChatStream)
        for chunk in stream:
            assert_type(chunk.content, str | None)
        assert_type(list(stream.text()), list[str])
        assert_type(stream.collect(), StreamedResponse)
    as_iterator: Iterator[StreamingChunk] = stream
    assert_type(next(as_iterator), StreamingChunk)
    assert_type(client.list_documents(context), SyncPage[Document])
    assert_type([item.title for item in client.list_documents(context)], list[str])
    assert_type(client.list_messages(context).next_page(), SyncPage[Message] | None)
    assert_type(client.open_conversation({"instance_id": "i", "user_id": "u"}), SyncConversationHandle)
    assert_type(SyncGPOCoreClient.from_config_file("gpo.toml", timeout=5), SyncGPOCoreClient)


def configuration() -> None:
    """Settings are known by name and type wherever they are accepted."""
    config = GPOConfig(base_url="https://gpo.example.com", timeout=5, max_retries=0)
    assert_type(config.proxy, Secret | None)
    assert_type(config.timeout, float | None)
    assert_type(config.replace(timeout=None), GPOConfig)
    assert_type(GPOConfig.from_env(api_key="plain text", verify_ssl=False), GPOConfig)
    GPOCoreClient(config, timeout=5, stream_idle_timeout=None)
    SyncGPOCoreClient(base_url="https://gpo.example.com", max_connections=5)


def errors(error: GPOClientError) -> None:
    """Every exception's attributes."""
    assert_type(error.message, str)
    assert_type(error.code, str | None)
    assert_type(error.request_id, str | None)
    assert_type(error.status_code, int | None)
    assert_type(error.attempts, int)
    match error:
        case RateLimitError():
            assert_type(error.retry_after, float | None)
        case InvalidRequestError():
            assert_type(error.field, str | None)
        case APIStatusError():
            assert_type(error.status_code, int)
            assert_type(error.problem, Problem | None)
        case StreamServerError():
            assert_type(error.problem, Problem)
        case StreamInterruptedError():
            assert_type(error.fallback_response, ChatResponse | None)
        case StreamError():
            assert_type(error.partial, StreamedResponse)
            assert_type(error.last_event_id, str | None)
        case InvalidResponseError():
            assert_type(error.path, str | None)
        case InvalidArgumentError():
            assert_type(error.field, str)
        case ConfigurationError():
            assert_type(error.setting, str | None)
        case _:
            pass


async def groups(client: GPOCoreClient, blocking_client: SyncGPOCoreClient, context: ChatContext) -> None:
    """The groups are typed in both clients."""
    total = await client.metrics.total_questions(context, window="last month")
    assert_type(total, MetricTotal)
    assert_type(total.by_day[0].count, int)
    assert_type(blocking_client.metrics.top_source_documents(context, {"limit": 3}), AnswerList[TopSourceDocument])
    async for row in await client.question_details.search(context, window=(date(2026, 11, 1), None)):
        assert_type(row, QuestionDetail)
    for user in blocking_client.users.search(context, role_codes=["ADMIN"], sort_order="Ascending"):
        assert_type(user.email or None, str | None)
    await client.ratings.export(context, to=Path("ratings.csv"), on_progress=lambda done, total: print(done, total))
    assert_type(blocking_client.question_details.export(context), Download)
    assert_type(await client.bookmarks.add(context), None)


class Shout:
    """A transform of a user's own."""

    def feed(self, text: str) -> str:
        """In capitals."""
        return text.upper()

    def close(self) -> str:
        """Nothing."""
        return ""


def transforms(response: StreamedResponse) -> None:
    """Pipelines know what comes out of them."""
    own: TextTransform = Shout()
    splitter: Splitter[Segment] = code_blocks()
    assert_type(Pipeline(own, highlight(["tax"])), Pipeline[str])
    assert_type(Pipeline(Shout(), highlight(["tax"]), sentences()), Pipeline[str])
    assert_type(Pipeline(Shout(), splitter), Pipeline[Segment])
    assert_type(Pipeline(Shout(), Pipeline(code_blocks())).feed("text"), list[Segment])
    assert_type(Pipeline(lines()).close(), list[str])
    assert_type(response.citations(), list[Citation])
    assert_type(response.citations()[0].source, CitationSource)


class _Watch(Observer):
    """An observer as users write them."""

    def call_started(self, call: CallDetails, parent: CallObserver | None) -> CallObserver | None:
        assert_type(call.conversation_id, str | None)
        return _WatchedCall() if call.is_stream else parent


class _WatchedCall(CallObserver):
    def call_ended(self, result: CallResult) -> None:
        assert_type(result.outcome, Literal["complete", "failed", "cancelled"])
        assert_type(result.answer, ChatResponse | StreamedResponse | None)


def observed() -> None:
    """Clients that are watched."""
    traced = OpenTelemetryObserver(capture_content=True)
    client = SyncGPOCoreClient(observers=[_Watch(), traced], trace_requests=True)
    assert_type(client.with_options(trace_requests=False), SyncGPOCoreClient)
    assert_type(GPOCoreClient(observers=(traced,)), GPOCoreClient)


async def requests(client: GPOCoreClient, blocking_client: SyncGPOCoreClient, context: ChatContext) -> None:
    """Requests in place, in variables of their type, and as dictionaries that nobody looks into."""
    written: ChatRequestDict = {"query": "q", "response_type": "Question"}
    unchecked: dict[str, Any] = {"query": "q"}
    read_only: Mapping[str, Any] = unchecked
    for request in (written, unchecked, read_only):
        assert_type(await client.chat(context, request), ChatResponse)
        assert_type(blocking_client.chat(context, request), ChatResponse)
    assert_type(await client.chat(context, {"query": "q", "client_metadata": {"any": 1}}), ChatResponse)
    await client.metrics.opinion(context, {"start_date": date(2026, 11, 1), "end_date": "today"})
    await client.chat_sensitive(context, {"query": "q", "chat_history": [{"role": "user", "content": "c"}]})
    await client.rate_conversation(context, {"rating": 5})
