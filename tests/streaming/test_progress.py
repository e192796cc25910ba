"""The numbers of a progress bar."""

from __future__ import annotations

from gpo_client.streaming import StreamProgress


def test_rate() -> None:
    """Characters a second, and no division by nothing."""
    assert StreamProgress(characters=30, chunks=3, elapsed=0.5, is_complete=True).rate == 60
    assert StreamProgress(characters=30, chunks=3, elapsed=0.0, is_complete=False).rate == 0
