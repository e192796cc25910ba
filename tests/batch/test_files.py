"""Files of questions, and files of answers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.batch.answers import COLUMNS, AnswerFile, read_rows
from gpo_client.batch.questions import QuestionFile, format_of, question_key
from gpo_client.batch.report import BatchReport, Histogram
from gpo_client.exceptions import InvalidArgumentError


def _read(text: str | bytes, name: str = "q.jsonl", column: str | None = None) -> list[Any]:
    data = text.encode() if isinstance(text, str) else text
    return list(QuestionFile(io.BytesIO(data), format_of(name, data), column))


@pytest.mark.parametrize(
    ("text", "name", "column"),
    [
        ('{"question": "¿Qué es RESICO?"}\n\n"What is PTU?"\n', "q.jsonl", None),
        ('\ufeff{"user_input": "¿Qué es RESICO?"}\r\n{"input": "What is PTU?"}', "-", None),
        ("question\n¿Qué es RESICO?\nWhat is PTU?\n", "q.csv", None),
        ('\ufeffid;pregunta\r\n1;"¿Qué es RESICO?"\r\n2;What is PTU?\r\n', "q.csv", "pregunta"),
        ("id\tquestion\n1\t¿Qué es RESICO?\n2\tWhat is PTU?\n", "q.tsv", None),
        ("\n\nid, Question \n1,¿Qué es RESICO?\n2,What is PTU?\n", "q.csv", None),
        ('\ufeffSEP=;\r\n"id\r\n,";question\r\n1;¿Qué es RESICO?\r\n2;What is PTU?\r\n', "q.csv", None),
        ('{"Question ": "¿Qué es RESICO?"}\n{"INPUT": "?", "input": "What is PTU?"}', "q.json", None),
        ("¿Qué es RESICO?\n   \nWhat is PTU?", "q.txt", None),
        ("¿Qué es RESICO?\nWhat is PTU?", "-", None),
    ],
)
def test_questions(text: str, name: str, column: str | None) -> None:
    """In whatever form they come."""
    rows = _read(text, name, column)
    assert [(row.number, row.request()) for row in rows] == [(1, "¿Qué es RESICO?"), (2, "What is PTU?")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("not json", "line 1 is no JSON"),
        ("[1]", "is a list: write each question on a line of its own"),
        ("5", "neither an object nor a text"),
        ('{"text": "What?"}', "none of user_input"),
        ('{"question": " "}', "empty"),
        ('{"question": 5}', "no text"),
        ('{"question": "\\ud800"}', "not text in UTF-8"),
        ("[" * 100_000, "line 1 is no JSON"),
    ],
)
def test_rows_without_a_question(line: str, told: str) -> None:
    """Are rows all the same, and say what is wrong; those after them are read."""
    bad, good = _read(f'{line}\n"What is PTU?"', "q.jsonl")
    assert good.request() == "What is PTU?"
    with pytest.raises(InvalidArgumentError, match=told):
        bad.request()


@pytest.mark.parametrize(
    "text",
    [
        '\n[\n"a"\n]',
        '[{"question": "a"}]\n',
        '{\n"question": "a"\n}',
        '{"questions": [\n"a"\n]}',
        '[{\n"question": "a"\n}]',
    ],
)
def test_files_of_one_value(text: str) -> None:
    """Are told apart from lines of JSON, of which each would be an answer that says that it is none."""
    with pytest.raises(InvalidArgumentError, match=r"one list or object.* jq -c"):
        _read(text)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_tables_without_questions(text: str) -> None:
    """Say which columns there are."""
    with pytest.raises(InvalidArgumentError, match="column"):
        _read(text, "q.csv")
    with pytest.raises(InvalidArgumentError, match="no column 'c'"):
        _read(text, "q.csv", "c")


_ROW = st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers(), st.none()), max_size=3)


@given(st.lists(_ROW, max_size=8), st.data())
def test_keys(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    """Each row has a key of its own, the same wherever it stands; equal rows are told apart by how many came before."""
    text = "\n".join(json.dumps(row) for row in rows)
    keys = [row.key for row in _read(text)]
    assert len(set(keys)) == len(rows)
    mixed = data.draw(st.permutations(rows))
    assert {row.key for row in _read("\n".join(json.dumps(row) for row in mixed))} == set(keys)
    assert all(key.startswith(question_key(row)) for key, row in zip(keys, rows, strict=True))


def _answer(key: str, **fields: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(COLUMNS),
        "key": key,
        "user_input": "What is RESICO?",
        "response": 'A "regime",\r\nsaid to be simple\n',
        "retrieved_contexts": ["RESICO simplifies ISR only."],
        "sources": [{"id": "src_01", "title": "RESICO", "score": 0.9}],
        "attempts": 1,
        "throttled": 0,
        "seconds": 0.5,
        **fields,
    }


_TEXT = st.text(st.one_of(st.sampled_from('"\r\n,;=\\\u2028'), st.characters(codec="utf-8", categories=["L"])))


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
@given(texts=st.lists(_TEXT, min_size=1, max_size=5), cut=st.integers(1, 200))
def test_torn_lines(name: str, texts: list[str], cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file that was cut anywhere holds the rows that were whole, and grows on from there."""
    path = tmp_path_factory.mktemp("torn") / name
    with AnswerFile(path) as answers:
        for number, text in enumerate(texts):
            answers.append(_answer(str(number), response=text))
    before = path.read_bytes()
    head = len(before.split(b"\r\n", 1)[0]) + 2 if name.endswith("csv") else 0
    path.write_bytes(before[: max(len(before) - cut, head)])
    if not name.endswith("csv"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\n\r\n"))  # blank lines are nothing
    with AnswerFile(path) as answers:
        kept = list(answers.rows())
        answers.append(_answer("new"))
    assert [row["key"] for row in kept] == [str(number) for number in range(len(kept))]
    assert len(kept) < len(texts) or len(before) == head
    assert [row["key"] for row in read_rows(path)] == [*(row["key"] for row in kept), "new"]
    for row, text in zip(kept, texts, strict=False):
        assert (row["response"] or "").removeprefix("'") == text or text.startswith("'")


def test_failed_rows_are_dropped(tmp_path: Path) -> None:
    """So that they are asked again; the others, the table's mark, the file's mode and a link to it stay."""
    for name in ("a.jsonl", "a.csv"):
        path, link = tmp_path / name, tmp_path / f"link-{name}"
        link.symlink_to(path)
        with AnswerFile(link) as answers:
            answers.append(_answer("1"))
            before = path.read_bytes()
            path.chmod(0o640)
            answers.append(_answer("2", response=None, error="ServerError: 500"))
            assert answers.drop_failed() == 1
            assert path.read_bytes() == before
            answers.append(_answer("3"))
        assert [row["key"] for row in read_rows(path)] == ["1", "3"]
        assert link.is_symlink()
        assert path.stat().st_mode & 0o777 == 0o640
        assert list(tmp_path.glob(".*.part")) == []


_MINE = {
    "a.jsonl": [
        '{"mine": 1}\n', "a letter\n", '{"question": "a"}\n{"question": "b"}', '{"question": "a"}', "a letter", "[1",
        "5",
    ],
    "a.csv": ["mine,too\n1,2\n", "mine,too\n1,2", "mine", "key\n1", "\xff\xfe", "key,error,seconds\n1,,soon\n"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in _MINE.items() for text in texts])
def test_other_files_are_left_alone(name: str, text: str, tmp_path: Path) -> None:
    """What gpo batch has not written is not written into, and nothing is taken off it, ended or not."""
    path = tmp_path / name
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InvalidArgumentError, match="name another output"), AnswerFile(path) as answers:
        list(answers.rows())
    assert path.read_text(encoding="latin-1") == text


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
@given(data=st.data())
def test_torn_beginnings(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A crash may cut the very first line, of a table the names of its columns."""
    path = tmp_path_factory.mktemp("torn") / name
    with AnswerFile(path, ["id"]) as answers:
        answers.append(_answer("1"))
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))].removesuffix(b"\n"))
    with AnswerFile(path, ["id"]) as answers:
        answers.append(_answer("1"))
    assert path.read_bytes() == whole


def test_large_answers(tmp_path: Path) -> None:
    """A cell may be longer than Python's tables have it by default."""
    csv.field_size_limit(131_072)
    with AnswerFile(tmp_path / "a.csv") as answers:
        answers.append(_answer("1", response="x" * 200_000))
    with AnswerFile(tmp_path / "a.csv") as answers:
        assert [len(row["response"]) for row in answers.rows()] == [200_000]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_full_disk(name: str, tmp_path: Path) -> None:
    """Takes a part of a line, if any: the error names the file, and the part is taken off when there is room again."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match=rf"{name}'$"), AnswerFile(tmp_path / name) as answers:
            answers.append(_answer("1"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / name).stat().st_size == 100
    with AnswerFile(tmp_path / name) as answers:
        answers.append(_answer("1"))
        assert len(list(answers.rows())) == 1


def test_one_writer(tmp_path: Path) -> None:
    """Two at once would ask everything twice."""
    with AnswerFile(tmp_path / "a.jsonl"), pytest.raises(InvalidArgumentError, match="another program"):
        AnswerFile(tmp_path / "a.jsonl")


def test_spreadsheets_run_no_answers(tmp_path: Path) -> None:
    """A text that looks like a formula is none."""
    texts = ["=HYPERLINK(1)", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"]
    with AnswerFile(tmp_path / "a.csv") as answers:
        for text in texts:
            answers.append(_answer("1", response=text))
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["response"] for row in csv.DictReader(file)] == [f"'{text}" for text in texts]


@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=300), st.sampled_from([50, 95, 99]))
def test_percentiles(times: list[float], percent: int) -> None:
    """Near the true ones, without keeping what was counted."""
    histogram = Histogram()
    for seconds in times:
        histogram.add(seconds)
    true = sorted(times)[max(-(-len(times) * percent // 100) - 1, 0)]
    assert histogram.percentile(percent) == pytest.approx(true, rel=0.06)


def test_report() -> None:
    """Counts, times, failures by kind, sources, and questions without one; a page that shows them and runs nothing."""
    rows = [
        _answer("1", first_chunk_seconds=0.1),
        _answer("2", sources=[], user_input="<script>alert(1)</script>"),
        _answer("3", response=None, error="RateLimitError: 429", attempts=9, throttled=9),
    ]
    report = BatchReport(rows, elapsed=2.0)
    told = report.to_dict()
    assert (told["questions"], told["answered"], told["failed"], told["throttled"], told["requests"]) == (
        3,
        2,
        1,
        9,
        11,
    )
    assert told["failures"] == {"RateLimitError": 1}
    assert told["sources"] == {"RESICO": 1}
    assert told["without_source"] == {"count": 1, "questions": ["<script>alert(1)</script>"]}
    assert told["seconds"]["p50"] == pytest.approx(0.5, rel=0.06)
    assert sum(count for _, _, count in told["seconds"]["bars"]) == 2
    json.dumps(told)
    page = report.to_html()
    assert "<script>" not in page
    assert "<svg" in page
    assert "RateLimitError" in page
    assert BatchReport([]).to_html()
