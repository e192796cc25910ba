"""``make release``: everything is checked before anything changes, and programs are told before something goes."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version

from gpo_client.exceptions import warn_deprecated
from tools import api_diff, release, spec_diff
from tools.package import differences

ROOT = Path(__file__).resolve().parents[2]
_LOG = "# Changes\n\n## Unreleased\n\n- `openapi.yaml`: a field.\n"
_OLD = """
__all__ = ["Thing", "ask", "late"]
from pkg.inner import Thing
def ask(question, *, timeout=None): ...
def late(): ...
"""
_INNER = """
class Base:
    def kept(self, a): ...
class Thing(Base):
    size: int = 1
    def go(self, a, b=1): ...
    def _own(self, a): ...
"""


def _git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    done = subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A released project with something new."""
    for name, text in {
        "custom/gpo_client/version.py": 'VERSION = "0.1.0"\n',
        "custom/gpo_client/__init__.py": '__all__ = ["ask"]\ndef ask(question): ...\n',
        "openapi.yaml": "openapi: 3.1.0\npaths: {}\n",
        "CHANGELOG.md": "# Changes\n\n## Unreleased\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    _git(tmp_path, "init", "--quiet")
    for key, value in (("user.name", "Test"), ("user.email", "test@example.com")):
        _git(tmp_path, "config", key, value)
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "--message", "one")
    _git(tmp_path, "tag", "v0.1.0")
    (tmp_path / "CHANGELOG.md").write_text(_LOG)
    _git(tmp_path, "commit", "--quiet", "--all", "--message", "two")
    return tmp_path


def test_nothing_in_the_way(project: Path) -> None:
    """A clean tree, a section, a higher version."""
    assert list(release.reasons(project, "0.1.1")) == []


def test_all_that_is_in_the_way(project: Path) -> None:
    """It is told at once."""
    (project / "custom/gpo_client/__init__.py").write_text(
        '__all__ = ["ask"]\ndef ask(question, user): ...\n\nwarn_deprecated("a", "b", removed_in="0.1.0")\n'
    )
    (project / "CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\n## 0.1.0\n\n- x\n")
    told = "\n".join(release.reasons(project, "0.1.0"))
    for words in ("not committed", "nothing under Unreleased", "not after 0.1.0", "programs break", "remove it"):
        assert words in told
    assert "(user)" in told
    assert list(release.reasons(project, "1.0")) != []
    assert list(release.reasons(project, "next")) == ["'next' is no version; write MAJOR.MINOR.PATCH"]


def test_breaking_needs_its_version(project: Path) -> None:
    """Before 1.0 the second number announces what breaks programs."""
    (project / "custom/gpo_client/__init__.py").write_text("__all__ = []\n")
    _git(project, "commit", "--quiet", "--all", "--message", "three")
    assert "gpo_client.ask: is not in __all__ any more" in "\n".join(release.reasons(project, "0.1.1"))
    assert list(release.reasons(project, "0.2.0")) == []


@pytest.mark.parametrize("go", [False, True])
def test_dry_run_and_release(project: Path, monkeypatch: pytest.MonkeyPatch, *, go: bool) -> None:
    """A dry run leaves dist/ and nothing else; the release is one commit with its tag."""

    def built(copy: Path) -> None:
        (copy / "dist").mkdir()
        (copy / "dist" / "made").touch()

    monkeypatch.setattr(release, "_package", built)
    monkeypatch.setattr(release, "check_built", lambda *_: None)
    (project / ".git/info/exclude").write_text("dist\n")
    before = _git(project, "rev-parse", "HEAD").strip()
    commit = release.release(project, "0.2.0", go=go)
    assert (project / "dist" / "made").exists()
    assert _git(project, "status", "--porcelain") == ""
    assert _git(project, "worktree", "list").count("\n") == 1
    assert _git(project, "rev-parse", "HEAD").strip() == (commit if go else before)
    assert spec_diff.last_tag(project) == ("v0.2.0" if go else "v0.1.0")
    if go:
        assert spec_diff.version_at(project) == "0.2.0"
        assert "## Unreleased\n\n## 0.2.0 (" in (project / "CHANGELOG.md").read_text()
        assert "- `openapi.yaml`: a field." in _git(project, "tag", "--list", "--format=%(contents)", "v0.2.0")


def test_failure_changes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be built is not released, and the copy is gone."""

    def fails(copy: Path) -> None:
        raise release.ReleaseError("no compiler")

    monkeypatch.setattr(release, "_package", fails)
    with pytest.raises(release.ReleaseError, match="no compiler"):
        release.release(project, "0.2.0", go=True)
    assert _git(project, "worktree", "list").count("\n") == 1
    assert spec_diff.last_tag(project) == "v0.1.0"
    release.prepare(project, "0.3.0", date(2026, 1, 2))
    assert "## 0.3.0 (2026-01-02)" in (project / "CHANGELOG.md").read_text()


def test_built(tmp_path: Path) -> None:
    """Wheel, sdist and bill of materials are asked for."""
    with pytest.raises(release.ReleaseError, match="sbom"):
        release.check_built(tmp_path, "0.2.0")


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (("timeout=None", "timeout"), "parameter is now required (timeout)"),
        (("timeout=None", "seconds=None"), "parameter was removed (timeout)"),
        (("b=1", "b=1, *, c"), "parameter was added as required (c)"),
        (("def go", "def gone"), "pkg.inner.Thing.go: public object was removed"),
        (('"late"]', "]"), "pkg.late: is not in __all__ any more"),
        (("def kept(self, a)", "def kept(self, a, z)"), "parameter was added as required (z)"),
        (("size: int = 1", "size: int = 2"), None),
        (("b=1", "b=1, c=2"), None),
        (("def _own(self, a)", "def _own(self)"), None),
    ],
)
def test_public_api(tmp_path: Path, edit: tuple[str, str], told: str | None) -> None:
    """What programs use may not go unannounced, inherited or handed on; what nobody sees may."""
    for side in ("old", "new"):
        package = tmp_path / side / "pkg"
        package.mkdir(parents=True)
        for name, text in (("__init__.py", _OLD), ("inner.py", _INNER)):
            (package / name).write_text(text.replace(*edit) if side == "new" else text)
    found = api_diff.breaks(tmp_path / "old", tmp_path / "new", "pkg")
    assert any(told in each for each in found) if told else found == []


def test_what_the_reference_describes(tmp_path: Path) -> None:
    """It may not go from where it is described; what is neither exported nor described may move."""
    for side, module in (("old", "deep"), ("new", "deeper")):
        package = tmp_path / side / "pkg"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f'__all__ = ["Thing"]\nfrom pkg.{module} import Thing\n')
        (package / f"{module}.py").write_text("class Thing: ...\nclass Group:\n    def of(self, a): ...\n")
    folders = (tmp_path / "old", tmp_path / "new")
    assert api_diff.breaks(*folders, "pkg") == []
    assert api_diff.breaks(*folders, "pkg", ["other.Group", "pkg.deep.Unknown"]) == []
    (told,) = api_diff.breaks(*folders, "pkg", ["pkg.deep.Group"])
    assert told.startswith("pkg.deep.Group: ")


@pytest.mark.slow
def test_public_api_of_the_client() -> None:
    """Since the last tag, nothing that programs use has gone but with a version that says so."""
    assert api_diff.main() == 0


def test_deprecated() -> None:
    """The warning names what to write and the version of removal, and nothing outlives that version."""
    with pytest.warns(
        DeprecationWarning, match=r"old\(\) is deprecated and goes away in 0\.9\.0; use new\(\)"
    ) as caught:
        warn_deprecated("old()", "new()", removed_in="0.9.0")
    assert caught[0].filename == __file__
    assert list(release.due(ROOT / "custom", Version(spec_diff.version_at(ROOT)))) == []


def test_builds_that_are_not_the_same(tmp_path: Path) -> None:
    """A byte that differs is found, and a file that only one of the builds has."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, text in ((first, "a"), (second, "b")):
        folder.mkdir()
        (folder / "same.whl").write_text("same")
        (folder / "other.tar.gz").write_text(text)
    (second / "more.whl").touch()
    assert differences(first, second) == ["more.whl", "other.tar.gz"]
    assert differences(first, first) == []
