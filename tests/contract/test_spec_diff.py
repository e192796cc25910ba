"""What has changed in the contract since the last tag, and what has to say so."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.contract import openapi
from tools.spec_diff import Change, changes, unannounced


def _edited(spec: dict[str, Any], edit: Callable[[dict[str, Any]], object]) -> list[Change]:
    new = copy.deepcopy(spec)
    edit(new)
    return changes(spec, new)


def test_the_contract_itself(spec: dict[str, Any]) -> None:
    """A field of ours that goes is found where it is used; descriptions and examples may change as they like."""
    found = _edited(spec, lambda it: it["components"]["schemas"]["Message"]["properties"].pop("content"))
    assert Change(True, "listMessages 200.items[].content: gone") in found
    assert _edited(spec, lambda it: it["info"].update(description="x")) == []
    assert _edited(spec, lambda it: it["components"]["schemas"]["Opinion"].update(description="x", examples=[])) == []


@pytest.mark.parametrize(
    ("old", "new", "is_fine"),
    [
        ("0.1.0", "0.1.1", False),
        ("0.1.0", "0.2.0", True),
        ("0.9.0", "1.0.0", True),
        ("1.2.0", "1.3.0", False),
        ("1.2.0", "2.0.0", True),
    ],
)
def test_versions(old: str, new: str, is_fine: bool) -> None:
    """Semantic Versioning: before 1.0 the second number says it, afterwards the first."""
    assert (unannounced([Change(True, "x")], old, new, "- `openapi.yaml`: x") == ([], [])) is is_fine
    assert unannounced([Change(False, "x")], old, old, "- `openapi.yaml`: x") == ([], [])
    # What only adds is a note until the release; what breaks has to be said at once.
    assert "CHANGELOG.md" in unannounced([Change(False, "x")], old, new, "- something else")[1][0]
    assert "CHANGELOG.md" in unannounced([Change(True, "x")], old, new, "- something else")[0][0]
    assert unannounced([], old, old, "") == ([], [])


@pytest.mark.slow
def test_command(root: Path, tmp_path: Path) -> None:
    """Against the last tag of a repository: none, nothing changed, changed and not announced, announced."""

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def diff() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(root / "tools/spec_diff.py"), str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    version = tmp_path / "custom/gpo_client/version.py"
    version.parent.mkdir(parents=True)
    version.write_text('VERSION = "1.0.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n")
    contract = tmp_path / "openapi.yaml"
    contract.write_text((root / "openapi.yaml").read_text("utf-8"), "utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    assert (diff().returncode, diff().stdout) == (0, "openapi.yaml: there is no tag to compare with yet\n")
    git("tag", "v1.0.0")
    assert diff().stdout == "openapi.yaml since v1.0.0:\nnothing has changed\n"
    spec = openapi(contract)
    del spec["paths"]["/api/Country"]
    contract.write_text(yaml.safe_dump(spec), "utf-8")
    refused = diff()
    assert refused.returncode == 1
    assert "BREAKING  listCountries: gone" in refused.stdout
    assert "CHANGELOG.md has no entry" in refused.stderr
    assert "version 1.0.0 after 1.0.0 does not say so" in refused.stderr
    version.write_text('VERSION = "2.0.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n- `openapi.yaml`: listCountries is gone.\n")
    assert (diff().returncode, diff().stderr) == (0, "")
