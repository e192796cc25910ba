"""What a browser says it has received."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from gpo_client.relay.machines.entries import EventId
from gpo_client.relay.sync.log import SyncMemoryRelayLog
from gpo_client.relay.sync.relay import SyncRelay
from tests.fuzz.target import Check, Target

_ANSWER = "Zx81kq0-answer-01"
_OWNER = "user-1"


@contextmanager
def _relay() -> Generator[Check]:
    log = SyncMemoryRelayLog()
    log.begin(_ANSWER, _OWNER, 3600)
    relay = SyncRelay(log=log)

    def check(data: bytes) -> None:
        """The answer to its owner, and to nobody else, whatever the id says."""
        text = data.decode("latin-1")
        found = EventId.parse(text)
        assert found is None or str(found) == text
        for owner in (_OWNER, "user-2", ""):
            subscription = relay.subscribe(None, last_event_id=text, owner=owner)
            mine = owner == _OWNER and found is not None and found.answer_id == _ANSWER and found.position is not None
            assert (subscription.subscriber is not None) == mine
            assert subscription.answer is None
        assert not relay.stop(text, owner="user-2")

    yield check
    relay.close()


RELAY_IDS = Target(
    "relay_ids",
    _relay,
    [
        _ANSWER.encode(),
        b":",
        b"end",
        b"0",
        b"1",
        b"01",
        b"999999999",
        b"-1",
        b"_",
        b"*",
        b"\r\n",
        b"\x00",
        b"\xb2",
        b"x" * 70,
    ],
)
