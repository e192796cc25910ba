"""The policy of retries: how long to wait before another one, and when to stop."""

from __future__ import annotations

from math import inf

import attrs

# 2 to this power is more than any sensible ceiling divided by any sensible factor.
_MOST_DOUBLINGS = 30


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Exponential backoff with full jitter, bounded in attempts, in each wait and in total time.

    Full jitter means a random wait between 0 and the exponential ceiling: clients that failed together do not come
    back together. A server that names a wait (``Retry-After``) gets exactly that, unless it is longer than
    ``max_delay``: then there is no point in waiting, and the error is raised at once.

    Attributes:
        max_retries: How many times to try again; 0 never does.
        backoff_factor: Seconds that the ceiling begins with; it doubles with each failure.
        max_delay: The longest single wait, in seconds.
        max_elapsed: How long after the beginning the last try may begin, in seconds; None: no limit.

    >>> policy = RetryPolicy(max_retries=2, backoff_factor=1.0)
    >>> [policy.delay(failures, random=0.5) for failures in (1, 2, 3)]
    [0.5, 1.0, None]
    >>> policy.delay(1, random=0.5, asked=20.0)
    20.0
    """

    max_retries: int = 2
    backoff_factor: float = 0.5
    max_delay: float = 30.0
    max_elapsed: float | None = 120.0

    def delay(
        self, failures: int, *, random: float, elapsed: float = 0.0, asked: float | None = None, left: float = inf
    ) -> float | None:
        """Seconds to wait before the next try; None: give up.

        A random wait takes half of the time that is left at most: a longer one would leave none for the try.

        Args:
            failures: How many tries have failed, from 1.
            random: A random number from 0 to 1.
            elapsed: Seconds since the beginning.
            asked: The wait that the server asks for, in seconds.
            left: Seconds until trying is no use any more.
        """
        if failures > self.max_retries or (asked is not None and asked > self.max_delay):
            return None
        wait = self.backoff(failures, random=random, left=left) if asked is None else asked
        return None if self.max_elapsed is not None and elapsed + wait > self.max_elapsed else wait

    def backoff(self, failures: int, *, random: float, left: float = inf) -> float:
        """Return the random wait after that many failures, whatever the other bounds say."""
        ceiling = self.backoff_factor * 2.0 ** min(failures - 1, _MOST_DOUBLINGS)
        return random * min(self.max_delay, ceiling, left / 2)
