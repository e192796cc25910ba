"""gpo doctor."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import certifi
import pytest
import trustme

from gpo_client.http.tls import tls_context
from gpo_sandbox import running_sandbox
from tests.cli.conftest import Gpo, Outcome
from tests.support.events import answer_events, opening, problem_answer, stream_answer
from tests.support.proxy import ForwardProxy
from tests.support.thread_server import ThreadServer
from tests.support.wire import Answer, End, WireServer, no_answer

CHECKS = ["version", "settings", "resolve", "connect", "tls", "session", "first chunk"]


def states(done: Outcome) -> dict[str, str]:
    """The checks and how they went."""
    return {line[8:20].strip(): line[:8].strip() for line in done.lines}


def test_all_is_well(gpo: Gpo) -> None:
    """A line for each check, with what was measured; what was made for it is gone afterwards."""
    done = gpo("doctor")
    assert (done.code, done.err) == (0, "")
    assert states(done) == {**dict.fromkeys(CHECKS, "ok"), "tls": "skipped"}
    assert "(from environment variable GPO_API_BASE_URL)" in done.lines[1]
    assert "not encrypted" in done.lines[4]
    assert "chunks" in done.lines[6]
    assert gpo("history").out == ""


def test_json(gpo: Gpo) -> None:
    """An object for each check."""
    findings = [json.loads(line) for line in gpo("doctor", "--json").lines]
    assert [finding["check"] for finding in findings] == CHECKS
    assert {finding["state"] for finding in findings} == {"ok", "skipped"}


def test_a_wrong_setting(gpo: Gpo) -> None:
    """The first thing to be found out."""
    done = gpo("doctor", "--base-url", "gpo.example.com")
    assert done.code == 2
    assert states(done) == {"version": "ok", "settings": "failed"}
    assert "gpo config show" in done.lines[1]


def test_no_such_host(gpo: Gpo) -> None:
    """A name without an address, and what depends on it."""
    done = gpo("doctor", "--base-url", "https://gpo.invalid")
    assert done.code == 4
    assert states(done)["resolve"] == "failed"
    assert "spelt right" in done.lines[2]
    assert (states(done)["session"], states(done)["first chunk"]) == ("skipped", "skipped")


def test_nobody_listens(gpo: Gpo, unused_address: str) -> None:
    """The address is right, the server is not there."""
    done = gpo("doctor", "--base-url", unused_address)
    assert done.code == 4
    assert states(done)["connect"] == "failed"
    assert "refused" in done.lines[3]
    assert "gpo sandbox" in done.lines[3]


@pytest.mark.parametrize(
    ("address", "check"), [("http://gpo.invalid:3128", "resolve"), ("http://127.0.0.1:1", "connect")]
)
def test_a_proxy_that_is_not_there(gpo: Gpo, address: str, check: str) -> None:
    """It is the proxy's address that is to be corrected: nobody can start a sandbox there."""
    done = gpo("doctor", "--proxy", address)
    assert (done.code, states(done)[check]) == (4, "failed")
    told = next(line for line in done.lines if line.startswith("failed"))
    assert "is the proxy's address (GPO_API_PROXY, --proxy" in told
    assert "sandbox" not in told


class Doorkeeper(ThreadServer):
    """A server that opens connections, says one thing and closes them; with a certificate, it shakes hands first.

    Args:
        authority: Who signs the certificate; None for a server that speaks no TLS.
    """

    def __init__(self, authority: trustme.CA | None = None) -> None:
        super().__init__()
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._is_tls = authority is not None
        if authority is not None:
            authority.issue_cert("127.0.0.1").configure_cert(self._context)
        self.base_url = f"https://127.0.0.1:{self.port}"

    def _take(self, peer: socket.socket) -> None:
        with peer, suppress(OSError):
            if self._is_tls:
                self._context.wrap_socket(peer, server_side=True).close()
            else:
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """Who signs certificates; who shall know it reads ``authority.pem``."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return made


@pytest.fixture
def _fresh_tls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Contexts are made once for each process; these tests change what they are made of."""
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


def test_no_tls(gpo: Gpo) -> None:
    """https:// for a server that speaks http://."""
    with Doorkeeper() as server:
        done = gpo("doctor", "--base-url", server.base_url)
    assert done.code == 4
    assert states(done)["tls"] == "failed"
    assert "use http://" in done.lines[4]
    assert states(done)["session"] == "skipped"


@pytest.mark.usefixtures("_fresh_tls")
def test_certificates(gpo: Gpo, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One from an authority that nobody knows is refused; made known, it is read. Who is trusted, and why, is told."""
    monkeypatch.setenv("GPO_API_CONNECT_TIMEOUT", "60")  # on a machine that has other things to do
    with Doorkeeper(authority) as server:
        refused = gpo("doctor", "--base-url", server.base_url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        tls_context.cache_clear()
        accepted = gpo("doctor", "--base-url", server.base_url)
        monkeypatch.setenv("GPO_API_TRUST", "certifi")
        monkeypatch.setenv("SSL_CERT_FILE", "")
        elsewhere = gpo("doctor", "--base-url", server.base_url)
        named = gpo("doctor", "--base-url", server.base_url, "--ca-bundle", "authority.pem")
        monkeypatch.setenv("GPO_API_VERIFY_SSL", "false")
        unchecked = gpo("doctor", "--base-url", server.base_url)
    assert (refused.code, states(refused)["tls"]) == (4, "failed")
    assert "the certificate is not valid" in refused.lines[4]
    assert re.search(r"trusted: the authorities in /.* \(trust is system, from the default", refused.lines[4])
    assert "SSL_CERT_FILE" in refused.lines[4]
    assert (states(accepted)["tls"], states(accepted)["session"]) == ("ok", "failed")
    assert re.search(r"TLSv1\.\d in \d+ ms; the certificate is valid for \d+ days", accepted.lines[4])
    assert accepted.lines[4].endswith("/authority.pem (from environment variable SSL_CERT_FILE)")
    assert states(elsewhere)["tls"] == "failed"
    assert f"{certifi.where()} (trust is certifi, from environment variable GPO_API_TRUST)" in elsewhere.lines[4]
    assert f"{server.base_url} (from option --base-url)" in named.lines[1]
    assert named.lines[4].endswith("; trusted: the authorities in authority.pem (from option --ca-bundle)")
    assert (
        "trusted: anybody: the certificate is not verified (verify_ssl is off, from environment" in unchecked.lines[4]
    )
    assert "is valid for" not in unchecked.lines[4]


def test_a_proxy(gpo: Gpo, unused_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where connections go to a proxy, that is what is looked at; its password is not shown."""
    monkeypatch.setenv("GPO_API_PROXY", unused_address.replace("http://", "http://user:pa55-s3cr3t@"))
    done = gpo("doctor")
    assert done.code == 4
    assert "the proxy 127.0.0.1 port" in done.lines[3]
    assert "s3cr3t" not in done.out


def test_a_proxy_of_the_environment(
    gpo: Gpo, sandbox: Any, unused_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at as well; what NO_PROXY excepts goes past it, and the reason is told."""
    monkeypatch.setenv("HTTP_PROXY", unused_address)
    through = gpo("doctor")
    assert "through the proxy in environment variable HTTP_PROXY" in through.lines[1]
    assert "the proxy 127.0.0.1 port" in through.lines[3]
    monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
    past = gpo("doctor")
    assert "past the proxy in environment variable HTTP_PROXY, because of NO_PROXY" in past.lines[1]
    assert (through.code, past.code) == (4, 0)


def test_through_a_proxy(gpo: Gpo, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's certificate is looked at, not the proxy's word."""
    monkeypatch.setenv("GPO_API_CONNECT_TIMEOUT", "60")
    with Doorkeeper(authority) as server, ForwardProxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        refused = gpo("doctor", "--base-url", server.base_url)
        accepted = gpo("doctor", "--base-url", server.base_url, "--ca-bundle", str(tmp_path / "authority.pem"))
    assert (refused.code, states(refused)["tls"], states(accepted)["tls"]) == (4, "failed", "ok")
    assert "certificate verify failed" in refused.lines[4]
    assert re.search(r"through the proxy in \d+ ms; the certificate is of O=trustme", accepted.lines[4])
    assert accepted.lines[4].endswith("/authority.pem (from option --ca-bundle)")


def test_a_proxy_that_says_no(gpo: Gpo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is no matter of certificates."""
    with Doorkeeper() as server:
        monkeypatch.setenv("HTTPS_PROXY", server.base_url.replace("https", "http"))
        done = gpo("doctor", "--base-url", "https://gpo.example.com")
    assert (done.code, states(done)["tls"]) == (4, "failed")
    assert "HTTPS_PROXY and the like; NO_PROXY goes past it) right, with name and password" in done.lines[4]
    assert "certificate" not in done.lines[4]


@pytest.mark.usefixtures("_fresh_tls")
def test_authorities_that_cannot_be_read(gpo: Gpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read when something is encrypted: that is where it fails, and what follows is skipped."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    with Doorkeeper() as server:
        done = gpo("doctor", "--base-url", server.base_url)
    assert (done.code, done.err, states(done)["session"]) == (2, "", "skipped")
    assert "(from environment variable SSL_CERT_FILE)" in done.lines[4]
    assert "missing.pem cannot be used: No such file or directory" in done.lines[4]


def test_a_unix_socket(gpo: Gpo, tmp_path: Path) -> None:
    """There is no name to resolve and nothing encrypted; that nobody listens is told."""
    done = gpo("doctor", "--base-url", f"http+unix://{quote(str(tmp_path / 'gpo.sock'), safe='')}")
    assert "over a Unix socket" in done.lines[1]
    assert (done.code, states(done)["resolve"], states(done)["connect"]) == (4, "skipped", "failed")
    assert "No such file" in done.lines[3]


def test_no_key(gpo: Gpo) -> None:
    """The service wants a key, or another one."""
    with running_sandbox(chunk_delay_s=0, api_key="right-k3y") as locked:
        done = gpo("doctor", "--base-url", locked.base_url)
    assert done.code == 3
    assert states(done)["session"] == "failed"
    assert "GPO_API_API_KEY" in done.lines[5]


@pytest.mark.parametrize(
    ("answer", "code"), [(problem_answer(500), 1), (no_answer(End.RESET), 4), (problem_answer(403), 3)]
)
def test_no_answer(gpo: Gpo, answer: Answer, code: int) -> None:
    """All works but the answer; the conversation is deleted all the same."""
    done_with = Answer(status=204, framing="length")
    answers = [answer] * (
        2 if answer.end is End.RESET else 1
    )  # a connection that lay idle and dies is replaced at once
    with WireServer(*opening(), *answers, then=lambda _: done_with) as server:
        done = gpo("doctor", "--base-url", server.base_url)
        tidied = [(request.method, request.target) for request in server.requests if request.method == "DELETE"]
    assert done.code == code
    assert states(done)["first chunk"] == "failed"
    assert tidied == [("DELETE", "/api/Chat")]


def test_the_question(gpo: Gpo) -> None:
    """It can be another one."""
    done_with = Answer(status=204, framing="length")
    with WireServer(*opening(), stream_answer(*answer_events("Yes.")), then=lambda _: done_with) as server:
        done = gpo("doctor", "--question", "Why?", "--base-url", server.base_url)
        assert server.requests[2].json["query"] == "Why?"
    assert done.code == 0
    assert "2 chunks" in done.lines[6]
