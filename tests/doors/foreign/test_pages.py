"""The programs of others on the doors' pages, as they stand there, and what they show in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.docs.blocks import ROOT, Block, blocks_of
from tests.doors.conftest import KEY, Door
from tests.doors.foreign.pictures import draw_terminal

pytestmark = pytest.mark.slow


def programs(page: str, library: str) -> list[Block]:
    """The blocks of a page that import a library."""
    return [block for block in blocks_of(ROOT / "docs" / page) if f"from {library}" in block.text]


OPENAI, LANGCHAIN = programs("openai.md", "openai import"), programs("langchain.md", "gpo_client.doors.langchain")


def printed(program: str, **environment: str) -> str:
    """What a program prints."""
    told = {**os.environ, "NO_PROXY": "127.0.0.1", **environment}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=told, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", OPENAI, ids=lambda block: block.place)
def test_openai(openai_door: Door, block: Block) -> None:
    """At the address and with the key that there are here."""
    pytest.importorskip("openai")
    program = block.text.replace("http://127.0.0.1:8770", openai_door.address).replace("sk-…", KEY)
    assert program.count(KEY) == 1
    assert "[1]" in printed(program)


def test_langchain(sandbox: Any) -> None:
    """Both clients print the same."""
    pytest.importorskip("langchain_core")
    blocking, awaited = [printed(block.text, GPO_API_BASE_URL=sandbox.base_url) for block in LANGCHAIN]
    assert blocking == awaited
    assert "[1]" in blocking
    title = "The answer of ChatGPO as it is streamed, and below it the title that GPORetriever found"
    draw_terminal("langchain.svg", title, f"$ python ask.py\n{blocking}")
