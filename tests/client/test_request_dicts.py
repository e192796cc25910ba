"""The requests as TypedDicts say what the generated models say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, is_typeddict

import msgspec
import pytest

import gpo_core_client.models as generated
from gpo_client.models import requests
from gpo_client.models.members import shape_of
from tools import request_dicts

_DICTS = {name: kind for name, kind in vars(requests).items() if is_typeddict(kind)}
_CLIENT = Path(requests.__file__).parents[1] / "client" / "aio"


def test_the_file_is_derived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is up to date; one that is not is told, and written."""
    # In a process of its own: typing keeps types that are equal, whatever the order that another test named them in.
    subprocess.run([sys.executable, request_dicts.__file__], check=True)
    changed = tmp_path / "requests.py"
    changed.write_text(request_dicts.TARGET.read_text("utf-8").replace("query: Required[str]", "query: str"), "utf-8")
    monkeypatch.setattr(request_dicts, "TARGET", changed)
    assert request_dicts.main([]) == 1
    assert "make request-dicts" in capsys.readouterr().err
    assert request_dicts.main(["--write"]) == request_dicts.main([]) == 0


@pytest.mark.parametrize("name", _DICTS)
def test_fields(name: str) -> None:
    """The keys are those that are accepted, and what must be there is required, unless the context says it."""
    kind: Any = _DICTS[name]
    fields = msgspec.structs.fields(shape_of(getattr(generated, name.removesuffix("Dict")), closed=True))
    assert set(kind.__annotations__) == {field.encode_name for field in fields}
    required = {field.encode_name for field in fields if field.required} - {"session_id", "conversation_id"}
    written = {key for key, hint in kind.__annotations__.items() if "Required[" in hint.__forward_arg__}
    assert written == required


def test_every_request_has_its_own() -> None:
    """No method takes a request that type checkers do not look into."""
    for path in _CLIENT.glob("*.py"):
        assert "| Mapping[str, Any]" not in path.read_text("utf-8"), path.name
