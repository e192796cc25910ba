"""gpo chat without a question: a conversation in a terminal."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Gpo
from tests.cli.service import farewell
from tests.support.events import answer_events, chunk, numbered, opening, problem_answer, stream_answer
from tests.support.terminal import CTRL_C, CTRL_D, ENTER, ESCAPE, UP, Terminal, in_terminal
from tests.support.wire import End, WireServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def _say(terminal: Terminal, keys: bytes, shown: str, count: int = 1, times: int = 1) -> None:
    """Press keys at the ``count``-th prompt, and wait until a text is shown so many times."""
    terminal.wait_for("\n>", count)
    terminal.send(keys)
    terminal.wait_for(shown, times)


def _leave(terminal: Terminal, count: int, keys: bytes = CTRL_D) -> None:
    """End it at the ``count``-th prompt."""
    terminal.wait_for("\n>", count)
    terminal.send(keys)
    assert terminal.wait() == 0


def test_questions_and_answers(gpo: Gpo, sandbox: Any, tmp_path: Path) -> None:
    """One question after the other in one conversation, until Ctrl-D; earlier questions come back, even tomorrow."""
    with in_terminal("chat", base_url=sandbox.base_url) as terminal:
        _say(terminal, b"What is RESICO?" + ENTER, "first chunk")
        _say(terminal, b"And for individuals?" + ENTER, "first chunk", 2, 2)
        _leave(terminal, 3)
    (listed,) = map(json.loads, gpo("history", "--json").lines)
    assert listed["message_count"] == 4
    assert terminal.text.endswith(f"To go on: gpo chat --conversation {listed['conversation_id']}")
    asked = [one["content"] for one in map(json.loads, gpo("messages", listed["conversation_id"], "--json").lines)][::2]
    assert asked == ["What is RESICO?", "And for individuals?"]

    kept = tmp_path / "state" / "gpo" / "chat_history"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with in_terminal("chat", "--conversation", listed["conversation_id"], base_url=sandbox.base_url) as terminal:
        _say(terminal, UP + UP, "> What is RESICO?")
        _say(terminal, ENTER, "first chunk")
        _leave(terminal, 2, b"/quit" + ENTER)
    (listed,) = map(json.loads, gpo("history", "--json").lines)
    assert listed["message_count"] == 6


def test_several_lines(gpo: Gpo, sandbox: Any) -> None:
    """Alt+Enter begins a new line, and what is pasted keeps its lines; Enter sends all of them."""
    with in_terminal("chat", base_url=sandbox.base_url) as terminal:
        _say(terminal, b"first line" + ESCAPE + ENTER, "\n.")
        _say(terminal, b"second line" + b"\x1b[200~\nthird line\x1b[201~" + ENTER, "first chunk")
        _leave(terminal, 2, b"/quit" + ENTER)
    (listed,) = map(json.loads, gpo("history", "--json").lines)
    question = json.loads(gpo("messages", listed["conversation_id"], "--json").lines[0])
    assert question["content"] == "first line\nsecond line\nthird line"


def test_ctrl_c_cancels_the_answer_alone() -> None:
    """The conversation goes on; Ctrl-C at the prompt drops the line."""
    stalled = stream_answer(*numbered([chunk("Half an answer")]), end=End.STALL)
    script = (*opening(), stalled, stream_answer(*answer_events("A whole one.")), farewell())
    with WireServer(*script) as server, in_terminal("chat", base_url=server.base_url) as terminal:
        _say(terminal, b"Why?" + ENTER, "Half an answer")
        _say(terminal, CTRL_C, "cancelled")
        terminal.wait_for("\n>", 2)
        terminal.send(b"dropped" + CTRL_C)
        _say(terminal, b"And now?" + ENTER, "A whole one.", 3)
        _leave(terminal, 4)
        questions = [request.json["query"] for request in server.requests if request.target == "/api/Chat"]
    assert questions == ["Why?", "And now?"]


def test_errors_end_no_conversation() -> None:
    """One line says what went wrong, and the next question can be asked; it goes to the same conversation."""
    refusal = problem_answer(422, "empty_query")
    script = (*opening(), refusal, stream_answer(*answer_events("Yes.")), farewell())
    with WireServer(*script) as server, in_terminal("chat", base_url=server.base_url) as terminal:
        _say(terminal, b"Why?" + ENTER, "gpo: 422")
        _say(terminal, b"/help" + ENTER, "Alt+Enter", 2, 2)
        _say(terminal, b"Well?" + ENTER, "Yes.", 3)
        _leave(terminal, 4)
        assert [request.target for request in server.requests].count("/api/Chat") == 2


@pytest.mark.parametrize(("arguments", "variables"), [(("--sensitive",), {}), ((), {"GPO_HISTORY_FILE": "none"})])
def test_questions_that_are_not_kept(
    sandbox: Any, tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    """Sensitive questions are written nowhere, nor are any if nobody wants it."""
    with in_terminal("chat", *arguments, base_url=sandbox.base_url, **variables) as terminal:
        _say(terminal, b"What is RESICO?" + ENTER, "conversation conv_")
        _leave(terminal, 2)
    assert not list(tmp_path.rglob("*"))


def test_continuing_the_last_conversation(gpo: Gpo, sandbox: Any) -> None:
    """Without a question: the conversation goes on."""
    gpo("chat", "What is RESICO?")
    with in_terminal("chat", "--last", base_url=sandbox.base_url) as terminal:
        _say(terminal, b"And for individuals?" + ENTER, "first chunk")
        _leave(terminal, 2)
    (listed,) = map(json.loads, gpo("history", "--json").lines)
    assert listed["message_count"] == 4
