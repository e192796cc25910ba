"""Cutting what is sent into portions, wherever that cuts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle

from gpo_client.testing.script import Step


def in_portions(steps: Iterator[Step], sizes: Sequence[int]) -> Iterator[Step]:
    """Return the same bytes in portions of other sizes; what was sent before something else happens arrives before it.

    Args:
        steps: What is sent and happens.
        sizes: The sizes in bytes, gone through again and again; as they are when there are none.

    >>> list(in_portions(iter([b"abc", b"defg"]), [2, 3]))
    [b'ab', b'cde', b'fg']
    """
    if not sizes:
        yield from steps
        return
    size, following, waiting = sizes[0], cycle([*sizes[1:], sizes[0]]), b""
    for step in steps:
        if isinstance(step, bytes):
            waiting += step
            while len(waiting) >= size:
                portion, waiting, size = waiting[:size], waiting[size:], next(following)
                yield portion
            continue
        if waiting:
            yield waiting
            waiting = b""
        yield step
    if waiting:
        yield waiting
