"""A playground, and a real Chromium to look at it with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gpo_client import SyncGPOCoreClient
from gpo_sandbox import RunningSandbox
from gpo_sandbox.playground import running_playground
from tests.conftest import PATIENCE_MS

QUESTION = "Which tax regimes can a technology company choose?"
ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"


@pytest.fixture(scope="session")
def playground() -> Iterator[RunningSandbox]:
    """A playground whose answers take a few seconds."""
    with running_playground(chunk_delay_s=0.02) as running:
        yield running


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages as new visitors. Whatever a page complains about fails the test, but for lost connections."""
    complaints: list[str] = []

    def complain(message: Any) -> None:
        if message.type in ("error", "warning") and "net::ERR" not in message.text:
            complaints.append(message.text)

    with ExitStack() as opened:

        def open_(address: str, **options: Any) -> Any:
            context = chromium.new_context(**options)
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.on("console", complain)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{address}/")
            return page

        yield open_
    assert not complaints


@pytest.fixture(scope="session")
def expected(playground: RunningSandbox) -> str:
    """The whole answer to the question, without spaces and marks."""
    with SyncGPOCoreClient(base_url=playground.base_url) as client:
        conversation = client.open_conversation({"instance_id": "i", "user_id": "u"})
        return bare(conversation.ask(QUESTION).message_content)


def bare(text: str) -> str:
    """What must be the same, however a text is laid out: citations are shown without brackets."""
    return re.sub(r"\s", "", re.sub(r"\[(\d+)\]", r"\1", text))
