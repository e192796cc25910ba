"""LangChain's own standard suites (langchain-tests) on ``ChatGPO`` and ``GPORetriever``, and what they do not ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gpo_client import GPOCoreClient, RateLimitError, SyncGPOCoreClient, UsageError
from tests.doors.conftest import QUESTION, RESUMING, broken_answer, scripted_client
from tests.support.events import answer_events, chunk, final, numbered, problem_answer, source, stream_answer
from tests.support.question import SESSION
from tests.support.wire import End

unit: Any = pytest.importorskip("langchain_tests.unit_tests")
integration: Any = pytest.importorskip("langchain_tests.integration_tests")

from gpo_client.doors.langchain import ChatGPO, GPORetriever  # noqa: E402 - only where it is installed

pytestmark = pytest.mark.slow


class _Sandboxed:
    """Both clients, in a session of a sandbox."""

    given: dict[str, Any]

    @pytest.fixture(autouse=True)
    def _connected(self, sandbox: Any) -> Iterator[None]:
        with SyncGPOCoreClient(base_url=sandbox.base_url) as client:
            awaited = GPOCoreClient(base_url=sandbox.base_url)
            self.given = {"client": client, "async_client": awaited, "context": client.session(SESSION)}
            yield

    @property
    def chat_model_class(self) -> Any:
        return ChatGPO

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return self.given

    @property
    def returns_usage_metadata(self) -> bool:
        return False  # the service counts no tokens

    @property
    def retriever_constructor(self) -> Any:
        return GPORetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return self.given

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


class TestChatUnit(_Sandboxed, unit.ChatModelUnitTests):  # type: ignore[misc]
    """As a class."""


class TestChatInUse(_Sandboxed, integration.ChatModelIntegrationTests):  # type: ignore[misc]
    """In use."""


class TestRetriever(_Sandboxed, integration.RetrieversIntegrationTests):  # type: ignore[misc]
    """In use."""


def test_whole_streamed_and_cited() -> None:
    """Pieces as they come; the last says which source is cited where."""
    answer = stream_answer(*numbered([chunk("Zero [1"), chunk("]."), final(sources=[source(title="VAT Act")])]))
    with scripted_client(answer, answer) as (client, context, _):
        model = ChatGPO(client=client, context=context)
        *pieces, last = model.stream("?")
        whole = model.invoke("?")
    assert [piece.content for piece in pieces if piece.content] == ["Zero [1", "]."]
    (cited,) = last.response_metadata["citations"]
    assert (cited["start"], cited["end"], cited["title"]) == (5, 8, "VAT Act")
    assert last.response_metadata["sources"][0]["title"] == "VAT Act"
    assert (whole.content, whole.response_metadata) == ("Zero [1].", last.response_metadata)


def test_cancelled() -> None:
    """A stream that is left early closes the request to the GPO API."""
    first, *_ = answer_events("Zero ", "one.")
    with scripted_client(stream_answer(first, end=End.STALL)) as (client, context, server):
        pieces: Any = ChatGPO(client=client, context=context).stream("?")
        next(pieces)
        pieces.close()
        server.wait_closed(0)


def test_resumed_unseen() -> None:
    with scripted_client(*broken_answer(), **RESUMING) as (client, context, _):
        pieces = ChatGPO(client=client, context=context).stream("?")
        assert "".join(str(piece.content) for piece in pieces) == "Zero one two."


def test_errors() -> None:
    """Those of the client, with their codes."""
    with scripted_client(problem_answer(429)) as (client, context, _), pytest.raises(RateLimitError):
        ChatGPO(client=client, context=context).invoke("?")


def test_stop_words() -> None:
    with scripted_client(stream_answer(*answer_events("Zero one ", "two."))) as (client, context, _):
        pieces = ChatGPO(client=client, context=context).stream("?", stop=["two", "none"])
        assert "".join(str(piece.content) for piece in pieces) == "Zero one "


def test_what_cannot_be_asked() -> None:
    with pytest.raises(UsageError, match="client="):
        ChatGPO(context={}).invoke("?")
    with scripted_client() as (client, context, _), pytest.raises(UsageError, match="no question"):
        ChatGPO(client=client, context=context).invoke([("system", "Be brief.")])
