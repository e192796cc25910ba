"""Tests of a small program that uses the GPO client: on a sandbox, on scripted streams, and on a recording."""

from pathlib import Path

import httpx
import pytest

from gpo_client import CitationSource, GPOCoreClient, StreamInterruptedError, SyncGPOCoreClient
from gpo_client.models.requests import SessionContextDict
from gpo_client.testing import recorded, scripted_stream

pytest_plugins = ["gpo_client.testing.pytest_plugin"]  # in a project of several files, in the topmost conftest.py

WHO: SessionContextDict = {"instance_id": "advisory-001", "user_id": "user-1"}
CASSETTE = Path("cassettes/resico.yaml")
SOURCE = CitationSource(id="src_01", title="RESICO", relevance_score=0.9, url=None, content_excerpt=None)


# The program: an answer with its sources below it, blocking and asynchronous.


def answer(client: SyncGPOCoreClient, question: str) -> str:
    found = client.open_conversation(WHO).stream(question).collect()
    return "\n".join([found.content, *(f"- {source.title}" for source in found.sources)])


async def answer_async(client: GPOCoreClient, question: str) -> str:
    conversation = await client.open_conversation(WHO)
    found = await conversation.stream(question).collect()
    return "\n".join([found.content, *(f"- {source.title}" for source in found.sources)])


# On a sandbox: a real server, which answers from its documents.


def test_sandbox(gpo_base_url: str) -> None:
    with SyncGPOCoreClient(base_url=gpo_base_url) as client:
        assert "- RESICO" in answer(client, "What is RESICO?")


@pytest.mark.anyio
async def test_sandbox_async(gpo_base_url: str) -> None:
    async with GPOCoreClient(base_url=gpo_base_url) as client:
        assert "- RESICO" in await answer_async(client, "What is RESICO?")


# On scripted streams: the answers that the test needs, and what can go wrong with them.


@pytest.mark.parametrize("faults", [None, "drop-after=1", "duplicate=1", "status=503"])
def test_whatever_happens(faults: str | None) -> None:
    transport = scripted_stream(["One to 2.5 ", "per cent.", SOURCE], faults=faults)
    with (
        httpx.Client(transport=transport) as http,
        SyncGPOCoreClient(http_client=http, retry_backoff_factor=0) as client,
    ):
        assert answer(client, "How much is it?") == "One to 2.5 per cent.\n- RESICO"


@pytest.mark.anyio
async def test_an_answer_that_stays_incomplete() -> None:
    transport = scripted_stream(["One to 2.5 ", "per cent."], faults="drop-after=1,times=all", portions=7)
    async with (
        httpx.AsyncClient(transport=transport) as http,
        GPOCoreClient(http_client=http, max_resumes=0) as client,
    ):
        with pytest.raises(StreamInterruptedError) as caught:
            await answer_async(client, "How much is it?")
    assert caught.value.partial.content == "One to 2.5 "
    assert b"How much is it?" in transport.requests[-1].content


# On a recording: made when it is missing, replayed without a server from then on.


def test_recording(request: pytest.FixtureRequest) -> None:
    address = "https://gpo.invalid" if CASSETTE.exists() else request.getfixturevalue("gpo_base_url")
    with recorded(CASSETTE), SyncGPOCoreClient(base_url=address) as client:
        assert "- RESICO" in answer(client, "What is RESICO?")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
