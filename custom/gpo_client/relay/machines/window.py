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
    >>> window.room(written=1), window.room(written=2)
    (1, 0)
    >>> window.note(ReaderState(position=1, is_wanted=True))
    >>> window.room(written=2)
    1
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

    def room(self, written: int) -> int:
        """How many entries may be written now.

        Args:
            written: How many there are.
        """
        return self.window - (written - self.position)
