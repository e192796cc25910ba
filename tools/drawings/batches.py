"""What ``batched()`` makes of chunks: the batcher itself, fed with chunks at given moments."""

from __future__ import annotations

from gpo_client.models import StreamingChunk
from gpo_client.streaming import Batcher
from tools.drawings.canvas import Drawing

_INTERVAL = 0.05
# When chunks arrive, in seconds: a brisk beginning, a pause, and the rest. The last one is final.
_ARRIVALS = (
    *(0.0, 0.012, 0.021, 0.034, 0.047, 0.058, 0.069, 0.083, 0.096, 0.108, 0.121, 0.133, 0.147),
    *(0.29, 0.302, 0.316, 0.327, 0.339, 0.352, 0.366, 0.378),
)
_LEFT, _SCALE, _IN, _OUT = 150, 1640, 52, 112


def handed_out() -> list[tuple[float, int]]:
    """When each batch goes out, and of how many characters it is; each chunk has one."""
    batcher, out = Batcher(_INTERVAL), list[tuple[float, int]]()

    def take(now: float) -> None:
        out.append((now, len(batcher.take(now).content or "")))

    previous = 0.0
    for arrival in _ARRIVALS:
        wait = batcher.wait(previous)
        if wait is not None and previous + wait < arrival:
            take(previous + wait)
        batcher.add([StreamingChunk(content=".", is_complete=arrival == _ARRIVALS[-1])], arrival)
        if batcher.wait(arrival) == 0:
            take(arrival)
        previous = arrival
    return out


def batches() -> Drawing:
    """Chunks above, as they arrive; batches below, as they are handed out."""
    drawing = Drawing(860, 178, "What batched() makes of chunks: fewer and larger ones, none of them late")
    drawing.text(20, _IN + 4, "chunks arrive", "name")
    drawing.text(20, _OUT + 4, "you are given", "name")
    for y in (_IN, _OUT):
        drawing.line(_LEFT, y, 830, y)
    for arrival in _ARRIVALS:
        drawing.dot(_LEFT + 12 + arrival * _SCALE, _IN, "decision", 4)
    for moment, size in handed_out():
        x = _LEFT + 12 + moment * _SCALE
        drawing.dot(x, _OUT, "io", 5 + size)
        drawing.text(x, _OUT + 4, str(size), "note", "middle")
    for tick in range(9):
        x = _LEFT + 12 + tick * _INTERVAL * _SCALE
        drawing.line(x, 136, x, 142)
        drawing.text(x, 158, f"{tick * _INTERVAL * 1000:.0f} ms", "note", "middle")
    drawing.text(
        _LEFT + 12,
        28,
        "the first comes at once, and so does one after a pause; the final one waits for nothing",
        "note",
    )
    return drawing
