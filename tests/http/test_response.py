"""Answers taken apart, byte by byte and in any cut."""

from __future__ import annotations

import pytest
from httptools import HttpParserError
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.http.errors import ConnectionCut, HttpError, ProtocolViolation
from gpo_client.http.response import MAX_HEAD, ResponseReader
from tests.support.response_reading import read

_OK = b"HTTP/1.1 200 OK\r\n"
_THREE = b"Content-Length: 3\r\n\r\nabc"
_EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def cuts(data: bytes) -> list[list[bytes]]:
    """The bytes at once, one by one, and in sevens."""
    return [[data[at : at + size] for at in range(0, len(data), size)] for size in (len(data), 1, 7)]


_WHOLE: dict[str, tuple[bytes, int, bytes, bool]] = {
    "length": (_OK + _THREE, 200, b"abc", True),
    "no body": (_OK + b"Content-Length: 0\r\n\r\n", 200, b"", True),
    "chunks": (_OK + _CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, b"abc", True),
    "extensions": (_OK + _CHUNKED + b'3;a=b;c="d"\r\nabc\r\n0;e\r\n\r\n', 200, b"abc", True),
    "trailers": (_OK + _CHUNKED + b"3\r\nabc\r\n0\r\nX: y\r\nZ: 1\r\n\r\n", 200, b"abc", True),
    "a line": (_OK + b"Content-Length: 3\r\n\r\nx\r\n", 200, b"x\r\n", True),
    "204": (_EMPTY, 204, b"", True),
    "304 with a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", 304, b"", True),
    "interim": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" + _OK + _THREE,
        200,
        b"abc",
        True,
    ),
    "no reason": (b"HTTP/1.1 200\r\n" + _THREE, 200, b"abc", True),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n" + _THREE, 200, b"abc", False),
    "close": (_OK + b"Connection: keep-alive, Close\r\n" + _THREE, 200, b"abc", False),
    "close among others": (_OK + b"Connection: close,keep-alive\r\n" + _THREE, 200, b"abc", False),
    "a status of nobody": (b"HTTP/1.1 999 x\r\n" + _THREE, 999, b"abc", True),
    "coding in trailers": (_OK + _CHUNKED + b"3\r\nabc\r\n0\r\nTransfer-Encoding: x\r\n\r\n", 200, b"abc", True),
    "until the end": (_OK + b"\r\nabc", 200, b"abc", False),
}


@pytest.mark.parametrize("name", _WHOLE)
def test_whole_answers(name: str) -> None:
    """Status and body, however they are cut, and whether the connection serves again."""
    data, status, body, is_reusable = _WHOLE[name]
    end = [b""] if name == "until the end" else []
    for pieces in cuts(data):
        outcome = read([*pieces, *end])
        assert (outcome.status, outcome.body, outcome.error) == (status, body, None)
        assert (outcome.is_complete, outcome.is_reusable) == (True, is_reusable)
        closed = read([*pieces, b""])  # which comes after the end
        assert (closed.body, closed.error, closed.is_complete, closed.is_reusable) == (body, None, True, False)


@pytest.mark.parametrize("name", [name for name in _WHOLE if name != "until the end"])
@pytest.mark.parametrize(
    "surplus", [b"x", b"\r\n", b"\n", b"\r", b"\0", b"HTTP/1.1 2", _OK + _THREE, _EMPTY, b"x\r\n\r\n"]
)
def test_surplus(name: str, surplus: bytes) -> None:
    """It is no part of the answer, and the connection does not serve again."""
    data, status, body, _ = _WHOLE[name]
    for pieces in [
        *cuts(data + surplus),
        [data, surplus],
        [data, *(surplus[at : at + 1] for at in range(len(surplus)))],
    ]:
        outcome = read(pieces)
        assert (outcome.status, outcome.body, outcome.error) == (status, body, None)
        assert not outcome.is_reusable


@pytest.mark.parametrize("name", [name for name in _WHOLE if name != "until the end"])
@given(surplus=st.lists(st.sampled_from([b"\r", b"\n", b"\r\n\r\n"]), min_size=1).map(b"".join))
def test_surplus_of_line_ends(name: str, surplus: bytes) -> None:
    """Whichever there are: llhttp passes over them."""
    for pieces in cuts(_WHOLE[name][0] + surplus):
        assert not read(pieces).is_reusable


@pytest.mark.parametrize("name", [name for name in _WHOLE if name not in ("until the end", "interim")])
def test_cut_short(name: str) -> None:
    """An end before the end is told as one, wherever it is."""
    data = _WHOLE[name][0]
    for length in range(len(data)):
        outcome = read([data[:length], b""] if length else [b""])
        assert outcome.error is ConnectionCut
        assert not outcome.is_reusable


_NONSENSE: dict[str, bytes] = {
    "empty line first": b"\r\n" + _OK + _THREE,
    "no HTTP": b"220 mail.example.com ESMTP\r\n",
    "HTTP/2": b"HTTP/2.0 200 OK\r\n\r\n",
    "HTTP/0.9": b"<html>",
    "lengths that differ": _OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "lengths in a list": _OK + b"Content-Length: 3, 3\r\n\r\nabc",
    "a signed length": _OK + b"Content-Length: +3\r\n\r\nabc",
    "length and chunks": _OK + b"Content-Length: 3\r\n" + _CHUNKED + b"3\r\nabc\r\n0\r\n\r\n",
    "chunks and length": _OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "another coding": _OK + b"Transfer-Encoding: gzip\r\n\r\nabc",
    "a coding with a tab": _OK + b"Transfer-Encoding: chunked\t\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "a reason with a control character": b"HTTP/1.1 200 O\0K\r\nContent-Length: 3\r\n\r\nabc",
    "two codings": _OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": _OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": _OK + b"Content-Length : 3\r\n\r\nabc",
    "NUL": _OK + b"X: a\0b\r\n\r\n",
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
    "a folded field": _OK + b"X: a\r\n b\r\n" + _THREE,
    "another protocol": b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    "a long head": _OK + b"X: " + b"x" * MAX_HEAD + b"\r\n\r\n",
    "a long head with its body": _OK + b"X: " + b"x" * MAX_HEAD + b"\r\n" + _THREE,
    "a long name with its body": _OK + b"x" * MAX_HEAD + b": y\r\n" + _THREE,
    "many fields": _OK + b"X: y\r\n" * (MAX_HEAD // 2) + b"X: y\r\n\r\n",
    "interim answers for ever": b"HTTP/1.1 103 Hints\r\n\r\n" * (MAX_HEAD // 20),
}


@pytest.mark.parametrize("name", _NONSENSE)
def test_nonsense(name: str) -> None:
    """Refused before anything is handed out."""
    data = _NONSENSE[name]
    pieces = [cuts(data)[0], cuts(data)[2], *([cuts(data)[1]] if len(data) < 1000 else [])]
    for cut in pieces:
        outcome = read(cut)
        assert (outcome.body, outcome.error) == (b"", ProtocolViolation)


@pytest.mark.parametrize(
    "after", [b"x\r\n", b"-1\r\na\r\n", b"3\r\nabcd", b"0x1\r\na\r\n", b"1" * 20 + b"\r\n", b"3;" + b"x" * 2 * MAX_HEAD]
)
def test_nonsense_between_chunks(after: bytes) -> None:
    """What came before it is handed out first."""
    data = _OK + _CHUNKED + b"3\r\nabc\r\n" + after
    for pieces in cuts(data) if len(data) < 1000 else cuts(data)[2:]:
        outcome = read(pieces)
        assert outcome.body.startswith(b"abc")
        assert outcome.error is ProtocolViolation


def _taken(pieces: list[bytes]) -> None:
    reader = ResponseReader()
    for piece in pieces:
        reader.feed(piece)
    reader.take_head()
    while reader.take():
        pass


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        ([_OK + b"Transfer-Encoding: gzip\r\n\r\n"], "Transfer-Encoding is not chunked alone"),
        ([b"HTTP/1.1 101 Switching\r\n\r\n"], "it switches to another protocol unasked"),
        ([b"HTTP/1.1 099 x\r\n" + _THREE], "HTTP/1.1 with status 99"),
        ([_OK + b"X: " + b"x" * MAX_HEAD], "the head of its answer is longer than 65536 bytes"),
        ([_OK + b"X: " + b"x" * MAX_HEAD + b"\r\n" + _THREE], "the head of its answer is longer than 65536 bytes"),
        (
            [_OK + _CHUNKED + b"3\r\nabc\r\n", b"3;", b"x" * 2 * MAX_HEAD],
            "what is between the pieces of its body is longer than 65536 bytes",
        ),
        ([b"\r\n"], "an empty line comes before its status line"),
        ([b"HTTP/1.1 200 O\1K\r\n" + _THREE], "its status line has control characters"),
        ([b""], "the connection was closed before the head of the answer"),
        ([_OK, b""], "the connection was closed before the head of the answer"),
        ([_OK + _THREE[:-1], b""], "the connection was closed in the middle of the answer"),
        ([], "there is no head"),
    ],
    ids=range(12),
)
def test_what_is_told(pieces: list[bytes], told: str) -> None:
    """What is wrong with an answer, in words of ours."""
    with pytest.raises(HttpError) as caught:
        _taken(pieces)
    assert str(caught.value) == told


def test_answers_without_a_body_of_theirs() -> None:
    """To HEAD none has one, whatever its length says; to CONNECT those that open no tunnel have."""
    for status in (200, 300, 404):
        data = b"HTTP/1.1 %d x\r\nContent-Length: 3\r\n\r\n" % status
        assert read([data], "HEAD").is_complete
        assert read([data + b"abc"], "CONNECT").body == (b"" if status == 200 else b"abc")


def test_endless_trailers() -> None:
    """They are bounded."""
    outcome = read([_OK + _CHUNKED + b"3\r\nabc\r\n0\r\n", *[b"X: " + b"y" * 1000 + b"\r\n"] * 100])
    assert (outcome.body, outcome.error) == (b"abc", ProtocolViolation)


def test_answers_to_head() -> None:
    """The length is that of a body that does not come."""
    outcome = read([_OK + b"Content-Length: 3\r\n\r\n"], "HEAD")
    assert (outcome.status, outcome.body, outcome.is_complete) == (200, b"", True)
    assert not outcome.is_reusable, "servers send bodies all the same"


def test_the_longest_head() -> None:
    """To the byte: all names and values of one that comes at once, all there is of one that comes in pieces."""
    for more, error in ((0, None), (1, ProtocolViolation)):
        value = b"y" * (MAX_HEAD - len("xcontent-length3") + more)
        assert read([_OK + b"x: " + value + b"\r\n" + _THREE]).error is error
        begun = _OK + b"x: "
        pieces = [begun, b"y" * (MAX_HEAD - len(begun) + more)]
        assert read(pieces).error is error
        framing = [_OK + _CHUNKED, b"3\r\nabc\r\n", b"3;", b"x" * (MAX_HEAD - 2 + more)]
        assert read(framing).error is error


def test_what_the_parser_says() -> None:
    """In its words, and with its error behind ours."""
    for data in (b"HTTP/1.1 2x0 OK\r\n\r\n", b"220 mail\r\n", _OK + b"Content-Length: x\r\n\r\n"):
        with pytest.raises(ProtocolViolation) as caught:
            _taken([data])
        assert isinstance(caught.value.__cause__, HttpParserError)
        assert str(caught.value) == str(caught.value.__cause__) != ""


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143), MemoryError()])
@pytest.mark.parametrize(
    "callback", ["on_message_begin", "on_status", "on_header", "on_headers_complete", "on_body", "on_message_complete"]
)
def test_interrupted(callback: str, error: BaseException) -> None:
    """A signal that raises in the midst of an answer is no fault of the answer: what it raised goes on as it was."""

    def interrupted(*_: object) -> None:
        raise error

    reader = type("Interrupted", (ResponseReader,), {callback: interrupted})()
    with pytest.raises(type(error)) as caught:
        reader.feed(_OK + b"Name: value\r\n" + _THREE)
    assert caught.value is error
    assert not reader.is_reusable


def test_interrupted_while_another_error_is_handled() -> None:
    """That error is not raised in its place."""

    class Interrupted(ResponseReader):
        def on_body(self, body: bytes) -> None:
            raise KeyboardInterrupt

    try:
        raise ValueError("handled")
    except ValueError:
        with pytest.raises(KeyboardInterrupt):
            Interrupted().feed(_OK + _THREE)


@pytest.mark.parametrize(
    ("pieces", "is_wanting", "has_news"),
    [
        ([_OK], False, False),
        ([_OK + _THREE[:-1]], True, True),
        ([_OK + _THREE], True, True),
        ([_OK + _CHUNKED + b"3\r\nabc"], True, True),
        ([_OK + _THREE[:-1], b""], False, True),
        ([_OK + _THREE + b"x"], False, True),
        ([_OK + _CHUNKED + b"x\r\n"], False, True),
        ([_OK + b"Connection: close\r\n" + _THREE[:-1]], False, True),
        ([b"HTTP/1.0 200 OK\r\n" + _THREE[:-1]], False, True),
        ([_OK + b"\r\na"], False, True),
        ([b"x"], False, True),
        ([b""], False, True),
    ],
    ids=repr,
)
def test_what_may_still_come(pieces: list[bytes], is_wanting: bool, has_news: bool) -> None:
    """Whether it is worth to read on for the next exchange, and whether there is anything to take."""
    reader = ResponseReader()
    for piece in pieces:
        reader.feed(piece)
    assert (reader.is_wanting, reader.has_news) == (is_wanting, has_news)
    assert not reader.is_reusable, "nothing of it has been taken"


def test_news() -> None:
    """The head, then pieces of the body, then the end: each until it is taken, but the end."""
    reader = ResponseReader()
    news = []
    for piece in (_OK + b"Content-Length: 6\r\n\r\n", b"abc", b"def"):
        reader.feed(piece)
        news.append(reader.has_news)
        reader.take_head()
        reader.take()
        news.append(reader.has_news)
        assert reader.take() == (b"" if reader.is_complete else None)
    assert news == [True, False, True, False, True, True]
    assert reader.take() == b""
    assert reader.is_reusable


def test_what_is_drained() -> None:
    """What is at hand has been taken, and more must come; not an answer that is over, well or not."""
    for pieces, drained in (
        ([_OK + b"Content-Length: 6\r\n\r\nabc", b"d", b"ef"], [True, True, False]),
        ([_OK + _CHUNKED + b"3\r\nabc\r\n", b"3\r\nabc\r\nx\r\n"], [True, False]),
    ):
        reader = ResponseReader()
        assert reader.is_drained is False
        for piece, is_drained in zip(pieces, drained, strict=True):
            reader.feed(piece)
            assert reader.is_drained is False
            reader.take_head()
            assert reader.take()
            assert reader.is_drained is is_drained


def test_tunnels() -> None:
    """The answer to CONNECT ends with its head; what a proxy adds is not the tunnel's."""
    assert read([b"HTTP/1.1 200 Connection established\r\n\r\n"], "CONNECT").is_reusable
    assert not read([b"HTTP/1.1 200 Connection established\r\n\r\n\x16"], "CONNECT").is_reusable
    assert not read([_OK + b"Connection: close\r\n\r\n"], "CONNECT").is_reusable


def test_fields() -> None:
    """Names in lower case, values as text whatever their bytes; of one name, all."""
    outcome = read([_OK + "X-A:  ä \t\r\n".encode() + b"x-b: \xe9\xa0 \r\nX-A:X\xc2\xa0\r\n" + _THREE])
    assert outcome.fields == (("x-a", "ä"), ("x-b", "é\xa0"), ("x-a", "X\xa0"), ("content-length", "3"))
