"""Ctrl-C and SIGTERM, whenever they come: the right exit code, no traceback, no session and no half file left."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs
import pytest

from gpo_client.cli import signals
from tests.cli.service import farewell, opening
from tests.support.events import answer_events, chunk, json_answer, numbered, session, stream_answer
from tests.support.parts import examples
from tests.support.wire import Answer, End, Received, WireServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")

_SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
_PROGRAM = Path(__file__).with_name("signalled.py")
_LONGEST = 120


@attrs.frozen
class _Done:
    """How a command went.

    Attributes:
        code: Its exit code, or the signal that ended it, negative.
        errors: What it said.
        report: Where the signal came, or how many moments there were.
        asked: The paths of the requests it had sent.
        files: What it left.
    """

    code: int
    errors: str
    report: str
    asked: list[str]
    files: list[str]


def _answer(request: Received) -> Answer:
    if request.target == "/api/User/session":
        return json_answer(session())
    if request.target == "/api/User/logout":
        return farewell()
    if request.target == "/api/Chat":
        return stream_answer(*answer_events(*(f"word {number} " for number in range(20))))
    return opening()[1]


def _run(folder: Path, arguments: list[str], moment: int, number: int) -> _Done:
    folder.mkdir()
    report = folder.with_suffix(".report")
    home = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(folder / "config")}
    with WireServer(then=_answer) as server:
        command: list[str | Path] = [sys.executable, _PROGRAM, str(moment), str(number), report]
        done = subprocess.run(
            [*command, *arguments, "--base-url", server.base_url], cwd=folder, env={**os.environ, **home},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_LONGEST, check=False,
        )  # fmt: skip
        asked = [request.target for request in server.requests]
    told = report.read_text() if report.exists() else ""
    files = [path.name for path in folder.iterdir() if path.name not in ("state", "config")]
    return _Done(done.returncode, done.stderr, told, asked, sorted(files))


@pytest.mark.slow
@_SIGNALS
def test_any_moment(number: signal.Signals, tmp_path: Path) -> None:
    """Before and after the command is at work the process ends at once; in between it says goodbye."""
    arguments = ["chat", "Why?", "--output", "answer.md"]
    whole = _run(tmp_path / "whole", arguments, 0, 0)
    assert (whole.code, whole.files) == (0, ["answer.md"])
    moments, chance = int(whole.report), random.Random(number)
    for attempt in range(examples(24)):
        # The first six sevenths load what a command needs.
        begin = 1 if attempt % 4 == 0 else moments * 6 // 7
        moment = chance.randrange(begin, moments)
        done = _run(tmp_path / f"{attempt}", arguments, moment, number)
        if not done.report:  # it took fewer calls this time
            continue
        assert done.code in (128 + number, -number), (moment, done)
        assert done.errors in (("", "gpo: cancelled\n") if number is signal.SIGINT else ("",)), (moment, done)
        assert done.files in ([], ["answer.md"]), (moment, done)
        if len(done.asked) > 1:
            assert done.asked[-1] == "/api/User/logout", (moment, done)


def test_lost_in_a_destructor() -> None:
    """Python prints and forgets what is raised there; the signal comes again."""

    class Destroyed:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), signals.raised():  # noqa: PT012 - it comes when it comes
        Destroyed()
        while True:
            signal.pause()


def test_lost_without_a_word() -> None:
    """Code in C may forget what is raised while it looks something up; it is raised at the end."""
    with pytest.raises(SystemExit, match="143"), signals.raised():  # noqa: PT012 - two statements are the point
        with suppress(SystemExit):
            signal.raise_signal(signal.SIGTERM)
        went_on = True
    assert went_on


def test_other_losses_are_told_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no signal is left to who was there before."""
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: told.append(unraisable.exc_value))

    class Destroyed:
        def __del__(self) -> None:
            raise ValueError("left")

    with signals.raised():
        Destroyed()
    assert [str(error) for error in told] == ["left"]
    assert sys.unraisablehook.__name__ == "<lambda>"


def test_ignored_signals_stay_ignored() -> None:
    """As nohup has it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with signals.raised():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


_INITIALIZE: dict[str, Any] = {
    "method": "initialize",
    "params": {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "agent", "version": "1"}},
}


@contextmanager
def _agent(base_url: str) -> Iterator[subprocess.Popen[str]]:
    """``gpo mcp``, with an agent that has introduced itself and keeps its end open."""
    pytest.importorskip("mcp")
    environment = {**os.environ, "GPO_SESSION_USER_ID": "user-1"}
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "gpo_client.cli", "mcp", "--base-url", base_url]
    with subprocess.Popen(command, env=environment, text=True, **pipes) as process:
        try:
            _say(process, id=1, **_INITIALIZE)
            assert json.loads(process.stdout.readline())["id"] == 1  # type: ignore[union-attr]
            _say(process, method="notifications/initialized")
            yield process
        finally:
            process.kill()


def _say(process: subprocess.Popen[str], **message: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    process.stdin.flush()


def _errors(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.read()


@pytest.mark.slow
@_SIGNALS
def test_mcp_that_waits(number: signal.Signals) -> None:
    """It ends although the agent keeps standard input open."""
    with _agent("http://127.0.0.1:9") as process:
        process.send_signal(number)
        assert process.wait(_LONGEST) == (0 if number is signal.SIGINT else 143)
        assert _errors(process) == ""


@pytest.mark.slow
@_SIGNALS
def test_mcp_at_work(number: signal.Signals) -> None:
    """With a question under way too."""
    half = stream_answer(*numbered([chunk("Half an answer")]), end=End.STALL)
    with WireServer(*opening(), half, then=_answer) as server, _agent(server.base_url) as process:
        _say(process, id=2, method="tools/call", params={"name": "ask", "arguments": {"question": "Why?"}})
        while len(server.requests) < 3:
            assert process.poll() is None
        process.send_signal(number)
        assert process.wait(_LONGEST) == (0 if number is signal.SIGINT else 143)
        assert _errors(process) == ""
