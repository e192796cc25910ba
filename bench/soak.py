"""A soak: thousands of streams from a service that breaks them at random, none of which may lose a character.

    python bench/soak.py --streams 10000 --processes 4 --loop uvloop

One client of each kind, used before the processes are forked, serves them all: in each two event loops, one after the
other, and threads beside them. The service (``soak_service.py``) runs in a process of its own. Exits with 1 when a
text is not exactly the right one, when an event is delivered twice, or when a socket is left over.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from gpo_client import GPOClientError, GPOCoreClient, StreamingChunk, SyncGPOCoreClient

CONTEXT = {"session_id": "session-1", "token": "s3cr3t"}
SETTINGS: dict[str, Any] = {
    "max_retries": 8, "max_resumes": 8, "retry_backoff_factor": 0.01,
    "stream_idle_timeout": 3.0, "stream_first_chunk_timeout": 60.0,
}  # fmt: skip

# One stream in so many goes through the blocking client, in so many threads.
SYNC_SHARE = 10
THREADS = 8


def question_of(number: int) -> str:
    """What is asked, and what the answer must be: characters of one to four bytes, and all that might end a line."""
    chance = random.Random(number)
    return f"{number}: " + "".join(chance.choices('abc é€🧾\n\r\u2028\x85"', k=chance.randrange(600)))


class Soak:
    """Asks, and counts what has come of it.

    Args:
        base_url: The service's address.
        concurrency: How many questions at a time.
        loop: Makes event loops; None: those of asyncio.
    """

    def __init__(self, base_url: str, concurrency: int, loop: Callable[[], asyncio.AbstractEventLoop] | None) -> None:
        self._concurrency, self._loop = concurrency, loop
        self._client = GPOCoreClient(base_url=base_url, **SETTINGS)
        self._blocking = SyncGPOCoreClient(base_url=base_url, **SETTINGS)
        #: resumes, lost, duplicated, leaked
        self.tally = Counter[str]()

    def run(self, numbers: Sequence[int]) -> Counter[str]:
        """Ask these questions, in two loops and in threads, and close the clients."""
        before, middle = open_files(), len(numbers) // 2
        for share, is_last in ((numbers[:middle], False), (numbers[middle:], True)):
            with asyncio.Runner(loop_factory=self._loop) as runner:
                runner.run(self._all(share, is_last))
        self._blocking.close()
        self.tally["leaked"] = max(open_files() - before, 0)  # below 0: what use() had left is closed
        self.tally["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return self.tally

    def use(self) -> None:
        """Leave a connection of each client behind, for forked children to find."""
        self._ask_blocking(self._blocking, -1)
        with asyncio.Runner(loop_factory=self._loop) as runner:
            runner.run(self._all([-1], is_last=False))

    async def _all(self, numbers: Sequence[int], is_last: bool) -> None:
        loop, self._free = asyncio.get_running_loop(), asyncio.Semaphore(self._concurrency)
        with ThreadPoolExecutor(THREADS) as threads:
            await asyncio.gather(
                *(
                    self._ask(self._client, number)
                    if number % SYNC_SHARE
                    else loop.run_in_executor(threads, self._ask_blocking, self._blocking, number)
                    for number in numbers
                )
            )
        if is_last:
            await self._client.aclose()

    async def _ask(self, client: GPOCoreClient, number: int) -> None:
        chunks, error = list[StreamingChunk](), None
        async with self._free:
            stream = client.chat_stream(CONTEXT, {"query": question_of(number)})
            try:
                async with stream:
                    async for chunk in stream:
                        chunks.append(chunk)
            except GPOClientError as failure:
                error = failure
        self._judge(number, chunks, stream.resume_count, error)

    def _ask_blocking(self, client: SyncGPOCoreClient, number: int) -> None:
        chunks, error = list[StreamingChunk](), None
        stream = client.chat_stream(CONTEXT, {"query": question_of(number)})
        try:
            with stream:
                for chunk in stream:
                    chunks.append(chunk)
        except GPOClientError as failure:
            error = failure
        self._judge(number, chunks, stream.resume_count, error)

    def _judge(self, number: int, chunks: list[StreamingChunk], resumes: int, error: GPOClientError | None) -> None:
        numbers = [(chunk.metadata or {})["n"] for chunk in chunks]
        text = "".join(chunk.content or "" for chunk in chunks)
        self.tally["resumes"] += resumes
        self.tally["duplicated"] += len(numbers) - len(set(numbers))
        if text != question_of(number) or error is not None:
            self.tally["lost"] += 1
            sys.stderr.write(f"stream {number}: {error or 'another text'}\n")


@contextmanager
def service(seed: int) -> Iterator[str]:
    """The address of a service that runs as long as this."""
    command = [sys.executable, str(Path(__file__).with_name("soak_service.py")), str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


def open_files() -> int:
    """How many file descriptors this process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def ask_in_child(numbers: Sequence[int]) -> Counter[str]:
    """Ask a share of the questions with the parent's clients."""
    return _soaks[0].run(numbers)


_soaks: list[Soak] = []


def soak(base_url: str, options: argparse.Namespace) -> Counter[str]:
    """Ask in forked processes and in this one; what came of it in all of them."""
    make_loop = import_module(options.loop).new_event_loop
    made = Soak(base_url, options.concurrency // options.processes, make_loop)
    shares = [range(number, options.streams, options.processes) for number in range(options.processes)]
    if options.processes == 1:
        return made.run(shares[0])
    made.use()
    _soaks.append(made)
    with multiprocessing.get_context("fork").Pool(options.processes - 1) as pool:
        others = pool.map_async(ask_in_child, shares[1:], chunksize=1)
        tallies = [made.run(shares[0]), *others.get()]
    whole = sum(tallies, Counter[str]())
    whole["peak"] = max(tally["peak"] for tally in tallies)
    return whole


def main() -> int:
    """Run the soak and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, default=100)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with service(options.seed) as base_url:
        begun = time.monotonic()
        told = soak(base_url, options)
        seconds = time.monotonic() - begun
    sys.stdout.write(
        f"{options.streams} streams, {told['resumes']} resumes, {told['lost']} lost, {told['duplicated']} duplicated, "
        f"{told['leaked']} sockets leaked, {seconds:.1f} s, {told['peak']} MiB at most\n"
    )
    return 1 if told["lost"] or told["duplicated"] or told["leaked"] else 0


if __name__ == "__main__":
    sys.exit(main())
