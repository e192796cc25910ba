"""The generated package has all that the contract describes, and its types hold."""

import importlib
import inspect
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "gpo_core_client"


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


@pytest.mark.slow
def test_package_passes_mypy_strict(root: Path, tmp_path: Path) -> None:
    """Its types hold under the strictest settings, whatever the settings of this project."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", PACKAGE]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
