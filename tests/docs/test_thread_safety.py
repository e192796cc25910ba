"""Each class that holds something says who may share it. That it is so is shown in tests/client and tests/relay."""

from __future__ import annotations

import pytest

import gpo_client
from gpo_client import batch, relay, streaming, testing

PROMISE = "Thread and task safety: "
_BY_LOOPS = (gpo_client.GPOCoreClient, gpo_client.ConversationHandle, gpo_client.AsyncPage)
_BY_TASKS = (relay.Relay, relay.MemoryRelayLog, relay.RedisRelayLog)
_BY_THREADS = (
    *(gpo_client.SyncGPOCoreClient, gpo_client.SyncConversationHandle, gpo_client.SyncPage),
    *(relay.SyncRelay, relay.SyncMemoryRelayLog, relay.SyncRedisRelayLog),
)
_BY_NOBODY = (
    *(streaming.SSEDecoder, streaming.ChunkAggregator, streaming.Batcher, streaming.ReadAhead),
    *(streaming.Pipeline, streaming.TextTransform, streaming.Splitter),
)
PROMISES: dict[type, str] = {
    **dict.fromkeys(_BY_LOOPS, "any number of tasks and event loops"),
    **dict.fromkeys(_BY_TASKS, "any number of tasks of one event loop"),
    **dict.fromkeys(_BY_THREADS, "any number of threads"),
    **dict.fromkeys(_BY_NOBODY, "one owner"),
    gpo_client.ChatStream: "by one task at a time",
    batch.Batch: "by one task at a time",
    batch.SyncBatch: "by one thread at a time",
    gpo_client.SyncChatStream: "by one thread at a time",
    gpo_client.GPOConfig: "threads and tasks",
    testing.ScriptedTransport: "threads and tasks",
}


@pytest.mark.parametrize(("kind", "promise"), PROMISES.items())
def test_promise(kind: type, promise: str) -> None:
    """In one paragraph of its description."""
    description = " ".join((kind.__doc__ or "").split())
    assert promise in description.partition(PROMISE)[2]


def test_transforms() -> None:
    """Their functions make objects; the module says it for all of them."""
    assert PROMISE in (streaming.transforms.__doc__ or "")


def test_every_class_with_an_owner_is_here() -> None:
    """Whatever of the face, of streaming and of the relay is neither a value, an error nor listed above."""
    for room in (gpo_client, batch, streaming, relay):
        for name in room.__all__:
            kind = getattr(room, name)
            if not isinstance(kind, type) or issubclass(kind, BaseException) or kind in PROMISES:
                continue
            is_value = any(hasattr(kind, mark) for mark in ("__attrs_attrs__", "__struct_fields__", "__members__"))
            assert is_value or issubclass(kind, str) or PROMISE in (kind.__doc__ or ""), name
