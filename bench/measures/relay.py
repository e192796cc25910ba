"""CPU time that a web service takes for each chunk it relays to a browser, beside one that passes httpx's bytes on."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from shutil import which
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

from bench.events import Scenario
from bench.machine import ROOT
from bench.measures.base import Job, Numbers, Part, Scale, middle

#: Doors, each on a relay whose log is in memory, and what each of their chunks of text has.
DOORS = {"completions": b'{"content":"', "responses": b'.delta","', "ui messages": b'"text-delta"'}
# "bare" passes on what each read brings, looks at nothing and keeps nothing: what a service costs whatever it does.
SERVICES = ("raw", "bare", "bare websocket", "document", "openai", "memory", "websocket", "redis", *DOORS)
# How a server closes a WebSocket when all is well (RFC 6455 §5.5.1).
_CLOSE = b"\x88\x02\x03\xe8"
# Browsers, the events of each, microseconds between them (a service must never be so late that events gather), and how
# often each is measured in a turn: a single browser mostly waits, and what that costs differs by half now and then.
_SIZES = ((1, 2000, 1500, 3), (50, 100, 25_000, 1), (500, 20, 250_000, 1))


def missing(service: str) -> bool:
    """Whether what a service needs is not installed."""
    needs = {"openai": ("openai", "sse_starlette"), "redis": ("redis",)}.get(service, ())
    return not all(map(find_spec, ("uvloop", *needs))) or (service == "redis" and which("redis-server") is None)


async def _event_source(address: str, question: str, marks: bytes | None) -> int:
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 24)
    writer.write(f"GET /sse?query={quote(question)} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    data = await reader.readuntil(b"\r\n0\r\n\r\n")
    writer.close()
    return data.count(marks) if marks is not None else _texts(data)


async def _socket(address: str, question: str) -> int:
    """The same over a WebSocket, with as little: what a browser costs takes from the processor of the service."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 24)
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
    key = "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=="
    writer.write(f"GET /ws HTTP/1.1\r\nHost: {address}\r\n{upgrade}\r\n{key}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    asked = json.dumps({"query": question}).encode()
    writer.write(b"\x81\xfe" + len(asked).to_bytes(2) + bytes(4) + asked)  # a mask of zeros changes nothing
    data = await reader.readuntil(_CLOSE)
    writer.write(b"\x88\x82" + bytes(4) + _CLOSE[2:])
    writer.close()
    return _texts(data)


def _texts(data: bytes) -> int:
    return data.count(b'"content"') - data.count(b'"content":null') - data.count(b'"content": null')


async def _wave(job: Job, address: str, scenario: Scenario) -> None:
    service = job.what.split("/")[0]
    browse = _socket if service.endswith("websocket") else partial(_event_source, marks=DOORS.get(service))
    counts = await asyncio.gather(*(browse(address, scenario.ask()) for _ in range(scenario.streams)))
    if counts != [scenario.events - 1] * scenario.streams:
        raise RuntimeError(f"{job.key}: some browsers lost chunks: {sorted(counts)[:3]} of {scenario.events - 1}")


def _cpu(address: str) -> float:
    with build_opener(ProxyHandler({})).open(f"http://{address}/cpu") as response:
        return float(response.read())


def measure(job: Job, address: str) -> Numbers:
    """All browsers ask at once, and are answered in step."""
    browsers, events, pace = (job.sizes[name] for name in ("browsers", "events", "pace_us"))
    command = [sys.executable, "-m", "bench.relay_service", job.what.split("/")[0], address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as service:
        assert service.stdout is not None
        where = service.stdout.readline().strip()
        asyncio.run(_wave(job, where, Scenario(mode="together", streams=browsers, events=3)))
        before = _cpu(where)
        scenario = Scenario(mode="together", streams=browsers, events=events, pace_us=pace)
        asyncio.run(_wave(job, where, scenario))
        seconds = _cpu(where) - before
        service.communicate()
    return {"cpu_us": seconds / (browsers * events) * 1e6}


def _jobs(scale: Scale) -> list[Job]:
    return [
        Job(
            part="relay",
            what=f"{service}/{browsers}",
            sizes={"browsers": browsers, "events": min(events, scale.paced_events), "pace_us": pace},
        )
        for browsers, events, pace, times in _SIZES
        for _ in range(times)
        for service in SERVICES
        if not missing(service)
    ]


RELAY = Part(name="relay", jobs=_jobs, measure=measure, pick=middle, repeats=lambda scale: min(scale.repeat, 3))
