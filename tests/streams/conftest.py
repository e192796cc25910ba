"""Nothing may be left when a test is over: no reader, no connection, nothing for the garbage collector to warn of."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.client.conftest import connect_once, serve
from tests.streams.readers import join_threads

__all__ = ["connect_once", "serve"]


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    gc.collect()
    join_threads()
