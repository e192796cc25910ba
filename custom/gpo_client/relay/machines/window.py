"""How far the writing of an answer may be ahead of its reading."""

from __future__ import annotations

import attrs

from gpo_client.relay.machines.logbook import ReaderState


@attrs.define
class Window:
    """Holds back whoever reads from upstream, and says when nobody wants the answer any more. Sans-I/O.

    Args:
        window: How many entries may be written that no reader has had yet.

    >>> window = Window(window=2)
    >>> window.is_open(written=1), window.is_open(written=2)
    (True, False)
    >>> window.note(ReaderState(position=1, is_wanted=True))
    >>> window.is_open(written=2)
    True
    """

    window: int
    #: How far the furthest reader has got.
    position: int = 0
    #: Nobody wants the answer: stop asking upstream for it.
    is_abandoned: bool = False

    def note(self, state: ReaderState) -> None:
        """Take in what the log knows of the readers."""
        self.position = max(self.position, state.position)
        self.is_abandoned = self.is_abandoned or not state.is_wanted

    def is_open(self, written: int) -> bool:
        """Whether the next chunk may be asked for.

        Args:
            written: How many entries there are.
        """
        return written - self.position < self.window
