"""A log in Redis whose server stumbles: it is away, stalls, refuses, or comes back with less than it had."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest
import redis

from gpo_client.relay import LogPage, LogUnavailable, RelayOptions, SyncRedisRelayLog, SyncRelay, sse_lines
from gpo_client.relay.machines import exchange, following, redis_commands
from gpo_client.relay.sync import redis as sync_redis
from tests.relay.browser import PATIENCE_S, Page
from tests.relay.redis_answers import ANSWER, WHOLE, Unasked, entries, eventually, read, visit, visit_until_the_end
from tests.support.redis_server import Proxy, RedisServer, running_redis

pytestmark = pytest.mark.redis


def lose_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a Redis that will not be there."""
    for module in exchange, sync_redis:
        monkeypatch.setattr(module, "ASK_S", 0.2)


def is_cut_off(log: SyncRedisRelayLog) -> bool:
    """Whether its reader is told to come back."""
    try:
        return bool(log.read(ANSWER, 3, 0.1).entries)
    except LogUnavailable:
        return True


def test_replies_that_are_lost(connections: Any, proxy: Proxy) -> None:
    """A write that Redis has done and the relay has not heard of is repeated, and counts once."""
    with redis.Redis.from_url(proxy.address, retry=redis.retry.Retry(redis.backoff.NoBackoff(), 2)) as pool:
        log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(connections)
        log.begin(ANSWER, "", 30)
        for entry in entries(20):
            if entry.position % 5 == 0:
                proxy.lose_next_reply()
            log.append(ANSWER, [entry])
            log.flush(PATIENCE_S)
        assert proxy.lost >= 4
        assert read(other) == entries(20)


def test_an_outage(
    connections: Any, proxy: Proxy, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers of this process notice nothing; others are told to come back; one line of log says that it is so."""
    with redis.Redis.from_url(proxy.address) as pool, redis.Redis.from_url(proxy.address) as remote:
        log, other, third = SyncRedisRelayLog(pool), SyncRedisRelayLog(remote), SyncRedisRelayLog(connections)
        log.begin(ANSWER, "", 30)
        log.append(ANSWER, entries(9)[:3])
        assert other.owner(ANSWER) == ""
        assert len(other.read(ANSWER, 2, PATIENCE_S).entries) == 1
        proxy.refuse()
        lose_patience(monkeypatch)
        log.append(ANSWER, entries(9)[3:6])
        assert [entry.position for entry in log.read(ANSWER, 3, PATIENCE_S).entries] == [4, 5, 6]
        with pytest.raises(LogUnavailable):
            log.begin("answer-of-somebody-else", "", 30)
        eventually(lambda: is_cut_off(other))
        monkeypatch.undo()
        proxy.accept()
        log.append(ANSWER, entries(9)[6:])
        log.flush(PATIENCE_S)
        assert read(third) == read(other) == entries(9)
    lines = [record.getMessage() for record in caplog.records if record.name == "gpo_client.relay"]
    assert len([line for line in lines if "tried again" in line]) == 2  # each log says it once
    assert all(record.exc_info is None for record in caplog.records)


def test_a_browser_of_another_process_comes_back(
    connections: Any, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its process cannot reach Redis it gets hints and no end, however often it comes back; then the rest."""
    with redis.Redis.from_url(proxy.address) as remote:
        log, relay = SyncRedisRelayLog(connections), SyncRelay(RelayOptions(retry_ms=77), log=SyncRedisRelayLog(remote))
        log.begin(ANSWER, "", 30)
        log.append(ANSWER, entries(9)[:3])
        log.flush(PATIENCE_S)
        page = Page()
        page.last_event_id = f"{ANSWER}:0"
        visit(page, relay, lambda: proxy.refuse() if "3" in page.text else lose_patience(monkeypatch))
        for _ in range(2):
            assert (page.text, page.retry, page.ended) == ("1 ¿?2 ¿?3 ¿?", 77, False)
            visit(page, relay)
        proxy.accept()
        log.append(ANSWER, entries(9)[3:])
        visit_until_the_end(page, relay)
        assert page.text == WHOLE


def test_an_answer_that_redis_does_not_know(connections: Any) -> None:
    """It may have lost it, and be told again, though no outage was seen: who comes back gets a hint and no end."""
    log, relay = SyncRedisRelayLog(connections), SyncRelay(log=SyncRedisRelayLog(connections))
    page = Page()
    page.last_event_id = f"{ANSWER}:0"
    visit(page, relay)
    assert (page.text, page.retry, page.ended) == ("", 1000, False)
    log.begin(ANSWER, "", 30)
    log.append(ANSWER, entries(9))
    visit_until_the_end(page, relay)
    assert page.text == WHOLE


def test_an_answer_that_nobody_writes_any_more(connections: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has expired when it was missing for long enough."""
    monkeypatch.setattr(following, "LOSS_S", 0.05)
    relay, page = SyncRelay(log=SyncRedisRelayLog(connections)), Page()
    page.last_event_id = f"{ANSWER}:3"
    visit(page, relay)
    assert not page.ended
    visit_until_the_end(page, relay)
    assert page.error is not None
    assert page.error["code"] == "stream_expired"


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
        for line in sse_lines(Unasked(), relay=relay):
            page.feed(line)
        assert page.error is not None
        assert page.error["code"] == "busy"
    finally:
        connections.config_set("maxmemory", 0)
    log.append(ANSWER, entries(9)[5:])
    eventually(lambda: other.owner(ANSWER) is not None)
    assert read(other) == entries(9)


@pytest.mark.parametrize("setting", ["maxmemory", "min-replicas-to-write"])
def test_a_refusal_that_lasts(setting: str, connections: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """For longer than a writer that says nothing is waited for: it could not say anything, and is no dead one then."""
    for module, name, seconds in (
        (exchange, "_SIGN_S", 0.05), (exchange, "_WRITER_ALIVE_S", 0.25), (redis_commands, "LOSS_S", 0.25)
    ):  # fmt: skip
        monkeypatch.setattr(module, name, seconds)
    log, other = SyncRedisRelayLog(connections), SyncRedisRelayLog(connections)
    log.begin(ANSWER, "", 30)
    log.append(ANSWER, entries(9)[:3])
    log.flush(PATIENCE_S)
    relay, page = SyncRelay(RelayOptions(retry_ms=77), log=other), Page()
    page.last_event_id = f"{ANSWER}:0"
    connections.config_set("maxmemory-policy", "noeviction")
    try:
        visit(page, relay, lambda: connections.config_set(setting, 1) if "3" in page.text else None)
        eventually(lambda: not connections.exists(f"gpo:relay:{{{ANSWER}}}:writer"))
        for _ in range(2):
            assert (page.text, page.retry, page.ended) == ("1 ¿?2 ¿?3 ¿?", 77, False)
            visit(page, relay)
    finally:
        connections.config_set(setting, 0)
    eventually(lambda: not is_cut_off(other))
    assert other.read(ANSWER, 3, 0.1) == LogPage()
    log.append(ANSWER, entries(9)[3:])
    visit_until_the_end(page, relay)
    assert page.text == WHOLE


def test_a_stall(connections: Any, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that says nothing for a while: what was written meanwhile follows, once."""
    with redis.Redis.from_url(proxy.address, socket_timeout=0.3) as pool:
        log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(connections)
        log.begin(ANSWER, "", 30)
        log.append(ANSWER, entries(60)[:20])
        proxy.stall()
        lose_patience(monkeypatch)
        for entry in entries(60)[20:40]:
            log.append(ANSWER, [entry])
        with pytest.raises(LogUnavailable):
            log.begin("answer-of-somebody-else", "", 30)
        monkeypatch.undo()
        proxy.go_on()
        log.append(ANSWER, entries(60)[40:])
        log.flush(PATIENCE_S)
        assert read(other) == entries(60)


@pytest.mark.slow
def test_a_stall_of_eight_seconds(tmp_path: Any, caplog: pytest.LogCaptureFixture) -> None:
    """With nothing set: what is written meanwhile reaches a browser of another process, which is told no end before."""
    with running_redis(tmp_path) as address, redis.Redis.from_url(address) as pool:
        log, other = SyncRedisRelayLog(pool), SyncRedisRelayLog(pool)
        log.begin(ANSWER, "", 30)
        log.append(ANSWER, entries(9)[:3])
        log.flush(PATIENCE_S)
        page, relay = Page(), SyncRelay(log=other)
        page.last_event_id = f"{ANSWER}:0"
        is_stalled = False

        def stall() -> None:
            nonlocal is_stalled
            if "3" in page.text and not is_stalled:
                is_stalled = pool.client_pause(8_000)
                log.append(ANSWER, entries(9)[3:])

        visit(page, relay, stall)
        visit_until_the_end(page, relay)
        assert (page.text, page.error) == (WHOLE, None)
        log.flush(PATIENCE_S)
    assert len([record for record in caplog.records if "tried again" in record.getMessage()]) <= 2  # each log once


def test_a_failover(connections: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A primary that became a replica refuses to write: its connections are closed, so that new ones find the other;
    what was refused follows when it is one again.
    """
    pool = connections.connection_pool
    closing = Mock(side_effect=pool.disconnect)
    with running_redis(tmp_path) as primary:
        log, other = SyncRedisRelayLog(connections), SyncRedisRelayLog(connections)
        log.begin(ANSWER, "u", 30)
        log.append(ANSWER, entries(9)[:5])
        log.flush(PATIENCE_S)
        port = primary.rpartition(":")[2].partition("/")[0]
        try:
            connections.replicaof("127.0.0.1", port)
            monkeypatch.setattr(pool, "disconnect", closing)
            log.append(ANSWER, entries(9)[5:8])
            with pytest.raises(LogUnavailable):
                log.begin("answer-of-somebody-else", "", 30)
            assert closing.called
        finally:
            monkeypatch.undo()
            connections.replicaof("NO", "ONE")
        log.append(ANSWER, entries(9)[8:])  # what the new primary has of it, if anything, is written anew
        eventually(lambda: other.owner(ANSWER) is not None)
        assert read(other) == entries(9)
