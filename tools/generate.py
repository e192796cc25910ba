"""Generate gpo_core_client/ from openapi.yaml, or check that it is what openapi.yaml gives.

`python tools/generate.py` replaces gpo_core_client/ as a whole. With `--check` it changes nothing, lists the files
that are missing, added or changed, and fails if there are any.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.contract_rules import findings_in

PACKAGE = "gpo_core_client"
#: What the package may send its requests by; the second takes the place of the first, under the same names.
LIBRARIES = ("httpx", "httpx2")

# Imports every module of the package in a folder, whatever the folder is called.
IMPORTS = """
import importlib, pathlib, pkgutil, sys
folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder.parent))
package = importlib.import_module(folder.name)
for module in pkgutil.walk_packages(package.__path__, f"{folder.name}."):
    importlib.import_module(module.name)
"""


class GenerationError(Exception):
    """The generator failed or warned; the message is what it said."""


def generate(root: Path, target: Path) -> None:
    """Generate the package from the contract in `root` into the new folder `target`.

    Raises:
        GenerationError: The contract holds what the generator would get wrong, or fails on.
    """
    settings = root / "generator-config.yaml"
    config = yaml.safe_load(settings.read_text(encoding="utf-8"))
    if config.get("http_library") not in LIBRARIES:
        raise GenerationError(f"generator-config.yaml: http_library must be one of {' and '.join(LIBRARIES)}")
    if found := findings_in(root / "openapi.yaml", settings):
        raise GenerationError("\n".join([*map(str, found), "docs/regenerate.md tells what the generator can do"]))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", str(root / "openapi.yaml"), "--config", str(settings)]
    command += ["--output-path", str(target)]
    # The generator looks for ruff on PATH: the one beside this Python is the pinned one.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise GenerationError(_plain(result.stdout + result.stderr))
    if _speak(target, config["http_library"]):
        _format(target, config, environment)
    check_imports(target)
    (target / "py.typed").touch()  # the generator writes it only together with a project around the package


def _speak(package: Path, library: str) -> bool:
    """Write one library in the place of the other throughout a package; whether anything has changed."""
    is_changed = False
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        spoken = re.sub(rf"\b(?:{'|'.join(LIBRARIES)})\b", library, text)
        if spoken != text:
            path.write_text(spoken, encoding="utf-8")
            is_changed = True
    return is_changed


def _format(package: Path, config: dict[str, Any], environment: dict[str, str]) -> None:
    """Run the hooks once more, as the generator does: a longer name may have made a line too long."""
    for hook in config["post_hooks"]:
        subprocess.run(hook.split(), cwd=package, env=environment, check=True, capture_output=True)


def _plain(said: str) -> str:
    """Return the words of the generator, without the path it wrote to, its advice, and addresses of objects."""
    said = re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>", "…", said)
    lines = [line for line in said.splitlines() if line and not line.startswith(("Generating ", "If you believe"))]
    return "\n".join(lines)


def check_imports(package: Path) -> None:
    """Refuse a package that cannot be imported, as when the names of two schemas differ in case alone."""
    result = subprocess.run([sys.executable, "-B", "-c", IMPORTS, package], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise GenerationError(f"what the generator makes of openapi.yaml cannot be imported:\n{result.stderr}")


def replace(root: Path) -> None:
    """Generate the package and put it in the place of the old one, which stays as it is if the generator fails."""
    package = root / PACKAGE
    # Inside `root`, so that both moves stay on one file system.
    with tempfile.TemporaryDirectory(dir=root, prefix=".generate-") as temporary:
        new, old = Path(temporary, "new"), Path(temporary, "old")
        generate(root, new)
        if package.exists():
            package.rename(old)
        try:
            new.rename(package)
        except OSError:
            if old.exists():
                old.rename(package)
            raise


def differences(root: Path) -> list[str]:
    """Say, one line a file, how the package differs from what the contract gives."""
    with tempfile.TemporaryDirectory(prefix="generate-") as temporary:
        new = Path(temporary, PACKAGE)
        generate(root, new)
        expected = read(new)
    actual = read(root / PACKAGE)
    lines = [f"missing: {PACKAGE}/{name}" for name in expected.keys() - actual.keys()]
    lines += [f"added: {PACKAGE}/{name}" for name in actual.keys() - expected.keys()]
    common = expected.keys() & actual.keys()
    lines += [f"changed: {PACKAGE}/{name}" for name in common if expected[name] != actual[name]]
    return sorted(lines)


def read(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder by relative name, without what Python itself caches there."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=f"Generate {PACKAGE}/ from openapi.yaml.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the package is not up to date")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="the project folder")
    arguments = parser.parse_args()
    try:
        if not arguments.check:
            replace(arguments.root)
        elif lines := differences(arguments.root):
            print(*lines, f"{PACKAGE}/ differs from openapi.yaml: run `make generate`", sep="\n", file=sys.stderr)
            return 1
    except GenerationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
