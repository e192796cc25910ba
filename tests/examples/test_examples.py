"""The examples, each in a process of its own that treats warnings as errors."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gpo_sandbox import RunningSandbox
from tests.support.events import (
    answer_events,
    chunk,
    final,
    numbered,
    opening,
    source,
    sse,
    stream_answer,
)
from tests.support.wire import Answer, End, WireServer

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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_script_tells_of_failures() -> None:
    """What had arrived is printed, a note says what happened, and the exit code is 1."""
    cut = stream_answer(sse(chunk("Half an ans")), end=End.FIN)
    refused = Answer(status=410, framing="length")
    with WireServer(*opening(), cut, refused) as server:
        process = _start(str(EXAMPLES / "sync_script.py"), GPO_API_BASE_URL=server.base_url)
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, output) == (1, "Half an ans\n")
    assert errors.startswith("incomplete: ")


@pytest.mark.slow
def test_script_tells_of_resumes() -> None:
    """A stream that broke and went on."""
    first, *rest = answer_events("One ", "two.")
    with WireServer(*opening(), stream_answer(first, end=End.FIN), stream_answer(*rest)) as server:
        process = _start(str(EXAMPLES / "sync_script.py"), GPO_API_BASE_URL=server.base_url)
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0
    assert output.startswith("One two.\n")
    assert "continuing after 1 chunks" in errors


@pytest.mark.slow
@pytest.mark.parametrize("example", ["async_batch.py", "sync_batch.py"])
def test_batch_answers_all_questions(example: str, sandbox: RunningSandbox) -> None:
    """Each with its answer, in whatever order they come."""
    process = _start(str(EXAMPLES / example), GPO_API_BASE_URL=sandbox.base_url)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")
    for question in ("What is RESICO?", "How are employee stock options taxed?"):
        assert f"{question}\n" in output
    assert output.count("[1]") >= 6


def _read_until(stream: Any, words: str) -> str:
    text = ""
    while words not in text:
        character = stream.read(1)
        assert character, f"ended before {words!r}: {text}"
        text += character
    return text


BOTH_CLIENTS = pytest.mark.parametrize("client", ["sync", "async"])


def _answers(text: str, **last: object) -> list[Answer]:
    """A session, a conversation, and an answer of which each character is a chunk."""
    chunks = [*(chunk(character) for character in text), final(**last)]
    return [*opening(), stream_answer(*numbered(chunks))]


TEXT = "Is income tax < 30 %?\n```py\ntax = 0.3 < 1\n```\nNo taxes: `tax` & VAT."
HTML = (
    "Is <strong>income tax</strong> &lt; 30 %?\n"
    '<pre><code class="language-py">tax = 0.3 &lt; 1\n</code></pre>'
    "No taxes: `tax` &amp; <strong>VAT</strong>.\n<end of response>\n"
)


@pytest.mark.slow
@BOTH_CLIENTS
def test_keywords_and_code_cut_at_every_character(client: str) -> None:
    """A keyword or a fence in pieces is found; code is left as it is."""
    with WireServer(*_answers(TEXT)) as server:
        assert _output(f"process_text_{client}.py", GPO_API_BASE_URL=server.base_url) == HTML


@pytest.mark.slow
@BOTH_CLIENTS
def test_keywords_of_a_real_answer(sandbox: RunningSandbox, client: str) -> None:
    """Each word is marked, and nothing else is changed."""
    output = _output(f"process_text_{client}.py", GPO_API_BASE_URL=sandbox.base_url)
    plain = html.unescape(re.sub("</?strong>", "", output))
    assert "Here is what the documents say" in plain
    words = re.findall(r"\b(?:income tax|tax|deduction|credit|VAT|income)\b", plain, re.IGNORECASE)
    assert len(words) > 3
    assert re.findall("<strong>(.+?)</strong>", output) == words


@pytest.mark.slow
@BOTH_CLIENTS
def test_sources_are_told_apart_and_cited(client: str) -> None:
    """Each passage once, most relevant first; the numbers in the text are those of the list as sent."""
    sources = [
        source("a", title="Low", relevance_score=0.2),
        source("b", title="High", relevance_score=0.9, content_excerpt=None),
        source("a", title="Low", relevance_score=0.1, content_excerpt="another passage"),
    ]
    with WireServer(*_answers("One [1]. Two [2].", sources=sources)) as server:
        output = _output(f"collect_sources_{client}.py", GPO_API_BASE_URL=server.base_url)
    assert output.startswith("One [1]. Two [2].\n")
    listed = ["- High (relevance 0.9)", "- Low (relevance 0.2)\n  1 to 2.5", "- Low (relevance 0.1)\n  another passage"]
    assert sorted(listed, key=output.index) == listed
    assert "[1] …One -> Low\n[2] …One [1]. Two -> High\n" in output
    stored = json.loads(output.partition("As JSON:")[2])
    assert stored == {
        "content": "One [1]. Two [2].",
        "sources": [
            {"title": title, "relevance": relevance} for title, relevance in (("High", 0.9), ("Low", 0.2), ("Low", 0.1))
        ],
    }


@pytest.mark.slow
def test_sources_of_a_real_answer(sandbox: RunningSandbox) -> None:
    """Both clients print the same, and each source is cited."""
    by_sync, by_async = (
        _output(f"collect_sources_{client}.py", GPO_API_BASE_URL=sandbox.base_url) for client in ("sync", "async")
    )
    assert by_sync == by_async
    cited = re.findall(r"^\[\d+\] …\S.* -> (.+)$", by_sync, re.MULTILINE)
    assert sorted(cited) == sorted(each["title"] for each in json.loads(by_sync.partition("As JSON:")[2])["sources"])


@pytest.mark.slow
@BOTH_CLIENTS
def test_slow_consumer(sandbox: RunningSandbox, client: str) -> None:
    """The answer is whole, and reading had to wait for the consumer; the sandbox is faster."""
    answer, _, numbers = _output(f"slow_consumer_{client}.py", GPO_API_BASE_URL=sandbox.base_url).rpartition("\n\n")
    assert "Here is what the documents say" in answer
    shown = re.fullmatch(
        r"(\d+) chunks, at most (\d+) of them waiting\.\n"
        r"Reading paused (\d+) times, for (\d+\.\d\d) seconds in all\.\n",
        numbers,
    )
    assert shown, numbers
    chunks, peak, pauses, waited = map(float, shown.groups())
    assert chunks >= peak >= 8
    assert pauses >= 1
    assert waited > 0


@pytest.mark.slow
def test_a_page_that_is_not_built(tmp_path: Path) -> None:
    """The service of the React page says what builds it."""
    process = _start(str(EXAMPLES / "react_chat" / "service.py"), "--page", str(tmp_path / "dist"))
    _, told = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, told.rstrip().endswith("yet: make react-chat builds it and runs it")) == (2, True)
