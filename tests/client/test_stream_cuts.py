"""Streams that end before their final chunk: after every event, in every way a connection can end."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client import StreamInterruptedError
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import answer_events, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, End

_TEXTS = ("Mexico ", "taxes ", "income ")
_EVENTS = answer_events(*_TEXTS)
_HALF = b'id: msg_01:9\ndata: {"content": "ha'

_ENDS: dict[str, dict[str, Any]] = {
    "no last HTTP chunk, FIN": {"end": End.FIN},
    "FIN where the body ends with the connection": {"framing": "close"},
    "a clean end": {"end": End.FINISH},
    "fewer bytes than announced, FIN": {"framing": "length", "announced": 9999, "end": End.FIN},
}


@pytest.mark.parametrize(
    "rest", [(), (_HALF,), (b": heartbeat\n\n",)], ids=["between events", "in an event", "heartbeat"]
)
@pytest.mark.parametrize("how", _ENDS)
@pytest.mark.parametrize("count", range(len(_EVENTS)))
async def test_cut_short(count: int, how: str, rest: tuple[bytes, ...], connect_once: Connect, serve: Serve) -> None:
    """The error says so, and holds exactly what had arrived."""
    server = serve(stream_answer(*_EVENTS[:count], *rest, **_ENDS[how]))
    async with connect_once(base_url=server.base_url) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    error = outcome.error
    assert type(error) is StreamInterruptedError
    assert isinstance(error, ConnectionError)
    assert not isinstance(error, TimeoutError)
    assert "connection closed" in str(error).lower()
    assert error.partial.content == outcome.text == "".join(_TEXTS[:count])
    assert error.partial.chunk_count == count
    assert error.last_event_id == (f"msg_01:{count}" if count else None)
    assert error.attempts == len(server.requests) == 1


async def test_collect_and_text_fail_like_the_iteration(connect_once: Connect, serve: Serve) -> None:
    """No way of reading takes a cut answer for a whole one."""
    async with connect_once(base_url=serve(*[stream_answer(*_EVENTS[:2], end=End.FIN)] * 2).base_url) as client:
        with pytest.raises(StreamInterruptedError) as caught:
            await client.chat_stream(CONTEXT, QUESTION).collect(max_chars=3)
        assert caught.value.partial.content == "Mexico taxes "
        pieces: list[str] = []
        with pytest.raises(StreamInterruptedError):
            await _read_text(client.chat_stream(CONTEXT, QUESTION), pieces)
    assert pieces == ["Mexico ", "taxes "]


async def _read_text(stream: Any, pieces: list[str]) -> None:
    async for text in stream.text():
        pieces.append(text)  # noqa: PERF401 - the error must not lose them


async def test_deadline_of_a_single_call(connect_once: Connect, serve: Serve) -> None:
    """``timeout=`` of a call beats the settings, for streams in total."""
    server = serve(Answer(framing="raw", end=End.STALL), stream_answer(end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(TimeoutError):
            await client.chat(CONTEXT, QUESTION, timeout=0.1)
        with pytest.raises(TimeoutError, match="stream_total_timeout"):
            await client.chat_stream(CONTEXT, QUESTION, timeout=0.1).collect()
