"""Single values, as services write them: what each is read as, and what is said of one that cannot be read."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from gpo_client import Secret
from gpo_client.models import scalars
from gpo_client.models.json_text import NoNumber
from gpo_client.models.scalars import OddValueError

_MOMENT = datetime(2026, 11, 2, 9, 30, 5, tzinfo=UTC)
_UUID = "6f1c2f3a-0c1e-4f6a-9a55-3f0f6c2f1e11"
_NONE = NoNumber("NaN")

_WITHOUT: Any = {"a": [None, {"b": None}, 1, "c", None]}
_REFUSED = object()

#: What reads a value, the value, what it is read as, and that where the contract is taken at its word.
_READ: list[tuple[Any, Any, Any, Any]] = [
    (scalars.read_text, "a", "a", "a"),
    (scalars.read_id, "a", "a", "a"),
    (scalars.read_id, 5, "5", _REFUSED),
    (scalars.read_id, 5.0, "5", _REFUSED),
    (scalars.read_path, "a/b", Path("a/b"), Path("a/b")),
    (scalars.read_bytes, "YWI=", b"ab", b"ab"),
    (scalars.read_secret, "a", Secret("a"), Secret("a")),
    (scalars.read_integer, 5, 5, 5),
    (scalars.read_integer, 5.0, 5, 5),
    (scalars.read_integer, " 5 ", 5, _REFUSED),
    (scalars.read_number, 5, 5.0, 5.0),
    (scalars.read_number, "0.5", 0.5, _REFUSED),
    (scalars.read_flag, True, True, True),
    (scalars.read_flag, False, False, False),
    *((scalars.read_flag, raw, True, _REFUSED) for raw in (1, 1.0, "1", " True", "true")),
    *((scalars.read_flag, raw, False, _REFUSED) for raw in (0, 0.0, "0", "FALSE ", "false")),
    (scalars.read_moment, "2026-11-02T09:30:05Z", _MOMENT, _MOMENT),
    (scalars.read_day, "2026-11-02T23:30:05-01:00", date(2026, 11, 3), date(2026, 11, 3)),
    (scalars.uuid_reader(uuid.UUID), _UUID, uuid.UUID(_UUID), uuid.UUID(_UUID)),
    (scalars.read_any, {"a": [_NONE, {"b": _NONE}, 1, "c", None]}, _WITHOUT, _WITHOUT),
    (scalars.read_null, None, None, None),
]


@pytest.mark.parametrize(("read", "raw", "lenient", "exact"), _READ)
def test_what_is_read(read: Any, raw: Any, lenient: Any, exact: Any) -> None:
    """As the contract writes it, and as services do."""
    value = read(raw, False)
    assert (value, type(value)) == (lenient, type(lenient))
    if exact is _REFUSED:
        with pytest.raises(OddValueError):
            read(raw, True)
    else:
        assert read(raw, True) == exact


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    ("read", "raw", "message"),
    [
        (scalars.read_text, 5, "Expected `str`, got `int` (5)"),
        (scalars.read_text, None, "Expected `str`, got `null`"),
        (scalars.read_text, _NONE, "Expected `str`, got `float` (NaN)"),
        (scalars.read_text, [5], "Expected `str`, got `array`"),
        (scalars.read_id, True, "Expected `str`, got `bool`"),
        (scalars.read_id, {}, "Expected `str`, got `object`"),
        (scalars.read_path, 5, "Expected `str`, got `int` (5)"),
        (scalars.read_bytes, "Y", "Expected `base64`, got `str`"),
        (scalars.read_bytes, "YW\nI=", "Expected `base64`, got `str`"),
        (scalars.read_secret, "", "Expected `str`, got an empty one"),
        (scalars.read_integer, "a", "Expected `int`, got `str`"),
        (scalars.read_integer, 0.12345678901234567891, "Expected `int`, got `float` (0.12345678901234568)"),
        (scalars.read_number, "a", "Expected `float`, got `str`"),
        (scalars.read_number, "1e999", "Expected `float`, got `str`"),
        (scalars.read_number, 10**400, "Expected `float`, got `int` (10000000000000000000)"),
        (scalars.read_number, True, "Expected `float`, got `bool`"),
        (scalars.read_flag, 2, "Expected `bool`, got `int` (2)"),
        (scalars.read_moment, "today", "Expected `datetime`, got `str`"),
        (scalars.read_day, "today", "Expected `date`, got `str`"),
        (scalars.uuid_reader(uuid.UUID), "a", "Expected `uuid`, got `str`"),
        (scalars.read_null, 0, "Expected `null`, got `int` (0)"),
    ],
)
def test_what_is_refused(read: Any, raw: Any, message: str, exact: bool) -> None:
    """Either way; texts are not repeated, of numbers twenty characters are."""
    with pytest.raises(OddValueError) as caught:
        read(raw, exact)
    assert (str(caught.value), caught.value.reason) == (message, message)
