"""Raw events: what the parsers say of an event besides its data, and where exactly a limit and a mark begin."""

import pytest

from gpo_client.sse.lenient import LenientEventParser
from gpo_client.sse.parser import EventParser, LineSplitter, RawEvent


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b'{"error":"busy"}\n', [(b"", b'{"error":"busy"}', b"", None, False)]),
        (b"id: 7\n\n", [(b"", b"", b"7", None, True)]),
        (
            b'id: 7\ndata: {"content":"a"}\ndata: {"content":"b"}\n',
            [(b"", b'{"content":"a"}', b"", None, False), (b"", b'{"content":"b"}', b"", None, False)],
        ),
    ],
    ids=["line without a field", "id without data", "lines without blank lines"],
)
def test_an_event_has_the_id_that_is_known_to_be_its_own(stream: bytes, events: list[RawEvent]) -> None:
    assert LenientEventParser().feed(stream) == events


@pytest.mark.parametrize(("limit", "is_oversized"), [(9, False), (8, True)])
def test_a_line_end_between_lines_of_data_counts_one(limit: int, is_oversized: bool) -> None:
    parser = EventParser(limit)
    parser.feed(b"data: a\ndata: b\n\n")
    assert parser.oversized is is_oversized


def test_what_cannot_be_a_byte_order_mark_is_not_held() -> None:
    assert LineSplitter().feed(b"a\n") == [b"a"]
