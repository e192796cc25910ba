"""The way of one chunk, from the service's bytes to your loop."""

from __future__ import annotations

from tools.drawings.canvas import Drawing

_ROW, _TOP, _LEFT, _BOX, _ABOUT, _SAMPLE = 66, 24, 24, 170, 212, 600

# Name, kind, what it does, what leaves it.
_STATIONS = (
    ("service", "outside", "writes an event", r"id: msg_01:2\ndata: {\"content\":\"income "),
    ("http", "io", "one read: all bytes that have arrived", r"b'…\"income \",\"is_complete\":false}\n\n'"),
    ("drivers", "io", "hands them to the flow; waits no longer than it says", "Read → bytes"),
    ("flows", "decision", "deadlines, resume, fallback: what to do next", "nothing is lost, nothing comes twice"),
    ("sse: events", "decision", "server-sent events, as the standard says", "ServerSentEvent(id='msg_01:2')"),
    ("sse: sequence", "decision", "repeats are dropped, a gap is an error", "2 follows 1"),
    ("sse: chunks", "decision", "JSON to typed values, checked", "StreamingChunk(content='income ')"),
    ("streams", "io", "iterator, context manager; buffered, batched, tee", "chunk"),
    ("your code", "outside", "or transforms, aggregation, the relay", "for chunk in stream:"),
)  # fmt: skip


def chunk() -> Drawing:
    """Station by station, with what leaves each."""
    drawing = Drawing(910, _TOP * 2 + _ROW * len(_STATIONS) - 20, "The way of one chunk through the rooms")
    for number, (name, kind, about, sample) in enumerate(_STATIONS):
        y = _TOP + number * _ROW
        drawing.labelled(_LEFT, y, _BOX, 40, name=name, kind=kind)
        drawing.text(_ABOUT, y + 24, about)
        drawing.text(_SAMPLE, y + 24, sample.replace(r"\"", '"'), "code")
        if number + 1 < len(_STATIONS):
            drawing.arrow(_LEFT + _BOX / 2, y + 40, _LEFT + _BOX / 2, y + _ROW)
    return drawing
