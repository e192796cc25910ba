"""The service of ``soak.py``: it says back what it is asked, in the contract's event stream, and breaks it at random.

It keeps the contract, resuming included. About half of its answers are cut or reset at any byte (heads too), fall
silent, are refused, or come in splinters; events are repeated. What it does to a question follows from the seed. The
first line of its output is its address; it ends when its input does.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import struct
import sys
from collections import Counter
from contextlib import suppress

# After so many requests a question is answered well: what is lost then is the client's fault.
MOST_FAULTS = 6
FAULTS = ("none", "none", "none", "cut", "cut", "reset", "reset", "busy", "stall", "splinters")


class Service:
    """The service: remembers how often it was asked under each key, and nothing else.

    Args:
        seed: Of all its faults.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._asked = Counter[str]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        writer.transport.set_write_buffer_limits(0)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._answer(reader, writer):
                pass
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is done for."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:-2]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        question = json.loads(await reader.readexactly(int(headers["content-length"])))["query"]
        key = headers["idempotency-key"]
        self._asked[key] += 1
        chance = random.Random(f"{self._seed} {question} {self._asked[key]}")
        fault = chance.choice(FAULTS) if self._asked[key] <= MOST_FAULTS else "none"
        if fault == "busy":
            retry_after = chance.choice(("", "Retry-After: 0\r\n"))
            writer.write(f"HTTP/1.1 503 Busy\r\n{retry_after}Content-Length: 0\r\n\r\n".encode())
            return True
        body = _written(question, key, headers.get("last-event-id", ""), chance)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body)
        answer, end = head + body, len(head + body)
        if fault in ("cut", "reset"):
            end = chance.randrange(end)
        elif fault == "stall":
            end = chance.randrange(len(head), end)  # silence without a head is no fault of a stream that has begun
        await _send(writer, answer[:end], chance, 30 if fault == "splinters" else 4000)
        if fault == "stall":
            await reader.read()  # until the client has had enough
        elif fault == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return end == len(answer)


async def _send(writer: asyncio.StreamWriter, data: bytes, chance: random.Random, most: int) -> None:
    """Send bytes in portions of random size."""
    position = 0
    while position < len(data):
        size = chance.randrange(1, most)
        writer.write(data[position : position + size])
        position += size
        await writer.drain()
        await asyncio.sleep(0)


def _written(question: str, key: str, last_event_id: str, chance: random.Random) -> bytes:
    """The rest of an answer, with some events repeated."""
    cut = random.Random(question)
    edges = sorted({0, len(question), *(cut.randrange(len(question)) for _ in range(cut.randrange(30)))})
    pieces = [question[start:end] for start, end in zip(edges, edges[1:], strict=False)]  # noqa: RUF007
    after = int(last_event_id.rpartition(":")[2] or 0)
    body = b"retry: 1\n\n" + b": heartbeat\n\n" * chance.randrange(2)
    for number in range(max(after - chance.randrange(3), 0) + 1, len(pieces) + 2):
        last = number > len(pieces)
        chunk = {"content": None if last else pieces[number - 1], "is_complete": last, "metadata": {"n": number}}
        data = json.dumps(chunk, ensure_ascii=chance.choice((True, False)))
        body += f"id: {key}:{number}\ndata: {data}\n\n".encode() * chance.choice((1, 1, 1, 2))
    return body


async def main(seed: str) -> None:
    """Serve until the input ends."""
    server = await asyncio.start_server(Service(seed).serve, "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)  # connections that are silent have nothing to say


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
