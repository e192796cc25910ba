"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from errno import EEXIST, EISDIR, ELOOP, ESPIPE
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.effects import CommitFile, CreateFile, FileEffect, WriteFile

# What is added to the name of a file that did not become whole.
_PART = ".part"
# As many links in a row are followed as Linux does.
_MOST_LINKS = 40


@contextmanager
def _naming(path: Path) -> Generator[None]:
    """Let errors name the file that was asked for, not ours beside it."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        del error.filename2  # None would be shown as a second name
        raise


def path_of(given: object, argument: str, what: str) -> Path:
    """Return the path that was given as an argument.

    Raises:
        InvalidArgumentError: It is none, or one that no file can have.
    """
    try:
        path = Path(cast("str", given))
        if b"\0" not in os.fsencode(path):
            return path
    except (TypeError, ValueError):
        pass
    raise InvalidArgumentError(f"{argument} must be {what}, not {given!r}", field=argument)


class AtomicFile:
    """Write beside the final place, then move there.

    A link is followed: what it leads to is replaced, the link stays. A file that exists keeps its mode, owner and hard
    links. What is no regular file (a pipe, a device, ``/dev/stdout``) is never replaced: it is written into, at once.
    Raises OSError: the folder does not exist or cannot be written to, there is a folder in the file's place, or
    something else of that name is in the folder which is no regular file. It names the file that was asked for. Into a
    folder it goes under ``name``.
    """

    def __init__(self, to: Path, name: str = "") -> None:
        is_in_folder = bool(name) and to.is_dir()
        self.path = to / name if is_in_folder else to
        self._process = os.getpid()
        with _naming(self.path):
            before = _occupant(self.path, is_own_name=not is_in_folder)
            self._before = before
            #: Whether it is written into at once, so that nothing can be taken back.
            self.is_passage = before is not None and (not stat.S_ISREG(before.st_mode) or _is_open_file(self.path))
            self._temporary: Path | None = None
            self._file: BinaryIO
            if self.is_passage:
                self._file = _open_passage(self.path)
            else:
                self._target = _target(self.path)
                temporary = self._target.with_name(f".{secrets.token_hex(8)}.part")
                self._file = _open_new(temporary, before)
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
            if self._temporary is None or self._is_foreign:
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
                _put(self._temporary, self._target, self._before)
                self._temporary = None

    def close(self) -> None:
        """Let go; without a commit before, nothing stays behind."""
        with suppress(OSError):  # of what could not be written, which has been told
            self._file.close()
        if self._temporary is not None and not self._is_foreign:
            self._temporary.unlink(missing_ok=True)
        self._temporary = None

    @property
    def _is_foreign(self) -> bool:
        """Whether this process was forked from the one that writes it, and goes on writing it."""
        return os.getpid() != self._process


class PartFile:
    """A file that appears whole; when that fails, what there is of it is kept beside it, with ``.part`` added.

    A context manager: the file is whole when the block ends without an error. Raises InvalidArgumentError: ``path`` is
    none; OSError: the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = AtomicFile(path_of(path, "path", "that of a file"))
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


def _occupant(path: Path, *, is_own_name: bool) -> os.stat_result | None:
    """Return what is in the place of a file; None if nothing is.

    What others than the user name (``is_own_name``) is not written through links, nor into devices. Raises OSError: it
    is a folder, or cannot be looked at, or is no regular file and somebody else has named it.
    """
    if not is_own_name and os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise OSError(EEXIST, "something of that name is there which is no regular file", str(path))
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):  # otherwise this would come out at the end, with all that was written
        raise IsADirectoryError(EISDIR, "a folder is in the place of the file", str(path))
    return found


def _target(path: Path) -> Path:
    """Return the file itself, behind all links; it need not exist."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _open_passage(path: Path) -> BinaryIO:
    """Open what passes on what is written to it, without truncating it. Raises OSError: it cannot be opened, for a
    named pipe because nobody reads from it.
    """
    # Not to wait for somebody to read from a pipe: that could be for ever, and all other tasks with us.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    if hasattr(os, "set_blocking"):
        os.set_blocking(file, True)
    return cast("BinaryIO", open(file, "wb", buffering=0))  # noqa: PTH123 - a descriptor; its owner closes it


def _open_new(path: Path, before: os.stat_result | None) -> BinaryIO:
    """Make a file that nobody may read who may not read the one that it will replace."""
    mode = 0o666 if before is None else before.st_mode & 0o666  # less the umask, as for any file

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    # Without a buffer: a child that is forked would write once more what its parent has in it.
    return cast("BinaryIO", open(path, "xb", buffering=0, opener=opener))


def _put(file: Path, to: Path, before: os.stat_result | None) -> None:
    """Put a file in its place; mode, owner and hard links of what was there stay."""
    if before is not None and not (before.st_nlink == 1 and _take_after(file, before)):
        shutil.copyfile(file, to)  # into it: another file could not be what it is
        file.unlink()
    else:
        file.replace(to)


def _take_after(file: Path, before: os.stat_result) -> bool:
    """Give a file the owner and mode of another. False if that is not allowed."""
    found = file.stat()
    try:
        if hasattr(os, "chown") and (found.st_uid, found.st_gid) != (before.st_uid, before.st_gid):
            os.chown(file, before.st_uid, before.st_gid)
        file.chmod(stat.S_IMODE(before.st_mode))
    except PermissionError:
        return False
    return True


def _is_open_file(path: Path) -> bool:
    """Whether a path leads to an open file of a process, as ``/dev/stdout`` and ``/dev/fd/3`` do on Linux."""
    for _ in range(_MOST_LINKS):
        if not path.is_symlink():
            return False
        folder = Path(os.path.realpath(path.parent))
        if folder.is_relative_to("/proc"):
            return True
        path = folder / path.readlink()
    raise OSError(ELOOP, os.strerror(ELOOP), str(path))
