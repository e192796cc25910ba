"""gpo metrics, gpo ratings and gpo questions: tables, CSV, JSON, and exports."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gpo_client.cli.contract import operations
from gpo_client.cli.rows import Rows
from tests.cli.conftest import Gpo
from tests.support.terminal import in_terminal

REPORTS = [
    ("metrics" if group == "metrics" else "ratings" if group == "ratings" else "questions", method.replace("_", "-"))
    for group, _, method in (each.client.rpartition(".") for each in operations())
    if group in ("metrics", "ratings", "question_details") and method not in ("search", "export", "select_columns")
]


@pytest.fixture
def asked(gpo: Gpo) -> dict[str, Any]:
    """A question that somebody asked, rated and liked."""
    chunks = [json.loads(line) for line in gpo("chat", "What is RESICO?", "--json").lines]
    conversation, message = chunks[0]["conversation_id"], chunks[0]["metadata"]["message_id"]
    gpo("rate", conversation, "4", "--comment", "=1+1, \u201cgood\u201d")
    gpo("feedback", message, "--like", "--comment", "yes")
    return {"conversation_id": conversation, "message_id": message}


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("group", "name"), REPORTS)
@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)])
def test_every_report(gpo: Gpo, asked: dict[str, Any], group: str, name: str, form: tuple[str, ...]) -> None:
    """In each form; what can be read is read."""
    done = gpo(group, name, *form, "--window", "this year")
    assert (done.code, done.err) == (0, "")
    if form == ("--json",):
        assert all(isinstance(json.loads(line), dict) for line in done.lines)
    if form == ("--csv",):
        names = done.lines[0].split(",")
        assert all(set(row) == set(names) and None not in row.values() for row in rows_of(done.out))


def test_windows_and_filters(gpo: Gpo, asked: dict[str, Any]) -> None:
    """People's words; the two ends; the filters of the contract."""

    def total(*arguments: str) -> int:
        return int(json.loads(gpo("metrics", "total-questions", "--json", *arguments).out)["total"])

    assert total() == total("--window", "today") == total("--since", "yesterday") >= 1
    assert total("--window", "last year") == total("--until", "last month") == 0
    assert total("-f", "user_types=external", "-f", "user_types=internal") == 0, "whose type nobody knows"
    assert total("-f", "min_response_time_s=1000") == 0
    assert "--window says" in gpo("metrics", "opinion", "--window", "today", "--since", "today").complaint
    assert "cannot be read" in gpo("metrics", "opinion", "--window", "soon").complaint
    assert "did you mean user_types" in gpo("metrics", "opinion", "-f", "user_type=external").complaint


def test_lists_and_exports(gpo: Gpo, asked: dict[str, Any], tmp_path: Path) -> None:
    """Rows are objects of the contract; no text of somebody else's becomes a formula; files choose their form."""
    (rating,) = [row for row in rows_of(gpo("ratings", "list", "--csv", "--all").out)
                 if row["conversation_id"] == asked["conversation_id"]]  # fmt: skip
    assert rating["rating_comment"] == "'=1+1, \u201cgood\u201d"
    assert rating["rating"] == "4"
    found = [json.loads(line) for line in gpo("questions", "list", "RESICO", "--json", "--all").lines]
    assert asked["message_id"] in {row["message_id"] for row in found}
    for name in ("a.csv", "a.json", "a.txt"):
        assert gpo("questions", "list", "--limit", "1", "-o", name).out == ""
    assert len(rows_of((tmp_path / "a.csv").read_text())) == 1
    assert json.loads((tmp_path / "a.json").read_text())["question_id"]
    assert "\t" in (tmp_path / "a.txt").read_text()
    assert gpo("ratings", "export", "-o", "ratings.csv", "--window", "today").code == 0
    assert asked["conversation_id"] in (tmp_path / "ratings.csv").read_text()
    assert gpo("questions", "export", "RESICO").out.startswith("asked_at,question,")
    assert "do not go together" in gpo("metrics", "opinion", "--csv", "--json").complaint


def test_lists_of_documents_and_conversations(gpo: Gpo, asked: dict[str, Any]) -> None:
    """The older commands have the same forms, with all members; and columns when there is nothing."""
    (document,) = rows_of(gpo("documents", "list", "--limit", "1", "--csv").out)
    assert set(document) >= {"document_id", "media_type", "tags"}
    assert json.loads(document["tags"])
    assert rows_of(gpo("history", "--csv").out)[0]["conversation_id"] == asked["conversation_id"]
    empty = gpo("messages", "--search", "no such text anywhere", "--csv")
    assert (empty.code, empty.out.partition(",")[0]) == (0, "message_id")


@pytest.mark.parametrize("tool", ["jq", "csvstat", "duckdb"])
@pytest.mark.slow
def test_other_programs_read_them(gpo: Gpo, asked: dict[str, Any], tmp_path: Path, tool: str) -> None:
    """jq reads the JSON; csvkit and DuckDB read the CSV, with as many rows and columns as there are."""
    (tmp_path / "q.csv").write_text(gpo("questions", "list", "--csv", "--all").out)
    rows = [json.loads(line) for line in gpo("questions", "list", "--json", "--all").lines]
    if tool == "duckdb":
        duckdb = pytest.importorskip("duckdb")
        (count, text) = duckdb.sql(f"SELECT count(*), max(answer) FROM read_csv('{tmp_path / 'q.csv'}')").fetchall()[0]
        assert (count, text) == (len(rows), max(row["answer"] for row in rows))
        return
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    command = {"jq": ["jq", "-s", "length"], "csvstat": ["csvstat", "--count"]}[tool]
    given = gpo("questions", "list", "--json", "--all").out if tool == "jq" else (tmp_path / "q.csv").read_text()
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(len(rows))


def test_long_lists_go_through_a_pager(sandbox: Any, tmp_path: Path) -> None:
    """One that the environment names, with colours; short ones, and those that are not for a terminal, do not."""
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho paged; grep -c doc-\n")
    pager.chmod(0o755)
    for limit, lines, paged in (("20", 24, True), ("1", 24, False), ("20", 200, False)):
        arguments = ("documents", "list", "--limit", limit)
        with in_terminal(*arguments, base_url=sandbox.base_url, GPO_PAGER=str(pager), lines=lines) as terminal:
            assert terminal.wait() == 0
        assert ("paged" in terminal.text) == paged
    with in_terminal("documents", "list", base_url=sandbox.base_url, GPO_PAGER="no-such-program -x") as terminal:
        assert terminal.wait() == 0
    assert "doc-" in terminal.text


def test_cells_of_csv() -> None:
    """What a spreadsheet would compute is text; numbers stay numbers, and cells of two lines are one."""
    items = [{"a": value} for value in ("=1", "+1", "-1", "@x", "\tx", "x=1", "x\ny", "x\ry", -1, None, True, ["=1"])]
    rows = Rows[Any](columns=("A",), items=items, cells=lambda item: (item["a"],), names=("a",), form="csv")
    assert [row["a"] for row in rows_of("\n".join(rows.lines()))] == [
        "'=1", "'+1", "'-1", "'@x", "'\tx", "x=1", "x\ny", "x\ry", "-1", "", "true", '["=1"]',
    ]  # fmt: skip
