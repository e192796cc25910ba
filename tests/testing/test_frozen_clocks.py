"""Frozen clocks: the client and the sandbox work below freezegun and time-machine, from their first use on."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PATIENCE_S = 60.0

# In a process of its own, as what is loaded under a frozen clock stays as it was loaded.
_PROGRAM = """
import asyncio
from gpo_client import GPOCoreClient, SyncGPOCoreClient
from gpo_client.testing import running_sandbox

WHO = {"instance_id": "advisory-001", "user_id": "user-1"}

def ask(url):
    with SyncGPOCoreClient(base_url=url) as client:
        return client.open_conversation(WHO).stream("What is RESICO?").collect().is_complete

async def ask_async(url):
    async with GPOCoreClient(base_url=url) as client:
        conversation = await client.open_conversation(WHO)
        return (await conversation.stream("What is RESICO?").collect()).is_complete

def ask_both(url):
    print(ask(url), asyncio.run(ask_async(url)))

with freeze("2026-01-01T00:00:00+00:00"):
    with running_sandbox(chunk_delay_s=0) as sandbox:
        ask_both(sandbox.base_url)
with running_sandbox(chunk_delay_s=0) as sandbox:
    ask_both(sandbox.base_url)
    with freeze("2020-01-01T00:00:00+00:00"):
        ask_both(sandbox.base_url)
"""
_TOOLS = {
    "freezegun": "from freezegun import freeze_time as freeze",
    "time_machine": "import time_machine\ndef freeze(when): return time_machine.travel(when, tick=False)",
}


@pytest.mark.parametrize("tool", _TOOLS)
def test_first_use_under_a_frozen_clock(tool: str) -> None:
    """Everything answers below it and after it, and a sandbox that was started, or stops, below it ends."""
    pytest.importorskip(tool)
    command = [sys.executable, "-c", _TOOLS[tool] + _PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    assert (done.stdout, done.returncode) == ("True True\n" * 3, 0), done.stderr
