"""gpo in a terminal: what is on its screen in the end, and what was on the way there."""

from __future__ import annotations

import re
import sys
from threading import Event
from typing import Any

import pytest

from tests.cli.service import QUESTION, answer_of, farewell
from tests.support.events import answer_events, chunk, numbered, opening, source, stream_answer
from tests.support.terminal import CTRL_C, in_terminal
from tests.support.wire import Answer, End, WireServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def words(text: str) -> list[str]:
    """The words, wherever lines are broken."""
    return text.split()


def served(*events: bytes | Event) -> tuple[Answer, ...]:
    """The script of a server that answers one question."""
    return (*opening(), stream_answer(*events), farewell())


_SIZES = [(80, 24), *(pytest.param(*size, marks=pytest.mark.slow) for size in ((120, 50), (40, 12), (20, 6), (80, 5)))]


@pytest.mark.parametrize(("columns", "lines"), _SIZES)
def test_an_answer(slow_sandbox: Any, columns: int, lines: int) -> None:
    """However small the terminal: the whole answer once, then its sources, and the cursor back."""
    with in_terminal("chat", QUESTION, base_url=slow_sandbox.base_url, columns=columns, lines=lines) as terminal:
        code, shown = terminal.wait(), terminal.text
    expected = answer_of(slow_sandbox.base_url)
    assert code == 0
    answer = re.split(r"\n\nSources\n|\n\n\[1\] ", shown)[0]
    assert words(answer) == words(expected.content)
    squeezed = re.sub(r"\s+", "", shown)
    assert all(f"{item.relevance_score * 100:.0f}%" in squeezed for item in expected.sources)
    assert re.search(r"conversationconv_\w+?·?messagemsg_\w+?·?firstchunk", squeezed)
    assert terminal.cursor_is_visible


@pytest.mark.slow
def test_a_spinner_until_the_first_chunk() -> None:
    """Something moves while nothing has come; nothing of it is left."""
    go = Event()
    script = served(go, *answer_events("Yes."))
    with WireServer(*script) as server, in_terminal("chat", "?", base_url=server.base_url) as terminal:
        terminal.wait_for("asking")
        go.set()
        terminal.wait_for("Sources")
        assert terminal.wait() == 0
    assert terminal.text.startswith("Yes.\n")
    assert "asking" not in terminal.text


def test_the_answer_grows(slow_sandbox: Any) -> None:
    """It is on the screen before it is whole."""
    with in_terminal("chat", QUESTION, base_url=slow_sandbox.base_url) as terminal:
        half = terminal.wait_for("Here is what")
        assert "Sources" not in half
        assert terminal.wait() == 0
        assert "Sources" in terminal.text


@pytest.mark.slow
def test_finished_blocks_scroll_away() -> None:
    """While the end of a long answer is being waited for, its beginning can be read, however small the terminal."""
    go = Event()
    pieces = [chunk(f"Paragraph {number}. {'words ' * 30}\n\n") for number in range(12)]
    first, last = numbered([*pieces, chunk("The end.")])[:12], answer_events(*["x"] * 12, "The end.")[12:]
    with (
        WireServer(*served(*first, go, *last)) as server,
        in_terminal("chat", "?", base_url=server.base_url, lines=10) as terminal,
    ):
        terminal.wait_for("Paragraph 0.")
        terminal.wait_for("Paragraph 11.")
        go.set()
        assert terminal.wait() == 0
    found = re.findall(r"Paragraph (\d+)\.|The end", terminal.text)
    assert found == [*map(str, range(12)), ""]


def test_markdown_is_rendered() -> None:
    """Headings, lists and code become what they mean; HTML and the text's own markup stay text."""
    text = (
        "# Taxes\n\n- **first**\n- second <b>x</b>\n\n```\ncode [bold]y[/bold]\n```\n\n"
        "See [here](https://example.com/a)\n\n[1]: note"
    )
    pieces = [text[at : at + 3] for at in range(0, len(text), 3)]
    with (
        WireServer(*served(*answer_events(*pieces))) as server,
        in_terminal("chat", "?", base_url=server.base_url) as terminal,
    ):
        assert terminal.wait() == 0
    shown = terminal.text
    assert "**" not in shown
    assert "```" not in shown
    for expected in (
        "Taxes",
        "• first",
        "• second <b>x</b>",
        "code [bold]y[/bold]",
        "https://example.com/a",
        "[1]: note",
    ):
        assert expected in shown


def test_ctrl_c_cancels() -> None:
    """In the middle of an answer: the exit code is 130, what had arrived stays, and so does the cursor."""
    events = numbered([chunk("Half an "), chunk("answer")])
    script = (*opening(), stream_answer(*events, end=End.STALL), farewell())
    with WireServer(*script) as server, in_terminal("chat", "?", base_url=server.base_url) as terminal:
        terminal.wait_for("Half an answer")
        terminal.send(CTRL_C)
        assert terminal.wait() == 130
        server.wait_closed()
        assert server.requests[-1].target == "/api/User/logout"
    assert terminal.text == "Half an answer\ngpo: cancelled"
    assert terminal.cursor_is_visible


def test_streams_that_break_are_continued_on_view(slow_sandbox: Any) -> None:
    """Whoever watches is told, and gets the whole answer."""
    first, second = answer_events("One ", "two.")[:1], answer_events("One ", "two.")[1:]
    script = (*opening(), stream_answer(b"retry: 700\n\n", *first, end=End.FIN), stream_answer(*second), farewell())
    with WireServer(*script) as server, in_terminal("chat", "?", base_url=server.base_url) as terminal:
        terminal.wait_for("continuing in")
        assert terminal.wait() == 0
    assert terminal.text.startswith("One two.\n")
    assert "continued 1x" in " ".join(words(terminal.text))


def test_errors(sandbox: Any) -> None:
    """What had arrived, then one line."""
    script = (
        *opening(),
        stream_answer(*numbered([chunk("Half an answer")])[:1], b"event: error\ndata: {}\n\n"),
        farewell(),
    )
    with WireServer(*script) as server, in_terminal("chat", "?", base_url=server.base_url) as terminal:
        assert terminal.wait() == 1
    assert re.match(r"Half an answer\n\s*gpo: ", terminal.text)


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\x1bPq\x1b\\ \u202eevil\u202c [red]x[/red]\x1b[?1049h"


@pytest.mark.parametrize("columns", [100, 40])
def test_hostile_text(columns: int) -> None:
    """Escape sequences in an answer, in titles and excerpts, in errors: none reaches the terminal."""
    sources = [source(title=HOSTILE, content_excerpt=HOSTILE, url=HOSTILE, document_id=HOSTILE)]
    final = {**chunk(None), "sources": sources, "is_complete": True, "metadata": {"message_id": HOSTILE}}
    events = numbered([chunk(f"a {HOSTILE} b\n\n```\n{HOSTILE}\n```\n\n"), chunk(f"| {HOSTILE} |\n|--|\n| x |"), final])
    with (
        WireServer(*served(*events)) as server,
        in_terminal("chat", "?", base_url=server.base_url, columns=columns) as terminal,
    ):
        assert terminal.wait() == 0
    assert_harmless(terminal.raw)
    assert "[red]x[/red]" in re.sub(r"\s+", "", terminal.text)


def assert_harmless(raw: bytes) -> None:
    """Only colours, cursor movements and erased lines, as rich makes them."""
    text = re.sub(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[\d*A|\x1b\[2K", "", raw.decode())
    assert set(re.findall(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", text)) <= {"\r", "\n"}


@pytest.mark.slow
def test_no_color() -> None:
    """NO_COLOR is respected: no colour is set."""
    text = "# Heading\n\n`code`\n\n```python\nx = 1\n```"
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        with (
            WireServer(*served(*answer_events(text))) as server,
            in_terminal("chat", "?", base_url=server.base_url, **variables) as terminal,
        ):
            assert terminal.wait() == 0
        assert bool(re.search(rb"\x1b\[(?:\d+;)*(?:3[0-7]|38;|48;|9[0-7]|4[0-7])", terminal.raw)) == coloured


@pytest.mark.slow
def test_dumb_terminals(sandbox: Any) -> None:
    """A terminal that cannot be drawn on gets the text as it comes."""
    with in_terminal("chat", QUESTION, base_url=sandbox.base_url, TERM="dumb") as terminal:
        assert terminal.wait() == 0
    assert b"\x1b" not in terminal.raw
    assert answer_of(sandbox.base_url).content.splitlines()[0].encode() in terminal.raw


@pytest.mark.parametrize("columns", [100, 60, 30])
def test_lists(sandbox: Any, columns: int) -> None:
    """Tables fit the terminal, and ids are whole wherever they fit."""
    arguments = ("documents", "list", "--limit", "2")
    with in_terminal(*arguments, base_url=sandbox.base_url, columns=columns) as terminal:
        assert terminal.wait() == 0
    assert all(len(line) <= columns for line in terminal.text.splitlines())
    assert "doc-compliance-calendar-disclosure" in re.sub(r"\n", "", terminal.text)
    assert "there are more" in terminal.text
    assert_harmless(terminal.raw)
