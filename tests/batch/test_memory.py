"""Ten thousand questions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.service import farewell
from tests.support.events import chunk, final, json_answer, numbered, opening, session, source, stream_answer
from tests.support.wire import Answer, Received, WireServer

pytestmark = pytest.mark.alone

_MANY, _MOST_KIB = 10_000, 60 * 1024


# Runs gpo and tells the most memory that this has had: what the system tells of children counts their parent's as well.
_GPO = """
import re, sys
from pathlib import Path
from gpo_client.cli import main
code = main(sys.argv[1:])
sys.stderr.write(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sys.exit(code)
"""
_SOURCES = [source(f"src_{number}", content_excerpt="word " * 100) for number in range(5)]
#: As the sandbox answers, whose search would take most of the time of this test.
_EVENTS = b"".join(numbered([*(chunk("RESICO is a regime ") for _ in range(40)), final(sources=_SOURCES)]))


def _answer(request: Received) -> Answer:
    if request.target == "/api/User/session":
        return json_answer(session())
    if request.target == "/api/User/logout":
        return farewell()
    return stream_answer(_EVENTS) if request.target == "/api/Chat" else opening()[1]


def test_memory_does_not_grow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole command, its interpreter included, stays within 60 MiB, and asks each question once."""
    (tmp_path / "q.txt").write_text("".join(f"What is RESICO? {number}\n" for number in range(_MANY)))
    command = [sys.executable, "-c", _GPO, "batch", "q.txt", "-o", "a.jsonl"]
    with WireServer(then=_answer) as server:
        environment = {**os.environ, "GPO_API_BASE_URL": server.base_url, "GPO_SESSION_USER_ID": "user-1"}
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
        asked = [request.headers["idempotency-key"] for request in server.requests if request.target == "/api/Chat"]
    with capsys.disabled():
        print(f" {int(done.stderr) / 1024:.0f} MiB ", end="")
    assert done.stdout == f"{_MANY} answered, 0 failed: a.jsonl\n"
    assert len(set(asked)) == len(asked) == _MANY
    assert int(done.stderr) <= _MOST_KIB
