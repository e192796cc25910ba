"""Joining HTTP chunks changes nothing but their number."""

from __future__ import annotations

from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.transports.chunk_runs import ChunkRuns

_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_END = b"0\r\n\r\n"


def framed(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def read(reads: list[bytes], *, join: bool) -> tuple[bytes, int, str]:
    """The body, in how many pieces h11 gave it, and how it ended."""
    state = h11.Connection(h11.CLIENT)
    state.send(h11.Request(method="GET", target="/", headers=[("Host", "example.com")]))
    state.send(h11.EndOfMessage())
    state.receive_data(_HEAD + reads[0])
    state.next_event()
    runs = ChunkRuns(state.trailing_data[0]) if join else None
    body, count, waiting = b"", 0, reads[1:]
    try:
        while True:
            event = state.next_event()
            if isinstance(event, h11.Data):
                body, count = body + event.data, count + 1
            elif event is h11.NEED_DATA and waiting:
                data = waiting.pop(0)
                state.receive_data(runs.joined(data) if runs else data)
            else:
                return body, count, repr(event) + repr(state.trailing_data)
    except h11.RemoteProtocolError as error:
        return body, count, repr(error)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data cut at these places; an empty read would be the end of the connection."""
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    first, *others = [data[start:end] for start, end in pairwise(edges)]
    return [first, *filter(None, others), b""]


_PIECES = st.lists(st.binary(min_size=1, max_size=40), max_size=30).map(lambda pieces: framed(*pieces))
_STRANGE = st.sampled_from(
    [b"", b"3;a=b\r\nabc\r\n", b"g\r\n", b"3\r\nabcd\r\n", b"3\nabc\n", b" 3\r\nabc\r\n", b"1" * 30]
)
_ENDS = st.sampled_from([_END, b"", b"0\r\nTrailer: x\r\n\r\n", b"000\r\n\r\n", _END + b"3\r\nabc\r\n"])


@given(_PIECES, _STRANGE, _PIECES, _ENDS, st.lists(st.integers(0, 10_000), max_size=12))
def test_same_bytes_and_same_end(before: bytes, strange: bytes, after: bytes, end: bytes, places: list[int]) -> None:
    """Whatever is sent, however it is cut: h11 comes to the same, well-formed or not."""
    reads = cut(before + strange + after + end, places)
    plain, joined = read(reads, join=False), read(reads, join=True)
    assert (joined[0], joined[2]) == (plain[0], plain[2])
    assert joined[1] <= plain[1]


@pytest.mark.parametrize("offset", range(9))
def test_one_read_is_one_chunk(offset: int) -> None:
    """Hundreds of chunks in a read cost h11 as much as two or three, wherever the read begins."""
    data = framed(*[b"event"] * 300)
    _, count, _ = read([data[:offset], data[offset:], _END], join=True)
    assert count <= 3
