"""Open WebUI, in Chromium, at the door for OpenAI's protocol; left out where it is not installed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from gpo_client.relay import Relay, RelayOptions
from tests.doors.conftest import KEY, RESUMING, broken_answer, openai, opened
from tests.doors.foreign.pictures import IMAGES
from tests.playground.conftest import ARTIFACTS
from tests.support.events import (
    answer_events,
    chunk,
    conversation,
    final,
    json_answer,
    numbered,
    problem_answer,
    session,
    source,
    stream_answer,
)
from tests.support.parts import optional
from tests.support.programs import free_ports, running
from tests.support.wire import ONE_TRY, Answer, End, Received, WireServer

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PICTURE = (IMAGES if os.environ.get("PICTURES") else ARTIFACTS) / "open-webui.png"
QUESTION = "Which tax incentives are there for research and development?"
TEXTS = [
    "Article 202 of the LISR grants a credit of 30 per cent of what a company spends on **research and development** ",
    "in a year, as far as it is more than the average of the three years before [1]. ",
    "What is not used up can be applied in the ten years that follow.\n\n",
    "Who pays tax under RESICO has a lower rate instead, from 1 to 2.5 per cent [2].",
]
SOURCES = [
    source("a", title="Incentives for research and development", url="https://example.com/incentives"),
    source("b", title="RESICO", document_id="doc_01", url=None),
]
#: How it is run on a machine that reaches nothing, for one person, without models of its own.
SETTINGS = {
    "WEBUI_AUTH": "False",
    "WEBUI_SECRET_KEY": "of-this-test-alone",
    "OFFLINE_MODE": "true",
    "HF_HUB_OFFLINE": "1",
    "RAG_EMBEDDING_ENGINE": "openai",
    "ENABLE_OLLAMA_API": "False",
    "ENABLE_FORWARD_USER_INFO_HEADERS": "true",
    "ANONYMIZED_TELEMETRY": "False",
    "NO_PROXY": "127.0.0.1,localhost",
    "OPENAI_API_KEY": KEY,
}


def answers() -> dict[str, list[Answer]]:
    """What the service answers, by question."""
    first, *_ = answer_events("Zero ", "one.")
    return {
        QUESTION: [stream_answer(*numbered([*map(chunk, TEXTS), final(sources=SOURCES)]))],
        "Stop?": [stream_answer(first, end=End.STALL)],
        "Broken?": broken_answer(),
        "Too many?": [problem_answer(429)],
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[str, WireServer]]:
    """Its address, and the service behind the door."""
    program = optional("open-webui", "pip install open-webui, into an environment of its own that is in PATH")
    script = answers()

    def answer(request: Received) -> Answer:
        if request.target == "/api/Chat":
            # Titles, tags and what may be said next, which it asks for too, must not come so far.
            return script[json.loads(request.body)["query"]].pop(0)
        return json_answer(session() if request.target.endswith("/session") else conversation())

    door = openai(user_header="X-OpenWebUI-User-Id", relay=Relay(RelayOptions(grace_s=3600)))
    (port,) = free_ports(1)
    with ExitStack() as stack:
        upstream = stack.enter_context(WireServer(then=answer))
        served = stack.enter_context(opened(upstream.base_url, door, **{**ONE_TRY, **RESUMING}))
        folder = tmp_path_factory.mktemp("webui")
        told = {"OPENAI_API_BASE_URL": f"{served.address}/v1", "DATA_DIR": str(folder)}
        command = [program, "serve", "--host", "127.0.0.1", "--port", str(port)]
        stack.enter_context(running(command, port, folder / "log", **SETTINGS, **told))
        yield f"http://127.0.0.1:{port}", upstream


@pytest.fixture
def tab(place: tuple[str, WireServer], chromium: Any) -> Generator[Any]:
    """A new chat."""
    with closing(chromium.new_page(viewport={"width": 900, "height": 620})) as page:
        page.set_default_timeout(60_000)
        page.add_locator_handler(page.get_by_role("button", name="Let's Go"), lambda button: button.click())
        page.goto(f"{place[0]}/?models=gpo")
        yield page


def ask(tab: Any, question: str) -> None:
    tab.locator("#chat-input").click()
    tab.keyboard.type(question)
    tab.keyboard.press("Enter")


def test_streamed_and_cited(tab: Any) -> None:
    """Markers are links to the sources, which are listed; the title, which it asks for beside, is the door's."""
    ask(tab, QUESTION)
    tab.get_by_text("2 Sources").wait_for()
    tab.get_by_text("Which tax incentives are there for…").first.wait_for()
    text = tab.inner_text("#messages-container")
    assert "1 to 2.5 per cent" in text
    assert "[1]" not in text
    PICTURE.parent.mkdir(exist_ok=True)
    when = tab.get_by_text(re.compile(r"\d [AP]M$"))
    tab.screenshot(path=PICTURE, animations="disabled", mask=[when], mask_color="#ffffff")


def test_cancelled(tab: Any, place: tuple[str, WireServer]) -> None:
    """Its button for that stops the answer at the service."""
    ask(tab, "Stop?")
    tab.get_by_text("Zero").first.wait_for()
    tab.get_by_role("button", name="Stop").click()
    place[1].wait_closed()


def test_resumed_unseen(tab: Any) -> None:
    ask(tab, "Broken?")
    tab.get_by_text("Zero one two.").first.wait_for()


def test_errors(tab: Any) -> None:
    ask(tab, "Too many?")
    tab.get_by_text("There are too many questions at the moment").first.wait_for()
