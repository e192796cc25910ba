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

Edit = Callable[[dict[str, Any]], object]


def _schema(spec: dict[str, Any], name: str) -> Any:
    return spec["components"]["schemas"][name]


_BREAKING: dict[str, tuple[Edit, str]] = {
    "operation gone": (lambda s: s["paths"].pop("/api/Country"), "listCountries: gone"),
    "operation moved": (
        lambda s: s["paths"].update({"/api/Land": s["paths"].pop("/api/Country")}),
        "listCountries: moved from GET /api/Country to GET /api/Land",
    ),
    "success gone": (
        lambda s: s["paths"]["/api/Country"]["get"]["responses"].pop("200"),
        "listCountries: status 200 gone",
    ),
    "field of an answer gone": (
        lambda s: _schema(s, "Message")["properties"].pop("content"),
        "listMessages 200.items[].content: gone",
    ),
    "field of an answer nullable": (
        lambda s: _schema(s, "Opinion")["properties"]["liked"].update(type=["integer", "null"]),
        "getOpinion 200.liked: integer is integer or null now",
    ),
    "field of an answer optional": (
        lambda s: _schema(s, "Opinion")["required"].remove("liked"),
        "getOpinion 200.liked: optional now",
    ),
    "field of a request required": (
        lambda s: _schema(s, "ChatRequest")["required"].append("session_id"),
        "chatSensitive body.session_id: required now",
    ),
    "field of a request gone": (
        lambda s: _schema(s, "Feedback")["properties"].pop("like"),
        "submitFeedback body.like: gone",
    ),
    "value gone": (
        lambda s: _schema(s, "Environment")["enum"].remove("test"),
        "createSession body.environment: takes test no more",
    ),
    "query parameter gone, a header of its name there": (
        lambda s: s["paths"]["/api/User"]["get"]["parameters"][1].update({"in": "header"}),
        "listUsers: query parameter is_active gone",
    ),
    "parameter of a path required": (
        lambda s: s["paths"]["/api/Country"].update(
            parameters=[{"name": "q", "in": "query", "required": True, "schema": {}}]
        ),
        "listCountries: parameter q new, and required",
    ),
    "security added": (
        lambda s: s["paths"]["/api/User/session"]["post"].update(security=[{"sessionToken": []}]),
        "createSession: no secret is not enough any more",
    ),
    "parameter required": (
        lambda s: s["paths"]["/api/User"]["get"]["parameters"][1].update(required=True),
        "listUsers is_active: required now",
    ),
}
_HARMLESS: dict[str, tuple[Edit, str]] = {
    "new operation": (
        lambda s: s["paths"].update(
            {"/api/Pulse": {"get": {**s["paths"]["/api/Country"]["get"], "operationId": "getPulse"}}}
        ),
        "getPulse: new",
    ),
    "new field of an answer": (
        lambda s: _schema(s, "Opinion")["properties"].update(mood={"type": "string"}),
        "getOpinion 200.mood: new",
    ),
    "new optional field of a request": (
        lambda s: _schema(s, "Feedback")["properties"].update(mood={"type": "string"}),
        "submitFeedback body.mood: new",
    ),
    "new value": (
        lambda s: _schema(s, "Environment")["enum"].append("demo"),
        "createSession body.environment: takes demo",
    ),
}


def _edited(spec: dict[str, Any], edit: Edit) -> list[Change]:
    new = copy.deepcopy(spec)
    edit(new)
    return changes(spec, new)


@pytest.mark.parametrize("case", _BREAKING)
def test_breaking(case: str, spec: dict[str, Any]) -> None:
    """A client that was right before can be wrong now."""
    edit, text = _BREAKING[case]
    found = _edited(spec, edit)
    assert Change(True, text) in found


@pytest.mark.parametrize("case", _HARMLESS)
def test_harmless(case: str, spec: dict[str, Any]) -> None:
    """Whoever does not know of it goes on as before."""
    edit, text = _HARMLESS[case]
    found = _edited(spec, edit)
    assert [change for change in found if change.is_breaking] == []
    assert text in {change.text for change in found}


def test_words_are_no_change(spec: dict[str, Any]) -> None:
    """Descriptions and examples may change as they like."""
    assert _edited(spec, lambda s: s["info"].update(description="x")) == []
    assert _edited(spec, lambda s: _schema(s, "Opinion").update(description="x", examples=[])) == []


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
