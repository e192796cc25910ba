"""Characters that are cut in two between chunks, as escapes of JSON can be: joined where they belong together."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client.sse.chunk_decoder import has_halves, join_halves, may_have_halves, read_chunk
from gpo_client.sse.chunks import chunk_decoder
from gpo_client.sse.event_kinds import Complete
from tests.streaming.decoding import data_of, read
from tests.support.cutting import cut, cuts


@pytest.mark.parametrize(
    ("before", "text", "is_last", "joined"),
    [
        ("", None, False, (None, "")),
        ("", "", False, ("", "")),
        ("", "ab", False, ("ab", "")),
        ("", "a\ud800", False, ("a", "\ud800")),
        ("", "ab\udbff", False, ("ab", "\udbff")),
        ("", "a\udc00", False, ("a\ufffd", "")),
        ("", "a\ud7ff", False, ("a\ud7ff", "")),
        ("", "\ud83d", False, ("", "\ud83d")),
        ("", "a\ud83d", True, ("a\ufffd", "")),
        ("", None, True, (None, "")),
        ("", "", True, ("", "")),
        ("\ud83d", None, False, (None, "\ud83d")),
        ("\ud83d", "", False, ("", "\ud83d")),
        ("\ud83d", None, True, ("\ufffd", "")),
        ("\ud83d", "a", False, ("\ufffda", "")),
        ("\ud83d", "\ude00", False, ("😀", "")),
        ("\ud83d", "\ude00b\ud83d", False, ("😀b", "\ud83d")),
        ("\ud83d", "\ud83d", False, ("\ufffd", "\ud83d")),
        ("\ud83d", "\ude00", True, ("😀", "")),
    ],
    ids=repr,
)
def test_what_is_joined(before: str, text: str | None, is_last: bool, joined: tuple[str | None, str]) -> None:
    """A half at the end waits for the next text, unless none comes; what has no other half is U+FFFD."""
    assert join_halves(before, text, is_last=is_last) == joined


@pytest.mark.parametrize(
    ("text", "written", "is_half"),
    [
        ("\ud800", rb"\ud800", True),
        ("a\udfff", rb"a\uDFFF", True),
        ("\udbff é", rb"\uDbFf \u00e9", True),
        ("é\ud7ff\ue000", rb"\u00e9\ud7ff\ue000", False),
        ("abc", b"abc", False),
    ],
    ids=repr,
)
def test_what_is_a_half(text: str, written: bytes, is_half: bool) -> None:
    """In a text, and in how JSON writes it."""
    assert has_halves(text) is is_half
    assert may_have_halves(written) is is_half


def test_a_chunk_is_read_with_its_halves_or_without() -> None:
    """They stay for those who join them; U+FFFD stands for each to all others."""
    data = rb'{"content": "a\ud83d", "is_complete": false, "new": 1}'
    assert read_chunk(data).content == "a\ufffd"
    assert read_chunk(data, keep_halves=True).content == "a\ud83d"
    assert read_chunk(rb'{"new": "\ud83d"}', keep_halves=True).content is None
    assert read_chunk(b'{"metadata": {"x": "\xff"}, "content": "\\ud83d"}', keep_halves=True).content == "\ud83d"


def test_a_chunk_is_read_with_all_that_its_sources_have() -> None:
    """Be it of bytes that are no UTF-8."""
    for text in (b"a", b"\xff"):
        chunk = read_chunk(b'{"content": "%b", "sources": [{"id": "1", "title": "t", "more": 5}]}' % text)
        assert [source.additional_properties for source in chunk.sources or ()] == [{"more": 5}]


_TEXTS = st.lists(st.none() | st.text(st.sampled_from("ab\ud800\ud83d\udbff\udc00\ude00\udfff😀é"), max_size=4))


@pytest.mark.parametrize("media_type", ["text/event-stream", "application/jsonl"])
@pytest.mark.parametrize("marker", [True, False])
@given(texts=_TEXTS, positions=cuts)
@example(texts=["a\ud83d", None, "\ude00b"], positions=[])
@example(texts=["a\ud83d"], positions=[])
def test_texts_cut_anywhere(media_type: str, marker: bool, texts: list[str | None], positions: list[int]) -> None:
    """The whole is that of all code units together, and no chunk has a half in it."""
    decoder = chunk_decoder(media_type)
    assert decoder is not None
    written = [json.dumps({"content": text}) for text in texts]
    written += ["[DONE]"] if marker else [json.dumps({"is_complete": True})]
    is_events = media_type == "text/event-stream"
    data = b"".join(data_of(line) if is_events else f"{line}\n".encode() for line in written)
    reading = read(decoder, cut(data, positions))
    units = "".join(text or "" for text in texts).encode("utf-16-le", "surrogatepass")
    assert "".join(text or "" for text in reading.texts) == units.decode("utf-16-le", "replace")
    assert len(reading.chunks) == len(written)
    assert reading.end == Complete()
    assert not any(map(has_halves, filter(None, reading.texts)))
