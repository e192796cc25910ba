"""The connection: typed rows, transactions, ids, times, JSON columns, and choices about SQLite that all relies on."""

import os
import secrets
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gpo_sandbox.language import folded
from gpo_sandbox.requests import Paged
from gpo_sandbox.responses import Page
from gpo_sandbox.settings import SettingsError
from gpo_sandbox.store.schema import TABLES, VERSION, VIEWS

T = TypeVar("T")


def new_id(prefix: str) -> str:
    """Make an id that nobody can guess, such as `msg_` and 24 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(12)}"


def to_json(value: object) -> str | None:
    """Write a value for a JSON column; None stays NULL."""
    return None if value is None else msgspec.json.encode(value).decode()


def from_json(text: str | None, kind: type[T]) -> T | None:
    """Read a JSON column; NULL is None."""
    return None if text is None else msgspec.json.decode(text, type=kind)


Value = str | bytes | int | float | None

# Columns that hold JSON. Those whose names end in _at hold seconds since 1970.
_JSON_COLUMNS = {"metadata", "sources", "role_codes"}

_PRIVATE = 0o600
_SWEEP_AFTER = 100


class Database:
    """One SQLite connection, shared by all requests.

    One connection, because `:memory:` is private to its connection. It is used from the event loop's thread alone:
    each statement is short (microseconds; the data is small), so handing it to a worker thread would cost more than
    it saves and would let two requests interleave inside a transaction. A lock makes use from another thread safe
    all the same.

    WAL with synchronous=NORMAL: a commit is in the operating system's hands at once, so a killed process loses
    nothing that was committed. Only a power cut can lose the last commits, and never corrupts the file; waiting for
    the disk on every chunk of every answer would be a high price for that in a sandbox.

    Args:
        path: SQLite file, or `:memory:`.

    Raises:
        SettingsError: The file cannot be opened or is not a sandbox's.
    """

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._sweeps: Counter[str] = Counter()
        if path != ":memory:":
            _keep_private(path)
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise SettingsError(f"setting db: cannot open {path!r}: {error}") from None
        try:
            self._prepare(path)
        except sqlite3.Error as error:
            self.close()
            raise SettingsError(f"setting db: cannot use {path!r}: {error}") from None
        except SettingsError:
            self.close()
            raise

    def _prepare(self, path: str) -> None:
        self._connection.row_factory = _named
        self._connection.create_function("folded", 1, folded, deterministic=True)
        self._connection.executescript(
            "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "PRAGMA foreign_keys = ON;"
        )
        found = self.number("PRAGMA user_version")
        if found not in (0, VERSION):
            raise SettingsError(f"setting db: {path!r} has version {found} of the tables, this sandbox needs {VERSION}")
        self._connection.executescript(f"{TABLES} {VIEWS} PRAGMA user_version = {VERSION};")

    def execute(self, statement: str, **values: Value) -> int:
        """Run one statement and return how many rows it changed."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    def insert(self, table: str, **values: Value) -> None:
        """Add a row."""
        self._add("INSERT", table, values)

    def replace(self, table: str, **values: Value) -> None:
        """Add a row in the place of one with the same key, if there is one."""
        self._add("INSERT OR REPLACE", table, values)

    def _add(self, verb: str, table: str, values: dict[str, Value]) -> None:
        named = ", ".join(f":{name}" for name in values)
        self.execute(f"{verb} INTO {table} ({', '.join(values)}) VALUES ({named})", **values)

    def rows(self, kind: type[T], statement: str, **values: Value) -> list[T]:
        """Return all rows of a query, each as a `kind`."""
        return msgspec.convert(self._found(statement, values), list[kind], strict=False)  # type: ignore[valid-type]

    def responses(self, kind: type[T], statement: str, **values: Value) -> list[T]:
        """Return all rows of a query as the contract has them: times as RFC 3339, and what the JSON holds."""
        return [
            msgspec.convert({name: _plain(name, value) for name, value in row.items()}, kind, strict=False)
            for row in self._found(statement, values)
        ]

    def first(self, kind: type[T], statement: str, **values: Value) -> T | None:
        """Return the first row of a query, if there is one."""
        found = self.rows(kind, statement, **values)
        return found[0] if found else None

    def text(self, statement: str, **values: Value) -> str | None:
        """Return the single text that a query finds; None when there is no row."""
        found: str | None = self._value(statement, values)
        return found

    def number(self, statement: str, **values: Value) -> int:
        """Return the single number that a query finds."""
        return int(self._value(statement, values))

    def _value(self, statement: str, values: dict[str, Value]) -> Any:
        found = self._found(statement, values)
        return next(iter(found[0].values())) if found else None

    def _found(self, statement: str, values: dict[str, Value]) -> list[dict[str, Value]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def page(self, kind: type[T], query: str, order: str, wanted: Paged, **values: Value) -> Page[T]:
        """Return one page of `responses` to a query (a SELECT without order and limit); one past the end is empty."""
        # The query is a constant of this package; what comes from requests only ever goes in as a parameter.
        total = self.number(f"SELECT count(*) FROM ({query})", **values)  # nosec B608 # noqa: S608
        limited = f"{query} ORDER BY {order} LIMIT :page_limit OFFSET :page_offset"
        values |= {"page_limit": wanted.page_size, "page_offset": wanted.offset}
        items = self.responses(kind, limited, **values) if wanted.offset < total else []
        return Page(items=items, page=wanted.page, page_size=wanted.page_size, total_count=total)

    def each(self, kind: type[T], query: str, order: str, one: str, **values: Value) -> Generator[T]:
        """Return the `responses` to a query one by one, each read when it is asked for.

        The rows are chosen at once, by their ids alone, and read later: neither is the whole result ever in memory nor
        is the database held while a slow client takes its time. `query` is a SELECT of the ids as `id`, without order;
        `one` one of the row with the id `:id`: a row that is gone by then is left out.
        """
        for row in self._found(f"{query} ORDER BY {order}", values):
            yield from self.responses(kind, one, id=row["id"])

    def sweep(self, statement: str, **values: Value) -> None:
        """Drop what is too old, now and then: it costs as much as there is, so it waits for some to come together."""
        if self._sweeps[statement] % _SWEEP_AFTER == 0:
            self.execute(statement, **values)
        self._sweeps[statement] += 1

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Commit everything in the block together, or nothing if it raises; an inner block joins the outer one."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._connection.execute("BEGIN IMMEDIATE")
                yield
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._depth == 1 and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Close the connection; calling it again does nothing."""
        with self._lock:
            self._connection.close()


def _keep_private(path: str) -> None:
    """Let nobody but the owner read a database, which holds questions and answers; SQLite's files beside it as well.

    A file is made before SQLite makes it, for otherwise it could be read until its mode is changed. Raises
    SettingsError: it can be neither made nor made private.
    """
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE))
        # By name, for opening and closing it would end the locks that another connection of this process has on it.
        for name in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
            file = Path(name)
            if os.name == "posix" and file.is_file() and file.stat().st_mode & 0o077:
                file.chmod(_PRIVATE)
    except OSError as error:
        reason = f"cannot open {path!r} for its owner alone (mode 0600): {error.strerror}"
        raise SettingsError(f"setting db: {reason}") from None


def _named(cursor: sqlite3.Cursor, row: tuple[Value, ...]) -> dict[str, Value]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _plain(name: str, value: Any) -> object:
    if value is None:
        return None
    if name.endswith("_at"):
        return rfc3339(value)
    return msgspec.json.decode(value) if name in _JSON_COLUMNS else value


DAY_S = 86_400.0


def now() -> float:
    """Return the time in seconds since 1970."""
    return time.time()


def rfc3339(seconds: float) -> str:
    """Write a time as RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def midnight(day: date) -> float:
    """Return when a day begins in UTC, in seconds since 1970."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
