"""How ``buffered()`` pauses and goes on: the buffer itself, between a fast service and a slow consumer."""

from __future__ import annotations

from gpo_client.models import StreamingChunk
from gpo_client.streaming import ReadAhead
from tools.drawings.canvas import Drawing

_MOST, _LOW, _CHUNKS = 16, 0.5, 60
# The service could send a chunk every 10 ms; the consumer takes one every 30 ms.
_SEND, _TAKE = 1, 3
_LEFT, _TOP, _WIDTH, _HEIGHT = 70, 34, 760, 190


def levels() -> list[tuple[int, int, bool]]:
    """Return the time in steps of 10 ms, how many chunks wait, and whether reading pauses."""
    ahead = ReadAhead(max_chunks=_MOST, max_bytes=1_000_000, low=_LOW)
    now, sent, taken, seen = 0, 0, 0, list[tuple[int, int, bool]]()
    while taken < _CHUNKS:
        now += 1
        if now % _SEND == 0 and sent < _CHUNKS and not ahead.is_paused:
            ahead.put([StreamingChunk(content=".")], now)
            sent += 1
        if now % _TAKE == 0:
            taken += len(ahead.take(0, 1, now))
        seen.append((now, ahead.stats.buffered, ahead.is_paused))
    return seen


def buffer() -> Drawing:
    """How many chunks wait, over time, with the two marks."""
    drawing = Drawing(
        860, _TOP + _HEIGHT + 46, "How many chunks wait in a buffer of 16, with a consumer slower than the service"
    )
    seen = levels()
    across, up = _WIDTH / seen[-1][0], _HEIGHT / (_MOST + 2)
    bottom = _TOP + _HEIGHT

    def point(now: int, level: int) -> tuple[float, float]:
        return _LEFT + now * across, bottom - level * up

    paused = [now for now, _, is_paused in seen if is_paused]
    for now in paused:
        drawing.line(_LEFT + now * across, bottom + 8, _LEFT + (now + 1) * across, bottom + 8, "bad")
    drawing.text(_LEFT, bottom + 28, "red: reading pauses, and the service has to wait", "note")
    for level, name in ((_MOST, "max_chunks"), (round(_MOST * _LOW), "low")):
        drawing.line(_LEFT, bottom - level * up, _LEFT + _WIDTH, bottom - level * up, "dashed")
        drawing.text(_LEFT - 8, bottom - level * up + 4, str(level), "note", "end")
        drawing.text(_LEFT + _WIDTH, bottom - level * up - 5, name, "code", "end")
    drawing.line(_LEFT, bottom, _LEFT + _WIDTH, bottom)
    drawing.text(_LEFT, 22, "chunks waiting", "name")
    drawing.text(_LEFT + _WIDTH, bottom + 28, "time", "note", "end")
    drawing.path([point(0, 0), *(point(now, level) for now, level, _ in seen)])
    return drawing
