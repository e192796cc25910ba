"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from errno import ESPIPE
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from gpo_client.drivers import place
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.effects import CommitFile, CreateFile, FileEffect, WriteFile

# What is added to the name of a file that did not become whole.
_PART = ".part"


@contextmanager
def _naming(path: Path) -> Generator[None]:
    """Let errors name the file that was asked for, not ours beside it."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


class AtomicFile:
    """Write beside the final place, then move there.

    A link is followed: what it leads to is replaced, the link stays. A file that exists keeps its mode, owner and hard
    links. What is no regular file (a pipe, a device, ``/dev/stdout``) is never replaced: it is written into, at once.

    Args:
        to: The path of the file, or of a folder to put it in.
        name: The name to give it in a folder; none: ``to`` must not be one.

    Raises:
        OSError: The folder does not exist or cannot be written to, there is a folder in the file's place, or something
            else of that name is in the folder which is no regular file. It names the file that was asked for.
    """

    def __init__(self, to: Path, name: str = "") -> None:
        is_in_folder = bool(name) and to.is_dir()
        self.path = to / name if is_in_folder else to
        with _naming(self.path):
            before = place.occupant(self.path, is_own_name=not is_in_folder)
            self._before = before
            #: Whether it is written into at once, so that nothing can be taken back.
            self.is_passage = before is not None and before.is_passage
            self._temporary: Path | None = None
            self._file: BinaryIO
            if self.is_passage:
                self._file = place.open_passage(self.path)
            else:
                self._target = place.target(self.path)
                temporary = self._target.with_name(f".{secrets.token_hex(8)}.part")
                self._file = place.open_new(temporary, before)
                self._temporary = temporary

    def write(self, data: bytes) -> None:
        """Add bytes."""
        with _naming(self.path):
            rest = memoryview(data)
            while rest:  # pipes take as much as fits
                rest = rest[self._file.write(rest) :]

    def keep_beside(self, suffix: str) -> Path | None:
        """Put what was written beside its place, as it will not become whole. None for what is written into at once."""
        with _naming(self.path):
            self._file.close()
            if self._temporary is None:
                return None
            beside = self._target.with_name(f"{self._target.name}{suffix}")
            self._temporary.replace(beside)
            self._temporary = None
            return beside

    def drop_beside(self, suffix: str) -> None:
        """Remove what was kept beside its place before."""
        if not self.is_passage:
            with suppress(OSError):  # it may even be that no file can have that name
                self._target.with_name(f"{self._target.name}{suffix}").unlink()

    def commit(self) -> None:
        """Put the file, which is whole, in its place."""
        with _naming(self.path):
            self._file.close()
            if self._temporary is not None:
                place.put(self._temporary, self._target, self._before)
                self._temporary = None

    def close(self) -> None:
        """Let go; without a commit before, nothing stays behind."""
        with suppress(OSError):  # of what could not be written, which has been told
            self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None


class PartFile:
    """A file that appears whole; when that fails, what there is of it is kept beside it, with ``.part`` added.

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
        self._is_empty = True

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._is_empty = False
        self._file.write(data)

    def __enter__(self) -> Self:
        """Return the file, which is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Put it in its place, or keep what there is beside it; nothing does not replace what was kept before."""
        try:
            if error is None:
                self._file.commit()
                self._file.drop_beside(_PART)
            elif not self._is_empty:
                self._file.keep_beside(_PART)
        finally:
            self._file.close()


class FileWriter:
    """Does what a flow asks for with its file. Local writes of a few kilobytes do not wait, so both drivers use it."""

    def __init__(self) -> None:
        self._file: AtomicFile | None = None
        self._has_written = False

    def perform(self, effect: FileEffect[Any]) -> Path | None:
        """Do one thing; the outcome is the effect's."""
        match effect, self._file:
            case CreateFile(to, name), before:
                if before is not None:
                    before.close()  # a second attempt begins anew
                    if before.is_passage and self._has_written:
                        raise OSError(ESPIPE, "the download broke, and what was written cannot be taken back", str(to))
                self._file = AtomicFile(to, name)
                return self._file.path
            case WriteFile(data), AtomicFile() as file:
                self._has_written = True
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
