"""The public API, `gpo_client.__all__` and what docs/reference describes, compared with that of the last tag (griffe).

A name, a parameter or a method that is gone, and a parameter that must be given now, break programs: that wants a new
major version, or before 1.0 a new minor one. Values of attributes and the texts of annotations are not compared.
What is neither exported nor described is the library's own, and so is the module that anything stands in.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import cast

import attrs
import griffe

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.spec_diff import last_tag, says_breaking, version_at

ROOT = Path(__file__).resolve().parent.parent
_NOT_COMPARED = {
    griffe.BreakageKind.ATTRIBUTE_CHANGED_TYPE,
    griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE,
    griffe.BreakageKind.RETURN_CHANGED_TYPE,
}


_DESCRIBED = re.compile(r"^::: ([\w.]+)", re.MULTILINE)


@attrs.frozen
class _Names:
    """Objects by their names, as griffe compares the members of a module."""

    path: str
    all_members: dict[str, griffe.Object | griffe.Alias]


def breaks(old: Path, new: Path, package: str = "gpo_client", described: Iterable[str] = ()) -> list[str]:
    """Return what programs that used a package in one folder miss in the other, one line each.

    Args:
        old: The source root of the earlier one.
        new: That of the later one.
        package: Its name; what it exports in ``__all__`` is compared.
        described: Whole names of objects in it that are compared besides.
    """
    before, after = (_load(folder, package) for folder in (old, new))
    exported, left = ({str(name) for name in each.exports or ()} for each in (before, after))
    names = {name.removeprefix(f"{package}.") for name in described if name.startswith(f"{package}.")} | exported
    found, kept = (
        _Names(package, {name: one for name in names if (one := _at(root, name)) is not None})
        for root in (before, after)
    )
    gone = (f"{package}.{name}: is not in __all__ any more" for name in exported - left)
    return sorted({*_breaks(found, kept), *gone})


def _load(folder: Path, package: str) -> griffe.Object | griffe.Alias:
    return griffe.load(package, search_paths=[folder], try_relative_path=False, allow_inspection=False)


def _at(package: griffe.Object | griffe.Alias, name: str) -> griffe.Object | griffe.Alias | None:
    """Return the object of a name, itself where the name is one that hands it on; None: there is none."""
    try:
        found = package[name]
        return found.final_target if isinstance(found, griffe.Alias) else found
    except (KeyError, griffe.AliasResolutionError):
        return None


def _breaks(old: _Names, new: _Names) -> Iterator[str]:
    for breakage in griffe.find_breaking_changes(cast("griffe.Object", old), cast("griffe.Object", new)):
        is_ours = breakage.obj.name.startswith("_") or breakage.obj.is_module
        if breakage.kind not in _NOT_COMPARED and not is_ours:
            parameter = getattr(breakage.old_value or breakage.new_value, "name", "")
            what = f" ({parameter})" if parameter and parameter != breakage.obj.name else ""
            yield f"{breakage.obj.path}: {breakage.kind.value.lower()}{what}"


def since_tag(root: Path = ROOT) -> tuple[str, list[str]]:
    """Return the last tag, empty when there is none, and what programs written for it miss now."""
    if not (tag := last_tag(root)):
        return "", []
    packed = subprocess.run(
        ["git", "archive", "--format=zip", tag, *_folders(root, tag)], cwd=root, capture_output=True, check=True
    ).stdout
    with tempfile.TemporaryDirectory(prefix="api-") as folder, zipfile.ZipFile(BytesIO(packed)) as archive:
        archive.extractall(folder)
        described = [
            name
            for page in Path(folder, "docs", "reference").glob("*.md")
            for name in _DESCRIBED.findall(page.read_text("utf-8"))
        ]
        return tag, breaks(Path(folder, "custom"), root / "custom", described=described)


def _folders(root: Path, tag: str) -> list[str]:
    command = ["git", "ls-tree", "-d", "--name-only", tag, "custom", "docs/reference"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split()


def main() -> int:
    """Run the command line."""
    tag, found = since_tag()
    if not tag:
        print("gpo_client.__all__: there is no tag to compare with yet")
        return 0
    print(
        f"gpo_client.__all__ and the reference since {tag}:",
        *(found or ["nothing that programs use has gone"]),
        sep="\n",
    )
    old, new = version_at(ROOT, tag), version_at(ROOT)
    if not found or says_breaking(old, new):
        return 0
    print(f"this breaks programs, and version {new} after {old} does not say so; keep the old names, warning "
          f"(gpo_client.exceptions.warn_deprecated), or raise the version", file=sys.stderr)  # fmt: skip
    return 1


if __name__ == "__main__":
    sys.exit(main())
