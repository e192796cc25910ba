"""Real clients of the protocols, which nobody here wrote. Those that are not installed are left out, with a note."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from tests.doors.conftest import KEY, QUESTION, Door


@pytest.fixture(params=["asyncio"])
def anyio_backend() -> str:
    """The clients run on asyncio."""
    return "asyncio"


ASKED: dict[str, Any] = {"model": "gpo", "messages": [{"role": "user", "content": QUESTION}]}


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which of its clients."""
    return str(request.param)


class Caller:
    """Either client, to be awaited."""

    def __init__(self, kind: str, door: Door, **options: Any) -> None:
        library: Any = pytest.importorskip("openai")
        make = library.OpenAI if kind == "sync" else library.AsyncOpenAI
        self.client = make(**{"base_url": f"{door.address}/v1", "api_key": KEY, "max_retries": 0, **options})

    async def create(self, **options: Any) -> Any:
        found = self.client.chat.completions.create(**ASKED, **options)
        return await found if hasattr(found, "__await__") else found


@pytest.fixture
async def caller(kind: str) -> AsyncGenerator[Callable[..., Caller]]:
    """Makes callers, and closes them."""
    made: list[Caller] = []

    def make(door: Door, **options: Any) -> Caller:
        made.append(Caller(kind, door, **options))
        return made[-1]

    yield make
    for each in made:
        closed = each.client.close()
        if closed is not None:
            await closed


async def items(stream: Any) -> list[Any]:
    """All that a stream gives, in either client."""
    if hasattr(stream, "__aiter__"):
        return [each async for each in stream]
    return list(stream)
