"""All that one network read brings is handed on in one piece, whatever HTTP chunks it is cut into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from gpo_client import StreamInterruptedError
from gpo_client.flows.effects import Failure
from gpo_client.flows.stream_reader import StreamReader
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import answer_events
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire_script import Answer, End

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_EVENTS = answer_events(*["word "] * 20)
_END = b"0\r\n\r\n"


def http_chunks(events: Sequence[bytes]) -> bytes:
    """Each event in an HTTP chunk of its own."""
    return b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in events)


def at_once(body: bytes, end: End = End.FINISH) -> Answer:
    """Head and body in one segment."""
    return Answer(framing="raw", pieces=[_HEAD + body], end=end)


@pytest.fixture
def fed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The outcomes of reads, as the streams' readers get them."""
    outcomes: list[Any] = []
    feed = StreamReader.feed

    def note(self: StreamReader, data: bytes | Failure) -> Any:
        outcomes.append(data)
        return feed(self, data)

    monkeypatch.setattr(StreamReader, "feed", note)
    yield outcomes
    assert outcomes, "nothing was counted"


async def test_one_read_one_piece(connect_once: Connect, serve: Serve, fed: list[Any]) -> None:
    """Twenty-one events in as many HTTP chunks and one segment are one piece, and the connection serves again."""
    server = serve(*[at_once(http_chunks(_EVENTS) + _END)] * 3)
    async with connect_once(base_url=server.base_url) as client:
        for _ in range(3):
            assert (await client.chat_stream(CONTEXT, QUESTION).collect()).chunk_count == len(_EVENTS)
    assert fed == [b"".join(_EVENTS)] * 3
    assert [request.connection for request in server.requests] == [0, 0, 0]


@pytest.mark.parametrize(
    ("nonsense", "reason"),
    [(b"nonsense\r\n", "does not speak proper HTTP"), (b"-1\r\nx\r\n", "does not speak proper HTTP")],
)
async def test_data_before_a_protocol_error(
    nonsense: bytes, reason: str, connect_once: Connect, serve: Serve, fed: list[Any]
) -> None:
    """What came before nonsense in the same read is delivered before the error."""
    server = serve(at_once(http_chunks(_EVENTS[:5]) + nonsense, End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
        await server.closed(0)
    assert outcome.text == "word " * 5
    assert isinstance(outcome.error, StreamInterruptedError)
    assert reason in str(outcome.error)
    data, failure = fed
    assert data == b"".join(_EVENTS[:5])
    assert isinstance(failure, Failure)


async def test_end_in_the_same_read(connect_once: Connect, serve: Serve, fed: list[Any]) -> None:
    """A body that ends early, by the rules of HTTP: all its events, then the end, and the connection serves again."""
    server = serve(at_once(http_chunks(_EVENTS[:5]) + _END), at_once(http_chunks(_EVENTS) + _END))
    async with connect_once(base_url=server.base_url) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
        assert outcome.text == "word " * 5
        assert isinstance(outcome.error, StreamInterruptedError)
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "word " * 20
    assert fed == [b"".join(_EVENTS[:5]), b"", b"".join(_EVENTS)]
    assert [request.connection for request in server.requests] == [0, 0]


async def test_http_chunks_cut_anywhere(connect_once: Connect, serve: Serve) -> None:
    """Framing and events cut by the network: the same text."""
    body = http_chunks(_EVENTS) + _END
    cut = [body[start : start + 37] for start in range(0, len(body), 37)]
    server = serve(Answer(framing="raw", pieces=[_HEAD, *cut]))
    async with connect_once(base_url=server.base_url) as client:
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "word " * 20
