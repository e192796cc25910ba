"""Fields that a newer server sends and these models do not know: kept, as the generated models keep theirs."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Mapping
from functools import cache
from types import NoneType
from typing import Any, TypeGuard, TypeVar, cast

import attrs
import msgspec

T = TypeVar("T")
_KEPT = "additional_properties"
# What most fields are, and what has no fields of its own.
_PLAIN = (str, float, int, NoneType)


def additional_properties() -> dict[str, Any]:
    """Return the attribute of a model that keeps them; not in its repr, since nobody knows what they hold."""
    kept: dict[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    return kept


def keep_unknown(model: T, raw: Any) -> T:
    """Return a model with what it does not know of its JSON, and the models in it likewise.

    Args:
        model: What was read from ``raw``.
        raw: The JSON: a mapping for a model, a list for a list of them.

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
    if not hasattr(value, _KEPT):
        return value
    known = known_fields(cast("Hashable", type(value)))
    changed: dict[str, Any] = {}
    for name in known:
        part = getattr(value, name)
        if not isinstance(part, _PLAIN) and name in raw and (kept := _with_unknown(part, raw[name])) is not part:
            changed[name] = kept
    if unknown := {name: part for name, part in raw.items() if name not in known}:
        changed[_KEPT] = unknown
    return _replaced(value, changed) if changed else value


def known_values(model: object) -> Mapping[str, Any]:
    """Return the fields of a model that the contract knows, by name: what may be shown to others."""
    return {name: getattr(model, name) for name in known_fields(cast("Hashable", type(model)))}


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


@cache
def known_fields(model: Any) -> tuple[str, ...]:
    """Return the names of the fields that the contract knows."""
    names = model.__struct_fields__ if issubclass(model, msgspec.Struct) else attrs.fields_dict(model)
    return tuple(name for name in names if name != _KEPT)


def _replaced(model: Any, changes: Mapping[str, Any]) -> Any:
    replace = msgspec.structs.replace if isinstance(model, msgspec.Struct) else attrs.evolve
    return replace(model, **changes)
