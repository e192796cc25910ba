"""A real proxy that lets through 20 requests a second, and answers 429 to the others."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from gpo_client import SyncGPOCoreClient
from tests.support.parts import installed
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


@contextmanager
def _nginx(folder: Path, upstream: str) -> Iterator[str]:
    command = installed("nginx")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, port=port, upstream=upstream))
    process = subprocess.Popen([command, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_nothing_is_lost(sandbox: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """400 of 400, and at most one request in ten in vain. How long it takes is shown, and held in simulated time."""
    waiting: dict[str, Any] = {"max_retries": 100, "retry_backoff_factor": 0.02, "retry_max_delay": 0.1}
    with _nginx(tmp_path, sandbox.base_url) as address, SyncGPOCoreClient(base_url=address, **waiting) as client:
        session = client.session(SESSION)  # once the proxy is there
        began = monotonic()
        with client.batch(range(_MANY), session, request=lambda number: f"What is RESICO? {number}") as batch:
            results = list(batch)
        elapsed = monotonic() - began
    with capsys.disabled():
        print(f" {elapsed:.1f} s, {batch.progress.throttled} times 429 ", end="")
    assert [result.error for result in results] == [None] * _MANY
    assert batch.progress.throttled <= _MANY / 10
