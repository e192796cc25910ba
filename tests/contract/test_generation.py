"""The generation replaces the package as a whole or not at all; the package has all of the contract, strictly typed."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.contract import run_with_generated
from tools.generate import GenerationError
from tools.generate import generate as generate_package

PACKAGE = "gpo_core_client"

# Opens a session by the generated package on the connections of both clients.
RAW = """
import asyncio, importlib, json, sys
from gpo_client import GPOCoreClient, SyncGPOCoreClient
from gpo_core_client.api.session import create_session
from gpo_core_client.models import SessionContext
from gpo_sandbox import running_sandbox

who = SessionContext(instance_id="advisory-001", user_id="user-1")

async def ask(address):
    async with GPOCoreClient(base_url=address) as client:
        return client.raw.get_async_httpx_client(), await create_session.asyncio_detailed(client=client.raw, body=who)

with running_sandbox() as sandbox, SyncGPOCoreClient(base_url=sandbox.base_url) as client:
    found = (client.raw.get_httpx_client(), create_session.sync_detailed(client=client.raw, body=who))
    found += asyncio.run(ask(sandbox.base_url))
print([type(each).__module__ if number % 2 == 0 else each.status_code.value for number, each in enumerate(found)])
"""


def generate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a project folder."""
    script = Path(__file__).resolve().parents[2] / "tools" / "generate.py"
    command = [sys.executable, str(script), "--root", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder, without what Python caches there."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """Return a project folder that a test may change."""
    for name in ("openapi.yaml", "generator-config.yaml"):
        shutil.copy(root / name, tmp_path)
    shutil.copytree(root / PACKAGE, tmp_path / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.slow
def test_check_lists_every_difference(project: Path) -> None:
    """Changed, missing and added files are named and fail the check; what Python caches is no difference."""
    package = project / PACKAGE
    with (package / "client.py").open("a", encoding="utf-8") as file:
        file.write("# edited by hand\n")
    (package / "models" / "session.py").unlink()
    (package / "api" / "stale.py").touch()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "client.pyc").touch()
    result = generate(project, "--check")
    assert result.returncode == 1
    assert result.stderr.splitlines()[:-1] == [
        f"added: {PACKAGE}/api/stale.py",
        f"changed: {PACKAGE}/client.py",
        f"missing: {PACKAGE}/models/session.py",
    ]


@pytest.mark.slow
def test_generation_replaces_the_whole_package(project: Path) -> None:
    """Stale files go, edits go, and nothing else is left in the project folder; the rest is byte for byte as committed.

    That ``--check`` finds no difference is seen by ``make check``.
    """
    before = contents(project)
    (project / PACKAGE / "api" / "stale.py").touch()
    (project / PACKAGE / "client.py").unlink()
    result = generate(project)
    assert (result.returncode, result.stderr) == (0, "")
    assert contents(project) == before


@pytest.mark.slow
def test_first_generation_needs_no_package(project: Path) -> None:
    """Without a package, the check fails and the generation makes one."""
    before = contents(project)
    shutil.rmtree(project / PACKAGE)
    assert generate(project, "--check").returncode == 1
    assert generate(project).returncode == 0
    assert contents(project) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [
        ("openapi: 3.1.0", "openapi: [", "line 3: is no YAML"),
        ('$ref: "#/components/schemas/Session"', '$ref: "#/components/schemas/Nothing"', "leads to nothing"),
        # What no rule of ours knows the generator tells itself.
        (
            "          description: Its name in English.\n          type: string",
            "          description: Its name in English.\n          type: array\n          items: false",
            "encountered while generating",
        ),
    ],
    ids=["no YAML", "a rule", "the generator"],
)
def test_failed_generation_changes_nothing(project: Path, damage: tuple[str, str, str]) -> None:
    """What a rule finds, or the generator alone, leaves the package as it is, and says why."""
    document = project / "openapi.yaml"
    document.write_text(document.read_text(encoding="utf-8").replace(damage[0], damage[1]), encoding="utf-8")
    before = contents(project)
    result = generate(project)
    assert result.returncode == 1
    assert damage[2] in result.stderr
    assert "object at 0x" not in result.stderr
    assert contents(project) == before


@pytest.mark.slow
def test_stock_command_reads_the_contract(project: Path) -> None:
    """Without our script, the generator gives the same package under the same name, but for the marker of types."""
    before = contents(project / PACKAGE)
    shutil.rmtree(project / PACKAGE)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    command += ["--path", "openapi.yaml", "--config", "generator-config.yaml"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(command, cwd=project, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    assert {**contents(project / PACKAGE), "py.typed": b""} == before


@pytest.mark.slow
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_either_library(project: Path, root: Path, library: str) -> None:
    """One setting decides what the package speaks: its types hold, and both clients carry it on their connections.

    httpx is what it speaks as it is committed. Its types hold under mypy's strictest settings, whatever our own are.
    """
    config = project / "generator-config.yaml"
    said = config.read_text(encoding="utf-8")
    assert "http_library: httpx\n" in said
    if library != "httpx":
        config.write_text(said.replace("http_library: httpx\n", f"http_library: {library}\n"), encoding="utf-8")
        assert generate(project).returncode == 0
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={project / 'cache'}", PACKAGE]
    typed = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert typed.returncode == 0, typed.stdout
    done = run_with_generated(project, root, RAW, None)
    assert done.strip() == str([library, 200, library, 200])
    other = {"httpx", "httpx2"} - {library}
    words = {word for path in (project / PACKAGE).rglob("*.py") for word in re.findall(r"\w+", path.read_text("utf-8"))}
    assert not words & other


@pytest.mark.parametrize("line", ["http_library: requests", ""])
def test_no_such_library(root: Path, tmp_path: Path, line: str) -> None:
    """Another library, or none, is refused in one sentence."""
    said = (root / "generator-config.yaml").read_text("utf-8")
    (tmp_path / "generator-config.yaml").write_text(said.replace("http_library: httpx", line), encoding="utf-8")
    with pytest.raises(
        GenerationError, match=r"^generator-config\.yaml: http_library must be one of httpx and httpx2$"
    ):
        generate_package(tmp_path, tmp_path / "new")


def test_nothing_is_dropped(spec: dict[str, Any]) -> None:
    """The generator drops what it cannot read, sometimes without a word: no schema, operation or status is missing."""
    models = importlib.import_module(f"{PACKAGE}.models")
    assert [name for name in spec["components"]["schemas"] if not hasattr(models, name)] == []
    for path in spec["paths"].values():
        for operation in path.values():
            name = re.sub("([A-Z])", r"_\1", operation["operationId"]).lower()
            module = importlib.import_module(f"{PACKAGE}.api.{operation['tags'][0].replace('-', '_')}.{name}")
            assert callable(module._get_kwargs)
            source = inspect.getsource(module._parse_response)
            assert re.findall(r"status_code == (\d+)", source) == sorted(operation["responses"]), name


def test_models_read_and_write_the_examples(spec: dict[str, Any]) -> None:
    """Each generated class knows every field of its example, and writes what it reads."""
    models = importlib.import_module(f"{PACKAGE}.models")
    for name, schema in spec["components"]["schemas"].items():
        if "enum" in schema or name == "Metadata":
            continue
        model = getattr(models, name)
        for example in schema["examples"]:
            value = model.from_dict(example)
            assert value.additional_properties == {}, name
            assert value.to_dict().keys() >= example.keys(), name
            assert model.from_dict(value.to_dict()) == value, name


def test_each_setting_has_its_effect(root: Path) -> None:
    """The generator ignores settings that it does not know, so a misspelt one would go unnoticed."""
    package = root / PACKAGE
    assert "response_200 = File(" in (package / "api/documents/download_document.py").read_text(encoding="utf-8")
    assert (package / "models/answer_feedback.py").exists()
    assert "= Literal[" in (package / "models/sort_order.py").read_text(encoding="utf-8")
    assert "BinaryIO" not in (package / "models/session.py").read_text(encoding="utf-8")  # removed by a hook


def test_package_names_no_machine(root: Path) -> None:
    """Neither the folder of the project nor a temporary one is in the package."""
    text = b"".join(path.read_bytes() for path in (root / PACKAGE).rglob("*.py"))
    for trace in (str(root), tempfile.gettempdir(), ".generate-"):
        assert trace.encode() not in text
