"""Fixtures for pytest: a sandbox for the tests of programs that use the client.

# conftest.py
pytest_plugins = ["gpo_client.testing.pytest_plugin"]

# test_program.py
def test_program(gpo_base_url): ...
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

try:
    import pytest
except ModuleNotFoundError as error:
    if error.name != "pytest":
        raise
    raise ImportError('the fixtures need pytest, which is not installed: pip install "gpo-client[testing]"') from error

from gpo_sandbox import RunningSandbox, running_sandbox


@pytest.fixture(scope="session")
def gpo_sandbox_settings() -> dict[str, Any]:
    """Return the settings of the sandbox, by name: as fast as it can be, with faults for requests that ask for them.

    Define a fixture of the same name to have others.
    """
    return {"chunk_delay_s": 0, "retry_ms": 0, "faults": True}


@pytest.fixture(scope="session")
def gpo_sandbox(gpo_sandbox_settings: dict[str, Any]) -> Iterator[RunningSandbox]:
    """Return a sandbox that serves requests for as long as the tests run, shared by them all.

    Users see only what is their own, so a test that counts takes a ``user_id`` of its own, or an ``instance_id`` where
    it looks at metrics.
    """
    with running_sandbox(**gpo_sandbox_settings) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def gpo_base_url(gpo_sandbox: RunningSandbox) -> str:
    """Return the address of the sandbox, for ``base_url``."""
    return gpo_sandbox.base_url
