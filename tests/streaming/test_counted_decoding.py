"""What reading a stream costs, counted: JSON decoded once, the clock read once a read, and all of it linear."""

from __future__ import annotations

import gc
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
from gpo_client.sse.lenient import LenientEventParser
from gpo_client.sse.parser import EventParser, LineSplitter, RawEvent
from gpo_client.text.bounds import BoundedText, Keep
from gpo_client.text.record import PARTIAL_CHARS, StreamRecord
from tests.streaming.decoding import event, read
from tests.support.counting import Tally, counted_steps, parsing_steps
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


@pytest.mark.parametrize(
    "way",
    [
        lambda data: [data],
        one_by_one,
        lambda data: cut(data, range(7, len(data), 7)),
        lambda data: [block + b"\n\n" for block in data.split(b"\n\n")],
    ],
)
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
@pytest.mark.parametrize("comes_alone", [False, True])
def test_no_event_is_decoded_more_than_twice(tail: bytes, comes_alone: bool, decoded: Counter[bytes]) -> None:
    """The worst case is a read whose run breaks late: its events go through the parser, once more."""
    decoder = EventChunkDecoder()
    for portion in (regular(10), *([regular(20, 11), tail] if comes_alone else [regular(20, 11) + tail])):
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


def test_an_event_that_comes_alone_takes_few_calls() -> None:
    """Those that are waited for: it is neither split into lines nor made a run of."""
    alone = [event(f"m:{number}", content="a") for number in range(1, 400)]
    assert steps(alone, lambda portions: read(EventChunkDecoder(), portions)) <= 12 * len(alone)


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


# --- Memory: a million chunks take what is kept and nothing besides, put together or through decoder and record.

_A_READ = 200


_TEXT = "word " * 10


@pytest.mark.slow
def test_a_million_chunks() -> None:
    """What is kept is the text for the errors' ``partial``, to its limit, in a few objects, and nothing else."""
    record = StreamRecord(lambda: 0.0)
    deadlines = StreamDeadlines(lambda: 0.0, GPOConfig(), None)
    reader = StreamReader(EventChunkDecoder(None, record.sequence), record, deadlines)

    def read_until(count: int) -> int:
        """Objects alive after so many chunks, of which the reader keeps none."""
        for first in range(record.chunk_count + 1, count, _A_READ):
            numbers = range(first, first + _A_READ)
            reader.feed(b"".join([b'id: m:%d\ndata: {"content":"%b"}\n\n' % (n, _TEXT.encode()) for n in numbers]))
        assert record.chunk_count == count
        assert record.last_event_id == f"m:{count}"
        gc.collect()
        return sys.getallocatedblocks()

    after_some = read_until(10_000)
    assert read_until(1_000_000) - after_some < 1_000
    assert len(record.partial.content) == PARTIAL_CHARS
    assert record.partial.truncated


# --- Twice the input is twice the work, whatever its shape: counted in steps, so that no busy machine can disagree.

_CHUNK = b'data: {"content": "word "}\n'


Shape = Callable[[int], list[bytes]]


def one_huge_line(size: int) -> list[bytes]:
    """A line far longer than the reads."""
    data = b"data: " + b"x" * (size * 64) + b"\n\n"
    return cut(data, range(_KIB, len(data), _KIB))


def one_event_of_many_lines(size: int) -> list[bytes]:
    """Many data lines, joined once."""
    return [b"data: a line\n"] * size + [b"\n"]


def many_short_events_in_one_read(size: int) -> list[bytes]:
    """A read far longer than the events."""
    return [(_CHUNK + b"\n") * size]


def one_byte_a_read(size: int) -> list[bytes]:
    """The slowest network."""
    return one_by_one((_CHUNK + b"\n") * (size // 8))


def one_long_line_one_byte_a_read(size: int) -> list[bytes]:
    """The slowest network and nothing to hand out."""
    return one_by_one(b"data: " + b"x" * size)


def many_sloppy_lines(size: int) -> list[bytes]:
    """No blank line, ever."""
    return [_CHUNK * size]


def many_pieces_of_comments(size: int) -> list[bytes]:
    """Heartbeats, each cut in two."""
    return [b": heart", b"beat\r", b"\n\r\n"] * size


SHAPES: list[Shape] = [
    one_huge_line,
    one_event_of_many_lines,
    many_short_events_in_one_read,
    one_byte_a_read,
    one_long_line_one_byte_a_read,
    many_sloppy_lines,
    many_pieces_of_comments,
]


@pytest.mark.parametrize("kind", [EventParser, LenientEventParser])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_parsing_takes_linear_time(shape: Shape, kind: type[EventParser]) -> None:
    """Both parsers look at each byte a bounded number of times."""
    once, twice = (parsing_steps(kind(), shape(size)) for size in (500, 1000))
    assert once >= len(b"".join(shape(500)))  # the count counts
    assert twice <= _MOST * once


class JoinsAllItHolds(EventParser):
    """Quadratic in the size of a line."""

    held = b""

    def feed(self, data: bytes) -> list[RawEvent]:
        """Hold everything in one piece."""
        self.held = b"".join((self.held, data))
        return []


class LooksAgain(EventParser):
    """Quadratic in the size of a line as well, though it copies nothing."""

    def feed(self, data: bytes) -> list[RawEvent]:
        """Look for the end of the line from its beginning."""
        self._lines._rest += data
        self._lines._rest.find(b"\n\n")
        return []


class CopiesItsLines(EventParser):
    """Quadratic in the number of data lines."""

    def _add_data(self, value: bytes, events: list[RawEvent]) -> None:
        self._data = [*self._data, value]


@pytest.mark.parametrize(
    ("kind", "shape"),
    [(JoinsAllItHolds, one_huge_line), (LooksAgain, one_huge_line), (CopiesItsLines, one_event_of_many_lines)],
)
def test_the_count_sees_quadratic_time(kind: type[EventParser], shape: Shape) -> None:
    """Parsers that are slow on purpose are found out, so that the tests above mean something."""
    once, twice = (parsing_steps(kind(), shape(size)) for size in (500, 1000))
    assert twice > 3 * once


@pytest.mark.parametrize("keep", ["head", "tail"])
@pytest.mark.parametrize("bound", [lambda _: 100, lambda pieces: pieces], ids=["small bound", "growing bound"])
def test_gathering_text_takes_linear_time(keep: Keep, bound: Callable[[int], int]) -> None:
    """Text over its bound costs no more than text under it."""

    def steps(pieces: int) -> int:
        text, tally = BoundedText(bound(pieces), keep), Tally()
        with counted_steps(tally, (BoundedText,)):
            for _ in range(pieces):
                text.add("word ")
        return tally.steps

    assert steps(10_000) <= _MOST * steps(5_000)
