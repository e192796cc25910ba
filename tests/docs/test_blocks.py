"""No block of a page is left out without a word, and each example is there for both clients."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import MARKS, NOT_RUN, PAGES, ROOT, RUN_BY, Block, blocks_of, is_left_out, page_name

BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def _tried(block: Block) -> bool:
    """Whether a test does something with a block, or the page says why none does."""
    if block.language in ("python", "console"):
        return True
    return not {"output", "terminal", "file", "run by", "not run"}.isdisjoint(block.marks)


def test_there_are_blocks() -> None:
    """The blocks are found."""
    assert len(BLOCKS) >= 60
    assert {"python", "console", "text"} <= {block.language for block in BLOCKS}


def test_none_is_left_out() -> None:
    """Each block is run, compared or used by one that is run, or a comment above it says where or why not."""
    assert [block.place for block in BLOCKS if not _tried(block)] == []


def test_a_block_left_out_is_found() -> None:
    """The check sees fences without a mark, tildes, indented code, and what is in lists and quotations."""
    for document in (
        "```sh\nls\n```\n",
        "```\nls\n```\n",
        "~~~bash\nls\n~~~\n",
        "Text:\n\n    ls\n",
        "- item\n\n  ```toml\n  a = 1\n  ```\n",
        "> ```js\n> 1\n> ```\n",
        "<!-- unknown: mark -->\n```text\nls\n```\n",
    ):
        (block,) = blocks_of(ROOT / "README.md", document)
        assert not _tried(block), document


def test_marks_mean_something() -> None:
    """Each mark is known; a reason is given; a test that is named exists."""
    for block in BLOCKS:
        assert set(block.marks) <= set(MARKS), block.place
        for name in ("not run", "one side", "file", "terminal", "run by"):
            assert block.marks.get(name, "…"), f"{block.place}: {name}: what?"
        assert (ROOT / block.marks.get("run by", "tests")).exists(), block.place
        shell = ("bash", "sh", "shell", "console")
        assert not ("not run" in block.marks and block.language in ("python", "py", *shell)), block.place


def test_commands_have_their_prompt() -> None:
    """A console block begins with a command, so that nothing in it is taken for output and passed over."""
    for block in BLOCKS:
        assert block.language not in ("bash", "sh", "shell"), f"{block.place}: show commands as console"
        assert block.language != "console" or block.text.startswith("$ "), block.place


def test_commands_run_elsewhere() -> None:
    """The table names commands that are shown, and tests that exist."""
    commands = [line[2:] for block in BLOCKS if block.language == "console" for line in block.text.splitlines()]
    for start in (*RUN_BY, *NOT_RUN):
        assert any(command.startswith(start) for command in commands), f"no page shows {start}"
    assert all((ROOT / test).exists() for test in RUN_BY.values())
    assert all(NOT_RUN.values())
    assert not is_left_out("gpo chat")


_SYNC = re.compile(r"\bSync(GPOCoreClient|Relay|MemoryRelayLog)\b|\bsse_lines\b")
_ASYNC = re.compile(r"\b(GPOCoreClient|Relay|MemoryRelayLog)\b|\b(sse_response|websocket_chat)\b")


def _sides(block: Block) -> set[str]:
    found = {"sync"} if _SYNC.search(block.text) else set()
    return found | ({"async"} if _ASYNC.search(block.text) else set())


def test_both_clients_are_shown() -> None:
    """A block with one client has its twin beside it, in the same pair, or says why there is none."""
    python = [block for block in BLOCKS if block.language == "python" and "run by" not in block.marks]
    for block in python:
        if len(_sides(block)) == 1 and "one side" not in block.marks:
            twins = [other for other in python if (other.page, other.pair) == (block.page, block.pair)]
            sides = set[str]().union(*map(_sides, twins)) if block.pair else set()
            assert sides == {"sync", "async"}, f"{block.place}: only {_sides(block)}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_pairs_have_two(page: Path) -> None:
    """The blocking client first, the asynchronous one second, and nothing else between them."""
    blocks = blocks_of(page)
    for number in {block.pair for block in blocks if block.pair}:
        pair = [block for block in blocks if block.pair == number and block.language == "python"]
        assert [_sides(block) for block in pair] == [{"sync"}, {"async"}], f"{pair[0].place}"
