"""Tokens travel encrypted and sandboxes serve this machine alone, unless somebody has said otherwise."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gpo_client import ConfigurationError, GPOConfig, GPOCoreClient, SyncGPOCoreClient
from gpo_sandbox import SandboxSettings, running_sandbox
from gpo_sandbox.playground import running_playground

_ELSEWHERE = [
    "http://gpo.example.com", "HTTP://gpo.example.com", "http://10.0.0.8:8760", "http://128.0.0.1", "http://[::2]",
    "http://localhost.example.com", "http://notlocalhost", "http://gpo.notlocalhost:8760",
    "http://127.0.0.1.example.com", "http://0.0.0.0",
]  # fmt: skip
_HERE = [
    "http://127.0.0.1:8760", "http://127.8.9.10", "http://localhost", "http://LOCALHOST.:80", "http://gpo.localhost",
    "http://[::1]:8760",
]  # fmt: skip


@pytest.mark.parametrize("base_url", _ELSEWHERE)
def test_http_elsewhere_is_refused(base_url: str) -> None:
    """By the settings and by both clients, with the setting, where it came from, and what to do."""
    for make in (GPOConfig, GPOConfig().replace, GPOConfig.from_env, GPOCoreClient, SyncGPOCoreClient):
        with pytest.raises(ConfigurationError, match=r"base_url must be https.*allow_insecure_http=True") as caught:
            make(base_url=base_url)
        assert (caught.value.setting, caught.value.origin) == ("base_url", "an argument")


@pytest.mark.parametrize("base_url", _ELSEWHERE)
def test_http_elsewhere_when_it_is_allowed(base_url: str) -> None:
    """And only for as long as it is."""
    config = GPOConfig(base_url=base_url, allow_insecure_http=True)
    assert config.replace(timeout=5).base_url.lower() == base_url.lower()
    with pytest.raises(ConfigurationError, match="base_url must be https"):
        config.replace(allow_insecure_http=False)


@pytest.mark.parametrize("base_url", [*_HERE, "https://gpo.example.com", "HTTPS://gpo.example.com"])
def test_http_here_and_https_everywhere(base_url: str) -> None:
    """What needs no permission."""
    assert GPOConfig(base_url=base_url).base_url.lower() == base_url.lower()


def test_where_the_address_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment and files may name such an address, or allow it, one without the other."""
    monkeypatch.setenv("GPO_API_BASE_URL", "http://gpo.example.com")
    with pytest.raises(ConfigurationError) as caught:
        GPOConfig.from_env()
    assert caught.value.origin == "environment variable GPO_API_BASE_URL"
    monkeypatch.delenv("GPO_API_BASE_URL")  # which would beat the file
    path = tmp_path / "gpo.toml"
    path.write_text('base_url = "http://other.example.com"\n')
    with pytest.raises(ConfigurationError) as caught:
        GPOConfig.from_file(path)
    assert caught.value.origin == f"file {path}"
    monkeypatch.setenv("GPO_API_ALLOW_INSECURE_HTTP", "true")
    assert GPOConfig.from_file(path).base_url == "http://other.example.com"
    monkeypatch.setenv("GPO_API_BASE_URL", "http://gpo.example.com")
    assert GPOConfig.from_env().base_url == "http://gpo.example.com"


@pytest.mark.parametrize("running", [running_sandbox, running_playground])
def test_only_this_machine_is_served(running: object) -> None:
    """Unless somebody says so: another address, even of the loopback network, finds nobody."""
    assert callable(running)
    assert SandboxSettings().host == "127.0.0.1"
    with running() as sandbox:
        socket.create_connection(("127.0.0.1", sandbox.settings.port)).close()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", sandbox.settings.port), timeout=5)
