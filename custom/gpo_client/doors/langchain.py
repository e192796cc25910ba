"""LangChain: the assistant as a chat model, and the search beneath it as a retriever (langchain-core 1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import attrs

try:
    from langchain_core.callbacks import (
        AsyncCallbackManagerForLLMRun,
        AsyncCallbackManagerForRetrieverRun,
        CallbackManagerForLLMRun,
        CallbackManagerForRetrieverRun,
    )
    from langchain_core.documents import Document
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
    from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
    from langchain_core.retrievers import BaseRetriever
    from pydantic import BaseModel, ConfigDict, Field
except ModuleNotFoundError as error:
    if error.name not in ("langchain_core", "pydantic"):
        raise
    message = 'the door needs langchain-core, which is not installed: pip install "gpo-client[langchain]"'
    raise ImportError(message) from error

from gpo_client.client import GPOCoreClient, SyncGPOCoreClient
from gpo_client.exceptions import UsageError
from gpo_client.models.stream import CitationSource, StreamedResponse, StreamingChunk
from gpo_client.operations.context import Context

_EMPTY = "there is no question: the messages must end with one of the user's, in text"


class _Asking(BaseModel):
    """Whom to ask, and in which session: the fields that model and retriever share."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: SyncGPOCoreClient | None = Field(default=None, exclude=True, repr=False)
    async_client: GPOCoreClient | None = Field(default=None, exclude=True, repr=False)
    context: Any = Field(exclude=True, repr=False)

    def _where(self) -> Context:
        return self.context  # type: ignore[no-any-return]

    def _sync(self) -> SyncGPOCoreClient:
        if self.client is None:
            raise UsageError("this call blocks, and there is no client for it: pass client=SyncGPOCoreClient(…)")
        return self.client


class ChatGPO(_Asking, BaseChatModel):
    """The assistant as a chat model of LangChain.

    ::

        model = ChatGPO(client=client, context=conversation.context)
        answer = model.invoke("What is RESICO?")
        answer.response_metadata["citations"]

    Only the last message of the user is asked: what was said before, the service knows from the conversation. The last
    chunk of a stream has ``model_name``, ``finish_reason``, ``sources`` and ``citations`` (where the text cites which
    source) in its ``response_metadata``. Stop words are cut off here, so that a stream with them comes in one piece.

    Thread and task safety: that of its clients.

    Args:
        client: For blocking calls.
        async_client: For awaited calls. Default: blocking calls in threads.
        context: The session or, with a conversation, the ``ChatContext``; a session asks outside any conversation.
    """

    model: str = "gpo"

    @property
    def _llm_type(self) -> str:
        return "gpo"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's name
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        with self._sync().chat_stream(self._where(), {"query": _question(messages)}) as stream:
            return _result(stream.collect(), stop)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if self.async_client is None:
            return await super()._agenerate(messages, stop, run_manager, **kwargs)
        async with self.async_client.chat_stream(self._where(), {"query": _question(messages)}) as stream:
            return _result(await stream.collect(), stop)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> Iterator[ChatGenerationChunk]:
        with self._sync().chat_stream(self._where(), {"query": _question(messages)}) as stream:
            for chunk in stream:
                if chunk.content and not stop:
                    piece = _piece(chunk)
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.content, chunk=piece)
                    yield piece
            yield _last(stream.partial, stop)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        if self.async_client is None:
            async for piece in super()._astream(messages, stop, run_manager, **kwargs):
                yield piece
            return
        async with self.async_client.chat_stream(self._where(), {"query": _question(messages)}) as stream:
            async for chunk in stream:
                if chunk.content and not stop:
                    piece = _piece(chunk)
                    if run_manager:
                        await run_manager.on_llm_new_token(chunk.content, chunk=piece)
                    yield piece
            yield _last(stream.partial, stop)


class GPORetriever(_Asking, BaseRetriever):
    """The passages that bear on a question, without a model: what answers would rest on.

    ::

        GPORetriever(client=client, context=session, k=4).invoke("What is RESICO?")

    Thread and task safety: that of its clients.

    Args:
        client: For blocking calls.
        async_client: For awaited calls. Default: blocking calls in threads.
        context: The session. With a conversation in it, what is searched for is said there.
        k: How many passages at most. Default: as many as the service gives.
    """

    k: int | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain's name
        k: int | None = None,
    ) -> list[Document]:
        found = self._sync().chat(self._where(), {"query": query, "use_openai": False})
        return _documents(found.sources, k or self.k)

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        if self.async_client is None:
            kept = {"k": k} if k else {}
            documents: list[Document] = await super()._aget_relevant_documents(query, run_manager=run_manager, **kept)
            return documents
        found = await self.async_client.chat(self._where(), {"query": query, "use_openai": False})
        return _documents(found.sources, k or self.k)


def _question(messages: Sequence[BaseMessage]) -> str:
    asked = [message for message in messages if message.type == "human"]
    if not asked or not (text := str(asked[-1].text).strip()):
        raise UsageError(_EMPTY)
    return text


def _piece(chunk: StreamingChunk) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=chunk.content or ""))


def _last(answer: StreamedResponse, stop: Sequence[str] | None) -> ChatGenerationChunk:
    content = _cut(answer.content, stop) if stop else ""
    about = _about(answer)
    return ChatGenerationChunk(message=AIMessageChunk(content=content, response_metadata=about, chunk_position="last"))


def _result(answer: StreamedResponse, stop: Sequence[str] | None) -> ChatResult:
    reply = AIMessage(content=_cut(answer.content, stop), response_metadata=_about(answer))
    return ChatResult(generations=[ChatGeneration(message=reply)])


def _cut(text: str, stop: Sequence[str] | None) -> str:
    return text[: min((at for word in stop or () if (at := text.find(word)) >= 0), default=len(text))]


def _about(answer: StreamedResponse) -> dict[str, Any]:
    citations = [
        {"start": each.start, "end": each.end, "number": each.number, "id": each.source.id, "title": each.source.title}
        for each in answer.citations()
    ]
    sources = [attrs.asdict(source, filter=_is_told) for source in answer.numbered_sources]
    model = answer.metadata.get("model_used") or "gpo"
    return {
        "model_name": model,
        "model_provider": "gpo",
        "finish_reason": "stop",
        "sources": sources,
        "citations": citations,
    }


def _documents(sources: Sequence[CitationSource], k: int | None) -> list[Document]:
    found: list[Document] = [
        Document(
            page_content=source.content_excerpt or source.title or "",
            metadata=attrs.asdict(source, filter=_is_told),
            id=source.id,
        )
        for source in list(sources)[:k]
    ]
    return found


def _is_told(field: attrs.Attribute[Any], value: Any) -> bool:
    return value is not None and field.name not in ("content_excerpt", "additional_properties")
