"""Nothing may be left when a test is over: no reader, no connection, nothing for the garbage collector to warn of."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.client.conftest import connect_once, serve
from tests.streams.readers import join_threads

__all__ = ["connect_once", "serve"]


@pytest.fixture(scope="session", autouse=True)
def _collect_what_comes_from_here_on() -> None:
    # What has been imported by now need not be looked through after each test: that takes longer than most of them.
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_left(_collect_what_comes_from_here_on: None) -> Iterator[None]:
    yield
    gc.collect()
    join_threads()
