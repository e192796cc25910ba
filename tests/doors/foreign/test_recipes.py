"""The recipes of docs/recipes.md, each in its framework against the sandbox; left out where that is not installed."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.blocks import ROOT, blocks_of
from tests.doors.conftest import QUESTION

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "recipes.md"
BLOCKS = [block.text for block in blocks_of(PAGE) if block.language == "python"]
MOST_LINES = 20


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


def test_streamlit() -> None:
    """Its own test driver asks in the page: the answer is there, and its sources below it."""
    driver: Any = pytest.importorskip("streamlit.testing.v1")
    page = driver.AppTest.from_string(recipe("import streamlit"), default_timeout=180).run()
    page.chat_input[0].set_value(QUESTION).run()
    assert not page.exception
    asked, answered = page.chat_message
    assert asked.markdown[0].value == QUESTION
    assert "[1]" in answered.markdown[0].value
    assert answered.caption[0].value.startswith("[1] ")


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
