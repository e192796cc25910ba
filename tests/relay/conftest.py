"""Browsers for the test's runtime, answers from servers that follow a script, and databases in Redis."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import redis

from gpo_client.relay import RelayOptions
from tests.relay.browser import Browser, open_browser
from tests.support.redis_server import Proxy
from tests.support.wire import ONE_TRY, Answer, WireServer

CONTEXT = {"session_id": "session-1", "token": "t0k3n"}

Visiting = Callable[..., AbstractAsyncContextManager[tuple[Browser, Callable[[], Any], WireServer]]]


@pytest.fixture
def visiting(runtime: str, connect: Callable[..., Any]) -> Visiting:
    """``async with visiting(answer, grace_s=…) as (browser, ask, server)``; ``ask()`` gives a stream of its answer."""

    @asynccontextmanager
    async def visit(*script: Answer, log: Any = None, **options: Any) -> AsyncGenerator[Any]:
        with WireServer(*script) as server:
            async with (
                connect(base_url=server.base_url, **ONE_TRY) as client,
                open_browser(runtime, RelayOptions(**options), log) as browser,
            ):
                yield browser, lambda: client.chat_stream(CONTEXT, {"query": "What is RESICO?"}), server

    return visit


_DATABASES = itertools.count(1)


@pytest.fixture
def address(redis_address: str) -> str:
    """A database of the test's own: logs of the tests before may yet be saying that their answers live."""
    return f"{redis_address.removesuffix('/0')}/{next(_DATABASES)}"


@pytest.fixture
def connections(address: str) -> Iterator[Any]:
    with redis.Redis.from_url(address) as pool:
        pool.flushdb()
        yield pool


@pytest.fixture
def proxy(address: str) -> Iterator[Proxy]:
    """Something between the relay and Redis that can fail."""
    with Proxy(address) as proxy:
        yield proxy
