"""The relays of those who do not make one."""

from __future__ import annotations

from anyio.lowlevel import RunVar

from gpo_client.relay.aio.relay import Relay
from gpo_client.relay.sync.relay import SyncRelay

_RELAY = RunVar[Relay | None]("gpo_client.relay", None)
_SYNC_RELAY: list[SyncRelay] = []


def default_relay() -> Relay:
    """Return the relay of the running event loop, with default settings and a log in memory."""
    relay = _RELAY.get()
    if relay is None:
        relay = Relay()
        _RELAY.set(relay)
    return relay


def default_sync_relay() -> SyncRelay:
    """Return the relay of this process's threads, with default settings and a log in memory."""
    if not _SYNC_RELAY:
        # Two threads at once may make two; the first in the list is everybody's.
        _SYNC_RELAY.append(SyncRelay())
    return _SYNC_RELAY[0]
