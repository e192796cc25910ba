"""What only a log in Redis has: other processes, expiry, and a server that may be away."""

from __future__ import annotations

from typing import Any

import pytest
import redis
import redis.asyncio

from gpo_client.relay import Entry, LogPage, SyncRedisRelayLog
from gpo_client.relay.machines.entries import EventId

pytestmark = pytest.mark.redis

ANSWER = "answer-0000000000"


@pytest.fixture
def world() -> str:
    return "sync"


@pytest.fixture
def connections(redis_address: str) -> Any:
    with redis.Redis.from_url(redis_address) as pool:
        pool.flushdb()
        yield pool


def test_everything_expires(connections: Any) -> None:
    """No key is left without a time to live, whatever was done."""
    log = SyncRedisRelayLog(connections, retention_s=100)
    log.begin(ANSWER, "user-1", 30)
    log.append(ANSWER, [Entry(1, "{}"), Entry(2, "{}", is_last=True)])
    log.acknowledge(ANSWER, 1, 30)
    log.reader_state(ANSWER, 0, 0.01)
    log.leave(ANSWER, 10)
    log.stop(ANSWER)
    log.note(ANSWER, "x", 100)
    keys = sorted(connections.keys())
    assert [key.rpartition(b":")[2] for key in keys] == [b"events", b"head", b"note", b"reader", b"writer"]
    for key in keys:
        assert 0 < connections.pttl(key) <= 100_000, key


def test_a_writer_that_died(connections: Any) -> None:
    """When its sign of life has expired, readers are not left waiting."""
    log = SyncRedisRelayLog(connections)
    log.begin(ANSWER, "", 30)
    log.append(ANSWER, [Entry(1, "{}")])
    connections.delete(f"gpo:relay:{{{ANSWER}}}:writer")
    assert log.read(ANSWER, 0, 0.01) == LogPage([Entry(1, "{}")])
    assert not log.read(ANSWER, 1, 0.01).is_alive


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("decode", [True, False])
def test_whatever_the_connection_speaks(redis_address: str, protocol: int, decode: bool) -> None:
    """Both protocols of Redis, and text or bytes."""
    with redis.Redis.from_url(redis_address, protocol=protocol, decode_responses=decode) as pool:
        log = SyncRedisRelayLog(pool, prefix=f"test-{protocol}-{decode}:")
        log.begin(ANSWER, "é", 30)
        log.append(ANSWER, [Entry(1, '{"content":"é"}'), Entry(2, "{}", is_last=True)])
        assert log.read(ANSWER, 0, 0.01) == LogPage([Entry(1, '{"content":"é"}'), Entry(2, "{}", is_last=True)])
        log.acknowledge(ANSWER, 2, 30)
        assert (log.owner(ANSWER), log.reader_state(ANSWER, 0, 0.01).position) == ("é", 2)


def test_ids_fit_into_keys() -> None:
    """An answer's id holds nothing that would leave the braces of its key."""
    assert EventId.parse("answer-0000000000}x:1") is None
