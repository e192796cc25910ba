"""The flows' engine, with the clock and the chance of this machine."""

from __future__ import annotations

import time
import uuid

from gpo_client.config import GPOConfig
from gpo_client.flows.engine import Engine


def make_engine(config: GPOConfig) -> Engine:
    """The engine of a client.

    Args:
        config: The client's settings.
    """
    return Engine(config=config, clock=time.monotonic, new_id=lambda: str(uuid.uuid4()))
