"""Kinds of Redis that companies have: over TLS, with a password that changes, behind Sentinel, in a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
import trustme
from redis.credentials import CredentialProvider
from redis.sentinel import Sentinel

from gpo_client.relay import Entry, LogPage, RedisRelayLog, SyncRedisRelayLog
from tests.relay.browser import PATIENCE_S
from tests.relay.redis_answers import ANSWER, entries
from tests.support.parts import installed
from tests.support.programs import free_ports, running
from tests.support.redis_server import RedisServer, running_cluster

pytestmark = [pytest.mark.slow, pytest.mark.redis]


@pytest.fixture
def runtime() -> str:
    return "asyncio"  # redis-py knows no trio


def write(log: SyncRedisRelayLog, positions: range, last: int) -> None:
    """A part of an answer, until Redis has it."""
    log.append(ANSWER, [Entry(number, f'{{"content":"{number}"}}', number == last) for number in positions])
    log.flush(PATIENCE_S)


def read(log: SyncRedisRelayLog) -> Iterator[int]:
    """The positions of a whole answer, as a reader in another process gets them."""
    assert log.owner(ANSWER) == "user-1"
    position, is_last = 0, False
    while not is_last:
        page = log.read(ANSWER, position, PATIENCE_S)
        assert page.is_alive
        assert not page.is_lost
        for entry in page.entries:
            yield entry.position
            position, is_last = entry.position, entry.is_last


def test_tls(tmp_path: Path) -> None:
    """With a certificate that is verified, and one of the client's own."""
    authority = trustme.CA()
    paths = {name: tmp_path / f"{name}.pem" for name in ("ca", "key", "certificate")}
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(paths["ca"]))
    issued.private_key_pem.write_to_path(str(paths["key"]))
    issued.cert_chain_pems[0].write_to_path(str(paths["certificate"]))
    (port,) = free_ports(1)
    settings = {"tls-port": port, "tls-cert-file": paths["certificate"], "tls-key-file": paths["key"]}
    settings |= {"port": 0, "tls-ca-cert-file": paths["ca"], "save": "", "dir": tmp_path}
    arguments = [str(part) for name, value in settings.items() for part in (f"--{name}", value)]
    with running([installed("redis-server"), *arguments], port, tmp_path / "log"):
        tls: dict[str, Any] = {"ssl_ca_certs": str(paths["ca"]), "ssl_check_hostname": True}
        tls |= {"ssl_certfile": str(paths["certificate"]), "ssl_keyfile": str(paths["key"])}
        with redis.Redis(host="127.0.0.1", port=port, ssl=True, **tls) as pool:
            log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(pool)
            log.begin(ANSWER, "user-1", 30)
            write(log, range(1, 10), last=9)
            assert list(read(other)) == [*range(1, 10)]


class Changing(CredentialProvider):
    """A user whose password is another from time to time."""

    password = "the first"

    def get_credentials(self) -> tuple[str, str]:
        return "relay", self.password


def test_a_password_that_changes(tmp_path: Path) -> None:
    """In the middle of an answer: its connections are closed, and the next ones take the new password."""
    provider = Changing()
    with RedisServer(tmp_path) as server, redis.Redis(port=server.port) as administrator:

        def allow(**what: Any) -> None:
            administrator.acl_setuser("relay", enabled=True, keys=["gpo:relay:*"], commands=["+@all"], **what)

        allow(passwords=["+the first"])
        with redis.Redis(port=server.port, credential_provider=provider) as pool:
            log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(pool)
            log.begin(ANSWER, "user-1", 30)
            write(log, range(1, 5), last=9)
            allow(passwords=["-the first", "+the second"])
            administrator.client_kill_filter(_type="normal", skipme=True)
            log.append(ANSWER, [Entry(5, '{"content":"5"}')])  # with the old password nothing is taken
            provider.password = "the second"
            write(log, range(6, 10), last=9)
            assert list(read(other)) == [*range(1, 10)]


def test_sentinel(tmp_path: Path) -> None:
    """The primary dies in the middle of an answer; Sentinel names another, and the answer goes on there, whole."""
    (port,) = free_ports(1)
    folders = [tmp_path / name for name in ("primary", "replica")]
    for folder in folders:
        folder.mkdir()
    with RedisServer(folders[0]) as primary, RedisServer(folders[1], replicaof=f"127.0.0.1 {primary.port}"):
        (tmp_path / "sentinel.conf").write_text(
            f"port {port}\nbind 127.0.0.1\ndir {tmp_path}\nsentinel monitor relay 127.0.0.1 {primary.port} 1\n"
            "sentinel down-after-milliseconds relay 500\nsentinel failover-timeout relay 2000\n"
        )
        command = [installed("redis-server"), str(tmp_path / "sentinel.conf"), "--sentinel"]
        with running(command, port, tmp_path / "sentinel.log"):
            sentinel: Any = Sentinel([("127.0.0.1", port)], socket_timeout=1)  # type: ignore[no-untyped-call]
            while not sentinel.discover_slaves("relay"):
                pass
            with sentinel.master_for("relay", socket_timeout=1) as pool:
                log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(pool)
                log.begin(ANSWER, "user-1", 60)
                write(log, range(1, 5), last=9)
                primary.kill()
                log.append(ANSWER, [Entry(5, '{"content":"5"}')])
                log.flush(PATIENCE_S)
                write(log, range(6, 10), last=9)
                assert list(read(other)) == [*range(1, 10)]


@pytest.mark.parametrize("kind", ["blocking", "awaiting"])
async def test_a_cluster(kind: str, tmp_path: Any) -> None:
    """Answers on different nodes are exchanged together."""
    names = [f"answer-{number:010}" for number in range(20)]
    with running_cluster(tmp_path, nodes=2) as port:
        if kind == "blocking":
            with redis.RedisCluster(host="127.0.0.1", port=port) as pool:
                log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(pool)
                for name in names:
                    log.begin(name, "", 30)
                    log.append(name, entries(5))
                for name in names:
                    assert other.owner(name) == ""
                    assert other.read(name, 0, PATIENCE_S) == LogPage(entries(5))
            return
        async with redis.asyncio.RedisCluster(host="127.0.0.1", port=port) as nodes:
            here, there = RedisRelayLog(nodes), RedisRelayLog(nodes)
            for name in names:
                await here.begin(name, "", 30)
                await here.append(name, entries(5))
            for name in names:
                assert await there.owner(name) == ""
                assert await there.read(name, 0, PATIENCE_S) == LogPage(entries(5))
            await here.flush(PATIENCE_S)  # nothing is to be on its way when the connections are closed
