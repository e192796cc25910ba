"""The code blocks of the documents, and what is said about each.

Comments directly above a block say how it is tried; readers do not see them:

- ``<!-- output -->``: what the Python block before it prints.
- ``<!-- terminal: COMMAND -->``: what the command shows in a terminal of 80 columns.
- ``<!-- file: NAME -->``: saved under that name, for the blocks after it. Python is run as well.
- ``<!-- notebook -->``: Python with ``await`` outside any function, as notebooks allow.
- ``<!-- until Ctrl-C -->``: commands that run until they are interrupted.
- ``<!-- one side: REASON -->``: why this example is there for one of the clients only.
- ``<!-- run by: TEST -->``: run by another test, a file of this project.
- ``<!-- not run: REASON -->``: not run.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import attrs
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
MARKS = ("output", "terminal", "file", "notebook", "until Ctrl-C", "one side", "run by", "not run")

_SNIPPET = re.compile(r'^--8<-- "(.+)"$', re.MULTILINE)
_MARK = re.compile(r"<!-- ([\w -]+?)(?:: (.+))? -->")


@attrs.frozen
class Block:
    """A code block.

    Attributes:
        page: Where it stands.
        line: The number of its first line in the page, from 1.
        language: What is written behind the opening fence; empty where nothing is, or where there is no fence.
        text: What it holds.
        marks: The comments above it, by name.
        pair: The number of the pair that it belongs to; None outside.
    """

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str]
    pair: int | None = None

    @property
    def place(self) -> str:
        """The page and the line, for messages."""
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


def page_name(page: Path) -> str:
    """A page, for people."""
    return page.relative_to(ROOT).as_posix()


@cache
def blocks_of(page: Path, document: str | None = None) -> list[Block]:
    """The blocks of a page, in its order, found as CommonMark finds them.

    Args:
        page: The page.
        document: What stands in it. Default: what does.
    """
    document = page.read_text("utf-8") if document is None else document
    lines = document.splitlines()
    found: list[Block] = []
    pair, pairs = None, 0
    for token in MarkdownIt().parse(document):
        if token.type == "html_block" and token.content.startswith('<div class="pair"'):
            pairs += 1
            pair = pairs
        elif token.type == "html_block" and token.content.startswith("</div>"):
            pair = None
        elif token.type in ("fence", "code_block") and token.map is not None:
            language = token.info.partition(" ")[0] if token.type == "fence" else ""
            marks = _marks_above(lines, token.map[0])
            text = _SNIPPET.sub(lambda snippet: (ROOT / snippet[1]).read_text("utf-8"), token.content)
            found.append(Block(page, token.map[0] + 1, language, text, marks, pair))
    return found


def _marks_above(lines: list[str], line: int) -> dict[str, str]:
    marks: dict[str, str] = {}
    while line and (mark := _MARK.fullmatch(lines[line - 1].strip())):
        marks[mark[1]] = mark[2] or ""
        line -= 1
    return marks


#: What a command begins with, and the test that runs what it runs.
RUN_BY: dict[str, str] = {
    "make ": "tests/docs/test_make.py",
    "pip install": "tests/docs/test_make.py",
    "python -m pip install": "tests/docs/test_make.py",
    "python -m venv": "tests/packaging/test_wheel.py",
    "python -m bench": "tests/bench/test_measures.py",
    "python examples/fastapi_service/service.py --sandbox": "tests/examples/test_fastapi_service.py",
    "REDIS_URL=": "tests/examples/test_fastapi_service.py",
}


#: What a command begins with, and why no test runs it.
NOT_RUN: dict[str, str] = {
    ".venv/bin/pre-commit install": "it would change the hooks of whoever runs the tests",
    ".venv/bin/uv pip compile": "it would write constraints.txt, from whatever is newest today",
}


def is_left_out(command: str) -> bool:
    """Whether the tests of the documents leave a command to another test, or to nobody."""
    return command.startswith((*RUN_BY, *NOT_RUN))
