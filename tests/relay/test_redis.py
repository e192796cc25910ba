"""What only a log in Redis has: other processes, expiry, few connections, and a server that may be away."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import redis.asyncio

from gpo_client.relay import (
    Entry,
    LogPage,
    LogUnavailable,
    RedisRelayLog,
    RelayOptions,
    SyncRedisRelayLog,
    SyncRelay,
    sse_lines,
)
from gpo_client.relay.machines.entries import EventId
from tests.relay.browser import PATIENCE_S, Page
from tests.support.redis_server import Proxy, RedisServer, running_cluster, running_redis

pytestmark = pytest.mark.redis

ANSWER = "answer-0000000000"


@pytest.fixture
def world() -> str:
    return "sync"


_DATABASES = itertools.cycle(range(1, 16))


@pytest.fixture
def address(redis_address: str) -> str:
    """A database of the test's own: logs of the tests before may yet be saying that their answers live."""
    return f"{redis_address.removesuffix('/0')}/{next(_DATABASES)}"


@pytest.fixture
def connections(address: str) -> Iterator[Any]:
    with redis.Redis.from_url(address) as pool:
        pool.flushdb()
        yield pool


@pytest.fixture
def proxy(address: str) -> Iterator[Proxy]:
    """Something between the relay and Redis that can fail."""
    with Proxy(address) as proxy:
        yield proxy


def eventually(found: Callable[[], bool]) -> None:
    """Look until it is so; a log says nothing of what it has exchanged."""
    until = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < until
        time.sleep(0.005)


def read(log: SyncRedisRelayLog, after: int = 0) -> list[Entry]:
    """An answer from a position to its end, as a reader gets it."""
    found: list[Entry] = []
    assert log.owner(ANSWER) is not None
    while not (found and found[-1].is_last):
        position = found[-1].position if found else after
        page = log.read(ANSWER, position, PATIENCE_S)
        assert not page.is_lost
        assert page.is_alive
        found += page.entries
        log.acknowledge(ANSWER, position, 30)
    return found


def is_cut_off(log: SyncRedisRelayLog) -> bool:
    """Whether its reader is told to come back."""
    try:
        return bool(log.read(ANSWER, 3, 0.1).entries)
    except LogUnavailable:
        return True


def entries(count: int) -> list[Entry]:
    """A whole answer."""
    return [Entry(number, f'{{"content":"{number} ¿?"}}', number == count) for number in range(1, count + 1)]


def test_everything_expires(connections: Any) -> None:
    """No key is left without a time to live, whatever was done."""
    log, other = SyncRedisRelayLog(connections, retention_s=100), SyncRedisRelayLog(connections, retention_s=100)
    log.begin(ANSWER, "user-1", 30)
    log.append(ANSWER, [Entry(1, "{}")])
    assert other.owner(ANSWER) == "user-1"
    assert other.read(ANSWER, 0, PATIENCE_S) == LogPage([Entry(1, "{}")])
    other.acknowledge(ANSWER, 1, 30)
    eventually(lambda: bool(connections.get(f"gpo:relay:{{{ANSWER}}}:reader") == b"1"))
    other.leave(ANSWER, 10)
    other.stop(ANSWER)
    log.note(ANSWER, "x", 100)
    log.append(ANSWER, [Entry(2, "{}", is_last=True)])
    log.flush(PATIENCE_S)
    keys = sorted(connections.keys())
    assert [key.rpartition(b":")[2] for key in keys] == [b"events", b"head", b"note", b"reader", b"writer"]
    for key in keys:
        assert 0 < connections.pttl(key) <= 100_000, key


def test_a_writer_that_died(connections: Any) -> None:
    """When its sign of life has expired, readers are given what is there, and are not left waiting."""
    log = SyncRedisRelayLog(connections)
    log.begin(ANSWER, "", 30)
    log.append(ANSWER, [Entry(1, "{}")])
    log.flush(PATIENCE_S)
    with redis.Redis(connection_pool=connections.connection_pool) as again:
        connections.rename(f"gpo:relay:{{{ANSWER}}}:events", "copy")
        for key, value in (("head", {"owner": "u"}),):
            again.hset(f"gpo:relay:{{{ANSWER}x}}:{key}", mapping=value)
        again.rename("copy", f"gpo:relay:{{{ANSWER}x}}:events")
        other = SyncRedisRelayLog(connections)
        assert other.owner(f"{ANSWER}x") == "u"
        assert other.read(f"{ANSWER}x", 0, PATIENCE_S) == LogPage([Entry(1, "{}")])

        def is_given_up() -> bool:
            other.acknowledge(f"{ANSWER}x", 1, 30)
            return not other.read(f"{ANSWER}x", 1, 0.1).is_alive

        eventually(is_given_up)


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("decode", [True, False])
def test_whatever_the_connection_speaks(address: str, protocol: int, decode: bool) -> None:
    """Both protocols of Redis, and text or bytes."""
    with redis.Redis.from_url(address, protocol=protocol, decode_responses=decode) as pool:
        pool.flushdb()
        log, other = (SyncRedisRelayLog(pool, prefix=f"test-{protocol}-{decode}:") for _ in range(2))
        log.begin(ANSWER, "é", 30)
        log.append(ANSWER, entries(2))
        assert other.owner(ANSWER) == "é"
        assert read(other) == entries(2)


def test_ids_fit_into_keys() -> None:
    """An answer's id holds nothing that would leave the braces of its key."""
    assert EventId.parse("answer-0000000000}x:1") is None


def test_a_reader_elsewhere_is_seen(connections: Any) -> None:
    """Its progress opens the writer's window, and its stop ends the answer, also when it reads in another process."""
    log, other = SyncRedisRelayLog(connections), SyncRedisRelayLog(connections)
    log.begin(ANSWER, "", 30)
    log.append(ANSWER, [Entry(number, "{}") for number in range(1, 41)])
    assert other.owner(ANSWER) == ""
    other.acknowledge(ANSWER, 37, 30)
    eventually(lambda: log.reader_state(ANSWER, 0, 0.1).position == 37)
    other.stop(ANSWER)
    eventually(lambda: not log.reader_state(ANSWER, 99, 0.1).is_wanted)


def test_one_connection_is_enough(address: str) -> None:
    """For any number of answers and readers, in a pool that has no second one."""
    with redis.Redis.from_url(address, max_connections=1) as pool, redis.Redis.from_url(address) as other:
        pool.flushdb()
        log, away = SyncRedisRelayLog(pool), SyncRedisRelayLog(other)
        names = [f"answer-{number:010}" for number in range(100)]
        for name in names:
            log.begin(name, "", 30)
        for entry in entries(20):
            for name in names:
                log.append(name, [entry])
        for name in names:
            assert away.owner(name) == ""
        for name in names:
            page = away.read(name, 0, PATIENCE_S)
            while page.entries[-1].position < 20:
                page = LogPage([*page.entries, *away.read(name, page.entries[-1].position, PATIENCE_S).entries])
            assert page == LogPage(entries(20))


def test_few_commands(connections: Any) -> None:
    """What comes together goes together, and nothing is a transaction."""
    log = SyncRedisRelayLog(connections)
    connections.config_resetstat()
    log.begin(ANSWER, "", 30)
    for entry in entries(500):
        log.append(ANSWER, [entry])
    log.flush(PATIENCE_S)
    calls = {name.removeprefix("cmdstat_"): found["calls"] for name, found in connections.info("commandstats").items()}
    assert calls.get("multi", 0) == 0
    assert sum(calls.values()) < 2 * 500
    assert calls["xadd"] < 250


def test_replies_that_are_lost(connections: Any, proxy: Proxy) -> None:
    """A write that Redis has done and the relay has not heard of is repeated, and counts once."""
    with redis.Redis.from_url(proxy.address, retry=redis.retry.Retry(redis.backoff.NoBackoff(), 2)) as pool:
        log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(connections)
        log.begin(ANSWER, "", 30)
        for entry in entries(60):
            if entry.position % 10 == 0:
                proxy.lose_next_reply()
            log.append(ANSWER, [entry])
            log.flush(PATIENCE_S)
        assert proxy.lost >= 6
        assert read(other) == entries(60)


def test_an_outage(connections: Any, proxy: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    """Readers of this process notice nothing; others are told to come back; one line of log says that it is so."""
    with redis.Redis.from_url(proxy.address) as pool, redis.Redis.from_url(proxy.address) as remote:
        log, other, third = SyncRedisRelayLog(pool), SyncRedisRelayLog(remote), SyncRedisRelayLog(connections)
        log.begin(ANSWER, "", 30)
        log.append(ANSWER, entries(9)[:3])
        assert other.owner(ANSWER) == ""
        assert len(other.read(ANSWER, 2, PATIENCE_S).entries) == 1
        proxy.refuse()
        log.append(ANSWER, entries(9)[3:6])
        assert [entry.position for entry in log.read(ANSWER, 3, PATIENCE_S).entries] == [4, 5, 6]
        with pytest.raises(LogUnavailable):
            log.begin("answer-of-somebody-else", "", 30)
        eventually(lambda: is_cut_off(other))
        proxy.accept()
        log.append(ANSWER, entries(9)[6:])
        log.flush(PATIENCE_S)
        assert read(third) == read(other) == entries(9)
    lines = [record.getMessage() for record in caplog.records if record.name == "gpo_client.relay"]
    assert len([line for line in lines if "tried again" in line]) == 2  # each log says it once
    assert all(record.exc_info is None for record in caplog.records)


def test_a_browser_of_another_process_comes_back(connections: Any, proxy: Proxy) -> None:
    """While its process cannot reach Redis it gets hints and no end, however often it comes back; then the rest."""
    with redis.Redis.from_url(proxy.address) as remote:
        log, relay = SyncRedisRelayLog(connections), SyncRelay(RelayOptions(retry_ms=77), log=SyncRedisRelayLog(remote))
        log.begin(ANSWER, "", 30)
        log.append(ANSWER, entries(9)[:3])
        log.flush(PATIENCE_S)
        page = Page()
        page.last_event_id = f"{ANSWER}:0"

        def visit() -> Iterator[bytes]:
            page.connect()
            page.retry = None
            yield from sse_lines(Unasked(), relay=relay, last_event_id=page.last_event_id)  # type: ignore[arg-type]

        for line in visit():
            page.feed(line)
            if "3" in page.text:
                proxy.refuse()
        for _ in range(2):
            assert (page.text, page.retry, page.ended) == ("1 ¿?2 ¿?3 ¿?", 77, False)
            for line in visit():
                page.feed(line)
        proxy.accept()
        log.append(ANSWER, entries(9)[3:])
        while not page.last_event_id.endswith(":end"):
            for line in visit():
                page.feed(line)
        assert page.text == "".join(f"{number} ¿?" for number in range(1, 10))


@pytest.mark.parametrize("kept", [0, 3, 6])
def test_a_redis_that_comes_back_with_less(kept: int, tmp_path: Any) -> None:
    """What this process knows of a running answer is written again, whether Redis has lost all or the last of it."""
    with RedisServer(tmp_path) as server, redis.Redis.from_url(server.address) as pool:
        log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(pool)
        if kept:
            log.begin(ANSWER, "user-1", 30)
        else:
            pool.save()
            log.begin(ANSWER, "user-1", 30)
        for entry in entries(9)[:6]:
            log.append(ANSWER, [entry])
            log.flush(PATIENCE_S)
            if entry.position == kept:
                pool.save()
        server.kill()
        server.start()
        log.append(ANSWER, entries(9)[6:8])
        eventually(lambda: other.owner(ANSWER) == "user-1")
        log.append(ANSWER, entries(9)[8:])
        assert read(other) == entries(9)


def test_a_redis_that_takes_nothing_more(connections: Any) -> None:
    """Without memory it refuses to write: new questions are refused too, and what is running goes on and follows."""
    log, other = SyncRedisRelayLog(connections), SyncRedisRelayLog(connections)
    log.begin(ANSWER, "", 30)
    connections.config_set("maxmemory-policy", "noeviction")
    connections.config_set("maxmemory", 1)
    try:
        log.append(ANSWER, entries(9)[:5])
        relay = SyncRelay(RelayOptions(), log=log)
        page = Page()
        for line in sse_lines(Unasked(), relay=relay):  # type: ignore[arg-type]
            page.feed(line)
        assert page.error is not None
        assert page.error["code"] == "busy"
    finally:
        connections.config_set("maxmemory", 0)
    log.append(ANSWER, entries(9)[5:])
    eventually(lambda: other.owner(ANSWER) is not None)
    assert read(other) == entries(9)


class Unasked:
    """A stream that must not be opened."""

    def close(self) -> None:
        pass


def test_a_user_with_few_permissions(address: str, connections: Any) -> None:
    """What the page says that a user needs is enough."""
    allowed = ["xadd", "xread", "xlen", "del", "exists", "hset", "hget", "get", "set", "pexpire"]
    commands = [f"+{name}" for name in (*allowed, "select")]  # the database of the test is not the first
    connections.acl_setuser(
        "relay", enabled=True, passwords=["+only-for-this-test"], keys=["gpo:relay:*"], commands=commands
    )
    asking = address.replace("redis://", "redis://relay:only-for-this-test@")
    with redis.Redis.from_url(asking) as pool:
        log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(pool)
        log.begin(ANSWER, "u", 30)
        log.append(ANSWER, entries(60)[:30])
        assert other.owner(ANSWER) == "u"
        log.append(ANSWER, entries(60)[30:])
        assert read(other) == entries(60)
        other.stop(ANSWER)


def test_a_stall(connections: Any, proxy: Proxy) -> None:
    """A Redis that says nothing for a while: what was written meanwhile follows, once."""
    with redis.Redis.from_url(proxy.address, socket_timeout=0.3) as pool:
        log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(connections)
        log.begin(ANSWER, "", 30)
        log.append(ANSWER, entries(60)[:20])
        proxy.stall()
        for entry in entries(60)[20:40]:
            log.append(ANSWER, [entry])
        with pytest.raises(LogUnavailable):
            log.begin("answer-of-somebody-else", "", 30)
        proxy.go_on()
        log.append(ANSWER, entries(60)[40:])
        log.flush(PATIENCE_S)
        assert read(other) == entries(60)


def test_a_failover(connections: Any, address: str, tmp_path: Any) -> None:
    """A primary that became a replica refuses to write; what was refused follows when it is one again."""
    with running_redis(tmp_path) as primary:
        log, other = SyncRedisRelayLog(connections), SyncRedisRelayLog(connections)
        log.begin(ANSWER, "u", 30)
        log.append(ANSWER, entries(9)[:5])
        log.flush(PATIENCE_S)
        port = primary.rpartition(":")[2].partition("/")[0]
        try:
            connections.replicaof("127.0.0.1", port)
            log.append(ANSWER, entries(9)[5:8])
            with pytest.raises(LogUnavailable):
                log.begin("answer-of-somebody-else", "", 30)
        finally:
            connections.replicaof("NO", "ONE")
        log.append(ANSWER, entries(9)[8:])  # what the new primary has of it, if anything, is written anew
        eventually(lambda: other.owner(ANSWER) is not None)
        assert read(other) == entries(9)


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
