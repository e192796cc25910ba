"""The data sets of evaluation tools read a file of answers as it is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.filterwarnings("ignore")  # of its own dependencies
def test_ragas(start_batch: Callable[..., subprocess.Popen[bytes]], tmp_path: Path) -> None:
    """Questions, answers, passages and references are where it looks for them."""
    ragas = pytest.importorskip("ragas", reason="ragas is not installed")
    (tmp_path / "q.jsonl").write_text('{"question": "What is RESICO?", "reference": "a regime"}\n{"question": ""}\n')
    assert start_batch(tmp_path / "q.jsonl", "-o", tmp_path / "a.jsonl").wait(60) == 1
    samples = {sample.user_input: sample for sample in ragas.EvaluationDataset.from_jsonl(tmp_path / "a.jsonl")}
    whole = samples["What is RESICO?"]
    assert "RESICO" in whole.response
    assert whole.retrieved_contexts
    assert whole.reference == "a regime"
    assert samples[""].response is None
