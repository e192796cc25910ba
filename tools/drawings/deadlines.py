"""The deadlines of a stream, over its life; the numbers are the defaults of the settings."""

from __future__ import annotations

import attrs

from gpo_client import GPOConfig
from tools.drawings.canvas import Drawing

_LEFT, _RIGHT, _TOP, _ROW = 270, 850, 74, 44
_CHUNKS = (430, 470, 500, 545, 780, 815)
_HEARTBEATS = (590, 630, 670, 710, 745)

# The setting, from where to where, and what ends it.
_BARS = (
    ("connect_timeout", 270, 320, "the connection stands"),
    ("stream_first_chunk_timeout", 270, 430, "the first chunk"),
    ("stream_idle_timeout", 545, 590, "any byte, a heartbeat too"),
    ("stream_heartbeat_timeout", 545, 780, "the next chunk"),
    ("stream_total_timeout", 270, 850, "the end of the answer"),
)


def deadlines() -> Drawing:
    """Return a stream from its request to its last chunk, and the stretch that each setting limits."""
    defaults = {field.name: field.default for field in attrs.fields(GPOConfig)}
    drawing = Drawing(900, _TOP + _ROW * len(_BARS) + 16, "The deadlines of a stream")
    drawing.text(20, 44, "what arrives", "name")
    drawing.arrow(_LEFT, 40, _RIGHT + 20, 40)
    for x in _CHUNKS:
        drawing.dot(x, 40, "decision", 6)
    for x in _HEARTBEATS:
        drawing.dot(x, 40, "value", 3)
    drawing.text(500, 22, "chunks", "note", "middle")
    drawing.text(668, 22, "heartbeats", "note", "middle")
    for number, (setting, start, end, until) in enumerate(_BARS):
        y = _TOP + number * _ROW
        drawing.text(20, y + 19, setting, "code")
        drawing.text(_LEFT - 14, y + 19, f"{defaults[setting]:g} s", "", "end")
        drawing.box(start, y + 6, end - start, 18, "io")
        # Beside the bar where there is room, before it where there is none, inside one that fills the line.
        x, anchor = (start + 8, "start") if end == _RIGHT else (start - 8, "end") if end > 700 else (end + 8, "start")
        drawing.text(x, y + 19, f"until {until}", "note", anchor)
    return drawing
