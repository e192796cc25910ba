"""Nothing may be left: no reader when a test is over, nothing for the garbage collector to warn of after a module."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.client.conftest import connect_once, serve, short_goodbye
from tests.streams.readers import join_threads

__all__ = ["connect_once", "serve", "short_goodbye"]


@pytest.fixture(scope="module", autouse=True)
def _no_garbage() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _no_threads() -> Iterator[None]:
    yield
    join_threads()
