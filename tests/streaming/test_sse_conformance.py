"""``SSEDecoder`` against the event-stream standard (WHATWG HTML §9.2.6), fixture by fixture and on random bytes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gpo_client import ServerSentEvent, SSEDecoder
from gpo_client.sse.parser import EventParser, LineSplitter
from tests.streaming.event_streams import EVENT_STREAMS, FIXTURES, EventStream
from tests.streaming.reference import interpret
from tests.support.cutting import all_ways, cut, cuts, one_by_one
from tests.support.parts import examples

Reading = tuple[list[ServerSentEvent], str, int | None]

each_stream = pytest.mark.parametrize("stream", EVENT_STREAMS, ids=lambda stream: stream.name)

# What rules are about, so that random bytes meet the rules.
TOKENS = (
    *(b"data", b"event", b"id", b"retry", b"data: ", b"id: ", b"retry:", b"event: ", b"Data", b"foo"),
    *(b":", b" ", b": ", b"\r", b"\n", b"\r\n", b"\n\n", b"\0", b"\t"),
    *(b"a", b"{}", b"7", b"10", b"-5", b"1_0", "٣".encode(), "²".encode()),
    *(b"\xef\xbb\xbf", b"\xef", b"\xbb", b"\xbf", b"\xff", b"\xe2\x82", b"\xc0\x80", "é😀".encode()),
    *("\u2028".encode(), "\u0085".encode(), b"\x0b", b"\x0c", b"\x1c", b"\x85"),
)
soup = st.lists(st.sampled_from(TOKENS), max_size=40).map(b"".join)


def read(portions: Iterable[bytes]) -> Reading:
    """What the decoder makes of a stream."""
    decoder = SSEDecoder()
    events = [event for portion in portions for event in decoder.feed(portion)]
    assert decoder.close() == []
    return events, decoder.last_event_id, decoder.retry


def expected(data: bytes) -> Reading:
    """What the transcribed standard makes of it."""
    source = interpret(data)
    return source.events, source.last_event_id_string, source.reconnection_time


def test_every_fixture_is_expected_to_mean_something() -> None:
    """No file without an expectation, and no expectation without a file."""
    assert sorted(stream.name for stream in EVENT_STREAMS) == sorted(path.stem for path in FIXTURES.glob("*.txt"))


@each_stream
def test_reference_reads_the_fixtures(stream: EventStream) -> None:
    """The transcription of the standard gives what the table says, so that it may judge random bytes."""
    assert expected(stream.data) == (stream.events, stream.last_event_id, stream.retry)


@each_stream
def test_fixture_in_every_two_portions(stream: EventStream) -> None:
    """A stream means the same whole, byte by byte and wherever it is cut in two."""
    for portions in all_ways(stream.data):
        assert read(portions) == (stream.events, stream.last_event_id, stream.retry)


@each_stream
def test_everything_takes_effect_on_its_last_byte(stream: EventStream) -> None:
    """After each byte, the decoder knows all that the stream has said so far: no event waits for the next read."""
    assert_prompt(stream.data)


@settings(max_examples=examples(400))
@given(data=soup, positions=cuts)
@example(data=b"\xef\xbb\xbf\xef\xbb\xbfdata\n\n", positions=[1, 2, 4])
@example(data=b"id: 1\ndata\r\r\n: \n\nid: \0\n\n", positions=[])
def test_random_bytes_in_any_portions(data: bytes, positions: list[int]) -> None:
    """Whatever the bytes and the portions, the decoder agrees with the standard."""
    assert read(cut(data, positions)) == expected(data)


@given(data=soup)
def test_random_bytes_take_effect_at_once(data: bytes) -> None:
    """On random bytes too, nothing is handed out late or early."""
    assert_prompt(data)


@pytest.mark.parametrize(
    "value", ["1_000", "-5", "+5", " 5", "5 ", "", "5.0", "1e3", "0x10", "٣٤", "²", "5\0", "５"], ids=ascii
)
@pytest.mark.parametrize("field", ["retry: {}\n", "data: a\nretry:  {}\n\n"])
def test_retry_takes_ascii_digits_only(value: str, field: str) -> None:
    """Whatever else ``int()`` may read, the standard ignores."""
    events, _, retry = read([b"retry: 1000\n\n", field.format(value).encode()])
    assert retry == 1000
    assert all(event.retry is None for event in events)


def test_endless_retry_is_a_long_time() -> None:
    """A time of more digits than ``int()`` will read is still a time, and one that can be reckoned with."""
    _, _, retry = read([b"retry: " + b"0" * 5000 + b"9" * 5000 + b"\n"])
    assert retry is not None
    assert retry / 1000 > 10**16


def test_the_end_of_the_stream_forgets_the_unfinished_event() -> None:
    """Closing drops what no blank line has finished, for good."""
    decoder = SSEDecoder()
    decoder.feed(b"event: x\nid: 1\ndata: a\ndata: b")
    assert decoder.close() == []
    assert decoder.last_event_id == ""
    assert decoder.feed(b"\n\n") == []


def test_raw_events() -> None:
    """Each with what its own block says, and the id that is in force."""
    parser = EventParser()
    assert (parser.oversized, parser.retry, parser.last_event_id) == (False, None, b"")
    assert parser.feed(b"data: a\n\nid: 1\nretry: 0\nevent: x\ndata: b\n\ndata: c\n\n") == [
        (b"", b"a", b"", None, False),
        (b"x", b"b", b"1", 0, True),
        (b"", b"c", b"1", None, False),
    ]
    assert (parser.oversized, parser.retry, parser.last_event_id) == (False, 0, b"1")


def test_an_event_of_very_many_lines() -> None:
    """All of them, in their order, and nothing of them in the next one."""
    lines = [str(number) for number in range(2000)]
    data = "".join(f"data: {line}\n" for line in lines).encode() + b"\n"
    assert [event.data for event in read([data * 2])[0]] == ["\n".join(lines)] * 2


def test_lines_from_the_first_byte_on() -> None:
    """A line end is one, also where no carriage return can have come before it."""
    assert LineSplitter().feed(b"\na\n\r\n\nb") == [b"", b"a", b"", b""]


def test_an_event_has_the_defaults_of_the_standard() -> None:
    """An event that only has data is a message without id."""
    assert ServerSentEvent("a") == ServerSentEvent(data="a", event="message", id="", retry=None)


def assert_prompt(data: bytes) -> None:
    """Compare decoder and standard after each byte."""
    decoder = SSEDecoder()
    events: list[ServerSentEvent] = []
    for length, byte in enumerate(one_by_one(data), 1):
        events += decoder.feed(byte)
        assert (events, decoder.last_event_id, decoder.retry) == expected(data[:length]), f"after {length} bytes"
