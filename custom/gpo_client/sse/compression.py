"""Compressed bodies, opened in bounded portions."""

from __future__ import annotations

import zlib

# The largest portion handed out at once: a few compressed bytes can hold a thousand times as many. To read a portion of
# anything (65,536 empty lines, say) must be over in a few milliseconds.
_PORTION = 16 * 1024

# How many times its size a body may grow to, beyond a first megabyte: answers in JSON grow to 5 to 30 times theirs,
# and lists of one row repeated to 100. The formats allow a thousand.
_MOST_TIMES = 200
_FREE_BYTES = 1024 * 1024

# Let zlib tell gzip (RFC 1952) and zlib (RFC 1950, which HTTP calls "deflate") apart.
_AUTO_DETECT = 32 + zlib.MAX_WBITS

# So many compressed bytes are looked at in one step: what is left of them is copied for each member that ends in them.
_SLICE = 4096
# So many steps are made at once, if nothing comes of them: a member of nothing has 20 bytes.
_MOST_STEPS = 256

# How each member of a gzip body begins (RFC 1952 §2.3.1).
_MEMBER = b"\x1f\x8b"

# What servers write that have not compressed anything; the last two are no codings at all, but in use.
_NO_CODINGS = ("", "identity", "none", "utf-8")

#: What to send as ``Accept-Encoding``.
ACCEPTED = "gzip, deflate"


class InflationError(ValueError):
    """A compressed body grows as no honest one does."""


class Inflater:
    """Decompress a body of ``Content-Encoding: gzip`` or ``deflate``. Sans-I/O, never more than a portion at a time.

    >>> import gzip
    >>> inflater = Inflater()
    >>> inflater.feed(gzip.compress(b"Mexico taxes"))
    >>> inflater.take()
    b'Mexico taxes'
    >>> inflater.finished
    True
    """

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_AUTO_DETECT)
        self._input = b""  # what zlib is at
        self._waiting = b""  # what comes after it, from ``_start`` on
        self._start = 0
        self._fed = 0
        self._given = 0

    def feed(self, data: bytes) -> None:
        """Add compressed bytes."""
        # After the end only another member is of interest: anything else is padding, which might have no end.
        if not self._zlib.eof or _MEMBER.startswith(self._input[: len(_MEMBER)]):
            self._waiting = self._waiting[self._start :] + data
            self._start = 0
            self._fed += len(data)

    def take(self) -> bytes | None:
        """Return the next portion; ``b""`` when more input is needed, None when nothing has come yet of much input.

        Raises InflationError if they grow to more than 200 times their size, and ValueError if they are damaged.
        """
        for _ in range(_MOST_STEPS):
            if (portion := self._inflate()) or not (self._next_member() or self._refill()):
                break
        else:
            return None
        self._given += len(portion)
        if self._given > max(_FREE_BYTES, _MOST_TIMES * self._fed):
            raise InflationError(
                f"the compressed body grows to more than {_MOST_TIMES} times its size, as no honest one does; if yours"
                " does, ask for it uncompressed: headers={'Accept-Encoding': 'identity'}"
            )
        return portion

    def _inflate(self) -> bytes:
        if self._zlib.eof:
            return b""
        try:
            portion = self._zlib.decompress(self._input, _PORTION)
        except zlib.error as error:
            raise ValueError(f"the compressed body is damaged: {error}") from error
        self._input = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
        return portion

    def _refill(self) -> bool:
        """Turn to the next bytes, if those at hand tell nothing."""
        if len(self._input) >= len(_MEMBER):
            return False
        more = self._waiting[self._start : self._start + _SLICE]
        self._input += more
        self._start += len(more)
        return bool(more)

    def _next_member(self) -> bool:
        """Turn to the next member of a gzip body, which may have several (RFC 1952 §2.2)."""
        if not self._zlib.eof or not self._input.startswith(_MEMBER):
            return False
        self._zlib = zlib.decompressobj(_AUTO_DETECT)
        return True

    @property
    def finished(self) -> bool:
        """Whether the compressed data was whole."""
        return self._zlib.eof and not self._input.startswith(_MEMBER)


def inflater(content_encoding: str) -> Inflater | None:
    """Return the machine for a ``Content-Encoding``; None: not compressed; ValueError: it was not asked for."""
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    encoding = ", ".join(coding for coding in codings if coding not in _NO_CODINGS)
    if not encoding:
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return Inflater()
    raise ValueError(f"the body is encoded with {encoding!r}, which was not asked for")
