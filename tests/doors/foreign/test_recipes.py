"""The recipes of docs/recipes.md, each in its framework against the sandbox; left out where that is not installed."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any

import pytest

from tests.docs.blocks import ROOT, blocks_of
from tests.doors.conftest import QUESTION
from tests.support.events import chunk, final, numbered, opening, source, stream_answer
from tests.support.programs import free_ports, running
from tests.support.wire import WireServer

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "recipes.md"
BLOCKS = [block.text for block in blocks_of(PAGE) if block.language == "python"]
MOST_LINES = 20
#: The chat pages: what starts each, where its question is typed, and what sends it.
PAGES = {
    "streamlit": (["-m", "streamlit", "run", "chat.py"], "textarea", "[data-testid=stChatInputSubmitButton]"),
    "gradio": (["chat.py"], "textarea", "button.submit-button"),
    "chainlit": (["-m", "chainlit", "run", "chat.py", "--headless"], "#chat-input", "#chat-submit"),
}
#: On this machine alone, and without calls home.
LOCAL = {
    **dict.fromkeys(("STREAMLIT_SERVER_ADDRESS", "GRADIO_SERVER_NAME", "CHAINLIT_HOST"), "127.0.0.1"),
    **dict.fromkeys(("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "GRADIO_ANALYTICS_ENABLED"), "false"),
    "STREAMLIT_SERVER_HEADLESS": "true",
}
PORTS = ("STREAMLIT_SERVER_PORT", "GRADIO_SERVER_PORT", "CHAINLIT_PORT")


@pytest.fixture(autouse=True)
def _settings(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPO_API_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def recipe(marker: str) -> str:
    """The recipe that has these words."""
    (found,) = [text for text in BLOCKS if marker in text]
    return found


def loaded(marker: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The recipe, as a module."""
    (folder / "recipe.py").write_text(recipe(marker))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "recipe", raising=False)
    return importlib.import_module("recipe")


@pytest.mark.parametrize("text", BLOCKS)
def test_recipes_are_short(text: str) -> None:
    assert len([line for line in text.splitlines() if line]) <= MOST_LINES


@pytest.mark.browser
@pytest.mark.parametrize("framework", PAGES)
def test_chat_pages(
    framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """In a browser: the text is there while it is written, its sources when it is whole."""
    if find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed: nox --session recipes")
    browser: Any = request.getfixturevalue("chromium")
    (tmp_path / "chat.py").write_text(recipe(f"import {framework}"))
    monkeypatch.chdir(tmp_path)
    command, box, send = PAGES[framework]
    (port,) = free_ports(1)
    own = dict.fromkeys(PORTS, str(port)) | dict.fromkeys(("HOME", "CHAINLIT_APP_ROOT"), str(tmp_path))
    gate, end = Event(), final(sources=[source(title="VAT Act")])
    first, *others = numbered([chunk("Zero "), chunk("one [1]."), end])
    script = *opening(), stream_answer(first, gate, *others)
    with (
        WireServer(*script) as upstream,
        running([sys.executable, *command], port, tmp_path / "log", GPO_API_BASE_URL=upstream.base_url, **LOCAL, **own),
        closing(browser.new_page()) as page,
    ):
        page.set_default_timeout(60_000)
        page.route(lambda url: "//127.0.0.1" not in url, lambda route: route.abort())
        page.goto(f"http://127.0.0.1:{port}")
        page.locator(box).first.fill(QUESTION)
        page.locator(send).click()
        page.get_by_text("Zero").first.wait_for()
        gate.set()
        page.get_by_text("[1] VAT Act").first.wait_for()


def test_llama_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passages with titles and scores; the model streamed is the model whole."""
    pytest.importorskip("llama_index.core")
    found: Any = loaded("BaseRetriever", tmp_path, monkeypatch)
    found.client.close()
    nodes = found.nodes
    assert all(node.metadata["title"] and node.get_content() and node.score for node in nodes)
    assert nodes
    built: Any = loaded("CustomLLM", tmp_path, monkeypatch)
    with built.client:
        pieces = list(built.model.stream_complete(QUESTION))
        whole = built.model.complete(QUESTION).text
    assert "".join(piece.delta for piece in pieces) == pieces[-1].text == whole


def test_jupyter(tmp_path: Path) -> None:
    """A real kernel runs the cell and shows the answer."""
    notebooks: Any = pytest.importorskip("nbformat")
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    about = {"kernelspec": {"name": "recipe", "display_name": "recipe", "language": "python"}}
    cells = [notebooks.v4.new_code_cell(recipe("IPython"))]
    notebooks.write(notebooks.v4.new_notebook(cells=cells, metadata=about), tmp_path / "recipe.ipynb")
    kernel = ["ipykernel", "install", "--prefix", str(tmp_path), "--name", "recipe"]
    subprocess.run([sys.executable, "-m", *kernel], check=True, capture_output=True, timeout=120)
    execute = [sys.executable, "-c", "from nbclient.cli import main; main()", "--inplace", "recipe.ipynb"]
    environment = {**os.environ, "JUPYTER_PATH": str(tmp_path / "share" / "jupyter")}
    subprocess.run(execute, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=180)
    (shown,) = notebooks.read(tmp_path / "recipe.ipynb", 4).cells[0].outputs
    assert "[1]" in shown["data"]["text/markdown"]
