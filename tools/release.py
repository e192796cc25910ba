"""A release: what a maintainer would check and do, in one go, and nothing of it before all of it is right.

`make release VERSION=0.2.0` tries everything in a copy of the last commit and leaves wheel, sdist and bill of materials
in dist/. With GO=1 the commit that it has made is taken over and tagged. Nothing is pushed or uploaded.
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import api_diff, spec_diff

ROOT = Path(__file__).resolve().parent.parent
_HEADING = "## Unreleased\n"
_LEAVING = "removed_in="


class ReleaseError(Exception):
    """The release cannot be made; the message lists all reasons."""


def reasons(root: Path, version: str) -> Iterator[str]:
    """Why a version cannot be released, each with what to do.

    Args:
        root: The project, a checkout.
        version: The version.
    """
    try:
        wanted = Version(version)
    except InvalidVersion:
        yield f"{version!r} is no version; write MAJOR.MINOR.PATCH"
        return
    if str(wanted) != version or len(wanted.release) != 3:
        yield f"{version!r} is not written as MAJOR.MINOR.PATCH"
    if changed := _git(root, "status", "--porcelain"):
        yield f"the checkout has changes that are not committed; commit or undo them: {' '.join(changed.split()[1::2])}"
    if not unreleased(root / "CHANGELOG.md"):
        yield "CHANGELOG.md has nothing under Unreleased; say what is new"
    tag = spec_diff.last_tag(root)
    if tag and Version(spec_diff.version_at(root, tag)) >= wanted:
        yield f"{version} is not after {spec_diff.version_at(root, tag)}, which {tag} has released"
    _, wrong, notes = spec_diff.findings(root, version)
    yield from (*wrong, *notes)
    _, broken = api_diff.since_tag(root)
    if broken and not spec_diff.says_breaking(spec_diff.version_at(root, tag), version):
        yield f"programs break, and {version} after {tag} does not say so: {'; '.join(broken)}"
    yield from due(root / "custom", wanted)


def unreleased(log: Path) -> str:
    """Return what the change log says of the version to come."""
    _, _, after = log.read_text("utf-8").partition(_HEADING)
    return after.partition("\n## ")[0].strip()


def due(sources: Path, version: Version) -> Iterator[str]:
    """Return what was to be gone by a version, and is still there."""
    for file in sorted(sources.rglob("*.py")):
        text = file.read_text("utf-8")
        calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)) if _LEAVING in text else ()
        for call in calls:
            for word in call.keywords:
                ends = word.value.value if word.arg == "removed_in" and isinstance(word.value, ast.Constant) else None
                if isinstance(ends, str) and Version(ends) <= version:
                    place = f"{file.relative_to(sources)}:{call.lineno}"
                    yield f"{place}: what is deprecated there was to go away in {ends}; remove it"


def prepare(copy: Path, version: str, today: date) -> None:
    """Write version and date into a copy of the project."""
    place = copy / "custom" / "gpo_client" / "version.py"
    text, times = re.subn(r'VERSION = "[^"]+"', f'VERSION = "{version}"', place.read_text("utf-8"))
    if times != 1:
        raise ReleaseError("custom/gpo_client/version.py has no VERSION")
    place.write_text(text, "utf-8")
    log = copy / "CHANGELOG.md"
    heading = f"{_HEADING}\n## {version} ({today.isoformat()})\n"
    log.write_text(log.read_text("utf-8").replace(_HEADING, heading, 1), "utf-8")


def check_built(dist: Path, version: str) -> None:
    """Look at what was built: version, types, command, and what was built besides."""
    names = {file.name for file in dist.iterdir()}
    wheel = f"gpo_client-{version}-py3-none-any.whl"
    missing = {wheel, f"gpo_client-{version}.tar.gz", "sbom.cdx.json"} - names
    if missing:
        raise ReleaseError(f"not built: {', '.join(sorted(missing))}")
    with zipfile.ZipFile(dist / wheel) as archive:
        metadata = archive.read(f"gpo_client-{version}.dist-info/METADATA").decode()
        parts = set(archive.namelist())
    wanted = {"gpo_client/py.typed", "gpo_core_client/py.typed", f"gpo_client-{version}.dist-info/entry_points.txt"}
    if f"\nVersion: {version}\n" not in metadata or wanted - parts:
        raise ReleaseError(f"the wheel lacks its version or one of {', '.join(sorted(wanted))}")


def release(root: Path, version: str, *, go: bool) -> str:
    """Try a release in a copy, and with `go` take it over. Returns its commit.

    Raises:
        ReleaseError: It cannot be made; nothing has changed but dist/.
    """
    if found := list(reasons(root, version)):
        raise ReleaseError("\n".join(found))
    notes = unreleased(root / "CHANGELOG.md")
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        copy = Path(folder) / "copy"
        _git(root, "worktree", "add", "--quiet", "--detach", str(copy), "HEAD")
        try:
            prepare(copy, version, datetime.now(UTC).date())
            _git(copy, "commit", "--quiet", "--all", "--message", f"Release {version}")
            commit = _git(copy, "rev-parse", "HEAD").strip()
            _package(copy)
            check_built(copy / "dist", version)
            shutil.rmtree(root / "dist", ignore_errors=True)
            shutil.copytree(copy / "dist", root / "dist")
        finally:
            _git(root, "worktree", "remove", "--force", str(copy))
    if go:
        _git(root, "merge", "--quiet", "--ff-only", commit)
        _git(root, "tag", "--annotate", f"v{version}", "--cleanup", "verbatim", "--message", f"{version}\n\n{notes}")
    return commit


def _package(copy: Path) -> None:
    """Build twice, compare, check, and list what is inside: `make package` of the copy."""
    command = [sys.executable, "tools/package.py"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(done.stdout + done.stderr)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make a release; without --go, try one.")
    parser.add_argument("version", help="MAJOR.MINOR.PATCH")
    parser.add_argument("--go", action="store_true", help="take the commit over, and tag it")
    arguments = parser.parse_args()
    try:
        commit = release(ROOT, arguments.version, go=arguments.go)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    print(*sorted(str(file.relative_to(ROOT)) for file in (ROOT / "dist").iterdir()), sep="\n")
    done = f"released as v{arguments.version}, {commit[:9]}; push the branch and the tag, and upload dist/"
    print(done if arguments.go else f"everything is right for {arguments.version}; GO=1 makes it so")
    return 0


if __name__ == "__main__":
    sys.exit(main())
