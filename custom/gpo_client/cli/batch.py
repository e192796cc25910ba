"""``gpo batch``: a file of questions into a file of answers."""

from __future__ import annotations

import codecs
import io
import json
import signal
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, cast

import attrs
from cyclopts import Group, Parameter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gpo_client.batch.answers import AnswerFile
from gpo_client.batch.questions import FileFormat, QuestionFile, format_of
from gpo_client.batch.report import BatchReport, Histogram
from gpo_client.batch.running import FileRun, RunOptions
from gpo_client.cli.console import Screen
from gpo_client.cli.exit_codes import ExitCode, usage
from gpo_client.cli.options import Common, OnScreen, Switch, Whole, WholeOrNone
from gpo_client.cli.signals import handled
from gpo_client.client import SyncGPOCoreClient

_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"
_REFRESH_PER_SECOND = 4


@Parameter(name="*", group=Group("Pace", sort_key=50))
@attrs.frozen(kw_only=True)
class Pace:
    """How many questions are asked at once, and until when."""

    concurrency: Whole = 32
    """Questions under way at once, at most. How many the service takes is found out."""

    rate: float | None = None
    """Requests that may begin each second. Default: as many as the service takes."""

    limit: WholeOrNone = None
    """Ask at most so many questions this time. Default: all."""

    stop_after: WholeOrNone = None
    """Stop after so many questions without an answer. Default: never."""

    no_stream: Switch = False
    """Ask for whole answers, not for streams."""


def batch(
    questions: Path | None = None,
    /,
    *,
    stdin: Annotated[Switch, Parameter(name="-")] = False,
    output: Annotated[Path, Parameter(name=("--output", "-o"))],
    question: str | None = None,
    file_format: Annotated[FileFormat | None, Parameter(name="--format")] = None,
    retry_failed: Switch = False,
    run: str | None = None,
    report: Path | None = None,
    pace: Pace = Pace(),
    common: Common = Common(),
    screen: OnScreen,
) -> object:
    """Ask all questions of a file, and go on where you stopped.

    The output grows by a line for each answer. Start the same command again after a crash or Ctrl-C: what is answered
    is not asked again. Ctrl-C ends the run once the questions under way are answered, a second one at once. The exit
    code is 0 when all questions are answered, and 1 when some are not.

    Args:
        questions: A file of JSON lines (.jsonl), a table (.csv), or plain lines (.txt).
        stdin: Read the questions from standard input.
        output: The file of answers: JSON lines, or a table if it ends in .csv.
        question: The column of the questions. Default: user_input, question, query, input or prompt.
        file_format: How the questions are written: jsonl, csv or lines. Default: what the name or the beginning says.
        retry_failed: Ask those again that had no answer.
        run: A name for the run. A run of the same name gets the same answers from the service. Default: the path of the
            output.
        report: Write a report when it is over: report.html or report.json.
    """
    if (questions is None) != stdin:
        raise usage("name either a file of questions, or - for standard input")
    if report is not None and report.suffix.lower() not in (".json", ".html"):
        raise usage(f"a report is .json or .html, not {report.name}")
    if report is not None and not report.parent.is_dir():  # not after thousands of questions
        raise usage(f"the report cannot be written: there is no folder {report.parent}")
    if pace.limit is not None and pace.limit < 0:
        raise usage(f"--limit must be 0 or more, not {pace.limit}")
    for other, what in ((questions, "the file of questions"), (report, "the report")):
        if other is not None and _is_same_file(output, other):
            raise usage(f"the answers need a file of their own: name another output than {what}")
    config = common.settings(screen)
    options = RunOptions(
        session=common.session_context(),
        run=run or str(output.resolve()),
        max_concurrency=pace.concurrency,
        rate=pace.rate,
        stream=not pace.no_stream,
        limit=pace.limit,
        stop_after=pace.stop_after,
    )
    with _opened(questions, file_format, question) as (file, total), AnswerFile(output, file.columns) as answers:
        if retry_failed:
            screen.note(f"{answers.drop_failed()} questions without an answer are asked again")
        with SyncGPOCoreClient(config) as client:
            watched = _Watched(screen, total)
            going = FileRun(client, file, answers, options, watched.row)
            began = time.monotonic()
            with watched.shown(going), _ending(going, screen) as is_ended:
                going.run()
        return _concluded(answers, report, time.monotonic() - began, screen, is_ended=is_ended())


def _is_same_file(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


@contextmanager
def _opened(
    path: Path | None, kind: FileFormat | None, column: str | None
) -> Generator[tuple[QuestionFile, int | None]]:
    """Return the questions, and how many lines there are if that is known."""
    if path is None:
        if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise usage("there are no questions: standard input is closed")
        source = _in_utf8(io.BufferedReader(cast("io.RawIOBase", sys.stdin.buffer)))
        yield QuestionFile(source, kind or format_of("-", source.peek(64)), column), None
        return
    with path.open("rb") as opened:
        file = _in_utf8(opened)
        found = kind or format_of(path.name, file.peek(64))
        total = None
        if found != "csv" and file.seekable():
            total = sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))
            file.seek(0)
        yield QuestionFile(file, found, column), total


def _in_utf8(file: io.BufferedReader) -> io.BufferedReader:
    """Return a file in UTF-8. Spreadsheets and shells on Windows write UTF-16, and never much: it is read at once."""
    beginning = file.peek(2)
    if beginning[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if b"\0" in beginning or beginning.startswith(_GZIP):
            raise usage("the questions are no text: save a workbook as CSV in UTF-8, and unpack what is packed")
        return file
    try:
        text = file.read().decode("utf-16").encode()
    except UnicodeError as error:
        raise usage("the questions begin as UTF-16 does, and are no text in it") from error
    return io.BufferedReader(cast("io.RawIOBase", io.BytesIO(text)))


@contextmanager
def _ending(going: FileRun, screen: Screen) -> Generator[Callable[[], bool]]:
    """Let Ctrl-C end the run when what is under way is answered, and a second one at once."""
    interrupted = False

    def interrupt(_: int, __: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True
        going.end()
        screen.note("ending: waiting for the answers under way; press Ctrl-C again to stop at once")

    with handled({signal.SIGINT: interrupt}):
        yield lambda: interrupted


class _Watched:
    """Shows a run of about ``total`` questions (None: not known) to whoever sits at the terminal."""

    def __init__(self, screen: Screen, total: int | None) -> None:
        is_shown = screen.errors.is_terminal and not screen.errors.is_dumb_terminal
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn())
        self._progress = Progress(
            *columns, console=screen.errors, disable=not is_shown, refresh_per_second=_REFRESH_PER_SECOND
        )
        self._task = self._progress.add_task("", total=total, told="")
        self._whole, self._first = Histogram(), Histogram()
        self._failed = 0
        self._began = time.monotonic()
        self._count = 0
        self._run: FileRun | None = None

    @contextmanager
    def shown(self, run: FileRun) -> Generator[None]:
        """Show it while the block lasts."""
        self._run = run
        self._progress.update(self._task, completed=run.done_before)
        with self._progress:
            yield

    def row(self, row: Mapping[str, Any]) -> None:
        """Count a row."""
        self._count += 1
        self._failed += row["error"] is not None
        if row["error"] is None:
            self._whole.add(row["seconds"])
            if row["first_chunk_seconds"] is not None:
                self._first.add(row["first_chunk_seconds"])
        if not self._progress.disable:
            self._progress.update(self._task, advance=1, told=self._told())

    def _told(self) -> str:
        allowed = self._run.batch.progress.allowed if self._run is not None else None
        rate = self._count / max(time.monotonic() - self._began, 0.001)
        times = f"first {_shown(self._first)}, whole {_shown(self._whole)}"
        return f"{self._failed} failed, {rate:.1f}/s, {allowed} at once, p50/p95 {times}"


def _shown(times: Histogram) -> str:
    return "/".join("–" if (time := times.percentile(percent)) is None else f"{time:.2g} s" for percent in (50, 95))


def _concluded(answers: AnswerFile, report: Path | None, elapsed: float, screen: Screen, *, is_ended: bool) -> ExitCode:
    """Tell how it went, write the report, and decide the exit code."""
    concluded = BatchReport(answers.rows(), elapsed)
    numbers = concluded.to_dict()
    if report is not None:
        text = concluded.to_html() if report.suffix.lower() == ".html" else json.dumps(numbers, indent=2)
        report.write_text(text, encoding="utf-8")
    screen.write(f"{numbers['answered']} answered, {numbers['failed']} failed: {answers.path}\n")
    if is_ended:
        return ExitCode.CANCELLED
    return ExitCode.ERROR if numbers["failed"] else ExitCode.OK
