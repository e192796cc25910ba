"""What a measurement needs of a client."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol

#: Where the contract has questions.
CHAT_PATH = "/api/Chat"
#: Seconds a read may take. Long: a stream that goes together with others waits for all of them.
PATIENCE = 300.0
#: Connections that a client may have open.
MOST_CONNECTIONS = 4000


def request_body(question: str, *, stream: bool = True) -> dict[str, object]:
    """The question, as the contract has it."""
    return {"query": question, "stream": stream}


class BlockingClient(Protocol):
    """A client for plain calls."""

    def stream(self, question: str) -> AbstractContextManager[Iterable[object]]:
        """The chunks of an answer, in whatever type this client gives them. They are iterated as they are."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class AsynchronousClient(Protocol):
    """A client for ``await``."""

    def stream(self, question: str) -> AbstractAsyncContextManager[AsyncIterable[object]]:
        """The chunks of an answer, in whatever type this client gives them. They are iterated as they are."""
        ...

    async def aclose(self) -> None:
        """Close it."""
        ...
