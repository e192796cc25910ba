"""What only a log in Redis has: other processes, expiry, and few connections."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
import redis
import redis.asyncio

from gpo_client import InvalidArgumentError
from gpo_client.relay import Entry, LogPage, RedisRelayLog, SyncRedisRelayLog, SyncRelay
from gpo_client.relay.machines import redis_commands
from gpo_client.relay.machines.entries import EventId
from tests.relay.browser import PATIENCE_S, Page
from tests.relay.conftest import Visiting
from tests.relay.redis_answers import ANSWER, entries, eventually, read, visit_until_the_end
from tests.support.events import answer_events, stream_answer
from tests.support.redis_server import running_redis
from tests.support.wire import End

pytestmark = pytest.mark.redis


@pytest.fixture
def runtime() -> str:
    return "sync"


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


@pytest.mark.parametrize("log", [RedisRelayLog, SyncRedisRelayLog])
@pytest.mark.parametrize(
    ("name", "value"), [("retry_s", 0), ("retry_s", "60"), ("retention_s", math.inf), ("max_events", 1.5)]
)
def test_impossible_settings(log: Any, name: str, value: object) -> None:
    """They are named, before Redis is asked anything."""
    with pytest.raises(InvalidArgumentError, match=f"{name} must be a ") as caught:
        log(None, **{name: value})
    assert caught.value.field == name


def test_a_writer_that_died(connections: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its sign of life has expired, readers are given what is there, and are not left waiting."""
    monkeypatch.setattr(redis_commands, "LOSS_S", 0.2)
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
    """For 500 answers and 1,000 readers in two other processes, of pools that have no second one."""
    with redis.Redis.from_url(address, max_connections=1) as pool, redis.Redis.from_url(address) as other:
        pool.flushdb()
        log, *readers = SyncRedisRelayLog(pool), SyncRedisRelayLog(other), SyncRedisRelayLog(pool)
        names = [f"answer-{number:010}" for number in range(500)]
        for name in names:
            log.begin(name, "", 60)
        for entry in entries(8):
            for name in names:
                log.append(name, [entry])
        for away in readers:
            for name in names:
                assert away.owner(name) == ""
            for name in names:
                page = away.read(name, 0, PATIENCE_S)
                while page.entries[-1].position < 8:
                    page = LogPage([*page.entries, *away.read(name, page.entries[-1].position, PATIENCE_S).entries])
                assert page == LogPage(entries(8))


async def test_an_answer_that_is_too_long(connections: Any, visiting: Visiting) -> None:
    """It ends as in memory, in other processes too."""
    log, other = SyncRedisRelayLog(connections, max_answer_bytes=2_000), SyncRedisRelayLog(connections)
    texts = [f"word-{number} " for number in range(100)]
    async with visiting(stream_answer(*answer_events(*texts), end=End.STALL), log=log) as (browser, ask, server):
        visit = await browser.visit(ask())
        await visit.rest()
        await server.closed(0)
    page = Page()
    page.last_event_id = visit.page.last_event_id.replace("end", "0")
    await anyio.to_thread.run_sync(visit_until_the_end, page, SyncRelay(log=other))
    assert page.error == visit.page.error == {"code": "too_long", "error": page.error and page.error["error"]}
    assert (page.text, bool(page.text)) == (visit.page.text, True)


def test_whatever_time_a_socket_is_given(address: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing blocks in Redis: a reader may wait for longer, and no command runs into it."""
    with redis.Redis.from_url(address, socket_timeout=0.2) as pool:
        log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(pool)
        log.begin(ANSWER, "", 30)
        assert other.owner(ANSWER) == ""
        assert other.read(ANSWER, 0, 0.5) == LogPage()
        log.append(ANSWER, entries(3))
        assert read(other) == entries(3)
    assert not caplog.records


def test_few_commands(tmp_path: Path) -> None:
    """What comes together goes together, and nothing is a transaction."""
    with running_redis(tmp_path) as alone, redis.Redis.from_url(alone) as connections:  # or others would be counted too
        log = SyncRedisRelayLog(connections)
        log.begin(ANSWER, "", 30)
        for entry in entries(500):
            log.append(ANSWER, [entry])
        log.flush(PATIENCE_S)
        found: Any = connections.info("commandstats")
    calls = {name.removeprefix("cmdstat_"): stat["calls"] for name, stat in found.items()}
    assert calls.get("multi", 0) == 0
    assert sum(calls.values()) < 2 * 500
    assert calls["xadd"] < 250


async def test_two_that_come_at_the_same_moment(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is brought here once: one that asks in the very turn in which the other is told changes nothing."""
    async with redis.asyncio.Redis.from_url(address) as pool:
        await pool.flushdb()
        log, other = RedisRelayLog(pool), RedisRelayLog(pool)
        await log.begin(ANSWER, "", 30)
        await log.append(ANSWER, entries(9)[:3])
        await log.flush(PATIENCE_S)
        async with anyio.create_task_group() as tasks:
            notify_all = other._exchanged.notify_all

            def notify_and_ask() -> None:
                monkeypatch.undo()
                tasks.start_soon(other.owner, ANSWER)
                notify_all()

            monkeypatch.setattr(other._exchanged, "notify_all", notify_and_ask)
            assert await other.owner(ANSWER) == ""
        await log.append(ANSWER, entries(9)[3:])
        found: list[Entry] = []
        while len(found) < 9:
            page = await other.read(ANSWER, len(found), PATIENCE_S)
            assert not page.is_lost
            found += page.entries
        assert found == entries(9)
        await log.flush(PATIENCE_S)


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
