"""``Inflater``: compressed bodies in bounded portions."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.sse import compression
from gpo_client.sse.compression import ACCEPTED, Inflater, InflationError, inflater
from tests.support.cutting import all_ways, cut, cuts, one_by_one

PORTION = 16 * 1024
TEXT = "Mexico taxes résumé income. ".encode() * 3

FORMATS = pytest.mark.parametrize("compress", [gzip.compress, zlib.compress], ids=["gzip", "zlib"])
Compress = Callable[[bytes], bytes]


def drained(machine: Inflater) -> bytes:
    """All portions that are ready, each within its bound."""
    ready = b""
    while (portion := machine.take()) != b"":
        assert len(portion or b"") <= PORTION
        ready += portion or b""
    return ready


def inflate(portions: Iterable[bytes]) -> tuple[bytes, bool]:
    """What comes out, and whether it was whole."""
    machine = Inflater()
    opened = b""
    for portion in portions:
        machine.feed(portion)
        opened += drained(machine)
    return opened, machine.finished


@FORMATS
def test_every_split(compress: Compress) -> None:
    """The same whole, byte by byte and wherever it is cut."""
    for portions in all_ways(compress(TEXT)):
        assert inflate(portions) == (TEXT, True)


@FORMATS
@given(data=st.binary(max_size=300), positions=cuts)
def test_any_bytes_in_any_portions(compress: Compress, data: bytes, positions: list[int]) -> None:
    """Nothing at all included."""
    assert inflate(cut(compress(data), positions)) == (data, True)


@FORMATS
def test_truncated(compress: Compress) -> None:
    """Wherever a body is cut off, the checksum at its end included, it is not whole; what came is handed out."""
    compressed = compress(TEXT)
    for length in range(len(compressed)):
        opened, finished = inflate([compressed[:length]])
        assert TEXT.startswith(opened)
        assert not finished


@FORMATS
def test_damaged(compress: Compress) -> None:
    """A wrong checksum is found out, and stays found out."""
    compressed = bytearray(compress(TEXT))
    compressed[-5 if compress is gzip.compress else -1] ^= 1
    machine = Inflater()
    machine.feed(bytes(compressed))
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^the compressed body is damaged: .*incorrect data check"):
            drained(machine)
    assert not machine.finished


@pytest.mark.parametrize("data", [b"Mexico taxes", b"\x1f\x8b\x07nonsense", b"\xff" * 10])
def test_not_compressed_at_all(data: bytes) -> None:
    """Bytes that are not what they claim to be."""
    with pytest.raises(ValueError, match="damaged"):
        inflate([data])


@FORMATS
@pytest.mark.parametrize("size", [PORTION - 1, PORTION, PORTION + 1, 40 * PORTION])
def test_bomb_comes_in_portions(compress: Compress, size: int) -> None:
    """However much a few bytes hold, no portion is larger than its bound, and none is lost."""
    compressed = compress(b"\0" * size)
    assert inflate([compressed]) == (b"\0" * size, True)
    machine = Inflater()
    machine.feed(compressed)
    assert len(machine.take() or b"") == min(size, PORTION)
    assert size <= PORTION or not machine.finished


def test_nothing_yet() -> None:
    """More is needed."""
    machine = Inflater()
    assert (machine.take(), machine.finished) == (b"", False)


@FORMATS
def test_bytes_that_come_while_others_wait(compress: Compress) -> None:
    """They are read in their turn."""
    body = b"\0" * 40 * PORTION
    compressed = compress(body)
    machine = Inflater()
    opened = b""
    for start in range(0, len(compressed), 100):
        machine.feed(compressed[start : start + 100])
        opened += machine.take() or b""
    assert (opened + drained(machine), machine.finished) == (body, True)


@FORMATS
def test_event_that_was_flushed_comes_at_once(compress: Compress) -> None:
    """A server that flushes after each event is heard event by event."""
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS + 16 if compress is gzip.compress else zlib.MAX_WBITS)
    machine = Inflater()
    for number in range(5):
        event = b"data: %d\n\n" % number
        for byte in one_by_one(compressor.compress(event) + compressor.flush(zlib.Z_SYNC_FLUSH)):
            machine.feed(byte)
        assert drained(machine) == event
        assert not machine.finished
    machine.feed(compressor.flush())
    assert drained(machine) == b""
    assert machine.finished


@given(parts=st.lists(st.binary(max_size=20), min_size=1, max_size=4), positions=cuts)
def test_gzip_of_several_members(parts: list[bytes], positions: list[int]) -> None:
    """Gzip files may be concatenated (RFC 1952 §2.2), empty ones too."""
    body = b"".join(map(gzip.compress, parts))
    assert inflate(cut(body, positions)) == (b"".join(parts), True)


def test_gzip_cut_within_a_later_member() -> None:
    """It is not whole, though its first member is."""
    body = gzip.compress(b"one")
    assert inflate([body + gzip.compress(b"two")[:-1]]) == (b"onetwo", False)
    assert inflate(one_by_one(body * 2)) == (b"oneone", True)
    machine = Inflater()
    machine.feed(body * 2)
    assert machine.take() == b"one"
    assert not machine.finished


@FORMATS
@pytest.mark.parametrize("padding", [b"\0", b"x", b"\x1f", b"\x1fx"])
def test_padding_is_ignored_and_not_gathered(compress: Compress, padding: bytes) -> None:
    """What follows the end is no part of the body, and takes no memory however long it lasts."""
    assert inflate([compress(TEXT) + padding]) == (TEXT, True)
    assert inflate([compress(TEXT), padding]) == (TEXT, True)
    machine = Inflater()
    machine.feed(compress(TEXT))
    assert drained(machine) == TEXT
    for _ in range(100):
        machine.feed(padding + b"\0" * 999)
        assert drained(machine) == b""
    assert len(machine._input) <= 1001


@pytest.mark.parametrize(
    "encoding", ["gzip", "x-gzip", "deflate", " GZIP ", "identity, gzip", "gzip,none", *ACCEPTED.split(",")]
)
def test_encodings_that_are_opened(encoding: str) -> None:
    """All that are asked for, in any case (RFC 9110 §8.4.1)."""
    assert isinstance(inflater(encoding), Inflater)


@pytest.mark.parametrize("encoding", ["", "identity", " Identity ", "none,utf-8"])
def test_no_encoding(encoding: str) -> None:
    """Nothing to open."""
    assert inflater(encoding) is None


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip"])
def test_encodings_that_are_not_opened(encoding: str) -> None:
    """They were not asked for."""
    with pytest.raises(ValueError, match=f"encoded with '{encoding}', which was not asked for"):
        inflater(encoding)


@FORMATS
def test_growth_has_an_end(compress: Compress) -> None:
    """Two hundred times is the most, beyond a first megabyte: a small body may be as dense as it likes."""
    size = 1024 * 1024
    assert inflate([compress(b"\n" * size)]) == (b"\n" * size, True)
    machine = Inflater()
    machine.feed(compress(b"\n" * (size + 1)))
    advice = r"does; if yours does, ask for it uncompressed: headers=\{'Accept-Encoding': 'identity'\}$"
    with pytest.raises(InflationError, match=f"^the compressed body grows to more than 200 times its .*{advice}"):
        drained(machine)


@FORMATS
def test_growth_is_counted_to_the_byte(compress: Compress, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes fed and the bytes opened."""
    monkeypatch.setattr(compression, "_FREE_BYTES", 0)
    monkeypatch.setattr(compression, "_MOST_TIMES", 1)
    body = b"a" * 100
    assert inflate([compress(body).ljust(100, b"\0")]) == (body, True)
    with pytest.raises(InflationError):
        inflate([compress(body).ljust(99, b"\0")])


@FORMATS
@pytest.mark.parametrize(("noise", "is_refused"), [(6_000, True), (9_000, False)], ids=["240 times", "170 times"])
def test_growth_is_counted_over_the_whole(noise: int, is_refused: bool, compress: Compress) -> None:
    """Of two megabytes: what was fed so far counts, in portions of any size, and no more than that."""
    body = Random(0).randbytes(noise) + b"\n" * (2 * 1024 * 1024)
    compressed = compress(body)
    for size in (1000, len(compressed)):
        portions = [compressed[start : start + size] for start in range(0, len(compressed), size)]
        if is_refused:
            with pytest.raises(InflationError):
                inflate(portions)
        else:
            assert inflate(portions) == (body, True)


def test_growth_is_counted_over_all_members() -> None:
    """A gzip body of many that are small grows as one does."""
    machine = Inflater()
    machine.feed(gzip.compress(b"\n" * (512 * 1024)) * 3)
    with pytest.raises(InflationError):
        drained(machine)


@FORMATS
def test_honest_bodies_grow_as_they_will(compress: Compress) -> None:
    """A list of one row repeated is the densest there is."""
    rows = b"".join(
        b'{"message_id": "msg-%d", "content": "What is RESICO?", "sources": null}\n' % n for n in range(60_000)
    )
    assert inflate([compress(rows)]) == (rows, True)
