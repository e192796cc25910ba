"""Whether a socket has something to read."""

from __future__ import annotations

import selectors

# Not the default selector: that one is made for many connections, and costs more to make.
_Poll = getattr(selectors, "PollSelector", selectors.SelectSelector)


def is_readable(fileno: int) -> bool:
    """Whether a read would get something at once, be it the end; so too if there is no such socket any more."""
    if fileno < 0:
        return True
    with _Poll() as poll:
        poll.register(fileno, selectors.EVENT_READ)
        return bool(poll.select(0))
