"""``make audit`` fails when it should, and says when it knows nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tools import advisories, licences

ROOT = Path(advisories.ROOT)
OURS = ("gpo_client", "gpo_sandbox", "gpo_core_client")
# pydantic's own: it is there when pydantic asks for a model's schema, and imported then alone.
PYDANTICS = ("pydantic_core",)
_CLEAN = {"name": "httpx", "version": "0.28.1", "vulns": []}
_SKIPPED = {"name": "attrs", "skip_reason": "Dependency not found on PyPI and could not be audited: attrs (1)"}
_FAULT = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["0.29"], "description": "…"}
_BAD = {"name": "httpx", "version": "0.28.1", "vulns": [_FAULT]}


@pytest.mark.parametrize(
    ("found", "codes", "said"),
    [
        ([_CLEAN], (0, 0), "1 dependencies without a known vulnerability"),
        ([_CLEAN, _BAD], (1, 1), "PYSEC-2026-1 (CVE-2026-1), fixed in 0.29"),
        ([_CLEAN, _SKIPPED], (1, 1), "could not be audited: attrs"),
        ([_SKIPPED], (0, 1), "NOT AUDITED"),
        ([], (0, 1), "NOT AUDITED"),
    ],
    ids=["clean", "vulnerable", "partly", "no database", "nothing"],
)
def test_verdicts(
    found: list[Any],
    codes: tuple[int, int],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A database that cannot be reached is neither a clean bill nor a vulnerability."""
    monkeypatch.setattr(advisories, "look_up", lambda _: advisories.judge({"dependencies": found}))
    assert (advisories.main([]), advisories.main(["--strict"])) == codes
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert (said in told.out) == (codes == (0, 0))


@pytest.mark.slow
def test_pip_audit_that_fails(tmp_path: Path) -> None:
    """Its last words are told."""
    verdict = advisories.look_up(tmp_path / "missing.txt")
    assert (verdict.is_known, verdict.faults) == (False, 0)
    assert "missing.txt" in verdict.lines[1]


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="some pins are installed on Python 3.11 only")
def test_every_pin_has_a_licence_that_may_be_used() -> None:
    """And what users install comes without tools' exceptions."""
    found = licences.dependencies(ROOT)
    assert licences.problems(found) == []
    assert {"httpx", "attrs", "msgspec", "python-dateutil"} <= {one.name for one in found if one.part == "The client"}
    assert {one.name for one in found if not licences.PERMISSIVE.search(one.licence)} == set(licences.TOOLS)


@pytest.mark.parametrize(
    ("licence", "part", "is_fine"),
    [
        ("MIT", "The client", True),
        ("GNU General Public License v3 (GPLv3)", "The client", False),
        ("AGPL-3.0-only", "Development", False),
        ("UNKNOWN", "Extras", False),
    ],
)
def test_licences(licence: str, part: str, is_fine: bool) -> None:
    """What is not known to be permissive is a problem."""
    wrong = licences.problems([licences.Dependency("some-library", licence, part)])
    assert wrong == ([] if is_fine else [f"some-library: the licence {licence!r} is not permissive"])


def test_the_page_is_of_the_pins() -> None:
    """THIRD_PARTY.md lists each pinned dependency once; `make audit` holds it to the metadata of what is installed."""
    rows = [line.split("|")[1].strip() for line in licences.PAGE.read_text().splitlines() if line.startswith("| ")]
    assert sorted(row for row in rows if row) == sorted(licences.pinned_names(ROOT))


def test_what_is_installed_is_checked() -> None:
    """Each pin has its hashes, and no line of constraints.txt an address."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [number for number, line in enumerate(lines) if "==" in line]
    assert len(pins) > 100
    assert all(lines[number + 1].strip().startswith("--hash=sha256:") for number in pins)
    assert not [line for line in lines if "//" in line]


def test_what_is_imported_is_declared() -> None:
    """Each library that a file of ours imports is one that pyproject.toml names: none comes by way of another."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(one for part in project["optional-dependencies"].values() for one in part)]
    modules = {module for one in declared for module in _modules_of(Requirement(one).name)}
    for file in sorted((ROOT / "custom").rglob("*.py")):
        for module in _imported(ast.parse(file.read_text("utf-8"))) - set(sys.stdlib_module_names):
            assert module in (*OURS, *PYDANTICS, *modules), f"{file.relative_to(ROOT)} imports {module}"


#: What needs an extra; all else of the client needs no more than everybody installs.
_OF_EXTRAS = ("cli", "doors", "relay", "testing", "otel.py", "models/pydantic_types.py")


def test_what_everybody_imports_is_what_everybody_installs() -> None:
    """Whatever is imported as a module of the client itself is imported, and not where a function first needs it."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    modules = {module for one in needed for module in _modules_of(Requirement(one).name)}
    package = ROOT / "custom" / "gpo_client"
    for file in sorted(package.rglob("*.py")):
        if not any(file.is_relative_to(package / part) for part in _OF_EXTRAS):
            found = _imported_at_once(ast.parse(file.read_text("utf-8"))) - set(sys.stdlib_module_names)
            assert found <= {*OURS, *modules}, file.relative_to(ROOT)


def test_users_install_what_the_page_says() -> None:
    """SECURITY.md names the libraries that the client needs, and no other comes along unnoticed."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    everywhere = [Requirement(one).name for one in needed if Requirement(one).marker is None]
    said = (ROOT / "SECURITY.md").read_text("utf-8").partition("The client needs nine libraries (")[2]
    assert everywhere == said.partition(")")[0].split(", ")
    assert len(everywhere) == 9
    assert [Requirement(one).name for one in needed if Requirement(one).marker is not None] == ["truststore"]


def _modules_of(name: str) -> set[str]:
    """The names of the top-level modules that an installed library brings."""
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return set()
    return {file.parts[0].partition(".")[0] for file in files if file.suffix in (".py", ".so", ".pyd")}


def _imported(tree: ast.AST) -> set[str]:
    """The names of the top-level modules that a module imports at any place."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _imported_at_once(tree: ast.AST) -> set[str]:
    """Those that it imports when it is imported: neither in functions, nor for type checkers alone."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= _imported(ast.Module([node], []))
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_for_types(node):
            found |= _imported_at_once(node)
    return found


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


_INSECURE = {
    "eval": "def run(text: str) -> object:\n    return eval(text)\n",
    "pickle": "import pickle\n\n\ndef load(data: bytes) -> object:\n    return pickle.loads(data)\n",
    "shell": "import subprocess\n\n\ndef run(text: str) -> None:\n    subprocess.run(text, shell=True)\n",
    "yaml": "import yaml\n\n\ndef load(text: str) -> object:\n    return yaml.load(text, Loader=yaml.Loader)\n",
    "no TLS": "import ssl\n\ncontext = ssl._create_unverified_context()\n",
}


def _bandit(*paths: Path) -> list[dict[str, Any]]:
    how = ["--quiet", "--recursive", "--configfile", "pyproject.toml", "--format", "json"]
    command = [sys.executable, "-m", "bandit", *how, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)["results"]
    assert done.returncode == bool(found)
    return found


def test_insecure_code_is_found(tmp_path: Path) -> None:
    """Eval, pickle, shells and the like, wherever they stand."""
    for fault, code in _INSECURE.items():
        (tmp_path / f"{fault}.py").write_text(code)
    assert {Path(one["filename"]).stem for one in _bandit(tmp_path)} == set(_INSECURE)


@pytest.mark.slow
def test_the_code_is_clean() -> None:
    """No pickle, no eval, no shell: in all that is installed, the derived and the generated included."""
    assert _bandit(ROOT / "custom", ROOT / "gpo_core_client") == []
