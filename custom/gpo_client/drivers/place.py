"""The place of a file that is to be written: what is there already, and how to put something else there."""

from __future__ import annotations

import os
import shutil
import stat
from errno import EEXIST, EISDIR, ELOOP
from pathlib import Path
from typing import BinaryIO, cast

import attrs

# As many links in a row are followed as Linux does.
_MOST_LINKS = 40


@attrs.frozen
class Occupant:
    """What is in the place of a file.

    Attributes:
        mode: Its permissions.
        owner: The ids of its user and group.
        links: How many hard links it has.
        is_passage: Whether it passes on what is written to it: a pipe, a device, an open file such as ``/dev/stdout``.
    """

    mode: int
    owner: tuple[int, int]
    links: int
    is_passage: bool


def occupant(path: Path, *, is_own_name: bool = True) -> Occupant | None:
    """Return what is there; None if nothing is.

    Args:
        path: The place.
        is_own_name: Whether the user has named it. What others name is not written through links, nor into devices.

    Raises:
        OSError: It is a folder, or cannot be looked at, or is no regular file and somebody else has named it.
    """
    if not is_own_name and os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise OSError(EEXIST, "something of that name is there which is no regular file", str(path))
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):  # otherwise this would come out at the end, with all that was written
        raise IsADirectoryError(EISDIR, "a folder is in the place of the file", str(path))
    is_passage = not stat.S_ISREG(found.st_mode) or _is_open_file(path)
    return Occupant(stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid), found.st_nlink, is_passage)


def target(path: Path) -> Path:
    """Return the file itself, behind all links; it need not exist."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def open_passage(path: Path) -> BinaryIO:
    """Open what passes on what is written to it, without truncating it.

    Raises:
        OSError: It cannot be opened, for a named pipe because nobody reads from it.
    """
    # Not to wait for somebody to read from a pipe: that could be for ever, and all other tasks with us.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    if hasattr(os, "set_blocking"):
        os.set_blocking(file, True)
    return cast("BinaryIO", open(file, "wb", buffering=0))  # noqa: PTH123 - a descriptor; its owner closes it


def open_new(path: Path, before: Occupant | None) -> BinaryIO:
    """Make a file that nobody may read who may not read the one that it will replace."""
    mode = 0o666 if before is None else before.mode & 0o666  # less the umask, as for any file

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    return cast("BinaryIO", open(path, "xb", opener=opener))


def put(file: Path, to: Path, before: Occupant | None) -> None:
    """Put a file in its place; mode, owner and hard links of what was there stay."""
    if before is not None and not (before.links == 1 and _take_after(file, before)):
        shutil.copyfile(file, to)  # into it: another file could not be what it is
        file.unlink()
    else:
        file.replace(to)


def _take_after(file: Path, before: Occupant) -> bool:
    """Give a file the owner and mode of another. False if that is not allowed."""
    found = file.stat()
    try:
        if hasattr(os, "chown") and (found.st_uid, found.st_gid) != before.owner:
            os.chown(file, *before.owner)
        file.chmod(before.mode)
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
