"""The public API, `gpo_client.__all__`, compared with that of the last tag (griffe).

A name, a parameter or a method that is gone, and a parameter that must be given now, break programs: that wants a new
major version, or before 1.0 a new minor one. Values of attributes and the texts of annotations are not compared.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import griffe

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.spec_diff import last_tag, says_breaking, version_at

ROOT = Path(__file__).resolve().parent.parent
_NOT_COMPARED = {
    griffe.BreakageKind.ATTRIBUTE_CHANGED_TYPE,
    griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE,
    griffe.BreakageKind.RETURN_CHANGED_TYPE,
}


def breaks(old: Path, new: Path, package: str = "gpo_client") -> list[str]:
    """Return what programs that used a package in one folder miss in the other, one line each.

    Args:
        old: The source root of the earlier one.
        new: That of the later one.
        package: Its name; what it exports in ``__all__`` is compared.
    """
    before, after = (_load(folder, package) for folder in (old, new))
    gone = {str(name) for name in before.exports or ()} - {str(name) for name in after.exports or ()}
    return sorted({*_breaks(before, after), *(f"{package}.{name}: is not in __all__ any more" for name in gone)})


def _load(folder: Path, package: str) -> griffe.Object | griffe.Alias:
    return griffe.load(package, search_paths=[folder], try_relative_path=False, allow_inspection=False)


def _breaks(old: griffe.Object | griffe.Alias, new: griffe.Object | griffe.Alias) -> Iterator[str]:
    for breakage in griffe.find_breaking_changes(old, new):
        if breakage.kind not in _NOT_COMPARED and not breakage.obj.name.startswith("_"):
            parameter = getattr(breakage.old_value or breakage.new_value, "name", "")
            what = f" ({parameter})" if parameter and parameter != breakage.obj.name else ""
            yield f"{breakage.obj.path}: {breakage.kind.value.lower()}{what}"


def since_tag(root: Path = ROOT) -> tuple[str, list[str]]:
    """Return the last tag, empty when there is none, and what programs written for it miss now."""
    if not (tag := last_tag(root)):
        return "", []
    packed = subprocess.run(["git", "archive", tag, "custom"], cwd=root, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory(prefix="api-") as folder, tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
        return tag, breaks(Path(folder, "custom"), root / "custom")


def main() -> int:
    """Run the command line."""
    tag, found = since_tag()
    if not tag:
        print("gpo_client.__all__: there is no tag to compare with yet")
        return 0
    print(f"gpo_client.__all__ since {tag}:", *(found or ["nothing that programs use has gone"]), sep="\n")
    old, new = version_at(ROOT, tag), version_at(ROOT)
    if not found or says_breaking(old, new):
        return 0
    print(f"this breaks programs, and version {new} after {old} does not say so; keep the old names, warning "
          f"(gpo_client.exceptions.warn_deprecated), or raise the version", file=sys.stderr)  # fmt: skip
    return 1


if __name__ == "__main__":
    sys.exit(main())
