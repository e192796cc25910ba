"""The wheel, the sdist and their bill of materials, in dist/.

Everything is built twice, from two copies of what git would check out, and has to be the same to the byte: whoever
builds from the sources can compare. The bill of materials (CycloneDX) names what the client and its extras install, in
the versions that constraints.txt pins.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
BIN = Path(sys.executable).parent
#: Extras for whoever works on the client.
DEVELOPERS = frozenset({"bench", "dev", "docs", "mutants"})


def main() -> int:
    """Build, compare, check, and write the bill of materials."""
    shutil.rmtree(DIST, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="package-") as folder:
        first, second = (_build(Path(folder) / name) for name in ("first", "second"))
        if different := differences(first, second):
            print(f"not the same when built twice: {', '.join(different)}")
            return 1
        shutil.copytree(first, DIST)
    files = sorted(map(str, DIST.iterdir()))
    _run(BIN / "twine", "check", "--strict", *files)
    _run(BIN / "check-wheel-contents", *DIST.glob("*.whl"))
    print(*files, _bill_of_materials(), sep="\n")
    return 0


def differences(first: Path, second: Path) -> list[str]:
    """Return the names of the files that are not the same in both folders."""
    names = {file.name for folder in (first, second) for file in folder.iterdir()}
    return sorted(name for name in names if _bytes(first / name) != _bytes(second / name))


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def _build(folder: Path) -> Path:
    """Build from a copy of the tracked files, whose times and places are others each time."""
    sources, built = folder / "sources", folder / "dist"
    for name in _output("git", "ls-files", "-z").split("\0"):
        if name and (ROOT / name).exists():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, sources / name)
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", built, sources)
    return built


def _bill_of_materials() -> Path:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [extra for extra in project["optional-dependencies"] if extra not in DEVELOPERS]
    bill = DIST / "sbom.cdx.json"
    with tempfile.TemporaryDirectory(prefix="package-") as folder:
        pins = Path(folder) / "requirements.txt"
        options = [option for extra in extras for option in ("--extra", extra)]
        _run(
            BIN / "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
            "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--constraint",
            ROOT / "constraints.txt", *options, ROOT / "pyproject.toml", "--output-file", pins,
        )  # fmt: skip
        _run(
            BIN / "cyclonedx-py", "requirements", "--pyproject", ROOT / "pyproject.toml", "--output-reproducible",
            "--output-file", bill, pins,
        )  # fmt: skip
    if not json.loads(bill.read_text("utf-8"))["components"]:
        sys.exit("the bill of materials is empty")
    return bill


def _run(*command: object) -> None:
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env={**os.environ, "UV_SYSTEM_CERTS": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{Path(str(command[0])).name} failed:\n{done.stdout}{done.stderr}")


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
