"""The sandbox and its page are for this machine."""

from __future__ import annotations

import socket

import pytest

from gpo_sandbox import SandboxSettings, running_sandbox
from gpo_sandbox.playground import running_playground


@pytest.mark.parametrize("running", [running_sandbox, running_playground])
def test_only_this_machine_is_served(running: object) -> None:
    """Unless somebody says so: another address, even of the loopback network, finds nobody."""
    assert callable(running)
    assert SandboxSettings().host == "127.0.0.1"
    with running() as sandbox:
        socket.create_connection(("127.0.0.1", sandbox.settings.port)).close()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", sandbox.settings.port), timeout=5)
