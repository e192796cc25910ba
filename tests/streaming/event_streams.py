"""Streams, one file each under ``fixtures``, and what the standard makes of them."""

from __future__ import annotations

from pathlib import Path

import attrs

from gpo_client import ServerSentEvent as Event

FIXTURES = Path(__file__).parent / "fixtures"


@attrs.frozen
class EventStream:
    """A stream and its reading; the bytes are in the file of its name (``cat -v`` shows them)."""

    name: str
    events: list[Event]
    last_event_id: str = ""
    retry: int | None = None

    @property
    def data(self) -> bytes:
        """The bytes of the stream."""
        return (FIXTURES / f"{self.name}.txt").read_bytes()


_CONTRACT_CHUNKS = [
    '{"content": "Mexico taxes ", "sources": null, "is_complete": false, "metadata": {"message_id": "msg_01"}}',
    '{"content": "resident companies…", "sources": null, "is_complete": false, "metadata": null}',
    (
        '{"content": null, "sources": [{"id": "doc_1", "title": "Income tax", "relevance_score": 0.9, "url": null, '
        '"content_excerpt": null}], "is_complete": true, "metadata": {"message_id": "msg_01", "model_used": "sandbox", '
        '"response_time_ms": 812, "chunk_count": 2}}'
    ),
]

EVENT_STREAMS = [
    # The byte order mark: one, at the very beginning, is dropped; any other is text.
    EventStream("bom", [Event("a")]),
    EventStream("bom_twice", [Event("b")]),
    EventStream("bom_later", [Event("a"), Event("\ufeffc")]),
    EventStream("bom_unfinished", [Event("b")]),
    # Line ends: LF, CR and CRLF, also mixed, and no other.
    EventStream("line_ends_lf", [Event("a\nb"), Event("c")]),
    EventStream("line_ends_cr", [Event("a\nb"), Event("c")]),
    EventStream("line_ends_crlf", [Event("a\nb"), Event("c")]),
    EventStream("line_ends_mixed", [Event("a\nb\nc"), Event("d"), Event("e"), Event("f")]),
    EventStream("line_ends_of_unicode", [Event("a\u2028b\u2029c\vd\fe\u0085f\x1cg\x1dh\x1ei")]),
    # Streams with little in them.
    EventStream("empty", []),
    EventStream("blank_lines_only", []),
    EventStream("comments_only", []),
    EventStream("comments", [Event("a\nb")]),
    # Fields: at most one space after the colon goes; names are exact; unknown ones are ignored.
    EventStream("spaces", [Event("a\nb\n c\n\td\ne ")]),
    EventStream("colons", [Event("a: b:c\n:d")]),
    EventStream("unknown_fields", [Event("a")]),
    EventStream("field_names_in_capitals", [Event("a")]),
    # Data: lines are joined; an empty line is data, no line is no event.
    EventStream("data_lines", [Event("a\nb", event="joined")]),
    EventStream("data_without_colon", [Event(""), Event("\n")]),
    EventStream("data_empty", [Event(""), Event(""), Event("\na\n")]),
    EventStream("nul_in_data", [Event("a\0b")]),
    # The event type: the last one counts, an empty one is none, and it does not outlive its block.
    EventStream("event_type", [Event("a", event="add"), Event("b"), Event("c", event="y"), Event("d")]),
    EventStream("event_type_without_data", [Event("a")]),
    # The id: kept until changed, emptied by an empty one, unimpressed by NUL, in force at the blank line.
    EventStream("id_kept", [Event("a", id="1"), Event("b", id="1"), Event("c", id="3")], "3"),
    EventStream("id_emptied", [Event("a", id="1"), Event("b"), Event("c", id="2"), Event("d")], ""),
    EventStream("id_with_nul", [Event("a", id="1"), Event("b", id="1")], "1"),
    EventStream("id_alone", [Event("a", id="1")], "2"),
    EventStream("id_alone_then_data", [Event("a", id="1")], "1"),
    EventStream("id_unfinished", [Event("a", id="1")], "1"),
    EventStream("id_spaces", [Event("a", id=" 1 ")], " 1 "),
    EventStream("heartbeats_after_id", [Event("a", id="1")], "1"),
    # The reconnection time: in force on the end of its line.
    EventStream("retry", [Event("a"), Event("b", retry=7)], retry=7),
    EventStream("retry_at_once", [], retry=3000),
    EventStream("retry_unfinished", [], retry=1),
    EventStream("retry_huge", [], retry=123456789012345678901234567890),
    # UTF-8: each sequence that is none becomes U+FFFD, in every field.
    EventStream("utf_8", [Event("税😀", event="é", id="ñ")], "ñ"),
    EventStream(
        "utf_8_invalid",
        [Event("\ufffd\n\ufffd\n\ufffd\ufffd\n\ufffd\ufffd\ufffd\n\ufffda\n\ufffd", event="\ufffd", id="\ufffd")],
        "\ufffd",
    ),
    # The end of the stream finishes nothing.
    EventStream("unfinished_event", [Event("a")]),
    EventStream("unfinished_line", [Event("a")]),
    # The examples of the standard and of the contract.
    EventStream("standard_stocks", [Event("YHOO\n+2\n10")]),
    EventStream("standard_blocks", [Event("first event", id="1"), Event("second event")]),
    EventStream("standard_empty_data", [Event(""), Event("\n")]),
    EventStream("standard_space", [Event("test"), Event("test")]),
    EventStream(
        "contract", [Event(data, id=f"msg_01:{n}") for n, data in enumerate(_CONTRACT_CHUNKS, 1)], "msg_01:3", 1000
    ),
]
