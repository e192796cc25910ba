"""A real proxy that lets through 20 requests a second, and answers 429 to the others."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from gpo_client import SyncGPOCoreClient
from tests.support.programs import free_ports, running
from tests.support.question import SESSION

pytestmark = pytest.mark.slow

_CONFIG = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    limit_req_zone $binary_remote_addr zone=calls:1m rate=20r/s;
    limit_req_status 429;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            limit_req zone=calls burst=5 nodelay;
            proxy_pass {upstream}; proxy_buffering off; proxy_set_header Host $http_host;
        }}
    }}
}}
"""
_MANY = 400


def test_nothing_is_lost(sandbox: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """400 of 400, and at most one request in ten in vain. How long it takes is shown, and held in simulated time."""
    waiting: dict[str, Any] = {"max_retries": 100, "retry_backoff_factor": 0.02, "retry_max_delay": 0.1}
    (port,) = free_ports(1)
    (tmp_path / "nginx.conf").write_text(_CONFIG.format(folder=tmp_path, port=port, upstream=sandbox.base_url))
    command = ["nginx", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]
    with (
        running(command, port, tmp_path / "log"),
        SyncGPOCoreClient(base_url=f"http://127.0.0.1:{port}", **waiting) as client,
    ):
        session = client.session(SESSION)
        began = monotonic()
        with client.batch(range(_MANY), session, request=lambda number: f"What is RESICO? {number}") as batch:
            results = list(batch)
        elapsed = monotonic() - began
    with capsys.disabled():
        print(f" {elapsed:.1f} s, {batch.progress.throttled} times 429 ", end="")
    assert [result.error for result in results] == [None] * _MANY
    assert batch.progress.throttled <= _MANY / 10
