"""Models as JSON: their members, those that no model knows, and all of it in JSON's own types."""

from __future__ import annotations

import math
import operator
from collections.abc import Hashable, Mapping
from functools import cache
from types import NoneType
from typing import Any, TypeGuard, TypeVar, cast

import attrs
import msgspec

T = TypeVar("T")

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
    """Return a value as JSON text (RFC 8259), with ``indent`` spaces to each level, or in one line.

    >>> json_text({"title": "Impuesto al valor agregado"})
    '{"title":"Impuesto al valor agregado"}'
    """
    text = msgspec.json.encode(to_plain(value))
    return (text if indent is None else msgspec.json.format(text, indent=indent)).decode()


# What most fields are, and what has no fields of its own.
_PLAIN = (str, float, int, NoneType)


def additional_properties() -> dict[str, Any]:
    """Return the attribute of a model that keeps them; not in its repr, since nobody knows what they hold."""
    kept: dict[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    return kept


def keep_unknown(model: T, raw: Any) -> T:
    """Return a model with what it does not know of the JSON that it was read from, and the models in it likewise.

    >>> from gpo_client.models.stream import StreamingChunk
    >>> keep_unknown(StreamingChunk(content="a"), {"content": "a", "mood": "good"}).additional_properties
    {'mood': 'good'}
    """
    kept: Any = _with_unknown(model, raw)
    return cast("T", kept)


def _with_unknown(value: Any, raw: Any) -> Any:
    if _is_list(value):
        items = [_with_unknown(*pair) for pair in zip(value, raw, strict=True)]
        return items if any(map(operator.is_not, items, value)) else value
    if not hasattr(value, KEPT):
        return value
    known = field_names(cast("Hashable", type(value)))
    changed: dict[str, Any] = {}
    for name in known:
        part = getattr(value, name)
        if not isinstance(part, _PLAIN) and name in raw and (kept := _with_unknown(part, raw[name])) is not part:
            changed[name] = kept
    if unknown := {name: part for name, part in raw.items() if name not in known}:
        changed[KEPT] = unknown
    return _replaced(value, changed) if changed else value


def known_values(model: object) -> Mapping[str, Any]:
    """Return the fields of a model that the contract knows, by name: what may be shown to others."""
    return {name: getattr(model, name) for name in field_names(cast("Hashable", type(model)))}


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _replaced(model: Any, changes: Mapping[str, Any]) -> Any:
    replace = msgspec.structs.replace if isinstance(model, msgspec.Struct) else attrs.evolve
    return replace(model, **changes)
