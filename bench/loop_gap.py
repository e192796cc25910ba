"""Loop gap: for how long an event loop stands still at most while a client reads what a hostile server sends.

`python -m bench.loop_gap` tries every attack of `bench.hostile` on asyncio and on trio, and prints the longest gap
between two turns of a task that does nothing else, in brackets in CPU time, and the longest collection of Python's own
collector, which walks through all that the process holds, this program's modules too. They are figures of a quiet
machine, and no test.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
from functools import partial

import anyio
import attrs

from bench.hostile import ATTACKS
from bench.machine import ROOT
from gpo_client import ChatContext, GPOClientError, GPOCoreClient

_LIMIT_MS = 50
_TICK_S = 0.0005
_CONTEXT = ChatContext(session_id="session-1", token="s3cr3t")
_SETTINGS = {"timeout": 10.0, "stream_total_timeout": 10.0, "max_retries": 0, "max_resumes": 0}


@attrs.define
class _Ticker:
    """Notes the longest gap between two of its turns, in seconds of the clock and of this process's CPU time."""

    gap: float = 0.0
    cpu: float = 0.0
    collection: float = 0.0
    _begun: float = 0.0

    async def run(self) -> None:
        """Take turns for ever."""
        last, used = time.perf_counter(), time.process_time()
        while True:
            await anyio.sleep(_TICK_S)
            now, cpu = time.perf_counter(), time.process_time()
            self.gap, self.cpu = max(self.gap, now - last), max(self.cpu, cpu - used)
            last, used = now, cpu

    def collected(self, phase: str, _: object) -> None:
        """Note how long a collection takes, as one of `gc.callbacks`."""
        now = time.perf_counter()
        if phase == "start":
            self._begun = now
        else:
            self.collection = max(self.collection, now - self._begun)


async def _attacked(client: GPOCoreClient, name: str) -> str:
    """What becomes of a question that is answered with an attack."""
    try:
        if name.startswith("answer"):
            await client.search_documents(_CONTEXT, {"search_text": f"attack:{name}"})
        else:
            async with client.chat_stream(_CONTEXT, {"query": f"attack:{name}"}) as stream:
                async for _ in stream:
                    pass
    except GPOClientError as error:
        return type(error).__name__
    return "an answer"


async def _gap(address: str, name: str) -> tuple[_Ticker, str]:
    ticker = _Ticker()
    async with GPOCoreClient(base_url=address, **_SETTINGS) as client, anyio.create_task_group() as group:  # type: ignore[arg-type]
        gc.collect()
        group.start_soon(ticker.run)
        await anyio.sleep(0.02)
        ticker.gap = ticker.cpu = 0.0
        gc.callbacks.append(ticker.collected)
        outcome = await _attacked(client, name)
        gc.callbacks.remove(ticker.collected)
        group.cancel_scope.cancel()
    return ticker, outcome


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Measure for how long hostile servers stop an event loop.")
    parser.add_argument("--only", default="", help="a part of the names of the attacks to try")
    only = parser.parse_args().only
    worst = 0.0
    command = [sys.executable, "-m", "bench.hostile"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        for name in (name for name in ATTACKS if only in name):
            found = [anyio.run(partial(_gap, address, name), backend=backend) for backend in ("asyncio", "trio")]
            worst = max(worst, *(ticker.gap for ticker, _ in found))
            gaps = "  ".join(
                f"{ticker.gap * 1000:7.1f} ({ticker.cpu * 1000:6.1f}) ms, collector {ticker.collection * 1000:6.1f}"
                for ticker, _ in found
            )
            print(f"{name:34} {gaps}  {found[0][1]}", flush=True)
        server.communicate()
    print(f"the longest gap was {worst * 1000:.0f} ms; the goal is {_LIMIT_MS} ms at most")
    return worst * 1000 > _LIMIT_MS


if __name__ == "__main__":
    sys.exit(main())
