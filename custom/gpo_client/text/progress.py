"""How far a stream has come, for progress bars."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class StreamProgress:
    """How far a stream has come.

    Attributes:
        characters: How many characters of text have arrived.
        chunks: In how many chunks.
        elapsed: Seconds since the request was sent.
        is_complete: Whether the answer is whole.

    >>> StreamProgress(characters=120, chunks=8, elapsed=2.0, is_complete=False).rate
    60.0
    """

    characters: int
    chunks: int
    elapsed: float
    is_complete: bool

    @property
    def rate(self) -> float:
        """Characters a second, since the request was sent; 0.0 before any time has passed."""
        return self.characters / self.elapsed if self.elapsed > 0 else 0.0
