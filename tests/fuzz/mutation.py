"""Inputs made from those that are known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hypothesis import strategies as st

_LONGEST = 8_000
_CHANGE_BYTES = 6
_MOST_CHANGES = 6


def mutated(seeds: Sequence[bytes], words: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Seeds with a few changes: words and bytes put in, parts left out, repeated, taken from another seed.

    Args:
        seeds: What to begin with.
        words: What means something to whoever reads it.
    """
    # One draw of bytes that say what to change is many times faster than a draw for each decision, and shrinks as well:
    # fewer bytes are fewer changes.
    scripts = st.binary(max_size=1 + _CHANGE_BYTES * _MOST_CHANGES)
    return scripts.map(partial(changed, seeds, words))


def changed(seeds: Sequence[bytes], words: Sequence[bytes], script: bytes) -> bytes:
    """A seed as a script changes it.

    Args:
        seeds: To choose from.
        words: To put in.
        script: Which seed, and for each change what, from where, how far, and two bytes more.
    """
    data = bytearray(seeds[script[0] % len(seeds)] if script else seeds[0])
    for at in range(1, len(script) - _CHANGE_BYTES + 1, _CHANGE_BYTES):
        kind, high, low, length, one, other = script[at : at + _CHANGE_BYTES]
        start = (high << 8 | low) % (len(data) + 1)
        part = slice(start, start + length % 64)
        if kind % 6 == 0:
            data[start:start] = words[one % len(words)]
        elif kind % 6 == 1:
            data[part] = words[one % len(words)]
        elif kind % 6 == 2:
            data[part] = bytes((one, other))
        elif kind % 6 == 3:
            del data[part]
        elif kind % 6 == 4:
            data[start:start] = data[part] * (2 + one % 100)
        else:
            source = seeds[one % len(seeds)]
            data[start:] = source[other * len(source) // 256 :]
    return bytes(data[:_LONGEST])
