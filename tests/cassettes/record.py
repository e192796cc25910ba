"""Records the cassettes again: ``make cassettes``.

Ids, tokens and times of the sandbox are fixed, so that recording the same conversation gives the same bytes.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from gpo_client.testing import recorded
from gpo_sandbox import running_sandbox
from tests.cassettes.talk import talk
from tests.support.worlds import make_client

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
WORLDS = {"sync": FOLDER / "conversation-sync.yaml", "asyncio": FOLDER / "conversation-async.yaml"}
# 1 November 2026
_NOW_S = 1_793_534_400.0
_SECRETS = ("gpo_sandbox.middleware", "gpo_sandbox.store.database", "gpo_sandbox.store.sessions")


@contextmanager
def fixed_ids_and_times() -> Iterator[None]:
    """Count ids and tokens, and stop the clock, in the sandbox alone."""
    numbers = itertools.count(1)
    counted = SimpleNamespace(
        token_hex=lambda size: f"{next(numbers):0{2 * size}x}",
        token_urlsafe=lambda size: f"t0k3n-{next(numbers):0{size}}",
    )
    with ExitStack() as stack:
        for module in _SECRETS:
            stack.enter_context(mock.patch(f"{module}.secrets", counted))
        stack.enter_context(mock.patch("gpo_sandbox.clock.time", SimpleNamespace(time=lambda: _NOW_S)))
        yield


async def record(world: str, path: Path) -> None:
    """Record the conversation as one of the clients has it."""
    with (
        fixed_ids_and_times(),
        running_sandbox(chunk_delay_s=0) as sandbox,
        tempfile.TemporaryDirectory() as folder,
        recorded(path, record_mode="all"),
    ):
        async with make_client(world, base_url=sandbox.base_url) as client:
            await talk(client, Path(folder))


def main(folder: str = str(FOLDER)) -> None:
    """Record all cassettes into a folder."""
    for world, committed in WORLDS.items():
        path = Path(folder) / committed.name
        path.unlink(missing_ok=True)
        asyncio.run(record(world, path))


if __name__ == "__main__":
    main(*sys.argv[1:])
