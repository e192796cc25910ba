"""What has changed in openapi.yaml since the last tag, and whether version and CHANGELOG.md say so.

A change is breaking if a client that was right before can be wrong now: an operation, a status of success or a field
of an answer that is gone or may be null, a field of a request that is gone, or that must be there, or that takes fewer
values. The rules are those of Semantic Versioning: a breaking change wants a new major version, or before 1.0 a new
minor one, and any change wants an entry under Unreleased in the change log. The comparison is ours (`contract_diff`):
the tools that compare contracts are programs in Go, which no registry of ours has ready to run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.contract_diff.changes import changes
from tools.contract_diff.schemas import Change

__all__ = ["Change", "changes", "findings", "last_tag", "says_breaking", "unannounced", "version_at"]

ROOT = Path(__file__).resolve().parent.parent


def unannounced(
    found: list[Change], old_version: str, new_version: str, unreleased: str
) -> tuple[list[str], list[str]]:
    """Return what version and change log do not say: of what breaks clients, and of the rest.

    Args:
        found: The changes of the contract.
        old_version: The version at the tag.
        new_version: The version now.
        unreleased: What the change log says since the tag.
    """
    wrong: list[str] = []
    notes: list[str] = []
    is_breaking = any(change.is_breaking for change in found)
    if found and "openapi.yaml" not in unreleased:
        said = (
            "the contract has changed, and CHANGELOG.md has no entry that names openapi.yaml since the tag; write one"
        )
        (wrong if is_breaking else notes).append(said)
    if is_breaking and not says_breaking(old_version, new_version):
        wrong.append(
            f"the contract breaks clients, and version {new_version} after {old_version} does not say so; "
            f"undo what is marked BREAKING, or set the version to {_next(old_version)} in custom/gpo_client/version.py"
        )
    return wrong, notes


def _next(version: str) -> str:
    major, minor = (int(number) for number in re.findall(r"\d+", version)[:2])
    return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"


def says_breaking(old: str, new: str) -> bool:
    """Whether a version announces, by Semantic Versioning, that it breaks what relied on another."""
    before, after = (tuple(map(int, re.findall(r"\d+", version)[:2])) for version in (old, new))
    return after > before if before[0] == 0 else after[0] > before[0]


def last_tag(root: Path) -> str:
    """Return the tag of the last release; empty when there is none."""
    return (_git(root, "describe", "--tags", "--abbrev=0", "--match", "v*") or "").strip()


def version_at(root: Path, tag: str | None = None) -> str:
    """Return the version of the distribution, now or at a tag."""
    place = "custom/gpo_client/version.py"
    return _version((root / place).read_text("utf-8") if tag is None else _git(root, "show", f"{tag}:{place}") or "")


def _git(root: Path, *arguments: str) -> str | None:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _version(text: str) -> str:
    found = re.search(r'VERSION = "([^"]+)"', text)
    return found[1] if found else "0.0.0"


def findings(root: Path = ROOT, version: str | None = None) -> tuple[str, list[str], list[str]]:
    """Return what has changed since the last tag, in lines; what has to be said of it and is not; what should be.

    Args:
        root: The project.
        version: The version that is to say so. Default: the present one.
    """
    tag = last_tag(root)
    before = _git(root, "show", f"{tag}:openapi.yaml") if tag else None
    if before is None:
        return "openapi.yaml: there is no tag to compare with yet", [], []
    found = changes(yaml.safe_load(before), yaml.safe_load((root / "openapi.yaml").read_text("utf-8")))
    log, old_log = (root / "CHANGELOG.md").read_text("utf-8"), _git(root, "show", f"{tag}:CHANGELOG.md") or ""
    wrong, notes = unannounced(
        found,
        version_at(root, tag),
        version or version_at(root),
        "\n".join(line for line in log.splitlines() if line not in old_log.splitlines()),
    )
    lines = [f"openapi.yaml since {tag}:", *(map(str, found) if found else ["nothing has changed"])]
    return "\n".join(lines), wrong, notes


def main(root: Path = ROOT) -> int:
    """Run the command line."""
    said, wrong, notes = findings(root)
    print(said, *(f"note: {note}" for note in notes), sep="\n")
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
