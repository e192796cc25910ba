"""A user's tests as other plugins and runners run them: pytest-recording, pytest-asyncio, xdist, randomly, unittest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PATIENCE_S = 120.0
_CONFTEST = 'pytest_plugins = ["gpo_client.testing.pytest_plugin"]\n'
_TESTS = """
import asyncio
import unittest

import pytest

from gpo_client import GPOCoreClient, SyncGPOCoreClient
from gpo_client.testing import running_sandbox, scripted_stream, vcr_config

WHO = {"instance_id": "advisory-001", "user_id": "user-1"}

def ask(address):
    with SyncGPOCoreClient(base_url=address, max_retries=0) as client:
        assert client.open_conversation(WHO).stream("What is RESICO?").collect().is_complete

async def ask_async(address):
    async with GPOCoreClient(base_url=address, max_retries=0) as client:
        conversation = await client.open_conversation(WHO)
        assert (await conversation.stream("What is RESICO?").collect()).is_complete

@pytest.mark.parametrize("turn", range(3))
def test_blocking(gpo_base_url, turn):
    ask(gpo_base_url)

@pytest.mark.asyncio
@pytest.mark.parametrize("turn", range(3))
async def test_asyncio(gpo_base_url, turn):
    await ask_async(gpo_base_url)

@pytest.mark.vcr(**vcr_config())
@pytest.mark.parametrize("turn", range(2))
def test_recorded(request, turn):
    is_replayed = request.config.getoption("--block-network")
    ask("https://gpo.invalid" if is_replayed else request.getfixturevalue("gpo_base_url"))

@pytest.mark.block_network
def test_blocked():
    with pytest.raises(RuntimeError, match="Network is disabled"):
        ask("http://127.0.0.1:9")
    with pytest.raises(RuntimeError, match="Network is disabled"):
        asyncio.run(ask_async("http://127.0.0.1:9"))

class TestOfUnittest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.enterClassContext(running_sandbox(chunk_delay_s=0))

    def test_blocking(self):
        ask(self.sandbox.base_url)

    async def test_asyncio(self):
        await ask_async(self.sandbox.base_url)
"""
_PLUGINS = ("pytest_recording", "pytest_asyncio", "pytest_randomly", "xdist")


def _run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-m", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's project."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n", "utf-8")
    (tmp_path / "conftest.py").write_text(_CONFTEST, "utf-8")
    (tmp_path / "test_program.py").write_text(_TESTS, "utf-8")
    return tmp_path


@pytest.mark.slow
def test_plugins(folder: Path) -> None:
    """In two processes and at random; recorded first, then replayed with no network at all."""
    for name in _PLUGINS:
        pytest.importorskip(name)
    said = _run(folder, "pytest", "-q", "-n", "2", "--record-mode", "once")
    assert "11 passed" in said
    assert len(list(folder.rglob("cassettes/**/*.yaml"))) == 2
    assert "2 passed" in _run(folder, "pytest", "-q", "-k", "recorded", "--block-network")


@pytest.mark.slow
def test_unittest(folder: Path) -> None:
    """Python's own runner."""
    assert "OK" in _run(folder, "unittest", "test_program.TestOfUnittest")
