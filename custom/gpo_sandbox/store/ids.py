"""Ids and JSON columns, as all tables write them."""

import secrets
from typing import TypeVar

import msgspec

T = TypeVar("T")


def new_id(prefix: str) -> str:
    """Make an id that nobody can guess, such as `msg_` and 24 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(12)}"


def to_json(value: object) -> str | None:
    """Write a value for a JSON column; None stays NULL."""
    return None if value is None else msgspec.json.encode(value).decode()


def from_json(text: str | None, kind: type[T]) -> T | None:
    """Read a JSON column; NULL is None."""
    return None if text is None else msgspec.json.decode(text, type=kind)
