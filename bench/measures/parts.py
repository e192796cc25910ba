"""All parts of the benchmark, in the order in which they run."""

from __future__ import annotations

from bench.measures.base import Part
from bench.measures.batch import BATCH
from bench.measures.chunks import BURSTS, PACED, SEGMENTS
from bench.measures.concurrency import CONCURRENCY
from bench.measures.construction import CONSTRUCTION
from bench.measures.first_chunk import FIRST_CHUNK
from bench.measures.imports import IMPORTS
from bench.measures.linearity import LINEARITY
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
        LINEARITY,
        TELEMETRY,
        BATCH,
        RELAY,
        NETWORKS,
    )
}
