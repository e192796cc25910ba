"""Runs that are killed in their middle, and started again until they are through."""

from __future__ import annotations

import json
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.batch.conftest import CountingSandbox

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kills"), [("answers.jsonl", 2), ("answers.csv", 2), ("answers.jsonl", 50)])
def test_killed_at_any_moment(
    name: str, kills: int, start_batch: Start, counting: CountingSandbox, tmp_path: Path
) -> None:
    """As many rows as questions, each asked once by the sandbox's count, and no line torn, wherever it was killed."""
    moments = random.Random(kills)
    count = 30 * kills
    questions, output = tmp_path / "questions.jsonl", tmp_path / name
    questions.write_text("".join(f'{{"question": "What is RESICO? {number}"}}\n' for number in range(count)))
    killed = code = 0
    for left in range(4 * kills, 0, -1):
        process = start_batch(questions, "-o", output, "--concurrency", 4)
        try:
            process.communicate(timeout=moments.uniform(0.4, 1.2) if killed < kills and left > 1 else 300)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            killed += 1
            continue
        code = process.returncode
        break
    assert code == 0
    assert killed
    rows = _rows(output)
    assert sorted(row["user_input"] for row in rows) == sorted(f"What is RESICO? {number}" for number in range(count))
    assert len({row["key"] for row in rows}) == count
    assert all(row["error"] is None and "RESICO" in row["response"] for row in rows)
    assert counting.asked == count


def _rows(output: Path) -> list[dict[str, Any]]:
    from gpo_client.batch.answers import read_rows

    if output.suffix == ".jsonl":
        return [json.loads(line) for line in output.read_bytes().splitlines()]
    return list(read_rows(output))


@pytest.mark.slow
def test_ctrl_c(start_batch: Start, counting: CountingSandbox, tmp_path: Path) -> None:
    """What is under way is answered and written, nothing else is begun; the exit code says that it was cancelled."""
    questions, output = tmp_path / "questions.txt", tmp_path / "answers.jsonl"
    questions.write_text("".join(f"What is RESICO? {number}\n" for number in range(5_000)))
    process = start_batch(questions, "-o", output, "--concurrency", 4)
    while not (output.exists() and output.stat().st_size):
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    rows = _rows(output)
    assert 0 < len(rows) < 5_000
    assert len(rows) == counting.asked
    assert out.decode().startswith(f"{len(rows)} answered, 0 failed")
