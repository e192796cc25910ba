"""Ctrl-C and SIGTERM, whenever they come: the right exit code, no traceback, no session and no half file left."""

from __future__ import annotations

import itertools
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
from tests.cli.service import farewell
from tests.support.events import answer_events, chunk, json_answer, numbered, opening, session, stream_answer
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
        requests: The requests it had sent.
        files: What it left.
    """

    code: int
    errors: str
    report: str
    requests: list[Received]
    files: list[str]

    @property
    def asked(self) -> list[str]:
        """The paths of its requests."""
        return [request.target for request in self.requests]


@attrs.define
class _Moments:
    """The moments at which signals come, of a command that has been run whole twice: loading what it needs, and not.

    Attributes:
        reports: Of the two runs.
        chance: Chooses.
        loaded: For the program: what it loads before anything is counted.
    """

    reports: tuple[Path, Path]
    chance: random.Random
    loaded: str = "-"

    def __iter__(self) -> Iterator[int]:
        """One in four at any moment, the others when all is loaded, which is six sevenths of a command."""
        for attempt in itertools.count():
            self.loaded = str(self.reports[0]) if attempt % 4 else "-"
            yield self.chance.randrange(1, int(self.reports[attempt % 4 > 0].read_text().split()[0]))


def _answer(request: Received) -> Answer:
    if request.target == "/api/User/session":
        return json_answer(session())
    if request.target == "/api/User/logout":
        return farewell()
    if request.target == "/api/Chat":
        return stream_answer(*answer_events(*(f"word {number} " for number in range(20))))
    return opening()[1]


def _run(folder: Path, arguments: list[str], moment: int = 0, number: int = 0, loaded: str = "-") -> _Done:
    folder.mkdir(exist_ok=True)
    report = folder.with_suffix(".report")
    home = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(folder / "config")}
    with WireServer(then=_answer) as server:
        command: list[str | Path] = [sys.executable, _PROGRAM, str(moment), str(number), report, loaded]
        done = subprocess.run(
            [*command, *arguments, "--base-url", server.base_url], cwd=folder, env={**os.environ, **home},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_LONGEST, check=False,
        )  # fmt: skip
        requests = list(server.requests)
    told = report.read_text() if report.exists() else ""
    files = [path.name for path in folder.iterdir() if path.name not in ("state", "config")]
    return _Done(done.returncode, done.stderr, told, requests, sorted(files))


def _moments(folder: Path, arguments: list[str], number: int) -> _Moments:
    whole = _run(folder / "whole", arguments)
    again = _run(folder / "again", arguments, loaded=str(folder / "whole.report"))
    assert (whole.code, again.code, len(whole.files)) == (0, 0, 1)
    return _Moments((folder / "whole.report", folder / "again.report"), random.Random(number))


@pytest.mark.slow
@_SIGNALS
def test_any_moment(number: signal.Signals, tmp_path: Path) -> None:
    """Before and after the command is at work the process ends at once; in between it says goodbye."""
    arguments = ["chat", "Why?", "--output", "answer.md"]
    moments = _moments(tmp_path, arguments, number)
    for attempt, moment in zip(range(examples(24)), moments, strict=False):
        done = _run(tmp_path / f"{attempt}", arguments, moment, number, moments.loaded)
        if not done.report:  # it took fewer calls this time
            continue
        assert done.code in (128 + number, -number), (moment, done)
        assert done.errors in (("", "gpo: cancelled\n") if number is signal.SIGINT else ("",)), (moment, done)
        assert done.files in ([], ["answer.md"]), (moment, done)
        if len(done.asked) > 1:
            assert done.asked[-1] == "/api/User/logout", (moment, done)


_QUESTIONS = [f"Why {number}?" for number in range(12)]


@pytest.mark.slow
@_SIGNALS
def test_batch_at_any_moment(number: signal.Signals, tmp_path: Path) -> None:
    """What was answered is there, whole; the next run asks for the rest alone, each question under the key it had."""
    (tmp_path / "q.txt").write_text("\n".join(_QUESTIONS))
    arguments = ["batch", str(tmp_path / "q.txt"), "-o", "answers.jsonl", "--run", "run", "--concurrency", "3"]
    moments = _moments(tmp_path, arguments, number)
    for attempt, moment in zip(range(examples(8)), moments, strict=False):
        folder = tmp_path / f"{attempt}"
        first = _run(folder, arguments, moment, number, moments.loaded)
        if not first.report:
            continue
        assert first.code in (128 + number, -number), (moment, first)
        assert first.errors in (("", "gpo: cancelled\n") if number is signal.SIGINT else ("",)), (moment, first)
        before = _rows(folder / "answers.jsonl")
        second = _run(folder, arguments, loaded=str(moments.reports[0]))
        assert second.code == 0, (moment, second)
        assert _rows(folder / "answers.jsonl")[: len(before)] == before
        assert sorted(_rows(folder / "answers.jsonl")) == sorted(_QUESTIONS), moment
        assert not set(before) & {question for question, _ in _keys(second)}
        assert len(_keys(first) | _keys(second)) == len(_QUESTIONS), moment


def _rows(file: Path) -> list[str]:
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [json.loads(line)["user_input"] for line in lines]


def _keys(done: _Done) -> set[tuple[str, str]]:
    """The questions that were asked, with their idempotency keys."""
    asked = [request for request in done.requests if request.target == "/api/Chat"]
    return {(request.json["query"], request.headers["idempotency-key"]) for request in asked}


@pytest.mark.slow
@_SIGNALS
def test_serve_at_any_moment(number: signal.Signals, tmp_path: Path) -> None:
    """It ends without a traceback, be it while it loads, while it begins to serve, or while it serves."""
    pytest.importorskip("starlette")
    whole, again = tmp_path / "whole", tmp_path / "again"
    _serve(whole, 0, number)
    _serve(again, 0, number, str(whole))
    moments = _Moments((whole, again), random.Random(number))
    for attempt, moment in zip(range(examples(12)), moments, strict=False):
        code, errors = _serve(tmp_path / f"{attempt}", moment, number, moments.loaded)
        assert code in ((0, 130, -number) if number is signal.SIGINT else (143, -number)), (moment, code, errors)
        told = [line for line in errors.splitlines() if not line.startswith("gpo: serving http://127.0.0.1:")]
        assert told == [] or (told == ["gpo: cancelled"] and number is signal.SIGINT), (moment, errors)


def _serve(report: Path, moment: int, number: int, loaded: str = "-") -> tuple[int, str]:
    """How ``gpo serve`` ends, and what it says; without a moment, with a signal once it serves."""
    command: list[str | Path] = [sys.executable, _PROGRAM, str(moment), str(number), report, loaded]
    command += ["serve", "openai", "--anyone", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        while not moment and "until Ctrl-C" not in said:
            said += process.stderr.readline()
        if not moment:
            process.send_signal(number)
        _, errors = process.communicate(timeout=_LONGEST)
    return process.returncode, said + errors


@pytest.mark.parametrize("missed", [0, 2], ids=["at once", "when it came before the wait"])
def test_lost_in_a_destructor(missed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python prints and forgets what is raised there; the signal comes again until it is handled."""
    send, sent = signals._send, list[int]()

    def miss(number: signal.Signals) -> None:
        sent.append(number)
        if len(sent) > missed:
            send(number)

    monkeypatch.setattr(signals, "_send", miss)

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
