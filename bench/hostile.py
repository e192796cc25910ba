"""Hostile servers, in a process of their own: what a question asks for is an attack, by its name in ``ATTACKS``.

The first line of its output is its address; it ends when its input does.
"""

from __future__ import annotations

import gzip
import itertools
import os
import re
import socket
import sys
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

MIB = 1 << 20
# So many values, and some that stand around them, an event or an answer may have by default. In an event a list or an
# object counts as eight.
_MOST, _CONTAINER = 65_000, 8
_ASKED = re.compile(rb"attack:([\w -]+)")
_FIRST = b'id: m:1\ndata: {"content": "a"}\n\n'

Pieces = Iterable[bytes]


def _many(piece: bytes, size: int) -> bytes:
    return piece * (size // len(piece))


def _event(document: bytes) -> Pieces:
    return [_FIRST, b"data: ", document, b"\n\n"]


def _values(value: bytes, count: int) -> Pieces:
    return _event(b'{"metadata": {"x": [' + (value + b",") * count + value + b"]}}")


def _text(piece: bytes) -> Pieces:
    return _event(b'{"content": "' + _many(piece, 8 * MIB - 200) + b'"}')


def _sources(source: bytes, count: int) -> Pieces:
    return _event(b'{"sources": [' + b",".join(source % number for number in range(count)) + b"]}")


def _flood(piece: bytes) -> Pieces:
    return itertools.chain([_FIRST], itertools.repeat(_many(piece, 64 * 1024), 512))


def _members(count: int) -> bytes:
    return b",".join(b'"%d": 1' % number for number in range(count))


def _inflating(filling: bytes) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=31)
    yield compressor.compress(_FIRST)
    while True:
        yield compressor.compress(filling * MIB) + compressor.flush(zlib.Z_SYNC_FLUSH)


#: What a server streams, by name: the bytes of the body.
_STREAMS: dict[str, Callable[[], Pieces]] = {
    "event of empty lists": lambda: _values(b"[]", 2_700_000),
    "event of as many lists as may be": lambda: _values(b"[]", _MOST // (1 + _CONTAINER)),
    "event of numbers": lambda: _values(b"1.5e3", _MOST),
    "event of NaN": lambda: _values(b"NaN", _MOST),
    "event of members": lambda: _event(b'{"metadata": {' + _members(_MOST) + b"}}"),
    "event of unknown members": lambda: _event(b"{" + _members(_MOST) + b"}"),
    "event of deep lists": lambda: _values(b"[" * 900 + b"]" * 900, _MOST // (1 + 900 * _CONTAINER)),
    "event of text": lambda: _text(b"x"),
    "event of escapes": lambda: _text(b"\\u00e9"),
    "event of half characters": lambda: _text(b"\\ud83d"),
    "event that is no UTF-8": lambda: _text(b"\xff"),
    "event of a number": lambda: _event(b'{"metadata": {"x": ' + b"1" * 8_000_000 + b"}}"),
    "event of blanks": lambda: _event(b"{" + b" " * 8_000_000 + b'"content": "a"}'),
    "event of sources": lambda: _sources(b'{"id": "%d", "title": "t"}', _MOST // (2 + _CONTAINER)),
    "event of odd sources": lambda: _sources(b'{"id": %d, "title": 7, "z": 1}', _MOST // (3 + _CONTAINER)),
    "event of lines": lambda: [_FIRST, _many(b"data: 1\n", 8 * MIB - 200), b"\n"],
    "error of empty lists": lambda: [_FIRST, b"event: error\n", *_values(b"[]", 2_700_000)],
    "other event of lists": lambda: [_FIRST, b"event: x\n", *_values(b"[]", 2_700_000)],
    "sloppy event of lists": lambda: [b'data: {"a": [', _many(b"[],", 8 * MIB - 200), b"[]]}\ndata: {}\n"],
    "flood of blank lines": lambda: _flood(b"\n"),
    "flood of comments": lambda: _flood(b":\n"),
    "flood of empty chunks": lambda: _flood(b"data: {}\n\n"),
    "flood of ids": lambda: _flood(b"id: 1\n\n"),
    "flood of one id": lambda: _flood(b"id: 1\ndata: {}\n\n"),
    "flood of names": lambda: _flood(b"event: x\ndata: {\n\n"),
    "flood of NaN": lambda: _flood(b'data: {"a": NaN}\n\n'),
    "flood of unknown members": lambda: _flood(b'data: {"a": 1}\n\n'),
    "flood of sources": lambda: _flood(b'data: {"sources": [{"id": 1}]}\n\n'),
    "flood of metadata": lambda: _flood(b'data: {"metadata": {"a": [1, {"b": 2}]}}\n\n'),
    "flood of regular metadata": lambda: [
        b"".join(b'id: m:%d\ndata: {"metadata": {"a%d": [1]}}\n\n' % (number, number) for number in range(1, 100_000))
    ],
}
_GZIP: dict[str, Callable[[], Pieces]] = {
    "gzip of blank lines": lambda: _inflating(b"\n"),
    "gzip of text": lambda: itertools.chain([gzip.compress(_FIRST + b"data: " + b"x" * 100 * MIB)]),
    "gzip of empty members": lambda: itertools.repeat(gzip.compress(b"") * 2000, 200),
}
_ANSWERS: dict[str, Callable[[], Pieces]] = {
    "answer of empty lists": lambda: [b"[" + b"[]," * 2_700_000 + b"[]]"],
    "answer of objects": lambda: [b"[" + b",".join([b'{"solution_id": "s", "name": "n"}'] * (_MOST // 3)) + b"]"],
    "answer of odd objects": lambda: [
        b"[" + b",".join([b'{"solution_id": "s", "name": "n", "x": NaN, "z": []}'] * (_MOST // 6)) + b"]"
    ],
    "answer of odd objects, small": lambda: [b"[" + b'{"solution_id": NaN, "name": 7},' * 480 + b"{}]"],
    "answer of text": lambda: [b'[{"solution_id": "s", "name": "' + b"\xff" * 8_000_000 + b'"}]'],
    "answer in punycode": lambda: [b"\xff-" + b"a9b8" * 1_900_000],
}
_RAW: dict[str, Callable[[], Pieces]] = {
    "flood of interim answers": lambda: itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000),
    "flood of fields": lambda: [b"HTTP/1.1 200 OK\r\n", *itertools.repeat(b"A: b\r\n" * 10_000, 1000)],
    "flood of cookies": lambda: [b"HTTP/1.1 200 OK\r\n", b"Set-Cookie: a=b\r\n" * 3_800, b"Content-Length: 0\r\n\r\n"],
    "flood of tiny chunks": lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
        *itertools.repeat(b"1\r\n:\r\n1\r\n\n\r\n" * 5_000, 400),
    ],
    "flood of extensions": lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
        *itertools.repeat(b"1;" + b"a=b;" * 16_000 + b"c\r\n:\r\n", 400),
    ],
    "flood of trailers": lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        *itertools.repeat(b"A: b\r\n" * 10_000, 1000),
    ],
    "refusal of deep lists": lambda: [
        b"HTTP/1.1 400 No\r\nContent-Type: application/problem+json\r\nConnection: close\r\n\r\n",
        b'{"detail": ' + b"[" * 900 + b"]" * 900 + b', "errors": [' + b'{"a": NaN},' * 5_500 + b"{}]}",
    ],
}
ATTACKS = (*_STREAMS, *_GZIP, *_ANSWERS, *_RAW)


def _answer(name: str) -> Iterator[bytes]:
    if name not in _RAW:
        kind = "application/json" if name in _ANSWERS else "text/event-stream"
        kind += "; charset=punycode" if "punycode" in name else ""
        coding = "Content-Encoding: gzip\r\n" if name in _GZIP else ""
        yield f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{coding}Connection: close\r\n\r\n".encode()
    yield from next(group[name] for group in (_STREAMS, _GZIP, _ANSWERS, _RAW) if name in group)()


def _serve(connection: socket.socket) -> None:
    with connection, suppress(OSError):
        request = b""
        while (asked := _ASKED.search(request)) is None:
            if not (data := connection.recv(65536)):
                return
            request += data
        for piece in _answer(asked[1].decode()):
            connection.sendall(piece)


def main() -> None:
    """Serve until the input ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()

    def serve() -> None:
        while True:
            threading.Thread(target=_serve, args=listener.accept()[:1], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
