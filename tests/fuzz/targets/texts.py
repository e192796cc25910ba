"""Texts that are still arriving, and dates in people's words."""

from __future__ import annotations

from datetime import UTC, datetime

from dateutil import tz

from gpo_client import InvalidArgumentError
from gpo_client.dates import read_window
from tests.fuzz.target import Target, in_portions, pure
from tests.streaming.transforms.portions import BITS, MACHINES, fed


def _transform(data: bytes) -> None:
    """The same in whatever portions it comes, and never an exception."""
    text = data.decode("utf-8", "surrogatepass") if _has_surrogates(data) else data.decode("utf-8", "replace")
    for name, make in MACHINES.items():
        whole = fed(make, [text])
        assert all(fed(make, portions) == whole for portions in in_portions(text)[1:]), name


def _has_surrogates(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


_NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
_ZONES = (UTC, tz.gettz("Europe/Madrid") or UTC)


def _read_date(data: bytes) -> None:
    """A window that does not end before it begins, or InvalidArgumentError."""
    text = data.decode("utf-8", "replace")
    for zone in _ZONES:
        try:
            window = read_window(text, _NOW, zone)
        except InvalidArgumentError:
            continue
        assert window.start <= window.end
        assert window.start.tzinfo is not None


TRANSFORMS = Target("transforms", pure(_transform), [bit.encode() for bit in BITS] + [b"\xff", b"\xed\xa0\x80"])
DATES = Target(
    "dates",
    pure(_read_date),
    [
        b"last ", b"this ", b"ago", b" days", b" hours", b"week", b"month", b"quarter", b"year", b"monday", b"today",
        b"2026-11-01", b"2026-W47", b"Q3 ", b"1 Nov ", b"November", b"T09:30:00Z", b"+99:99", b" utc", b" 5pm",
        b"T24:00", b"0", b"9", b"9999", b"0001-01-01", b"9999-12-31", b"99999999999", b"-", b"/", b".", b":", b",",
        b" ", b"\xd9\xa3",
    ],
)  # fmt: skip
