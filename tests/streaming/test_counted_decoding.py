"""What reading a stream costs, counted: JSON decoded once, the clock read once a read, and all of it linear."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from gpo_client.config import GPOConfig
from gpo_client.flows.deadlines import StreamDeadlines
from gpo_client.flows.stream_reader import StreamReader
from gpo_client.sse import chunk_decoder, event_chunks, lenient
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Malformed
from gpo_client.sse.parser import EventParser, LineSplitter
from gpo_client.text.record import StreamRecord
from tests.streaming.decoding import event, read
from tests.support.counting import Tally, counted_steps
from tests.support.cutting import cut, one_by_one

_KIB = 1024

# Twice the steps, and a little for what comes once or rounds up.
_MOST = 2.2

Portions = list[bytes]


class _Counting:
    """A JSON decoder that counts what it is given."""

    def __init__(self, decoder: Any, seen: Counter[bytes]) -> None:
        self._decoder = decoder
        self._seen = seen

    def decode(self, data: Any) -> Any:
        self._seen[data.encode() if isinstance(data, str) else bytes(data)] += 1
        return self._decoder.decode(data)


class _CountingMsgspec:
    """The library, as far as the lenient parser uses it."""

    MsgspecError = msgspec.MsgspecError

    def __init__(self, seen: Counter[bytes]) -> None:
        self.json = _Counting(msgspec.json, seen)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[bytes]]:
    """How often each text was decoded as JSON, by whomever."""
    seen: Counter[bytes] = Counter()
    counting = _Counting(chunk_decoder.chunk_json, seen)
    for module in (chunk_decoder, event_chunks):
        monkeypatch.setattr(module, "chunk_json", counting)
    monkeypatch.setattr(lenient, "msgspec", _CountingMsgspec(seen))
    yield seen
    assert seen, "nothing was counted"


def regular(count: int, first: int = 1) -> bytes:
    """Events as the contract says; each is a text of its own."""
    return b"".join(event(f"m:{number}", content=f"{number} ") for number in range(first, first + count))


@pytest.mark.parametrize("way", [lambda data: [data], one_by_one, lambda data: cut(data, range(7, len(data), 7))])
def test_each_event_is_decoded_once(way: Callable[[bytes], Portions], decoded: Counter[bytes]) -> None:
    """However a regular stream is cut, with its final chunk."""
    data = regular(100) + event("m:101", is_complete=True)
    assert len(read(EventChunkDecoder(), way(data)).chunks) == 101
    assert len(decoded) == decoded.total() == 101


def test_each_event_is_decoded_once_among_heartbeats(decoded: Counter[bytes]) -> None:
    """A run that is none is seen before anything of it is decoded."""
    data = b": heartbeat\n\n".join(regular(3, first) for first in range(1, 100, 3))
    assert len(read(EventChunkDecoder(), [data]).chunks) == 99
    assert max(decoded.values()) == 1


@pytest.mark.parametrize(
    "tail",
    [
        event("m:31", is_complete=True) + regular(30, 32),
        b"id: m:31\ndata: [DONE]\n\n",
        b"id: m:31\ndata: nonsense\n\n",
        b"id: m:31\ndata:" + json.dumps({"content": "x"}).encode() + b"\n\n",
        event("m:31", content="a").replace(b"\n\n", b"\n \n\n"),
    ],
    ids=["early final chunk", "end marker", "no JSON", "no space", "more than data"],
)
def test_no_event_is_decoded_more_than_twice(tail: bytes, decoded: Counter[bytes]) -> None:
    """The worst case is a read whose run breaks late: its events go through the parser, once more."""
    decoder = EventChunkDecoder()
    for portion in (regular(10), regular(20, 11) + tail):
        decoder.feed(portion)
    assert decoder.last_event_id is not None
    nonsense = b"nonsense"
    assert max(times for text, times in decoded.items() if text != nonsense) <= 2
    assert decoded[nonsense] <= 3  # once more with bytes that are no UTF-8 replaced, and that ends the stream
    assert isinstance(decoder.end, Malformed) == (nonsense in tail)


def test_sloppy_documents_are_decoded_twice_at_most(decoded: Counter[bytes]) -> None:
    """Only the first line is looked at to tell the format."""
    chunks = [json.dumps({"content": f"{number} "}) for number in range(50)]
    data = "".join(f"data: {chunk}\n" for chunk in chunks).encode()
    assert len(read(EventChunkDecoder(), [data]).chunks) == 50
    assert decoded == {chunk.encode(): 1 + (number == 0) for number, chunk in enumerate(chunks)}


class _Clock:
    """A clock that stands still and counts who looks."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return 5.0


@pytest.mark.parametrize("events", [0, 1, 200])
def test_clock_is_read_twice_a_read(events: int) -> None:
    """Once for how long to wait, once for when the chunks came, however many; not at all for each chunk."""
    clock = _Clock()
    record = StreamRecord(clock)
    deadlines = StreamDeadlines(clock, GPOConfig(stream_total_timeout=60.0), 60.0)
    reader = StreamReader(EventChunkDecoder(None, record.sequence), record, deadlines)
    before, reads = clock.looks, 20
    for number in range(reads):
        assert reader.wait()
        reader.feed(regular(events, 1 + number * events) or b": heartbeat\n\n")
    assert record.chunk_count == reads * events
    assert clock.looks - before == reads * (2 if events else 1)


def steps(portions: Portions, read_all: Callable[[Portions], object]) -> int:
    """Calls made, those of built-in functions included, and what the decoder's machines replace in themselves."""
    tally = Tally()
    with counted_steps(tally, (EventChunkDecoder, EventParser, LineSplitter)):
        read_all(portions)
    return tally.steps


def one_huge_event(size: int) -> Portions:
    """A chunk far larger than the reads, a regular event by its shape."""
    data = regular(1) + event("m:2", content="x" * (size * _KIB)) + regular(1, 3)
    return cut(data, range(_KIB, len(data), _KIB))


def many_events_in_one_read(size: int) -> Portions:
    """A read far larger than the events, nearly all of which are one run."""
    return [regular(size)]


def many_runs_that_break(size: int) -> Portions:
    """Each read ends with an event that is not regular."""
    return [regular(9, first) + event(None, content="no id") for first in range(1, size, 9)]


def many_heartbeats_in_one_read(size: int) -> Portions:
    """Runs of one."""
    return [b": heartbeat\n\n".join(regular(1, number) for number in range(1, size))]


def final_chunk_before_the_end(size: int) -> Portions:
    """What follows it is not read, and not looked at again and again either."""
    return [regular(1), regular(size, 2) + event(f"m:{size + 2}", is_complete=True) + regular(size, size + 3)]


@pytest.mark.parametrize(
    "shape",
    [
        one_huge_event,
        many_events_in_one_read,
        many_runs_that_break,
        many_heartbeats_in_one_read,
        final_chunk_before_the_end,
    ],
    ids=lambda shape: shape.__name__,
)
def test_reading_chunks_takes_linear_time(shape: Callable[[int], Portions]) -> None:
    """Twice the stream is twice the work."""
    portions = shape(400), shape(800)
    once, twice = (steps(each, lambda all_: read(EventChunkDecoder(), all_)) for each in portions)
    assert once >= 400  # the count counts
    assert twice <= _MOST * once


class _CopiesAllItHolds(EventChunkDecoder):
    """Quadratic: keeps all bytes so far, in a copy for each read."""

    def feed(self, data: bytes, most: int = sys.maxsize) -> Any:
        self._all = getattr(self, "_all", b"") + data
        return super().feed(data, most)


def test_the_count_sees_quadratic_work() -> None:
    """So that the test above can fail."""
    portions = one_huge_event(100), one_huge_event(200)
    once, twice = (steps(each, lambda all_: read(_CopiesAllItHolds(), all_)) for each in portions)
    assert twice > 3 * once


@pytest.mark.slow
def test_a_hundred_thousand_events_in_one_read() -> None:
    """A constant number of calls each, the parser's and the aggregator's included."""

    def calls(count: int) -> int:
        record = StreamRecord(lambda: 0.0)
        decoder = EventChunkDecoder(None, record.sequence)
        done = steps([regular(count)], lambda portions: record.add(decoder.feed(portions[0])))
        assert record.chunk_count == count
        return done

    once, twice = calls(50_000), calls(100_000)
    assert twice <= _MOST * once
    assert twice <= 12 * 100_000
