"""The walk-through of docs/regenerate.md, performed in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import json_answer, session
from tests.support.wire import Answer, Received, WireServer

ROOT = Path(__file__).resolve().parents[2]
_PARTS = (
    "custom", "gpo_core_client", "tools", "tests", "docs", "openapi.yaml", "generator-config.yaml", "pyproject.toml",
)  # fmt: skip
_DOCUMENT = {
    "document_id": "d",
    "title": "Notes",
    "file_name": "notes.txt",
    "media_type": "text/plain",
    "size_bytes": 5,
}
_OPINION = {"liked": 3, "disliked": 1, "undecided": 0, "like_rate": 0.75}


def _blocks(kind: str) -> list[str]:
    text = (ROOT / "docs" / "regenerate.md").read_text("utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def _answer(request: Received) -> Answer:
    answers: dict[str, Any] = {
        "/api/User/session": session(),
        "/api/Opinion": {**_OPINION, "trend": "rising"},
        "/api/Language": [{"language_id": "en", "name": "English"}, {"language_id": "es", "name": "Spanish"}],
    }
    if request.target == "/api/Documents/upload":
        assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
        assert b'filename="notes.txt"\r\nContent-Type: text/plain\r\n\r\nNotes' in request.body
        return json_answer(_DOCUMENT)
    return json_answer(answers[request.target])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project."""
    for name in _PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.slow
def test_walk_through(copy: Path) -> None:
    """One field, one operation and one upload more, from the contract to the high-level clients."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy / "custom"), str(copy)])}

    def run(*command: str, given: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, cwd=copy, env={**environment, **more}, input=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    contract, code, upload, upload_code = _blocks("diff")
    (program,), uploads = _blocks("py"), _blocks("python")
    assert len(uploads) == 2
    (copy / "notes.txt").write_text("Notes")
    run("git", "apply", "-", given=contract)
    run(sys.executable, "tools/generate.py")
    run(sys.executable, "tools/operations.py", "--write")  # as make generate does
    # Nothing is wrong with an operation that no method performs yet.
    done = run(sys.executable, "tools/operations.py", "--check")
    assert done.stderr.startswith("note: ")
    assert done.stderr.endswith(": listLanguages\n")
    run("git", "apply", "-", given=code)
    run(sys.executable, "tools/unasync.py")
    run(sys.executable, "tools/unasync.py", "--check")
    with WireServer(then=_answer) as server:
        done = run(sys.executable, "-W", "error", "-c", program, GPO_API_BASE_URL=server.base_url)
        assert done.stdout == "rising\n['English', 'Spanish']\n"
    run("git", "apply", "-", given=upload)
    run(sys.executable, "tools/generate.py")
    run("git", "apply", "-", given=upload_code)
    run(sys.executable, "tools/unasync.py")
    with WireServer(then=_answer) as server:
        for program in uploads:
            done = run(sys.executable, "-W", "error", "-c", program, GPO_API_BASE_URL=server.base_url)
            assert done.stdout == "False\nTrue\nNotes\n"
    # What is still to be done is told.
    command = [sys.executable, "tools/operations.py"]
    told = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (1, "gap: uploadDocument\ngap: listLanguages\n")
