"""Questions in files: JSON lines, tables (CSV) and plain lines, read one after the other."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, starmap
from typing import Any, BinaryIO, Literal, cast

import attrs

from gpo_client.exceptions import InvalidArgumentError

#: How a file holds questions.
FileFormat = Literal["jsonl", "csv", "lines"]

#: The columns in which a question is looked for, in this order, unless one is named.
QUESTION_COLUMNS = ("user_input", "question", "query", "input", "prompt")

_FORMATS: dict[str, FileFormat] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv",
}  # fmt: skip
# What spreadsheets put between cells; which one depends on the language that they speak.
_DELIMITERS = ",;\t|"
# What some of them want to read, and write, before a table whose cells are not parted as they would do it.
_DELIMITER_LINE = re.compile(r"sep=([^\w\s]|\t)\s*", re.IGNORECASE)
#: A cell of a table may hold a document.
LONGEST_CELL = 32 * 1024 * 1024
_KEY_BYTES = 16
_SHORT = 15
# White space, and the mark that editors put before UTF-8.
_BLANK = b"\xef\xbb\xbf \t\r\n"


@attrs.frozen
class QuestionRow:
    """One question of a file."""

    number: int  # which one it is, from 1
    key: str  # what tells it from all others: the same in each run, whatever comes before or after it
    fields: Mapping[str, Any]
    question: str = ""  # its text
    mistake: str | None = None  # why there is none; None when there is one

    def request(self) -> str:
        """Return the question, to be asked. Raises InvalidArgumentError if there is none."""
        if self.mistake is not None:
            raise InvalidArgumentError(self.mistake, field="question")
        return self.question


def question_key(fields: object, occurrence: int = 1) -> str:
    """Return the key of a row: of its columns in any order, and of how often the same row has come before.

    >>> question_key({"question": "What is PTU?", "id": 1}) == question_key({"id": 1, "question": "What is PTU?"})
    True
    """
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), default=str)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).hexdigest()
    return digest if occurrence == 1 else f"{digest}-{occurrence}"


def format_of(name: str, beginning: bytes = b"") -> FileFormat:
    """Return how a file holds questions, by its ending, else by how it begins."""
    ending = "." + name.rpartition(".")[2].lower()
    return _FORMATS.get(ending) or (
        "jsonl" if beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b'"') else "lines"
    )


class QuestionFile:
    """The questions of a file, one after the other. The file is not closed.

    Without a ``column`` the first of ``QUESTION_COLUMNS`` that there is has the questions.
    """

    def __init__(self, file: BinaryIO, kind: FileFormat, column: str | None = None) -> None:
        self._file = file
        self._kind = kind
        self._column = column
        self._names = QUESTION_COLUMNS if column is None else (column,)
        self._seen = set[int]()  # of each key a part, as small as can be: there may be millions
        self._repeated: dict[int, int] = {}
        self._read = self._rows()
        self._first: Mapping[str, Any] | str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the first row; InvalidArgumentError if it is no table, or has no questions."""
        if self._first is None:
            self._first = next(self._read, None)
        return tuple(self._first) if isinstance(self._first, Mapping) else ()

    def __iter__(self) -> Iterator[QuestionRow]:
        """Read them, once. Raises InvalidArgumentError if the file is no table, or has no column of questions."""
        first = () if self._first is None else (self._first,)
        for number, fields in enumerate(chain(first, self._read), 1):
            if isinstance(fields, str):
                yield QuestionRow(number, self._key(fields), {}, mistake=fields)
            else:
                yield QuestionRow(number, self._key(fields), fields, *_question(fields, self._names))

    def _rows(self) -> Iterator[Mapping[str, Any] | str]:
        """Return the columns of each row; a text says why there are none."""
        if self._kind == "csv":
            return self._table()
        lines = ((number, line.strip(_BLANK)) for number, line in enumerate(self._file, 1))
        filled = (each for each in lines if each[1])
        return starmap(_line, filled) if self._kind == "lines" else starmap(_object, _each_of_many(filled))

    def _table(self) -> Iterator[Mapping[str, Any] | str]:
        text = io.TextIOWrapper(self._file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        csv.field_size_limit(LONGEST_CELL)
        try:
            filled = filter(str.strip, text)
            head = next(filled, "")
            if told := _DELIMITER_LINE.fullmatch(head):
                head = next(filled, "")
            delimiter = told[1] if told else max(_DELIMITERS, key=head.count)
            table = csv.reader(chain([head], text), delimiter=delimiter)
            names = next(table, list[str]())
            if not any(_plain(name) == _plain(wanted) for name in names for wanted in self._names):
                raise _no_column(self._column, names)
            for cells in table:
                if cells:
                    yield dict(zip(names, cells, strict=False))
        except csv.Error as error:
            raise InvalidArgumentError(f"the table cannot be read: {error}", field="questions") from error
        finally:
            text.detach()

    def _key(self, fields: object) -> str:
        key = question_key(fields)
        short = int(key[:_SHORT], 16)
        if short not in self._seen:
            self._seen.add(short)
            return key
        self._repeated[short] = occurrence = self._repeated.get(short, 1) + 1
        return question_key(fields, occurrence)


def question_row(number: int, question: str | Mapping[str, Any]) -> QuestionRow:
    """Return the row of a question that comes from no file."""
    fields = {"question": question} if isinstance(question, str) else question
    return QuestionRow(number, question_key(fields), fields, *_question(fields, QUESTION_COLUMNS))


def _question(fields: Mapping[str, Any], names: Sequence[str]) -> tuple[str, str | None]:
    """Return the question of a row, or what is wrong with it."""
    plain = {_plain(name): value for name, value in fields.items() if value is not None}
    there = plain | {name: value for name, value in fields.items() if value is not None}
    found: Any = next((there[key] for name in names for key in (name, _plain(name)) if key in there), None)
    if found is None:
        return "", f"there is no question: none of {', '.join(names)} is there"
    if not isinstance(found, str):
        return "", "the question is no text"
    if not found.strip():
        return "", "the question is empty"
    try:
        found.encode()
    except UnicodeEncodeError:
        return "", "the question is not text in UTF-8"
    return found, None


def _plain(name: str) -> str:
    """Return the name of a column for comparing: people write it with capitals, and with spaces around it."""
    return name.strip().casefold()


def _each_of_many(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file of JSON lines. Raises InvalidArgumentError: it holds one value, in one line or in many,
    not one on each.
    """
    if (first := next(lines, None)) is None:
        return
    text, looked_at = first[1], [first]
    if text.startswith(b"["):  # no other is waited for: a program may write one question after the other
        looked_at += islice(lines, 1)
    is_cut = text in (b"[", b"[{") or (text.startswith(b"{") and text.endswith((b"{", b"[")))
    if is_cut or (text.startswith(b"[") and len(looked_at) == 1):
        message = "the file is one list or object: write each question on a line of its own, as jq -c '.[]' does"
        raise InvalidArgumentError(message, field="questions")
    yield from looked_at
    yield from lines


def _object(number: int, line: bytes) -> Mapping[str, Any] | str:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"line {number} is no JSON: {error}"
    if isinstance(value, str):
        return {"question": value}
    if isinstance(value, list):
        return f"line {number} is a list: write each question on a line of its own, as jq -c '.[]' does"
    return (
        cast("Mapping[str, Any]", value)
        if isinstance(value, dict)
        else f"line {number} is neither an object nor a text"
    )


def _line(_: int, line: bytes) -> Mapping[str, Any] | str:
    return {"question": line.decode("utf-8", "surrogateescape")}


def _no_column(column: str | None, names: list[str]) -> InvalidArgumentError:
    wanted = f"no column {column!r}" if column else f"no column of questions ({', '.join(QUESTION_COLUMNS)})"
    there = ", ".join(names) or "none at all"
    return InvalidArgumentError(f"the table has {wanted}; its columns are {there}", field="question")
