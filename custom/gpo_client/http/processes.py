"""What becomes of connections when the process is forked: the child lets go of them, the parent notices nothing."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


def elsewhere(what: str) -> str:
    """Return the sentence about what belongs to the process that this one was forked from."""
    return f"{what} cannot be read here: it belongs to the process that opened it, and one that is forked opens its own"


class AtFork(Protocol):
    """What must not be shared with a child."""

    def after_fork(self) -> None:
        """In the child: let go of everything, without a word to the other side."""


_known: WeakSet[AtFork] = WeakSet()
# What a child shall neither use nor give to the garbage collector, which might act on what its parent goes on with.
_left: list[object] = []


def register(one: AtFork) -> None:
    """See to it that ``after_fork`` of something is called in forked children, as long as it lives."""
    _known.add(one)


def leave(*things: object) -> None:
    """In a child: leave what is the parent's as it is, to the end of the process."""
    _left.extend(things)


def _in_child() -> None:
    for one in tuple(_known):
        one.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_in_child)
