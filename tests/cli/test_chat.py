"""gpo chat in a pipe: plain text, JSON, files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gpo_client.cli.asking import MOST_CHARS
from tests.cli.conftest import Gpo
from tests.cli.service import QUESTION, answer_of, farewell
from tests.support.contract import openapi
from tests.support.events import answer_events, chunk, numbered, opening, source, sse, stream_answer
from tests.support.wire import End, WireServer


def test_plain_text(gpo: Gpo, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer as it is, then its sources by number; no escape codes, whatever the environment says."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = gpo("chat", QUESTION)
    expected = answer_of(sandbox.base_url)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    text, _, sources = done.out.partition("\n\nSources:\n")
    assert text == expected.content
    numbers = re.findall(r"^\[(\d+)\] .+ \(relevance [01]\.\d\d\)", sources, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(expected.sources) + 1)]
    assert all(item.title in sources and item.content_excerpt in sources for item in expected.sources)


def test_json(gpo: Gpo, sandbox: Any) -> None:
    """One object for each chunk, as it came, with the conversation; together they are the answer."""
    done = gpo("chat", QUESTION, "--json")
    expected = answer_of(sandbox.base_url)
    chunks = [json.loads(line) for line in done.lines]
    assert (done.code, done.err) == (0, "")
    assert "".join(one["content"] or "" for one in chunks) == expected.content
    assert [one["is_complete"] for one in chunks] == [False] * (expected.chunk_count - 1) + [True]
    assert [item["title"] for item in chunks[-1]["sources"]] == [item.title for item in expected.sources]
    assert {one["conversation_id"] for one in chunks} == {chunks[0]["conversation_id"]}
    assert set(chunks[0]) == {"content", "sources", "is_complete", "metadata", "conversation_id"}


def test_whole_answers(gpo: Gpo) -> None:
    """Without a stream the answer is the same; in JSON it is a stream of one chunk."""
    streamed, whole = gpo("chat", QUESTION), gpo("chat", QUESTION, "--no-stream")
    assert (whole.code, whole.out) == (0, streamed.out)
    (one,) = [json.loads(line) for line in gpo("chat", QUESTION, "--no-stream", "--json").lines]
    assert one["is_complete"] is True
    assert one["content"] == streamed.out.partition("\n\nSources:\n")[0]
    assert one["metadata"]["message_id"].startswith("msg_")


def test_sensitive_questions(gpo: Gpo) -> None:
    """They are checked: the answer comes with warnings, and the question is in no title."""
    asked = "What does RESICO mean for jane.roe@example.com?"
    done = gpo("chat", "--sensitive", asked)
    assert done.code == 0
    assert re.search(r"^Warning: .*e-mail address", done.out, re.MULTILINE | re.IGNORECASE)
    (one,) = [json.loads(line) for line in gpo("chat", "--sensitive", "--json", asked).lines]
    assert one["metadata"]["sensitive_content_detected"] is True
    assert "example.com" not in gpo("history").out


def test_conversations_go_on(gpo: Gpo) -> None:
    """A question can be asked in a conversation that exists; without one, a new one is named after the question."""
    first = json.loads(gpo("chat", QUESTION, "--json").lines[0])["conversation_id"]
    again = gpo("chat", "And for individuals?", "--conversation", first, "--json")
    assert json.loads(again.lines[0])["conversation_id"] == first
    (listed,) = gpo("history", "--json").lines
    assert json.loads(listed)["title"] == QUESTION
    assert json.loads(listed)["message_count"] == 4


@pytest.mark.parametrize("arguments", [("chat", "-"), ("chat",)])
def test_questions_from_standard_input(gpo: Gpo, arguments: tuple[str, ...]) -> None:
    """What is piped in is the question, with its lines."""
    piped = gpo(*arguments, stdin=f"{QUESTION}\n".encode())
    assert (piped.code, piped.out) == (0, gpo("chat", QUESTION).out)


def asked(gpo: Gpo, *arguments: str, stdin: bytes | None) -> str:
    """The question that arrives."""
    with WireServer(*opening(), stream_answer(*answer_events("Yes.")), farewell()) as server:
        done = gpo("chat", "--base-url", server.base_url, *arguments, stdin=stdin)
        assert (done.code, done.err) == (0, "")
        return str(server.requests[2].json["query"])


@pytest.mark.parametrize("arguments", [("Summarise",), ("Summarise", "-"), ("-", "Summarise")])
@pytest.mark.parametrize(
    ("piped", "sent"),
    [
        (b"one\ntwo\n", "Summarise\n\none\ntwo"),
        (b"\n\n  indented\n", "Summarise\n\n  indented"),
        ("\ufeffcaf\u00e9\r\n".encode(), "Summarise\n\ncaf\u00e9"),
        (b"", "Summarise"),
        (b" \n\n", "Summarise"),
    ],
)
def test_question_and_file(gpo: Gpo, arguments: tuple[str, ...], piped: bytes, sent: str) -> None:
    """``cat file | gpo chat "Summarise"`` sends both; where nothing is piped, as from /dev/null, the question."""
    assert asked(gpo, *arguments, stdin=piped) == sent


def test_question_at_a_terminal(gpo: Gpo) -> None:
    """Nobody waits for what is typed after the command."""
    assert asked(gpo, "Why?", stdin=None) == "Why?"


def test_how_much_can_be_piped(gpo: Gpo) -> None:
    """As much as the service accepts, counted in characters; more is refused before anything is sent."""
    room = MOST_CHARS - len("Why?\n\n")
    assert len(asked(gpo, "Why?", stdin="é".encode() * room)) == MOST_CHARS
    for piped in ("é" * (room + 1), "x" * 1_000_000):
        done = gpo("chat", "Why?", "--base-url", "http://127.0.0.1:1", stdin=piped.encode())
        assert (done.code, done.out) == (2, "")
        assert done.complaint == "the question with what is piped in is longer than 32,768 characters: send less of it"


def test_the_bound_is_the_contracts() -> None:
    """What the service accepts is written in the contract."""
    query = openapi()["components"]["schemas"]["ChatRequest"]
    assert query["properties"]["query"]["maxLength"] == MOST_CHARS


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (("chat", ""), None, "the question is empty"),
        (("chat", " \n"), None, "the question is empty"),
        (("chat", "-"), b"", "the question is empty"),
        (("chat", "-"), b"caf\xe9", "not text in UTF-8"),
        (("chat", "Summarise"), b"caf\xe9", "what is piped in is not text in UTF-8"),
        (("chat", "caf\udce9"), None, "not text in UTF-8"),
        (("chat",), None, "a conversation needs a terminal"),
        (("chat", "--json"), None, "--json and --output want a question"),
        (("chat", QUESTION, "--output", "."), None, "is a folder"),
    ],
)
def test_questions_that_are_none(gpo: Gpo, arguments: tuple[str, ...], stdin: bytes | None, told: str) -> None:
    """One line says so, and the exit code is that of a wrong call."""
    done = gpo(*arguments, stdin=stdin)
    assert (done.code, done.out) == (2, "")
    assert told in done.complaint


def test_answers_in_files(gpo: Gpo, tmp_path: Path) -> None:
    """The file holds what a pipe would have got, and nothing is printed."""
    path = tmp_path / "answer.md"
    path.write_text("before")
    done = gpo("chat", QUESTION, "--output", str(path))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert path.read_text("utf-8") == gpo("chat", QUESTION).out
    gpo("chat", QUESTION, "--json", "-o", "answer.jsonl")
    assert json.loads((tmp_path / "answer.jsonl").read_text("utf-8").splitlines()[-1])["is_complete"] is True
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["answer.jsonl", "answer.md"]


def test_broken_answers_are_kept(gpo: Gpo, tmp_path: Path) -> None:
    """A file appears only when the answer is whole; what had arrived of a broken one is kept beside it."""
    cut = stream_answer(sse(chunk("Half an ans")), end=End.FIN)
    with WireServer(*opening(), cut) as server:
        done = gpo("chat", "Why?", "-o", "answer.md", "--base-url", server.base_url)
    assert done.code == 4
    assert done.complaint.endswith("what had arrived is in answer.md.partial")
    assert [entry.name for entry in tmp_path.iterdir()] == ["answer.md.partial"]
    assert (tmp_path / "answer.md.partial").read_text() == "Half an ans\n"


def test_what_had_arrived_is_printed(gpo: Gpo) -> None:
    """In a pipe, too: all of it, then the error."""
    cut = stream_answer(sse(chunk("Half an ans")), end=End.FIN)
    with WireServer(*opening(), cut) as server:
        done = gpo("chat", "Why?", "--base-url", server.base_url)
    assert (done.code, done.out) == (4, "Half an ans\n")
    assert "stream" in done.complaint


def test_sessions_are_ended(gpo: Gpo) -> None:
    """The session of a command does not outlive it, and carries the identity that was asked for."""
    with WireServer(*opening(), stream_answer(*answer_events("Yes.")), farewell()) as server:
        done = gpo("chat", "Why?", "--base-url", server.base_url, "--instance-id", "i", "--project-id", "p")
        opened, _, asked, ended = server.requests
    assert (done.code, done.out) == (0, "Yes.\n\nSources:\n[1] RESICO (relevance 0.90)\n    1 to 2.5 per cent\n")
    assert (opened.json["instance_id"], opened.json["project_id"]) == ("i", "p")
    assert asked.json["conversation_id"] == "conv_01"
    assert ended.target == "/api/User/logout"
    assert ended.headers["authorization"] == "Bearer t0k3n"


def test_sources_keep_their_numbers(gpo: Gpo) -> None:
    """They are listed in the order that the answer cites them in, each once, whatever their relevance."""
    second = source("b", title="Second best", relevance_score=0.2)
    sources = [second, source("a", title="Best"), second]
    events = numbered(
        [chunk("See [1], [2].", sources=sources[:1]), {**chunk(None), "sources": sources, "is_complete": True}]
    )
    with WireServer(*opening(), stream_answer(*events), farewell()) as server:
        done = gpo("chat", "Why?", "--base-url", server.base_url)
    assert re.findall(r"^\[\d+\] [\w ]*\w", done.out, re.MULTILINE) == ["[1] Second best", "[2] Best"]


def test_hostile_text_in_a_pipe(gpo: Gpo) -> None:
    """What a terminal would obey is left out, wherever it comes from; brackets are no markup."""
    bad = "\x1b]0;owned\x07\x9b2J\x1b[31m[bold]red[/bold]\u202e"
    events = numbered(
        [chunk(f"a{bad}b"), {**chunk(None), "sources": [source(title=bad, content_excerpt=bad)], "is_complete": True}]
    )
    with WireServer(*opening(), stream_answer(*events), farewell()) as server:
        done = gpo("chat", "Why?", "--base-url", server.base_url)
    shown = "]0;owned2J[31m[bold]red[/bold]"
    assert done.out.startswith(f"a{shown}b\n\nSources:\n[1] {shown}")
    with WireServer(*opening(), stream_answer(*events), farewell()) as server:
        lines = gpo("chat", "Why?", "--json", "--base-url", server.base_url).lines
    assert json.loads(lines[0])["content"] == f"a{bad}b"
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", "".join(lines))


@pytest.mark.parametrize("question", ["-5 + 3?", "--what is RESICO?", "-"])
def test_questions_that_begin_with_a_hyphen(gpo: Gpo, question: str) -> None:
    """Behind ``--`` they are questions like any other."""
    assert asked(gpo, "--", question, stdin=None) == question


def test_continuing_the_last_conversation(gpo: Gpo) -> None:
    """The one that was active last; nothing to continue is an error, and so is naming another one too."""
    assert "no conversation to continue yet" in gpo("chat", "And then?", "--continue").complaint
    first, second = (json.loads(gpo("chat", text, "--json").lines[0])["conversation_id"] for text in ("One?", "Two?"))
    for option, expected in (("-c", second), ("--last", second)):
        done = json.loads(gpo("chat", "And then?", option, "--json").lines[0])
        assert done["conversation_id"] == expected
    assert json.loads(gpo("chat", "?", "--cid", first, "--json").lines[0])["conversation_id"] == first
    assert json.loads(gpo("chat", "?", "-c", "--json").lines[0])["conversation_id"] == first
    assert "do not go together" in gpo("chat", "?", "-c", "--cid", first).complaint
