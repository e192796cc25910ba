"""Servers that send a little now and then: no deadline is put off. Each deadline by itself: test_flow_deadlines.py."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from gpo_client import GPOTimeoutError, StreamTimeoutError
from tests.client.conftest import Connect, Serve
from tests.support.proxy import ForwardProxy
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire_script import Answer, End

ONCE: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}


_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"Content-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n"
_DRIPS = {
    "fields": (_HEAD, b"X-Field: x\r\n"),
    "a field": (_HEAD + b"X-Field: ", b"x"),
    "informational answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "the size of a chunk": (_CHUNKED, b"0"),
    "an extension of a chunk": (_CHUNKED + b"1;", b"x"),
}


@pytest.mark.parametrize(
    ("drip", "through_proxy"), [*((drip, False) for drip in _DRIPS), ("a field", True), ("the size of a chunk", True)]
)
async def test_drips(drip: str, through_proxy: bool, connect: Connect, serve: Serve) -> None:
    """A server that sends a little now and then, which brings the answer no further, does not put off any deadline."""
    left_over = 0

    def pieces(media_type: bytes) -> Iterator[bytes]:
        nonlocal left_over
        first, then = _DRIPS[drip]
        yield first % media_type if b"%" in first else first
        for number in range(2000):
            left_over = 1999 - number
            time.sleep(0.01)  # the server's pace
            yield then

    with ForwardProxy() as proxy:
        options = {"proxy": proxy.url} if through_proxy else {}
        media_types = iter([b"application/json", b"text/event-stream"])
        server = serve(then=lambda _: Answer(framing="raw", pieces=pieces(next(media_types)), end=End.FIN))
        limits = {"timeout": 0.2, "stream_total_timeout": 0.2, **ONCE}
        async with connect(base_url=server.base_url, **limits, **options) as client:
            with pytest.raises(GPOTimeoutError):
                await client.chat(CONTEXT, QUESTION)
            assert left_over > 0
            with pytest.raises(StreamTimeoutError):
                await client.chat_stream(CONTEXT, QUESTION).collect()
            assert left_over > 0
