"""Fixtures for tests of files of questions and answers."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from gpo_sandbox import running_sandbox


@attrs.frozen
class CountingSandbox:
    """A sandbox that tells how often it has been asked."""

    base_url: str
    database: Path

    @property
    def asked(self) -> int:
        """How many questions it has had, each counted once however often it was sent under one key."""
        with closing(sqlite3.connect(self.database)) as connection:
            return int(connection.execute("SELECT count(*) FROM messages WHERE role = 'user'").fetchone()[0])


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[CountingSandbox]:
    """A sandbox of one's own, which takes a moment for each answer."""
    database = tmp_path / "sandbox" / "gpo.db"
    database.parent.mkdir()
    with running_sandbox(chunk_delay_s=0.002, db=str(database)) as sandbox:
        yield CountingSandbox(sandbox.base_url, database)


@pytest.fixture
def start_batch(counting: CountingSandbox, tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Start ``gpo batch`` in a process of its own."""
    environment = {
        **os.environ,
        "GPO_API_BASE_URL": counting.base_url,
        "GPO_SESSION_USER_ID": "user-1",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }

    def start(*arguments: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "gpo_client.cli", "batch", *map(str, arguments)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)

    return start
