"""A file that appears whole or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from gpo_client.flows.effects import CommitFile, CreateFile, FileEffect, WriteFile


class AtomicFile:
    """Write beside the final place, then move there.

    Args:
        to: The path of the file, or of a folder to put it in.
        name: The name to give it in a folder; none: ``to`` must not be one.

    Raises:
        OSError: The folder does not exist or cannot be written to.
    """

    def __init__(self, to: Path, name: str = "") -> None:
        self.path = to / name if name and to.is_dir() else to
        # "x" makes it anew, with the permissions that any new file gets.
        self._temporary: Path | None = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        self._file = self._temporary.open("xb")

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._file.write(data)

    def commit(self) -> None:
        """The file is whole: put it in its place."""
        self._file.close()
        if self._temporary is not None:
            self._temporary.replace(self.path)
            self._temporary = None

    def keep(self) -> None:
        """Let go; without a commit before, what was written stays beside the final place, in a ``.part`` file."""
        self._file.close()
        if self._temporary is not None:
            self._temporary.replace(self.path.with_name(f"{self.path.name}.part"))
            self._temporary = None

    def close(self) -> None:
        """Let go; without a commit before, nothing stays behind."""
        self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None


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
