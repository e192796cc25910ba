"""What h11 is given differs from what the network brought in nothing but the number of pieces."""

from __future__ import annotations

from itertools import pairwise

import h11
import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.transports.incoming import Incoming

_EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_END = b"0\r\n\r\n"


class Plain:
    """h11 without anything before it."""

    def __init__(self, state: h11.Connection) -> None:
        self.receive = state.receive_data
        self.next_event = state.next_event


def framed(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def read(reads: list[bytes], kind: type[Plain | Incoming]) -> tuple[bytes, int, str]:
    """The body, in how many pieces h11 gave it, and how it ended."""
    state = h11.Connection(h11.CLIENT)
    state.send(h11.Request(method="GET", target="/", headers=[("Host", "example.com")]))
    state.send(h11.EndOfMessage())
    incoming = kind(state)
    body, count, waiting = b"", 0, [*reads]
    try:
        while True:
            event = incoming.next_event()
            if isinstance(event, h11.Data):
                body, count = body + event.data, count + 1
            elif isinstance(event, h11.Response) and isinstance(incoming, Incoming):
                incoming.begin_body(event.headers.raw_items())
            elif event is h11.NEED_DATA and waiting:
                incoming.receive(waiting.pop(0))
            elif not isinstance(event, h11.InformationalResponse | h11.Response):
                return body, count, repr(event) + repr(state.trailing_data)
    except (h11.RemoteProtocolError, httpcore.RemoteProtocolError) as error:
        return body, count, str(error)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data cut at these places, and the end of the connection."""
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [*filter(None, (data[start:end] for start, end in pairwise(edges))), b""]


_PIECES = st.lists(st.binary(min_size=1, max_size=40), max_size=30).map(lambda pieces: framed(*pieces))
_HEADS = st.sampled_from(
    [
        _HEAD,
        _EARLY_HINTS + _HEAD,
        _HEAD.replace(b"\r", b""),
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"\n\r\n" + _HEAD,
        b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
    ]
)
_STRANGE = st.sampled_from(
    [b"", b"3;a=b\r\nabc\r\n", b"g\r\n", b"3\r\nabcd\r\n", b"3\nabc\n", b" 3\r\nabc\r\n", b"1" * 30, b"\n\n"]
)
_ENDS = st.sampled_from([_END, b"", b"0\r\nTrailer: x\r\n\r\n", b"000\r\n\r\n", _END + b"3\r\nabc\r\n"])
_BODIES = st.tuples(_PIECES, _STRANGE, _PIECES, _ENDS).map(b"".join)


@given(_HEADS, _BODIES, st.lists(st.integers(0, 10_000), max_size=12))
def test_same_bytes_and_same_end(head: bytes, body: bytes, places: list[int]) -> None:
    """Whatever is sent, however it is cut: h11 comes to the same, well-formed or not."""
    reads = cut(head + body, places)
    plain, ours = read(reads, Plain), read(reads, Incoming)
    assert (ours[0], ours[2]) == (plain[0], plain[2])
    assert ours[1] <= plain[1] or b"Transfer" not in head


@pytest.mark.parametrize("offset", range(9))
def test_one_read_is_one_chunk(offset: int) -> None:
    """Hundreds of chunks in a read cost h11 as much as two or three, wherever the read begins."""
    data = framed(*[b"event"] * 300)
    _, count, _ = read([_HEAD + data[:offset], data[offset:], _END], Incoming)
    assert count <= 3


@pytest.mark.parametrize("before", [b"", _EARLY_HINTS], ids=["", "after early hints"])
def test_those_that_came_with_the_head(before: bytes) -> None:
    """Also those in the read that brought the head: of a short answer these are all."""
    body, count, _ = read([before + _HEAD + framed(*[b"event"] * 300) + _END], Incoming)
    assert (body, count) == (b"event" * 300, 1)
