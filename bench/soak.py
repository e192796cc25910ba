"""A soak: thousands of streams from a service that breaks them at random, none of which may lose a character.

    python bench/soak.py --streams 10000

The service (``soak_service.py``) runs in a process of its own. Exits with 1 when a text is not exactly the right one,
when an event is delivered twice, or when a socket is left over.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
        streams: How many questions.
        concurrency: How many at a time.
    """

    def __init__(self, base_url: str, streams: int, concurrency: int) -> None:
        self._base_url = base_url
        self._streams = streams
        self._free = asyncio.Semaphore(concurrency)
        #: resumes, lost, duplicated
        self.tally = Counter[str]()

    async def run(self) -> None:
        """Ask all the questions, most of them in this event loop, the others in threads."""
        loop = asyncio.get_running_loop()
        with (
            SyncGPOCoreClient(base_url=self._base_url, **SETTINGS) as blocking,
            ThreadPoolExecutor(THREADS) as threads,
        ):
            async with GPOCoreClient(base_url=self._base_url, **SETTINGS) as client:
                await asyncio.gather(
                    *(
                        self._ask(client, number)
                        if number % SYNC_SHARE
                        else loop.run_in_executor(threads, self._ask_blocking, blocking, number)
                        for number in range(self._streams)
                    )
                )

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


def main() -> int:
    """Run the soak and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with service(options.seed) as base_url:
        before, begun = open_files(), time.monotonic()
        soak = Soak(base_url, options.streams, options.concurrency)
        asyncio.run(soak.run())
        seconds, leaked = time.monotonic() - begun, open_files() - before
    told = soak.tally
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(
        f"{options.streams} streams, {told['resumes']} resumes, {told['lost']} lost, {told['duplicated']} duplicated, "
        f"{leaked} sockets leaked, {seconds:.1f} s, {peak} MiB at most\n"
    )
    return 1 if told["lost"] or told["duplicated"] or leaked else 0


if __name__ == "__main__":
    sys.exit(main())
