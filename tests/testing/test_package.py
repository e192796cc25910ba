"""The package: what it offers, and what it loads for that."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gpo_client.testing
from gpo_sandbox import running_sandbox

LOADED = """
import sys
import gpo_client.testing
heavy = {"httpx", "vcr", "pytest", "starlette", "uvicorn"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
gpo_client.testing.vcr_config()
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None
try:
    exec(sys.argv[2])
except ImportError as error:
    print(error)
"""


def _run(*arguments: str) -> str:
    return subprocess.run([sys.executable, "-W", "error", "-c", *arguments], check=True, text=True, stdout=-1).stdout


def test_names_are_there() -> None:
    """All that are announced, and no others."""
    for name in gpo_client.testing.__all__:
        assert getattr(gpo_client.testing, name) is getattr(gpo_client.testing, name)
    assert gpo_client.testing.running_sandbox is running_sandbox
    with pytest.raises(AttributeError, match="no attribute 'stream'"):
        _ = gpo_client.testing.stream


def test_nothing_is_loaded_before_it_is_needed() -> None:
    """Neither a server nor vcrpy."""
    _run(LOADED)


@pytest.mark.parametrize(
    ("missing", "program"),
    [
        ("starlette", "from gpo_client.testing import running_sandbox"),
        ("uvicorn", "from gpo_client.testing import scripted_stream"),
        ("vcr", "from gpo_client.testing import recorded; recorded('a.yaml')"),
        ("pytest", "import gpo_client.testing.pytest_plugin"),
    ],
)
def test_what_is_missing_is_named_with_the_remedy(missing: str, program: str) -> None:
    """The package, and the extra that brings it."""
    said = _run(WITHOUT, missing, program)
    assert missing in said
    assert 'pip install "gpo-client[testing]"' in said
