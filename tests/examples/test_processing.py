"""The examples that process an answer: the right result with both clients, cut at every character."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gpo_sandbox import RunningSandbox
from tests.support.events import chunk as content
from tests.support.events import conversation, final, json_answer, numbered, session, source, stream_answer
from tests.support.wire import Answer, WireServer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BOTH_CLIENTS = pytest.mark.parametrize("client", ["sync", "async"])


def _output(example: str, base_url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / example)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "GPO_API_BASE_URL": base_url},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _answers(text: str, **last: object) -> list[Answer]:
    """A session, a conversation, and an answer of which each character is a chunk."""
    chunks = [*(content(character) for character in text), final(**last)]
    return [json_answer(session()), json_answer(conversation()), stream_answer(*numbered(chunks))]


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
        assert _output(f"process_text_{client}.py", server.base_url) == HTML


@pytest.mark.slow
@BOTH_CLIENTS
def test_keywords_of_a_real_answer(sandbox: RunningSandbox, client: str) -> None:
    """Each word is marked, and nothing else is changed."""
    output = _output(f"process_text_{client}.py", sandbox.base_url)
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
        output = _output(f"collect_sources_{client}.py", server.base_url)
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
    by_sync, by_async = (_output(f"collect_sources_{client}.py", sandbox.base_url) for client in ("sync", "async"))
    assert by_sync == by_async
    cited = re.findall(r"^\[\d+\] …\S.* -> (.+)$", by_sync, re.MULTILINE)
    assert sorted(cited) == sorted(each["title"] for each in json.loads(by_sync.partition("As JSON:")[2])["sources"])


@pytest.mark.slow
@BOTH_CLIENTS
def test_slow_consumer(sandbox: RunningSandbox, client: str) -> None:
    """The answer is whole, and reading had to wait for the consumer; the sandbox is faster."""
    answer, _, numbers = _output(f"slow_consumer_{client}.py", sandbox.base_url).rpartition("\n\n")
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
