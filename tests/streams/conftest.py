"""Nothing may be left when a test is over: no reader, no connection, nothing for the garbage collector to warn of."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.client.conftest import connect_once, serve
from tests.streams.readers import join_threads

__all__ = ["connect_once", "serve"]

# The fixture that hypothesis warns of is the name of a world, which stays the same for all examples of a test.
_CHECKS = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("streams", deadline=None, max_examples=40, suppress_health_check=_CHECKS)
settings.load_profile("streams")


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    gc.collect()
    join_threads()
