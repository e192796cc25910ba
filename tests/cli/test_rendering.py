"""What answers look like: blocks, bars, text from elsewhere. Rendered onto a page of fixed width."""

from __future__ import annotations

import doctest
import io
import json
import random
import re
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from gpo_client.cli import live, rows, views
from gpo_client.cli.console import SafeConsole
from gpo_client.cli.live import AnswerMarkdown, GrowingMarkdown, LastLines, LiveView, footer, parser
from gpo_client.cli.rows import json_line
from gpo_client.cli.views import AnswerFacts
from gpo_client.models import CitationSource, StreamingChunk
from gpo_client.printable import one_line, printable

_LINES = st.sampled_from(
    ["Text", "more [1] text", "", "", "- item", "  continued", "1. one", "2. two", "# Heading", "===", "---", "> quote",
     "```", "code()", "| a | b |", "|---|---|", "| 1 | 2 |", "    indented", "<div>", "[1]: https://example.com", "*a*"]
)  # fmt: skip


def shape(markdown: str) -> list[tuple[str, int, str]]:
    """What a text is made of."""
    return [(token.type, token.level, token.content) for token in parser().parse(markdown)]


@given(st.lists(_LINES, max_size=25).map("\n".join), st.randoms(use_true_random=False))
def test_blocks_are_those_of_the_whole_text(text: str, chance: random.Random) -> None:
    """However a text is cut into pieces, its blocks one by one are what it is as a whole, and no character is lost."""
    growing, taken = GrowingMarkdown(), list[str]()
    at = 0
    while at < len(text):
        size = chance.randint(1, 12)
        growing.add(text[at : at + size])
        at += size
        taken.append(growing.take_finished())
    taken.append(growing.take_rest())
    assert "".join(taken) == text
    assert [token for block in taken for token in shape(block)] == shape(text)


def test_half_a_line_decides_nothing() -> None:
    """A "2" may become another item of the list, so the list is not finished yet."""
    growing = GrowingMarkdown()
    growing.add("1. one\n\n2")
    assert growing.take_finished() == ""
    growing.add(". two\n\nText\n")
    assert growing.take_finished() == "1. one\n\n2. two\n\n"
    assert growing.rest == "Text\n"


def parsed_for(text: str, pieces: int) -> int:
    """How many characters are parsed for a text that comes in pieces and is looked at after each."""
    growing = GrowingMarkdown()
    for _ in range(pieces):
        growing.add(text)
        growing.take_finished()
        growing.tail(4_000)
    return growing.parsed


@pytest.mark.parametrize("text", ["- an item\n", "Some words of a long line ", "A paragraph.\n\n", "```\n", "| a |\n"])
def test_linear_work(text: str) -> None:
    """An answer of twice as many chunks costs twice as much, also if all of it is one block; counted, not timed."""
    small, large = parsed_for(text, 400), parsed_for(text, 800)
    assert large <= 3 * small
    assert large <= 5 * len(text) * 800


def test_long_blocks_are_drawn_by_their_end() -> None:
    """Of a block without an end, a bounded part is rendered for each frame; it begins with a line."""
    growing = GrowingMarkdown()
    for number in range(10_000):
        growing.add(f"- item {number}\n")
    tail = growing.tail(4_000)
    assert tail.startswith("- item ")
    assert tail.endswith("- item 9999\n")
    assert len(tail) <= 4_000


def page(width: int = 60, height: int = 10, **how: Any) -> SafeConsole:
    """A terminal that is a string."""
    return SafeConsole(
        file=io.StringIO(), width=width, height=height, markup=False, emoji=False, highlight=False, **how
    )


def written(console: Console) -> str:
    """What is on it."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_consoles_are_safe() -> None:
    """What somebody forgot to clean is cleaned when it is printed; colours are not."""
    console = page(force_terminal=True)
    console.print(Panel(Text("\x1b[2J\x9b1mtext\u202e", "red")))
    assert "[2J1mtext" in written(console).replace("\x1b[31m", "").replace("\x1b[0m", "")
    assert not re.search(r"\x1b\[2J|[\x9b\u202e]", written(console))
    assert "\x1b[31m" in written(console)


def test_the_last_lines() -> None:
    """What is drawn over fits on the screen, whatever its height."""
    for height in (1, 3, 10, 30):
        console = page(height=height)
        console.print(LastLines(AnswerMarkdown("\n\n".join(f"Paragraph {n}" for n in range(20))), 4))
        lines = written(console).split("\n")[:-1]
        assert len(lines) <= max(height - 4, 1) + 1
        assert "Paragraph 19" in "".join(lines)


def test_ten_thousand_chunks_at_once() -> None:
    """Drawing follows the clock, not the chunks: all of the answer is there, in order and once."""
    console = page(force_terminal=True, width=40)
    with LiveView(console) as view:
        for number in range(10_000):
            view.chunk(StreamingChunk(content=f"w{number} " + ("\n\n" if number % 50 == 49 else "")))
        view.finish(AnswerFacts(conversation_id="conv_1"))
    assert threading.active_count() < 50
    settled = written(console)
    assert all(f"w{number}" in settled for number in (0, 4_999, 9_999))


def source(**fields: Any) -> CitationSource:
    """A source."""
    told: dict[str, Any] = {"id": "s", "title": "T", "relevance_score": 0.5, "url": None, "content_excerpt": None}
    return CitationSource(**{**told, **fields})


@pytest.mark.parametrize(
    ("score", "bar"),
    [
        (None, "-"),
        (0.0, "░░░░░░░░░░ 0 %"),
        (0.55, "██████░░░░ 55 %"),
        (1.0, "██████████ 100 %"),
        (7.0, "██████████ 100 %"),
    ],
)
def test_bars(score: float | None, bar: str) -> None:
    """As long as the relevance, also if the service exaggerates; in ASCII where there is nothing else."""
    assert views.relevance_bar(score) == bar
    assert views.relevance_bar(score, ascii_only=True).isascii()


@pytest.mark.parametrize("width", [20, 69, 70, 120])
def test_tables_of_sources(width: int) -> None:
    """Every source with its title, its bar and its excerpt, within the width."""
    console = page(width)
    cited = [
        source(title="A title " * 5, content_excerpt="Words. " * 30, document_id="doc-1"),
        source(relevance_score=None),
    ]
    console.print(views.sources_table(cited, width))
    lines = written(console).splitlines()
    assert all(len(line) <= width for line in lines)
    text = " ".join("".join(lines).split())
    assert "50 %" in text
    assert "doc-1" in text
    assert text.count("Words.") + text.count("Wo rds.") >= 1


@given(st.text())
def test_what_is_let_through(text: str) -> None:
    """Nothing that a terminal obeys, and everything else as it was."""
    shown = printable(text)
    assert not any((ord(one) < 32 and one not in "\t\n") or 127 <= ord(one) < 160 for one in shown)
    assert not set(shown) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert printable(shown) == shown
    shown.encode()
    assert "\n" not in one_line(text)
    line = json_line({"content": text})
    assert json.loads(line) == {"content": text}
    assert printable(line) == line


@pytest.mark.parametrize("module", [rows, live, views])
def test_examples(module: Any) -> None:
    """The examples in the documentation are right."""
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@given(st.integers(20, 130), st.text("ab-_·", min_size=1, max_size=50), st.text("ab-_", max_size=50), st.integers(0, 9))
def test_the_footer_fits(width: int, conversation: str, message: str, resumes: int) -> None:
    """No line is wider than the terminal unless a single fact is, and no fact is broken."""
    facts = AnswerFacts(
        conversation_id=conversation, message_id=message, first_chunk_s=0.04, duration_s=12.3, resume_count=resumes
    )
    lines = footer(facts, width).split("\n")
    expected = [
        f"conversation {conversation}",
        *([f"message {message}"] if message else []),
        "first chunk 0.04 s",
        "12.30 s",
    ]
    parts = [part for line in lines for part in ([line] if line in expected else line.split(" · "))]
    if "·" not in conversation:
        assert parts[: len(expected)] == expected
    assert all(len(line) <= width or " · " not in line.replace(conversation, "") for line in lines)


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.com/a?b=1#c", "https://example.com/a?b=1#c"),
        ("https://example.com/año;x y", "https://example.com/a%C3%B1o;x%20y"),
        *((url, None) for url in (
            "javascript:alert(1)", "file:///etc/passwd", "https:///x", "https://", "//example.com", "example.com", "",
            None, "https://[", "https://example.com/\x1b]8;;https://example.net", "https://example.com/\x07",
            "https://example.com/\u202e",
        )),
    ],
)  # fmt: skip
def test_sources_are_links(url: str | None, linked: str | None) -> None:
    """On a terminal a title opens its address (OSC 8), if that is one of the web's and nothing else."""
    console = SafeConsole(file=io.StringIO(), force_terminal=True, width=100, color_system="standard")
    console.print(views.sources_table([CitationSource(id="1", title="A title", url=url, document_id="doc-1")], 100))
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert re.findall(r"\x1b\]8;id=\d+;(.*?)\x1b\\", written) == ([linked] if linked else [])
    assert re.sub(r"\x1b\]8;.*?\x1b\\|\x1b\[[0-9;]*m", "", written).isprintable() or "A title" in written
    assert not re.search(r"[\x00-\x08\x0b-\x1a\x7f-\x9f\u202e]", written)
