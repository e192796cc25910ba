"""A company's network: a gateway of nginx before the sandbox, proxies, and certificates of its own authority."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme

from gpo_sandbox import running_sandbox
from tests.client.conftest import serve
from tests.support.parts import installed, optional
from tests.support.programs import free_ports, running

__all__ = ["serve"]

_NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  proxy_buffering off; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host {sandbox};
  ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.pem;
  server {{ listen 127.0.0.1:{plain}; listen unix:{folder}/gpo.sock;
    location / {{ proxy_pass http://{sandbox}; }} }}
  server {{ listen 127.0.0.1:{gateway};
    if ($http_x_gateway_key != "g4teway-s3cr3t") {{ return 403; }}
    location / {{ proxy_pass http://{sandbox}; }} }}
  server {{ listen 127.0.0.1:{tls} ssl;
    location / {{ proxy_pass http://{sandbox}; }} }}
  server {{ listen 127.0.0.1:{mutual} ssl; ssl_verify_client on; ssl_client_certificate {folder}/ca.pem;
    location / {{ proxy_pass http://{sandbox}; }} }}
  server {{ listen 127.0.0.1:{expired} ssl;
    ssl_certificate {folder}/expired.pem; ssl_certificate_key {folder}/expired.pem; }}
  server {{ listen 127.0.0.1:{elsewhere} ssl;
    ssl_certificate {folder}/elsewhere.pem; ssl_certificate_key {folder}/elsewhere.pem; }}
}}
"""
_SQUID = """
http_port 127.0.0.1:{plain}
https_port 127.0.0.1:{tls} tls-cert={folder}/server.pem
auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/users
auth_param basic children 2 startup=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
access_log none
cache_log {folder}/log
cache_effective_user {user}
coredump_dir {folder}
netdb_filename none
pid_filename none
shutdown_lifetime 0 seconds
"""
_DANTE = """
logoutput: stderr
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
user.unprivileged: {user}
client pass {{ from: 127.0.0.0/8 to: 127.0.0.0/8 }}
socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
"""
_NOBODY = "nobody"  # who a program is that is started by root
_SERVERS = ("plain", "gateway", "tls", "mutual", "expired", "elsewhere")


@attrs.frozen
class Network:
    """The network.

    Attributes:
        folder: Where its certificates are: ``ca.pem``, ``client.pem``, ``client.crt``, ``client.key`` …
        ports: The ports of its servers, by name.
    """

    folder: Path
    ports: dict[str, int]

    def url(self, name: str) -> str:
        """The address of a server."""
        scheme = "http" if name in ("plain", "gateway") else "https"
        return f"{scheme}://127.0.0.1:{self.ports[name]}"

    def file(self, name: str) -> str:
        """The path of a file of its."""
        return str(self.folder / name)


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The gateway before a sandbox that breaks what it is asked to break."""
    with running_sandbox(chunk_delay_s=0.0, retry_ms=0, faults=True) as sandbox:
        yield from _gateway(sandbox, tmp_path_factory.mktemp("company"))


def _gateway(sandbox: Any, folder: Path) -> Iterator[Network]:
    _write_certificates(folder)
    ports = dict(zip(_SERVERS, free_ports(len(_SERVERS)), strict=True))
    settings = folder / "nginx.conf"
    settings.write_text(_NGINX.format(folder=folder, sandbox=sandbox.base_url.removeprefix("http://"), **ports))
    command: list[str | Path] = ["nginx", "-p", folder, "-c", settings, "-e", folder / "error.log"]
    with running(command, ports["plain"], folder / "nginx.log"):
        yield Network(folder, ports)


def _write_certificates(folder: Path) -> None:
    authority, today = trustme.CA(organization_name="Example Company"), datetime.now(UTC)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server = authority.issue_cert("127.0.0.1", "localhost")
    server.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    client = authority.issue_cert("tax-service@example.com")
    client.private_key_and_cert_chain_pem.write_to_path(str(folder / "client.pem"))
    client.private_key_pem.write_to_path(str(folder / "client.key"))
    client.cert_chain_pems[0].write_to_path(str(folder / "client.crt"))
    stranger = trustme.CA().issue_cert("stranger@example.com")
    stranger.private_key_and_cert_chain_pem.write_to_path(str(folder / "stranger.pem"))
    month = timedelta(days=30)
    expired = authority.issue_cert("127.0.0.1", not_before=today - 2 * month, not_after=today - month)
    expired.private_key_and_cert_chain_pem.write_to_path(str(folder / "expired.pem"))
    elsewhere = authority.issue_cert("gpo.example.com", common_name="gpo.example.com")
    elsewhere.private_key_and_cert_chain_pem.write_to_path(str(folder / "elsewhere.pem"))


@pytest.fixture(scope="session")
def http_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a proxy that wants to know who asks: ana, pa.ss."""
    folder, (port,) = tmp_path_factory.mktemp("tinyproxy"), free_ports(1)
    settings = folder / "tinyproxy.conf"
    settings.write_text(f"Port {port}\nListen 127.0.0.1\nBasicAuth ana pa.ss\nTimeout 60\nLogLevel Error\n")
    with running(["tinyproxy", "-d", "-c", settings], port, folder / "log"):
        yield port


@pytest.fixture(scope="session")
def socks_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a proxy of SOCKS 5 that wants to know who asks: ana, pa.ss."""
    (port,) = free_ports(1)
    command = ["microsocks", "-i", "127.0.0.1", "-p", str(port), "-u", "ana", "-P", "pa.ss"]
    with running(command, port, tmp_path_factory.mktemp("microsocks") / "log"):
        yield port


@pytest.fixture(scope="session")
def squid(network: Network) -> Iterator[dict[str, int]]:
    """The ports, in the clear and encrypted, of a proxy that wants to know who asks: ana, pa.ss."""
    program, ports = optional("squid", "apt install squid"), dict(zip(("plain", "tls"), free_ports(2), strict=True))
    with tempfile.TemporaryDirectory(prefix="squid-") as name:  # pytest's own are for their owner alone
        folder = Path(name)
        shutil.copy(network.file("server.pem"), folder)
        word = subprocess.run([installed("openssl"), "passwd", "-apr1", "pa.ss"], capture_output=True, check=True)
        (folder / "users").write_bytes(b"ana:" + word.stdout)
        (folder / "squid.conf").write_text(_SQUID.format(folder=folder, user=_NOBODY, **ports))
        for each in (folder, *folder.iterdir()):
            each.chmod(0o755)
            if os.getuid() == 0:
                shutil.chown(each, _NOBODY)
        command: list[str | Path] = [program, "-N", "-n", f"gpo{ports['plain']}", "-f", folder / "squid.conf"]
        with running(command, ports["tls"], folder / "words"):
            yield ports


@pytest.fixture(scope="session")
def dante(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a proxy of SOCKS 5 that lets everybody through."""
    program, (port,) = optional("danted", "apt install dante-server"), free_ports(1)
    folder = tmp_path_factory.mktemp("dante")
    (folder / "danted.conf").write_text(_DANTE.format(port=port, user=_NOBODY))
    with running([program, "-f", folder / "danted.conf", "-p", folder / "pid"], port, folder / "log"):
        yield port


@attrs.frozen
class Inspector:
    """A proxy that reads what is encrypted, with certificates of its own.

    Attributes:
        port: Where it listens.
        store: The folder of a system's store in which its authority is.
    """

    port: int
    store: str


@pytest.fixture(scope="session")
def inspector(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspector]:
    """mitmproxy; it passes on what comes as it comes."""
    how = "python3 -m venv .cache/mitmproxy && .cache/mitmproxy/bin/pip install mitmproxy"
    program, (port,) = optional(".cache/mitmproxy/bin/mitmdump", how), free_ports(1)
    folder, store = tmp_path_factory.mktemp("mitmproxy"), tmp_path_factory.mktemp("store")
    options = ["listen_host=127.0.0.1", f"confdir={folder}", "stream_large_bodies=1", "termlog_verbosity=error",
               f"ssl_verify_upstream_trusted_ca={network.file('ca.pem')}"]  # fmt: skip
    command = [program, "-q", "-p", str(port), *(word for each in options for word in ("--set", each))]
    with running(command, port, folder / "log"):
        shutil.copy(folder / "mitmproxy-ca-cert.pem", store)
        subprocess.run([installed("openssl"), "rehash", str(store)], check=True, capture_output=True)
        yield Inspector(port, str(store))
