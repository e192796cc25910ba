"""The tree of errors, from the exceptions themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gpo_client import exceptions
from gpo_client.exceptions import GPOClientError
from tools.drawings.canvas import Drawing

_ROW, _INDENT, _TOP, _LEFT, _NOTES = 26, 26, 14, 20, 350
_NOTE = re.compile(r"(\w+Error) {2,}(.+)")


def notes() -> dict[str, str]:
    """Return what the tree in the module's description says of each error."""
    found = dict(_NOTE.findall(exceptions.__doc__ or ""))
    return {name: note.replace("``", "") for name, note in found.items()}


def _tree(kind: type[GPOClientError], depth: int = 0) -> Iterator[tuple[type[GPOClientError], int]]:
    yield kind, depth
    for child in kind.__subclasses__():
        if child.__bases__[0] is kind:
            yield from _tree(child, depth + 1)


def errors() -> Drawing:
    """Each error below the one that it is a kind of."""
    rows = list(_tree(GPOClientError))
    drawing = Drawing(860, _TOP * 2 + _ROW * len(rows), "The tree of errors")
    told = notes()
    parents: list[int] = []
    for number, (kind, depth) in enumerate(rows):
        x, y = _LEFT + depth * _INDENT, _TOP + number * _ROW
        parents[depth:] = [number]
        if depth:
            trunk = x - _INDENT / 2
            drawing.line(trunk, _TOP + parents[depth - 1] * _ROW + _ROW - 2, trunk, y + _ROW / 2)
            drawing.line(trunk, y + _ROW / 2, x - 2, y + _ROW / 2)
        drawing.box(x, y + 2, len(kind.__name__) * 8.3 + 16, _ROW - 5, _kind(kind))
        drawing.text(x + 8, y + 17, kind.__name__, "name")
        drawing.text(_NOTES, y + 17, told.get(kind.__name__, ""), "note")
    return drawing


def _kind(error: type[GPOClientError]) -> str:
    if issubclass(error, exceptions.StreamError):
        return "decision"
    if issubclass(error, exceptions.APIStatusError):
        return "outside"
    return "io" if issubclass(error, exceptions.GPOConnectionError) else "value"
