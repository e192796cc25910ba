"""Browsers for the test's world, and answers from servers that follow a script."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from gpo_client.relay import RelayOptions
from tests.relay.browser import Browser, open_browser
from tests.support.wire import ONE_TRY, Answer, WireServer

CONTEXT = {"session_id": "session-1", "token": "t0k3n"}

Visiting = Callable[..., AbstractAsyncContextManager[tuple[Browser, Callable[[], Any], WireServer]]]


@pytest.fixture
def visiting(world: str, connect: Callable[..., Any]) -> Visiting:
    """``async with visiting(answer, grace_s=…) as (browser, ask, server)``; ``ask()`` gives a stream of its answer."""

    @asynccontextmanager
    async def visit(*script: Answer, log: Any = None, **options: Any) -> AsyncGenerator[Any]:
        with WireServer(*script) as server:
            async with (
                connect(base_url=server.base_url, **ONE_TRY) as client,
                open_browser(world, RelayOptions(**options), log) as browser,
            ):
                yield browser, lambda: client.chat_stream(CONTEXT, {"query": "What is RESICO?"}), server

    return visit
