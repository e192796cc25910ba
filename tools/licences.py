"""The licences of the dependencies that constraints.txt pins: written to THIRD_PARTY.md, and checked.

`--write` derives the file from the metadata of what is installed, `--check` fails if it is not up to date, or if a
licence asks for more than that it be named.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import attrs
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "THIRD_PARTY.md"

#: What extras install on some systems and versions of Python only, so that it may not be installed here.
ELSEWHERE = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
    "pywin32-ctypes": "BSD-3-Clause",
    "pyyaml-ft": "MIT",
}

#: What a licence may be that asks for no more than to be named. MPL-2.0 covers changes to its own files only.
PERMISSIVE = re.compile(
    r"MIT|Apache|BSD|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|Zlib|CC0|HPND", re.IGNORECASE
)
#: Tools that may ask for more, because nothing of ours contains or installs them.
TOOLS = {"pyte": "reads what the command line prints, in tests"}

_HEAD = """# Licences of the dependencies

Derived from the dependencies' own metadata by `make licences`; `make audit` fails when it is out of date. All that the
client or an extra installs is permissive (MPL-2.0, the licence of certifi, covers changes to its own files only). What
the extra `bench` compares with is not part of it.
"""
_PARTS = {
    "The client": "`pip install gpo-client` installs these.",
    "Extras": "`cli`, `sandbox`, `relay`, `redis`, `yaml`, `testing` and the others install some of these.",
    "Development": "Only whoever works on the client installs these.",
}


@attrs.frozen
class Dependency:
    """One dependency, with its licence and who needs it."""

    name: str
    licence: str
    part: str


def pinned_names(root: Path) -> set[str]:
    """Return the names of all that constraints.txt pins; the lines between them are hashes."""
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    return {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line}


def dependencies(root: Path) -> list[Dependency]:
    """All pinned dependencies, sorted by name."""
    pinned = pinned_names(root)
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    own = _closure(project["dependencies"], extras)
    shipped = _closure(
        [one for name, part in extras.items() if name not in ("dev", "bench", "docs") for one in part], extras
    )
    licences = _licences()
    return [Dependency(name, licences[name], _part(name, own, shipped)) for name in sorted(pinned)]


def problems(found: list[Dependency]) -> list[str]:
    """Return what is wrong with the licences."""
    return [
        f"{one.name}: the licence {one.licence!r} is not permissive"
        for one in found
        if not PERMISSIVE.search(one.licence) and not (one.name in TOOLS and one.part == "Development")
    ]


def page(found: list[Dependency]) -> str:
    """Return the text of THIRD_PARTY.md."""
    text = _HEAD
    for part, told in _PARTS.items():
        rows = "".join(f"| {one.name} | {one.licence} |\n" for one in found if one.part == part)
        text += f"\n## {part}\n\n{told}\n\n| | licence |\n|---|---|\n{rows}"
    return text


def _part(name: str, own: set[str], shipped: set[str]) -> str:
    return "The client" if name in own else "Extras" if name in shipped or name in ELSEWHERE else "Development"


def _closure(requirements: list[str], extras: dict[str, list[str]]) -> set[str]:
    """Return the names of what installing some requirements installs, as far as it is installed here."""
    names: set[str] = set()
    todo = [Requirement(one) for one in requirements]
    done: set[str] = set()
    while todo:
        one = todo.pop()
        name = canonicalize_name(one.name)
        if str(one) in done or (one.marker and not any(one.marker.evaluate({"extra": e}) for e in ("", *one.extras))):
            continue
        done.add(str(one))
        if name == "gpo-client":
            todo += [Requirement(more) for extra in one.extras for more in extras[extra]]
            continue
        names.add(name)
        todo += _needed(name, one.extras)
    return names


def _needed(name: str, extras: set[str]) -> list[Requirement]:
    try:
        asked = [Requirement(text) for text in metadata.requires(name) or []]
    except metadata.PackageNotFoundError:
        return []
    active = [one for one in asked if not one.marker or any(one.marker.evaluate({"extra": e}) for e in ("", *extras))]
    return [Requirement(str(one).partition(";")[0]) for one in active]


def _licences() -> dict[str, str]:
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {canonicalize_name(one["Name"]): one["License"] for one in told} | ELSEWHERE


def main(arguments: list[str]) -> int:
    """Write or check, and return the exit code.

    Args:
        arguments: ``--write`` or ``--check``.
    """
    found = dependencies(ROOT)
    wrong = problems(found)
    if "--write" in arguments:
        PAGE.write_text(page(found), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(found):
        wrong.append("THIRD_PARTY.md is out of date: run `make licences`")
    print("\n".join(wrong) or f"{len(found)} dependencies, all with a licence that may be used")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
