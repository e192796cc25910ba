"""The sandbox keeps to the contract, whatever is sent: schemathesis makes the requests and checks the answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gpo_sandbox import running_sandbox

#: All checks; the same requests in every run.
_HOW = ("--checks", "all", "--request-timeout", "5")
_ALONE = ("--phases", "examples,coverage,fuzzing", "--generation-deterministic", "--max-examples")

#: By tag, so that the parts can run side by side.
_PARTS = {
    "conversations": ("session", "chat", "history", "documents", "feedback", "bookmarks", "reference"),
    "analytics": ("ratings", "question-details", "metrics", "users"),
}
#: From a session to its end, along the links of the contract.
_CHAIN = (
    "createSession", "startConversation", "chat", "listMessages", "submitFeedback", "addBookmark", "rateConversation",
    "deleteConversations",
)  # fmt: skip


def fuzz(root: Path, folder: Path, *options: str) -> str:
    """Run schemathesis on a sandbox of its own, and return what it says."""
    # The installed program would name the Python that it was made for; this is the one that runs the tests.
    program = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.contract.fuzzing", "PYTHONPATH": str(root)}
    with running_sandbox(chunk_delay_s=0, admins="fuzzer") as sandbox:
        command = [*program, "run", str(root / "openapi.yaml"), "--url", sandbox.base_url, *_HOW, *options]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("examples", ["150"])
@pytest.mark.parametrize("part", _PARTS)
def test_each_operation(part: str, examples: str, root: Path, tmp_path: Path) -> None:
    """Examples, every boundary of the schemas, and random requests, good and bad."""
    told = fuzz(
        root, tmp_path, *_ALONE, examples, *(option for tag in _PARTS[part] for option in ("--include-tag", tag))
    )
    assert "only 401/403" not in told


def test_every_operation_is_in_a_part(spec: dict[str, dict[str, dict[str, dict[str, list[str]]]]]) -> None:
    """A new tag must be put somewhere."""
    tags = {tag for path in spec["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert sorted(tag for part in _PARTS.values() for tag in part) == sorted(tags)


@pytest.mark.slow
def test_chains_of_operations(root: Path, tmp_path: Path) -> None:
    """A session, its conversations, what is asked and said in them, and their end, along the links of the contract."""
    # Only the links of the contract, none that schemathesis makes up from the names of fields.
    (tmp_path / "schemathesis.toml").write_text("[phases.stateful.inference]\nalgorithms = []\n")
    chain = (option for name in _CHAIN for option in ("--include-operation-id", name))
    told = fuzz(root, tmp_path, "--phases", "stateful", *chain, "--max-examples", "60", "--seed", "1")
    followed = re.search(r"API Links:\s+(\d+) covered / (\d+) selected", told)
    assert followed is not None, told
    # Not all of them in every run: whether an answer has what a link needs depends on what was sent before.
    assert int(followed[1]) > int(followed[2]) / 2, told
