"""The examples, each in a process of its own that treats warnings as errors."""

from __future__ import annotations

import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from gpo_sandbox import RunningSandbox
from tests.support.events import (
    TEXT_EVENT_STREAM,
    answer_events,
    chunk,
    conversation,
    json_answer,
    session,
    sse,
    stream_answer,
)
from tests.support.terminal import Terminal
from tests.support.wire import Answer, End, Received, WireServer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TIMEOUT_S = 120


def _start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **environment},
    )


def _output(example: str, **environment: str) -> str:
    process = _start(str(EXAMPLES / example), **environment)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")
    return output


def _numbers(pattern: str, text: str) -> list[int]:
    return [int(number) for number in re.findall(pattern, text, re.MULTILINE)]


@pytest.mark.parametrize("example", ["quickstart_sync.py", "quickstart_async.py"])
def test_quickstart_prints_an_answer_and_its_sources(sandbox: RunningSandbox, example: str) -> None:
    """The answer cites sources by number, and they are listed below it."""
    lines = _output(example, GPO_API_BASE_URL=sandbox.base_url).splitlines()
    listed = [line for line in lines if re.match(r"\[\d+\] \w", line)]
    answer = "\n".join(line for line in lines if line not in listed)
    assert lines[-len(listed) :] == listed
    assert _numbers(r"^\[(\d+)\]", "\n".join(listed))[:1] == [1]
    assert sorted(_numbers(r"\[(\d+)\]", answer)) == list(range(1, len(listed) + 1))


def test_quickstart_without_a_server_names_the_remedy() -> None:
    """Somebody who forgot to start a server is told what to do."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = _start(str(EXAMPLES / "quickstart_sync.py"), GPO_API_BASE_URL=f"http://127.0.0.1:{port}")
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 1
    assert not output
    assert "connection refused" in errors
    assert "GPO_API_BASE_URL" in errors.splitlines()[-1]


def test_demo_shows_both_clients() -> None:
    """One answer with each client, wrapped to the terminal, then numbered sources with relevance and excerpt."""
    output = _output("demo.py")
    by_sync, by_async = output.split("\nGPOCoreClient: ")
    assert "SyncGPOCoreClient: " in by_sync
    for part in by_sync, by_async:
        answer, first, sources = part.partition("\n\n[1] ")
        listed = _numbers(r"^\[(\d+)\] .+ \(relevance [01]\.\d\d\)\n    \w", first.strip() + " " + sources)
        assert listed == list(range(1, len(listed) + 1))
        assert set(_numbers(r"\[(\d+)\]", answer)) == set(listed)
        assert 60 < max(map(len, answer.partition("?\n\n")[2].splitlines())) < 80


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_demo_stops_at_ctrl_c() -> None:
    """Interrupted in the middle of an answer, the demo ends at once, without a traceback."""
    # Whoever runs the tests in the background may have switched Ctrl-C off for all that they start.
    allow = "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = _start("-c", f"{allow}; runpy.run_path(sys.argv[1], run_name='__main__')", str(EXAMPLES / "demo.py"))
    assert process.stdout is not None
    seen = _read_until(process.stdout, "Here is")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (130, "")
    assert output.endswith("Interrupted.\n")
    assert "relevance" not in seen + output


def test_script_prints_the_answer_alone(sandbox: RunningSandbox) -> None:
    """The answer and its sources on standard output, notes on standard error."""
    process = _start(str(EXAMPLES / "sync_script.py"), "What is", "RESICO?", GPO_API_BASE_URL=sandbox.base_url)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0
    answer, _, sources = output.rpartition("\n\n[1] ")
    assert "RESICO" in answer
    assert _numbers(r"\[(\d+)\]", answer) == _numbers(r"^\[(\d+)\]", f"[1] {sources}")
    assert re.fullmatch(r"\d+ chunks in \d+\.\d s, message msg_\w+\n", errors)


def test_script_tells_of_failures() -> None:
    """What had arrived is printed, a note says what happened, and the exit code is 1."""
    opening = [json_answer(session()), json_answer(conversation())]
    cut = stream_answer(sse(chunk("Half an ans")), end=End.FIN)
    refused = Answer(status=410, framing="length")
    with WireServer(*opening, cut, refused) as server:
        process = _start(str(EXAMPLES / "sync_script.py"), GPO_API_BASE_URL=server.base_url)
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, output) == (1, "Half an ans\n")
    assert errors.startswith("incomplete: ")


def test_script_tells_of_resumes() -> None:
    """A stream that broke and went on."""
    first, *rest = answer_events("One ", "two.")
    opening = (json_answer(session()), json_answer(conversation()))
    with WireServer(*opening, stream_answer(first, end=End.FIN), stream_answer(*rest)) as server:
        process = _start(str(EXAMPLES / "sync_script.py"), GPO_API_BASE_URL=server.base_url)
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0
    assert output.startswith("One two.\n")
    assert "continuing after 1 chunks" in errors


def test_batch_answers_all_questions(sandbox: RunningSandbox, tmp_path: Path) -> None:
    """A line of JSON for each question of the file, blank lines left out."""
    questions = ["What is RESICO?", "¿Qué es el IVA?", "What is PTU?"]
    (tmp_path / "questions.txt").write_text("\n\n".join(questions), "utf-8")
    arguments = (str(EXAMPLES / "async_batch.py"), str(tmp_path / "questions.txt"), "--at-once", "2")
    process = _start(*arguments, GPO_API_BASE_URL=sandbox.base_url)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")
    answers = sorted((json.loads(line) for line in output.splitlines()), key=lambda one: one["number"])
    assert [(one["number"], one["question"]) for one in answers] == list(enumerate(questions, 1))
    assert all(one["answer"] and one["sources"] for one in answers)


class _Busy:
    """A service that counts how many streams are open at once, and waits until that many are."""

    def __init__(self, at_once: int, questions: int) -> None:
        self._barrier = threading.Barrier(at_once)
        self._together = questions - questions % at_once
        self._lock = threading.Lock()
        self._asked = self._open = 0
        self.most = 0

    def answer(self, request: Received) -> Answer:
        """The answer to any request; to the fifth question, a broken one."""
        if request.target.endswith("/session"):
            return json_answer(session())
        if request.target.startswith("/api/Chat/start"):
            return json_answer(conversation())
        if not request.json.get("stream"):
            return Answer(status=404, framing="length")
        with self._lock:
            self._asked += 1
            number = self._asked
        return Answer(headers=TEXT_EVENT_STREAM, pieces=self._pieces(number))

    def _pieces(self, number: int) -> Iterator[bytes]:
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
        if number <= self._together:
            self._barrier.wait(TIMEOUT_S)
        with self._lock:
            self._open -= 1
        yield b"event: error\ndata: {}\n\n" if number == 5 else b"".join(answer_events("Yes."))


def test_batch_is_bounded() -> None:
    """As many streams at once as were asked for, never more; a question that fails stops no other."""
    busy = _Busy(3, 6)
    with WireServer(then=busy.answer) as server:
        process = _start(str(EXAMPLES / "async_batch.py"), "--at-once", "3", GPO_API_BASE_URL=server.base_url)
        output, errors = process.communicate(timeout=TIMEOUT_S)
    answers = [json.loads(line) for line in output.splitlines()]
    assert (process.returncode, errors) == (1, "")
    assert busy.most == 3
    assert sorted(one["number"] for one in answers) == [1, 2, 3, 4, 5, 6]
    assert [one.get("answer") for one in answers].count("Yes.") == 5
    assert sum("error" in one for one in answers) == 1


@pytest.mark.parametrize("world", ["asyncio"])
async def test_batch_starts_no_more_than_it_may() -> None:
    """When every task that there is waits for its answer, no more than so many wait."""
    example = runpy.run_path(str(EXAMPLES / "async_batch.py"))
    waiting: list[int] = []

    batch: Any = example["Batch"]

    class Counted(batch):  # type: ignore[misc]
        async def _answer(self, question: str) -> dict[str, Any]:
            waiting.append(waiting[-1] + 1 if waiting else 1)
            await anyio.wait_all_tasks_blocked()
            waiting.append(waiting[-1] - 1)
            return {"answer": question}

    await Counted(None, None, example["bar"](), 7).run(iter(enumerate("abcdefg", 1)), 3)
    assert max(waiting) == 3
    assert waiting[-1] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_batch_shows_a_bar(sandbox: RunningSandbox, tmp_path: Path) -> None:
    """In a terminal; what goes to a file has nothing of it."""
    command = f"{sys.executable} -W error {EXAMPLES / 'async_batch.py'} > {tmp_path / 'answers.jsonl'}"
    with Terminal("/bin/sh", "-c", command, GPO_API_BASE_URL=sandbox.base_url) as terminal:
        assert terminal.wait() == 0
    assert re.search(r"━ 6/6 \d+ chunks", terminal.text)
    lines = (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()
    assert sorted(json.loads(line)["number"] for line in lines) == [1, 2, 3, 4, 5, 6]


def test_batch_says_what_is_wrong(tmp_path: Path) -> None:
    """A file that is not there, a number that cannot be, a server that is not running."""
    for arguments, code, told in (
        (("no-such-file",), 1, "no-such-file"),
        (("--at-once", "0"), 2, "--at-once must be 1 or more"),
        ((), 1, "connection refused"),
    ):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = _start(str(EXAMPLES / "async_batch.py"), *arguments, GPO_API_BASE_URL=address)
        output, errors = process.communicate(timeout=TIMEOUT_S)
        assert (process.returncode, output) == (code, "")
        assert told in errors
        assert "Traceback" not in errors


def _read_until(stream: Any, words: str) -> str:
    text = ""
    while words not in text:
        character = stream.read(1)
        assert character, f"ended before {words!r}: {text}"
        text += character
    return text
