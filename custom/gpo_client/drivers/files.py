"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import secrets
from errno import EISDIR
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.effects import CommitFile, CreateFile, FileEffect, WriteFile


class AtomicFile:
    """Write beside the final place, then move there.

    Args:
        to: The path of the file, or of a folder to put it in.
        name: The name to give it in a folder; none: ``to`` must not be one.

    Raises:
        OSError: The folder does not exist or cannot be written to, or there is a folder in the file's place.
    """

    def __init__(self, to: Path, name: str = "") -> None:
        self.path = to / name if name and to.is_dir() else to
        if self.path.is_dir():  # otherwise this would come out at the end, with all that was written
            raise IsADirectoryError(EISDIR, "a folder is in the place of the file", str(self.path))
        # "x" makes it anew, with the permissions that any new file gets.
        self._temporary: Path | None = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        self._file = self._temporary.open("xb")

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._file.write(data)

    def keep_as(self, path: Path) -> None:
        """It will not become whole: put what was written elsewhere."""
        self._file.close()
        if self._temporary is not None:
            self._temporary.replace(path)
            self._temporary = None

    def commit(self) -> None:
        """The file is whole: put it in its place."""
        self._file.close()
        if self._temporary is not None:
            self._temporary.replace(self.path)
            self._temporary = None

    def close(self) -> None:
        """Let go; without a commit before, nothing stays behind."""
        self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None


class PartFile:
    """A file that appears whole; until then, what there is of it is in a file beside it, whose name ends in ``.part``.

    A context manager: the file is whole when the block ends without an error.

    Args:
        path: The file.

    Raises:
        InvalidArgumentError: ``path`` is none.
        OSError: The file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            self._file = AtomicFile(Path(path))
        except (TypeError, ValueError) as error:
            raise InvalidArgumentError(f"path must be that of a file, not {path!r}", field="path") from error
        self._part = self._file.path.with_name(f"{self._file.path.name}.part")
        self._is_empty = True

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._is_empty = False
        self._file.write(data)

    def __enter__(self) -> Self:
        """It is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Put it in its place, or keep what there is beside it; nothing does not replace what was kept before."""
        try:
            if error is None:
                self._file.commit()
                self._part.unlink(missing_ok=True)
        finally:
            if self._is_empty:
                self._file.close()
            self._file.keep_as(self._part)


class FileWriter:
    """Does what a flow asks for with its file. Local writes of a few kilobytes do not wait, so both drivers use it."""

    def __init__(self) -> None:
        self._file: AtomicFile | None = None

    def perform(self, effect: FileEffect[Any]) -> Path | None:
        """Do one thing; the outcome is the effect's."""
        match effect, self._file:
            case CreateFile(to, name), before:
                if before is not None:
                    before.close()  # a second attempt begins anew
                self._file = AtomicFile(to, name)
                return self._file.path
            case WriteFile(data), AtomicFile() as file:
                file.write(data)
            case CommitFile(), AtomicFile() as file:
                file.commit()
            case _:
                raise AssertionError(f"{type(effect).__name__} out of turn")
        return None

    def close(self) -> None:
        """Let go of the file, if there is one."""
        if self._file is not None:
            self._file.close()
