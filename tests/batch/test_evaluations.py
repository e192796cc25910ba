"""The data sets of evaluation tools read a file of answers as it is."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import ROOT, blocks_of

pytestmark = pytest.mark.slow

_BLOCKS = {
    library: block.text
    for block in blocks_of(ROOT / "docs" / "bulk.md")
    for library in ("ragas", "deepeval")
    if block.language == "python" and f"from {library}" in block.text
}
_TELL = """
import json
rows = [[each.{question}, each.{answer}, each.{passages}, each.{reference}] for each in dataset{of}]
print(json.dumps(rows))
"""
_NAMES = {
    "ragas": ("user_input", "response", "retrieved_contexts", "reference", ""),
    "deepeval": ("input", "actual_output", "retrieval_context", "expected_output", ".goldens"),
}


@pytest.mark.parametrize("library", _NAMES)
def test_data_sets(library: str, start_batch: Callable[..., subprocess.Popen[bytes]], tmp_path: Path) -> None:
    """Questions, answers, passages and references are where the page says; the program of the page reads them."""
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    (tmp_path / "q.jsonl").write_text('{"question": "What is RESICO?", "reference": "a regime"}\n{"question": ""}\n')
    with start_batch(tmp_path / "q.jsonl", "-o", tmp_path / "answers.jsonl") as process:
        process.communicate(timeout=60)
    assert process.returncode == 1
    names = dict(zip(("question", "answer", "passages", "reference", "of"), _NAMES[library], strict=True))
    # In a process of its own, which tells nobody that it runs.
    quiet = {**os.environ, "DEEPEVAL_TELEMETRY_OPT_OUT": "YES", "RAGAS_DO_NOT_TRACK": "true"}
    command = [sys.executable, "-c", _BLOCKS[library] + _TELL.format(**names)]
    done = subprocess.run(command, cwd=tmp_path, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    samples: dict[str, Any] = {question: rest for question, *rest in json.loads(done.stdout.splitlines()[-1])}
    answer, passages, reference = samples["What is RESICO?"]
    assert "RESICO" in answer
    assert passages
    assert reference == "a regime"
    assert samples[""][0] is None
