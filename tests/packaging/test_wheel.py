"""The wheel: what is in it, and that it works where nothing else is installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from gpo_client.version import VERSION
from gpo_sandbox import running_sandbox
from tests.support.parts import made_once

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("installed_program.py")


def _run(*command: str | Path, cwd: Path, **environment: str) -> str:
    # Paths and settings that lead back to the source tree must not decide the outcome.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GPO_", "VIRTUAL_ENV"))}
    environment = {**kept, "PYTHONUTF8": "1", **environment}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published."""

    def build(folder: Path) -> None:
        _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)

    (built,) = made_once(tmp_path_factory, "wheel", build).glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel and what it requires, without extras."""

    program = "Scripts/python.exe" if os.name == "nt" else "bin/python"

    def install(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", folder, cwd=folder)
        uv = (Path(sys.executable).with_name("uv"), "pip", "install", "--python", folder / program)
        _run(*uv, "--constraint", ROOT / "constraints.txt", wheel, cwd=folder, UV_SYSTEM_CERTS="true")

    return made_once(tmp_path_factory, "environment", install) / program


@pytest.fixture(scope="module")
def report(python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the user's program found, streaming from a sandbox in this process, which is not installed over there."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with running_sandbox(chunk_delay_s=0) as sandbox:
        output = _run(python, "-W", "error", PROGRAM, cwd=elsewhere, GPO_API_BASE_URL=sandbox.base_url)
    found: dict[str, Any] = json.loads(output)
    return found


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """Code, type markers, the sandbox's documents and its page are in; tests, tools and source roots are not."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packages = {"gpo_client", "gpo_core_client", "gpo_sandbox"}
    assert {name.split("/")[0] for name in names} == {*packages, f"gpo_client-{VERSION}.dist-info"}
    assert {f"{package}/{file}" for package in packages for file in ("__init__.py", "py.typed")} <= names
    assert not [name for name in names if name.endswith(".pyc") or "/tests/" in name]
    source = ROOT / "custom"
    data = [*source.glob("gpo_sandbox/corpus/*.md"), *source.glob("gpo_sandbox/playground/assets/*")]
    documents = {path.relative_to(source).as_posix() for path in data}
    modules = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
    assert len(documents) > 20
    assert documents | modules <= names


def test_the_metadata_says_what_is_needed(wheel: Path) -> None:
    """Nine requirements without extras, and one on two systems; the licence and the readme go along."""
    with ZipFile(wheel) as archive:
        metadata = Parser().parsestr(archive.read(f"gpo_client-{VERSION}.dist-info/METADATA").decode())
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    names = sorted(re.split(r"[<>=]", line)[0] for line in required)
    assert names == [
        "aiohappyeyeballs", "anyio", "attrs", "certifi", "httptools", "httpx", "idna", "msgspec", "python-dateutil",
        "truststore",
    ]  # fmt: skip
    assert (metadata["Name"], metadata["Version"], metadata["Requires-Python"]) == ("gpo-client", VERSION, ">=3.11")
    assert metadata["License-Expression"] == "MIT"
    assert str(metadata.get_payload()).strip()


def test_the_packages_come_from_the_wheel(report: dict[str, Any], python: Path) -> None:
    """The program ran with what was installed, not with the source tree."""
    environment = python.parents[1].resolve()
    assert all(Path(file).resolve().is_relative_to(environment) for file in report["files"])
    assert report["version"] == VERSION
    assert report["unasked"] == []


def test_both_clients_stream(report: dict[str, Any]) -> None:
    """The same whole answer with the same sources, from either client."""
    first, second = report["contents"]
    assert report["complete"] == [True, True]
    assert first == second
    assert "[1]" in first
    assert report["sources"][0] == report["sources"][1] != []


@pytest.mark.parametrize("room", ["sandbox", "relay", "playground", "otel"])
def test_rooms_name_their_extras(report: dict[str, Any], room: str) -> None:
    """Whoever imports one without its extra is told how to get it."""
    extra = "sandbox" if room == "playground" else room  # whose package that is, and what it says first
    assert f'pip install "gpo-client[{extra}]"' in report["without_extras"][room]
