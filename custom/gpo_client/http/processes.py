"""What becomes of connections when the process is forked: the child lets go of them, the parent notices nothing."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

WORDS = "this belongs to the process that opened it: a process that is forked opens its own"


class AtFork(Protocol):
    """What must not be shared with a child."""

    def after_fork(self) -> None:
        """In the child: let go of everything, without a word to the other side."""


_known: WeakSet[AtFork] = WeakSet()


def register(one: AtFork) -> None:
    """See to it that ``after_fork`` of something is called in forked children, as long as it lives."""
    _known.add(one)


def _in_child() -> None:
    for one in tuple(_known):
        one.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_in_child)
