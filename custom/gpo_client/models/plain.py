"""Values in JSON's own types, and their text."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, cast

import attrs
import msgspec

#: The attribute that keeps what a model does not know.
KEPT = "additional_properties"


@cache
def field_names(model: Any) -> tuple[str, ...]:
    """Return the fields of a model's class that are part of its value.

    Neither private ones, nor what it does not know.
    """
    names = model.__struct_fields__ if issubclass(model, msgspec.Struct) else attrs.fields_dict(model)
    return tuple(name for name in names if name != KEPT and not name.startswith("_"))


def members_of(model: Any) -> dict[str, Any]:
    """Return the members of a model.

    Those that the contract knows, as they were read, and then those that it does not.
    """
    known = {name: getattr(model, name) for name in field_names(cast("Hashable", type(model)))}
    return known | unknown_members(model, known)


def unknown_members(model: object, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a model does not know; without the raw values of what it knows and could not read."""
    unknown: Mapping[str, Any] = getattr(model, KEPT, None) or {}
    return {name: value for name, value in unknown.items() if name not in known}


def to_plain(value: Any) -> Any:
    """Return a value in JSON's types: tokens as they are, times in ISO 8601 (RFC 3339), bytes in base64, NaN as None.

    >>> from pathlib import Path
    >>> to_plain({"to": Path("a.pdf"), "content": b"%PDF", "score": float("nan"), 5: ("x", None)})
    {'to': 'a.pdf', 'content': 'JVBERg==', 'score': None, '5': ['x', None]}
    """
    if value is None or isinstance(value, bool | int | float):
        return value if value is None or math.isfinite(value) else None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): to_plain(member) for name, member in cast("Mapping[object, Any]", value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_plain(item) for item in cast("list[Any]", value)]
    if hasattr(value, "to_dict"):
        return to_plain(value.to_dict())
    return msgspec.to_builtins(value, enc_hook=str)


def json_text(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON text (RFC 8259).

    Args:
        value: What :func:`to_plain` can write.
        indent: Spaces to each level, over several lines. Default None: one line.

    >>> json_text({"title": "Impuesto al valor agregado"})
    '{"title":"Impuesto al valor agregado"}'
    """
    text = msgspec.json.encode(to_plain(value))
    return (text if indent is None else msgspec.json.format(text, indent=indent)).decode()
