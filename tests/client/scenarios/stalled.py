"""Streams that keep their reader waiting, over real sockets. The deadlines are small; the others are at their defaults.

That each deadline lasts as long as it says is shown in tests/engine/test_flow_deadlines.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from gpo_client import StreamTimeoutError
from tests.client.scenarios.scenario import Scenario
from tests.support.events import TEXT_EVENT_STREAM, chunk, numbered, sse
from tests.support.wire import Answer, End, no_answer

# Long enough for the chunks before the silence to arrive on a busy machine.
_SHORT_S = 0.3
_BEGIN = numbered([chunk("Mexico "), chunk("taxes ")])
_HEARTBEAT = b": heartbeat\n\n"


def _stalled(
    name: str, setting: str, *pieces: bytes, for_ever: Iterable[bytes] = (), text: str | None = ""
) -> Scenario:
    """Some pieces, then silence or the same for ever, until the deadline ``setting``."""
    endless: Iterable[bytes] = _Endless(pieces, for_ever)
    return Scenario(
        name=name,
        answer=Answer(headers=TEXT_EVENT_STREAM, pieces=endless, end=End.STALL),
        text=text,
        error=StreamTimeoutError,
        says=("timeout", setting),
        settings={setting: _SHORT_S},
    )


class _Endless:
    """Pieces and then others, as often as it is read: the table's lines are played in three runtimes."""

    def __init__(self, first: Iterable[bytes], then: Iterable[bytes]) -> None:
        self._first, self._then = list(first), list(then)

    def __iter__(self) -> Iterator[bytes]:
        return itertools.chain(self._first, itertools.cycle(self._then))


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="no head",
        answer=no_answer(End.STALL),
        error=StreamTimeoutError,
        says=("timeout",),
        settings={"stream_first_chunk_timeout": 0.1},
    ),
    _stalled("head alone: idle deadline", "stream_idle_timeout"),
    _stalled("heartbeats alone for ever", "stream_first_chunk_timeout", for_ever=[_HEARTBEAT]),
    _stalled("two chunks: idle deadline", "stream_idle_timeout", *_BEGIN, text="Mexico taxes "),
    _stalled("half an event", "stream_idle_timeout", *_BEGIN, b"data: {", text="Mexico taxes "),
    _stalled(
        "two chunks, then heartbeats for ever",
        "stream_heartbeat_timeout",
        *_BEGIN,
        for_ever=[_HEARTBEAT],
        text="Mexico taxes ",
    ),
    _stalled("unknown events for ever", "stream_first_chunk_timeout", for_ever=[sse("{}", event="ping")]),
    _stalled("chunks for ever", "stream_total_timeout", for_ever=[sse(chunk("x"))], text=None),
)
