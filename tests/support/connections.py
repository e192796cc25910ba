"""The connections of a client, as the tests of reuse look at them."""

from __future__ import annotations

from typing import Any

import anyio

_PATIENCE_S = 20.0


def pools_of(client: Any) -> list[Any]:
    """The pools of a client: one for each event loop."""
    blocking = client.__dict__.get("_blocking", client)
    return list(blocking._handle.get().own._pools.values())


def idle_connections(client: Any) -> list[Any]:
    """The connections that nobody uses."""
    return [given[1] for pool in pools_of(client) for free in pool._idle._free.values() for given in free]


async def until_idle(client: Any, number: int = 1) -> None:
    """Wait until so many connections are at rest."""
    with anyio.fail_after(_PATIENCE_S):
        while len(idle_connections(client)) < number:  # noqa: ASYNC110 - a pool tells nobody
            await anyio.sleep(0.001)
