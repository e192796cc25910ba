"""Files of answers that grow line by line, each whole or not at all, and tell what has been answered."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from errno import ENOSPC
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from gpo_client.batch.questions import LONGEST_CELL
from gpo_client.drivers.files import AtomicFile
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.answer import BatchResult, model_of
from gpo_client.printable import no_formula
from gpo_client.sse.lenient import is_document

#: The columns of an answer, in the order of tables.
COLUMNS = (
    "key", "user_input", "response", "retrieved_contexts", "sources", "error", "status_code", "request_id",
    "message_id", "model_used", "attempts", "throttled", "seconds", "waited_seconds", "first_chunk_seconds",
)  # fmt: skip

AnswerFormat = Literal["jsonl", "csv"]

# How long what was written may be in the system's memory alone. Only a machine that stops loses it.
_SYNC_EVERY_S = 1.0
_BLOCK = 1 << 20
_BOM = b"\xef\xbb\xbf"  # so that spreadsheets read a table as UTF-8


class AnswerFile:
    """A file of answers, open for more of them; it is made if it is not there. Whoever opens it is the only one.

    A program that is killed leaves at most the beginning of a line, which is taken off when the file is opened again.
    ``columns`` are the question's own, for a table that is begun. Raises InvalidArgumentError if it holds something
    else, is a device or a pipe, or another program writes it, and OSError if it cannot be opened.
    """

    def __init__(self, path: Path, columns: Sequence[str] = ()) -> None:
        self.path = path
        self.format: AnswerFormat = "csv" if path.suffix.lower() == ".csv" else "jsonl"
        if path.exists() and not (path.is_file() or path.is_dir()):  # a device may be read for ever
            raise InvalidArgumentError(f"{path} is no file: answers go into one, to go on from there", field="output")
        self._file = path.open("a+b", buffering=0)
        try:
            self._lock()
            self._columns = self._head(columns) if self.format == "csv" else self._check()
            self._repair()
        except BaseException:
            self._file.close()
            raise
        self._synced_at = time.monotonic()

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """See to it that all is on the disk, and let go of the file."""
        if not self._file.closed:
            os.fsync(self._file.fileno())
            self._file.close()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Read what is in it, one row after the other."""
        return read_rows(self.path)

    def append(self, row: Mapping[str, Any]) -> None:
        """Add a row, in one write."""
        self._write(self._line(row))
        if (now := time.monotonic()) - self._synced_at > _SYNC_EVERY_S:
            os.fsync(self._file.fileno())
            self._synced_at = now

    def _write(self, line: bytes) -> None:
        try:
            written = self._file.write(line)
        except OSError as error:
            error.filename = str(self.path)
            raise
        if written != len(line):
            raise OSError(ENOSPC, os.strerror(ENOSPC), str(self.path))

    def drop_failed(self) -> int:
        """Take out the rows without an answer, so that these are asked again; how many there were."""
        dropped = 0
        with closing(AtomicFile(self.path)) as file:
            if self.format == "csv":
                file.write(_BOM + _csv_line(self._columns))
            for row in self.rows():
                dropped += row["error"] is not None
                if row["error"] is None:
                    file.write(self._line(row))
            file.commit()
        self._file.close()
        self._file = self.path.open("a+b", buffering=0)
        self._lock()
        return dropped

    def _line(self, row: Mapping[str, Any]) -> bytes:
        if self.format == "csv":
            return _csv_line([_cell(row.get(column)) for column in self._columns])
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str)
        return text.encode("utf-8", "backslashreplace") + b"\n"

    def _lock(self) -> None:
        try:
            import fcntl
        except ModuleNotFoundError:  # Windows
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InvalidArgumentError(f"another program is writing {self.path}", field="output") from error

    def _repair(self) -> None:
        """Take off a line that was begun and not ended. In a table, line ends within quotes end no row."""
        self._file.seek(0)
        whole, size, quotes = 0, 0, 0
        while block := self._file.read(_BLOCK):
            for line in block.splitlines(keepends=True) if self.format == "csv" else [block]:
                size += len(line)
                quotes += line.count(b'"') if self.format == "csv" else 0
                if self.format == "jsonl" and b"\n" in line:
                    whole = size - len(line) + line.rindex(b"\n") + 1
                elif self.format == "csv" and line.endswith(b"\n") and quotes % 2 == 0:
                    whole = size
        if whole < size:
            self._file.truncate(whole)

    def _check(self) -> list[str]:
        """See that the first line is a row, or begins one, before anything is changed. There are no columns."""
        with self.path.open("rb") as lines:
            line = lines.readline()
        if line.endswith(b"\n") or not b'{"'.startswith(line[:2]) or is_document(line):
            _row(self.path, 1, line)
        return []

    def _head(self, columns: Sequence[str]) -> list[str]:
        """Return the columns of a table; those of one that is begun are written, also where a crash has cut them."""
        begun = [*(column for column in columns if column not in COLUMNS), *COLUMNS]
        line = _BOM + _csv_line(begun)
        self._file.seek(0)
        there = self._file.read(len(line))
        if there != line and line.startswith(there):
            self._file.truncate(0)
            self._write(line)
            return begun
        with _table(self.path) as table:
            head = next(table, list[str]())
        if not {"key", "error"} <= set(head):
            raise _no_answers(self.path, 1)
        return head


@contextmanager
def _table(path: Path) -> Generator[Iterator[list[str]]]:
    """Read a table, line by line. Raises InvalidArgumentError if it is none."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.reader(file)
        try:
            yield table
        except (ValueError, csv.Error) as error:
            raise _no_answers(path, table.line_num) from error


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Read a file of answers, one row after the other. Raises InvalidArgumentError if it holds something else."""
    if path.suffix.lower() == ".csv":
        with _table(path) as table:
            head = next(table, list[str]())
            for cells in filter(None, table):
                yield {name: _value(name, cell) for name, cell in zip_longest(head, cells[: len(head)])}
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():  # as editors leave them
                yield _row(path, number, line)


def _row(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(line)
        _ = row["key"], row["error"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _no_answers(path, number) from error
    return row


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return no_formula(text) if isinstance(value, str) else text


def _value(name: str, cell: str | None) -> Any:
    if not cell:
        return None
    if name in ("retrieved_contexts", "sources", *COLUMNS[-5:]):
        return json.loads(cell)
    return cell


def _csv_line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _no_answers(path: Path, number: int) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"line {number} of {path} is no answer that gpo batch has written: name another output", field="output"
    )


def answer_row(result: BatchResult[Any], key: str, question: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a result: the columns of the question (``fields``), and then ours, which win.

    ``user_input``, ``response`` and ``retrieved_contexts`` are what ragas calls the question, the answer's text and the
    cited passages; ``key`` tells the question from all others.
    """
    answer, error = result.answer, result.error
    sources = [] if error is not None else result.sources
    return {
        **fields,
        "key": key,
        "user_input": question,
        "response": result.text if answer is not None else None,
        "retrieved_contexts": [source.content_excerpt for source in sources if source.content_excerpt],
        "sources": [{"id": source.id, "title": source.title, "score": source.relevance_score} for source in sources],
        "error": None if error is None else f"{type(error).__name__}: {error.message}",
        "status_code": None if error is None else error.status_code,
        "request_id": error.request_id if error is not None else getattr(answer, "request_id", None),
        "message_id": getattr(answer, "message_id", None),
        "model_used": None if answer is None else model_of(answer),
        "attempts": result.attempts,
        "throttled": result.throttled,
        "seconds": round(result.duration, 4),
        "waited_seconds": round(result.waited, 4),
        "first_chunk_seconds": rounded(result.time_to_first_chunk),
    }


def rounded(seconds: float | None) -> float | None:
    """Return a time as files have it."""
    return None if seconds is None else round(seconds, 4)
