"""gpo batch."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.cli.conftest import Gpo
from tests.support.terminal import in_terminal


def test_questions_are_answered(gpo: Gpo, tmp_path: Path) -> None:
    """A row for each, with its own columns; the next run asks none of them again and says the same."""
    (tmp_path / "q.csv").write_text("id,question,reference\n1,What is RESICO?,a regime\n2,What is PTU?,a share\n")
    for _ in range(2):
        done = gpo("batch", "q.csv", "-o", "a.jsonl", "--report", "r.json")
        assert (done.code, done.lines) == (0, ["2 answered, 0 failed: a.jsonl"])
        rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
        assert {(row["id"], row["user_input"], row["reference"]) for row in rows} == {
            ("1", "What is RESICO?", "a regime"),
            ("2", "What is PTU?", "a share"),
        }
        for row in rows:
            assert row["error"] is None
            assert row["retrieved_contexts"]
            assert row["first_chunk_seconds"] <= row["seconds"]
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["answered"], report["requests"]) == (2, 2)


@pytest.mark.parametrize("name", ["q.csv", "q.txt", "-"])
def test_utf16(gpo: Gpo, tmp_path: Path, name: str) -> None:
    """As spreadsheets and shells on Windows write it, with a mark."""
    text = f"{'question' if name == 'q.csv' else 'What is IVA?'}\r\nWhat is PTU?\r\n".encode("utf-16")
    if name != "-":
        (tmp_path / name).write_bytes(text)
    assert gpo("batch", name, "-o", "a.jsonl", "--limit", "2", stdin=text).code == 0
    assert "What is PTU?" in (tmp_path / "a.jsonl").read_text("utf-8")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files have no names here")
@pytest.mark.parametrize("text", [b"What is PTU?\n", b'"What is PTU?"', b"question\nWhat is PTU?\n"])
def test_pipes_are_read(gpo: Gpo, text: bytes) -> None:
    """As shells make them for what another command writes: gpo batch <(…)."""
    reader, writer = os.pipe()
    os.write(writer, text)
    os.close(writer)
    kind = ("--format", "csv") if text.startswith(b"question") else ()
    done = gpo("batch", f"/dev/fd/{reader}", "-o", "a.jsonl", *kind)
    os.close(reader)
    assert (done.code, done.lines) == (0, ["1 answered, 0 failed: a.jsonl"])


@pytest.mark.parametrize("stream", [(), ("--no-stream",)])
def test_failures(gpo: Gpo, tmp_path: Path, stream: tuple[str, ...]) -> None:
    """Are rows too, and the exit code tells; they are asked again when that is wanted, and with --limit only some."""
    done = gpo("batch", "-", "-o", "a.jsonl", *stream, stdin=b'"What is RESICO?"\n{"nothing": 1}\n')
    assert (done.code, done.lines) == (1, ["1 answered, 1 failed: a.jsonl"])
    (tmp_path / "q.txt").write_text("What is PTU?\nWhat is IVA?\n")
    done = gpo("batch", "q.txt", "-o", "a.jsonl", "--retry-failed", "--limit", "1", *stream)
    assert (done.code, done.lines) == (0, ["2 answered, 0 failed: a.jsonl"])


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("missing.txt", "-o", "a.jsonl"), 1, "missing.txt: No such file"),
        (("q.csv", "-o", "a.jsonl"), 2, "no column of questions"),
        (("q.txt", "-o", "a.jsonl", "--concurrency", "0"), 2, "max_concurrency"),
        (("q.txt", "-o", "q.txt"), 2, "name another output"),
        (("q.txt", "-o", "link.jsonl"), 2, "name another output"),
        (("q.txt", "-o", "a.json", "--report", "./a.json"), 2, "name another output than the report"),
        (("q.txt", "-o", "/dev/null"), 2, "/dev/null is no file"),
        (("q.txt", "-o", "a.jsonl", "--limit", "-1"), 2, "--limit must be 0 or more"),
        (("cut.csv", "-o", "a.jsonl"), 2, "begin as UTF-16 does"),
        (("book.xlsx", "-o", "a.jsonl"), 2, "the questions are no text: save a workbook as CSV"),
        (("packed.jsonl.gz", "-o", "a.jsonl"), 2, "the questions are no text"),
        (("q.txt", "-o", "a.jsonl", "--report", "r.pdf"), 2, "a report is .json or .html"),
        (("q.txt", "-o", "a.jsonl", "--report", "no/r.html"), 2, "there is no folder no"),
        (("q.txt", "-o", "a.jsonl", "--base-url", "http://127.0.0.1:1"), 4, "refused"),
        (("q.txt",), 2, "--output"),
    ],
)
def test_mistakes(gpo: Gpo, tmp_path: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    """Are told in one line."""
    (tmp_path / "q.csv").write_text("a,b\n1,2\n")
    (tmp_path / "q.txt").write_text("What is PTU?\n")
    (tmp_path / "link.jsonl").symlink_to("q.txt")
    (tmp_path / "cut.csv").write_bytes("question\n".encode("utf-16")[:-1])
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(b'"What is PTU?"'))
    with ZipFile(tmp_path / "book.xlsx", "w") as book:
        book.writestr("xl/sharedStrings.xml", "<sst>\n<si>\n<t>What is PTU?</t>\n</si>\n</sst>")
    done = gpo("batch", *arguments)
    assert (done.code, told in done.complaint) == (code, True), done.complaint
    assert (tmp_path / "q.txt").read_text() == "What is PTU?\n"
    output = tmp_path / "a.jsonl"
    assert not output.exists() or not output.read_text()


def test_stop_after(gpo: Gpo, tmp_path: Path) -> None:
    """When everything fails, that is found out before all is tried."""
    (tmp_path / "q.jsonl").write_text('{"x": 1}\n' * 500)
    done = gpo("batch", "q.jsonl", "-o", "a.jsonl", "--stop-after", "5", "--concurrency", "1")
    assert (done.code, done.out) == (1, "")
    assert "stop_after" in done.complaint
    assert 5 <= len((tmp_path / "a.jsonl").read_text().splitlines()) < 50


def test_on_a_terminal(sandbox: Any, tmp_path: Path) -> None:
    """Whoever watches sees how far it is, and in the end how it went."""
    (tmp_path / "q.txt").write_text("What is RESICO?\nWhat is PTU?\n")
    arguments = ("batch", str(tmp_path / "q.txt"), "-o", str(tmp_path / "a.jsonl"))
    with in_terminal(*arguments, base_url=sandbox.base_url, columns=120, lines=20) as terminal:
        code, shown = terminal.wait(), " ".join(terminal.text.split())
    assert code == 0
    assert "2/2" in shown
    assert "0 failed" in shown
    assert "p50/p95 first" in shown
    assert "2 answered, 0 failed" in shown
    assert terminal.cursor_is_visible
