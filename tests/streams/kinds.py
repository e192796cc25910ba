"""What streams are made into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gpo_client import GPOClientError
from gpo_client.streaming import highlight

#: Ways to read a stream through another; each gives the streams to be closed, the first of which is read.
KINDS: dict[str, Callable[[Any], Sequence[Any]]] = {
    "buffered": lambda stream: [stream.buffered()],
    "a small buffer": lambda stream: [stream.buffered(max_chunks=1)],
    "batched": lambda stream: [stream.batched(0)],
    "one of two": lambda stream: [stream.tee()[0]],
    "two buffers": lambda stream: [stream.buffered().buffered(max_chunks=2)],
    "buffered and batched": lambda stream: [stream.buffered(max_chunks=1).batched(0)],
    "buffered and shared": lambda stream: [stream.buffered().tee(3)[1]],
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def as_it_is(stream: Any) -> Sequence[Any]:
    """No other stream is made of it, and nothing reads ahead."""
    return [stream]


#: Those, and the stream itself.
every_way = pytest.mark.parametrize("kind", [as_it_is, *KINDS.values()], ids=["as it is", *KINDS])


async def text_of(stream: Any) -> tuple[str, BaseException | None]:
    """What arrives before the end or the error, and the error."""
    text = ""
    try:
        async for chunk in stream:
            text += chunk.content or ""
    except (GPOClientError, ArithmeticError) as error:
        return text, error
    return text, None


def marker() -> Any:
    """A transform that holds something back."""
    return highlight(["taxes"])
