"""Pieces of text gathered so that neighbours of one kind become one."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")


class Runs(Generic[K]):
    """Gather pieces of text by kind, in linear time.

    >>> runs: Runs[bool] = Runs()
    >>> for kind, text in ((True, "a"), (True, "b"), (False, "c")):
    ...     runs.add(kind, text)
    >>> runs.merged()
    [(True, 'ab'), (False, 'c')]
    """

    def __init__(self) -> None:
        self._runs: list[tuple[K, list[str]]] = []

    def add(self, kind: K, text: str) -> None:
        """Append a piece."""
        if self._runs and self._runs[-1][0] == kind:
            self._runs[-1][1].append(text)
        else:
            self._runs.append((kind, [text]))

    def merged(self) -> list[tuple[K, str]]:
        """Return the pieces, neighbours of one kind joined."""
        return [(kind, "".join(parts)) for kind, parts in self._runs]
