"""The way of a question down to the socket, and of a chunk up from it: which file does what.

tests/docs/test_derived.py holds both to the imports: each file imports one that stands before it, is imported by one,
or meets one in the file named as its link.
"""

from __future__ import annotations

import attrs

from tools.drawings.canvas import Drawing

_ROW, _TOP, _LEFT, _BOX, _ABOUT, _SAMPLE = 62, 24, 24, 250, 292, 640


@attrs.frozen
class Station:
    """A file on the way.

    Attributes:
        file: Its path below ``custom/gpo_client/``.
        about: What happens there.
        sample: What leaves it.
        kind: ``io`` or ``decision``.
        link: The file in which it meets the one before; "": they import each other directly.
    """

    file: str
    about: str
    sample: str
    kind: str = "io"
    link: str = ""


QUESTION = (
    Station("client/aio/chat.py", "the method: arguments become a call and a stream", "chat_stream(context, request)"),
    Station("operations/chat.py", "what the operation sends", "Call('chatStream', Request('POST', …))", "decision"),
    Station(
        "flows/stream.py", "open, read, resume, end: one generator", "yield Open(…)", "decision", "client/aio/chat.py"
    ),
    Station("flows/retry.py", "whether another attempt may help, and when", "yield Sleep(0.5)", "decision"),
    Station("flows/active_call.py", "header fields, token, one attempt", "Open(request, 5.0, 30.0)", "decision"),
    Station("drivers/aio.py", "performs what the flow asks for", "exchange.open(limits)", link="flows/effects.py"),
    Station("http/aio/exchange.py", "one request and its response", "pool → line", link="http/aio/__init__.py"),
    Station("http/aio/pool.py", "a connection that lies idle, or a new one", "AsyncLine"),
    Station("http/request.py", "the bytes of the request, in one write", "POST /api/Chat/stream HTTP/1.1",
            link="http/aio/exchange.py"),
)  # fmt: skip
CHUNK = (
    Station("http/network/asyncio.py", "one read: all bytes that have arrived", r"b'…id: m:2\ndata: {…}\n\n'"),
    Station("http/aio/exchange.py", "takes what the connection has for this response", "await exchange.read(30.0)",
            link="http/network/backends.py"),
    Station("http/response.py", "framing: lengths and chunks taken off (llhttp)", r"b'id: m:2\ndata: {…}\n\n'",
            "decision"),
    Station("drivers/aio.py", "feeds the reader, and waits no longer than it says", "reader.feed(data)",
            link="http/aio/__init__.py"),
    Station("flows/stream_reader.py", "deadlines; how the connection ended", "[StreamingChunk]", "decision",
            "flows/effects.py"),
    Station("sse/event_chunks.py", "events to typed chunks, in one step", "StreamingChunk(content='income ')",
            "decision", "sse/chunk_decoder.py"),
    Station("sse/sequence.py", "repeats are dropped, a gap is an error", "EventCheck.NEW", "decision"),
    Station("text/record.py", "what has arrived, for errors, resumes and result()", "record.add(chunks)", "decision"),
    Station("streams/aio/chat_stream.py", "your iterator", "async for chunk in stream:", link="client/aio/chat.py"),
)  # fmt: skip


def question() -> Drawing:
    """From the method that you call to the bytes of the request."""
    return _way(QUESTION, "The way of a question, file by file")


def chunk() -> Drawing:
    """From a read of the socket to your loop."""
    return _way(CHUNK, "The way of a chunk, file by file")


def _way(stations: tuple[Station, ...], title: str) -> Drawing:
    drawing = Drawing(1010, _TOP * 2 + _ROW * len(stations) - 20, title)
    for number, station in enumerate(stations):
        y = _TOP + number * _ROW
        drawing.labelled(_LEFT, y, _BOX, 38, name=station.file, kind=station.kind)
        drawing.text(_ABOUT, y + 23, station.about)
        drawing.text(_SAMPLE, y + 23, station.sample, "code")
        if number + 1 < len(stations):
            drawing.arrow(_LEFT + _BOX / 2, y + 38, _LEFT + _BOX / 2, y + _ROW)
    return drawing
