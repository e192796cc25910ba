"""All parts of the benchmark, in the order in which they run.

As a program it makes one measurement: a job and the server's address come in as JSON, numbers go out.
"""

from __future__ import annotations

import json
import os
import sys

from bench.machine import allow_many_sockets
from bench.measures.base import Job, Part
from bench.measures.batch import BATCH, THREADS
from bench.measures.calls import CALLS
from bench.measures.chunks import BURSTS, PACED, SEGMENTS
from bench.measures.concurrency import CONCURRENCY
from bench.measures.construction import CONSTRUCTION, IMPORTS
from bench.measures.first_chunk import FIRST_CHUNK
from bench.measures.linearity import LINEARITY
from bench.measures.loops import UVLOOP
from bench.measures.memory import MEMORY
from bench.measures.networks import NETWORKS
from bench.measures.relay import RELAY
from bench.measures.telemetry import TELEMETRY

PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        BURSTS,
        SEGMENTS,
        PACED,
        CONCURRENCY,
        MEMORY,
        IMPORTS,
        CONSTRUCTION,
        FIRST_CHUNK,
        UVLOOP,
        CALLS,
        LINEARITY,
        TELEMETRY,
        BATCH,
        THREADS,
        RELAY,
        NETWORKS,
    )
}


def main() -> None:
    """Measure."""
    allow_many_sockets()
    told = json.loads(sys.argv[1])
    job = Job(**told["job"])
    sys.stdout.write(json.dumps(PARTS[job.part].measure(job, told["address"])))
    sys.stdout.flush()
    os._exit(0)  # a thousand open streams need no tidying


if __name__ == "__main__":
    main()
