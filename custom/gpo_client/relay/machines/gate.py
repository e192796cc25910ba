"""How far the writing of an answer may be ahead of its reading."""

from __future__ import annotations

import attrs

from gpo_client.relay.machines.logbook import Seen


@attrs.define
class Gate:
    """Holds back whoever reads from upstream, and says when nobody wants the answer any more. Sans-I/O.

    Args:
        window: How many entries may be written that no reader has had yet.

    >>> gate = Gate(window=2)
    >>> gate.is_open(written=1), gate.is_open(written=2)
    (True, False)
    >>> gate.note(Seen(position=1, is_wanted=True))
    >>> gate.is_open(written=2)
    True
    """

    window: int
    #: How far the furthest reader has got.
    position: int = 0
    #: Nobody wants the answer: stop asking upstream for it.
    is_abandoned: bool = False

    def note(self, seen: Seen) -> None:
        """Take in what the log knows of the readers."""
        self.position = max(self.position, seen.position)
        self.is_abandoned = self.is_abandoned or not seen.is_wanted

    def is_open(self, written: int) -> bool:
        """Whether the next chunk may be asked for.

        Args:
            written: How many entries there are.
        """
        return written - self.position < self.window
