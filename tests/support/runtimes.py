"""One test body for three runtimes: blocking, asyncio and trio.

Tests are written for the asynchronous client. In the blocking client they get the blocking one behind a facade that
makes ``await`` and ``async for`` of it, call by call; what the facade does not cover cannot be tested in one body.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any, Self

import gpo_client
from gpo_client.client import aio, sync
from gpo_client.client.aio.batch import Batch
from gpo_client.client.aio.core import AsyncItems
from gpo_client.client.sync.batch import SyncBatch
from gpo_client.client.sync.core import SyncItems
from gpo_client.streams.aio.chat_stream import ChatStreamProgress, ChatStreamText, TransformedText
from gpo_client.streams.sync.chat_stream import SyncChatStreamProgress, SyncChatStreamText, SyncTransformedText

#: The groups of the clients: the attribute, the module and the class.
GROUPS = {
    "bookmarks": ("history", "BookmarkGroup"),
    "metrics": ("metrics", "MetricGroup"),
    "question_details": ("question_details", "QuestionDetailGroup"),
    "ratings": ("feedback", "RatingGroup"),
    "reference": ("users", "ReferenceGroup"),
    "users": ("users", "UserGroup"),
}

#: Each blocking class with the asynchronous one whose shape the facade gives it.
TWINS: dict[type, type] = {
    gpo_client.SyncGPOCoreClient: gpo_client.GPOCoreClient,
    gpo_client.SyncConversationHandle: gpo_client.ConversationHandle,
    gpo_client.SyncChatStream: gpo_client.ChatStream,
    SyncBatch: Batch,
    gpo_client.SyncPage: gpo_client.AsyncPage,
    SyncChatStreamText: ChatStreamText,
    SyncTransformedText: TransformedText,
    SyncChatStreamProgress: ChatStreamProgress,
    SyncItems: AsyncItems,
    **{
        getattr(import_module(f"{sync.__name__}.{module}"), group): getattr(
            import_module(f"{aio.__name__}.{module}"), group
        )
        for module, group in GROUPS.values()
    },
}


class Facade:
    """A blocking object that looks asynchronous."""

    def __init__(self, blocking: Any) -> None:
        self._blocking = blocking
        self._twin = TWINS[type(blocking)]

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._blocking, "close" if name == "aclose" else name)
        if not callable(value):
            return _faced(value)
        if inspect.iscoroutinefunction(getattr(self._twin, name)):
            return self._awaitable(value)
        return lambda *args, **kwargs: _faced(value(*args, **kwargs))

    def _awaitable(self, method: Any) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            return _faced(method(*args, **kwargs))

        return call

    async def __aenter__(self) -> Self:
        self._blocking.__enter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._blocking.__exit__(*exc)

    def __aiter__(self) -> Facade:
        return Facade(iter(self._blocking))

    async def __anext__(self) -> Any:
        try:
            return next(self._blocking)
        except StopIteration:
            raise StopAsyncIteration from None


def _faced(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_faced, value))
    return Facade(value) if type(value) in TWINS else value


def make_client(runtime: str, **options: Any) -> Any:
    """A client for a runtime: a GPOCoreClient, or what looks like one.

    Args:
        runtime: ``"sync"``, ``"asyncio"`` or ``"trio"``.
        options: The arguments of the client.
    """
    if runtime == "sync":
        return Facade(gpo_client.SyncGPOCoreClient(**options))
    return gpo_client.GPOCoreClient(**options)


async def detailed(runtime: str, operation: Any, **arguments: Any) -> Any:
    """Call an operation of the generated package in the test's runtime."""
    if runtime == "sync":
        return operation.sync_detailed(**arguments)
    return await operation.asyncio_detailed(**arguments)
