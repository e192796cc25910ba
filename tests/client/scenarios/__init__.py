"""What a server may answer to a request for a stream, and what comes of it: one table, in files by topic."""

from __future__ import annotations

from tests.client.scenarios import broken, readable, refused, stalled
from tests.client.scenarios.scenario import Scenario

__all__ = ["SCENARIOS", "Scenario"]

SCENARIOS: tuple[Scenario, ...] = (*readable.SCENARIOS, *refused.SCENARIOS, *broken.SCENARIOS, *stalled.SCENARIOS)
