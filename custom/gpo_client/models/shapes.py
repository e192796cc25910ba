"""The shapes of the generated models, in a form that can check data.

A generated ``from_dict`` takes what it is given: a number where the contract says text passes unseen, and a missing
field is a bare KeyError. From each generated class this module derives a msgspec type that checks types, nullability
and required fields and names the path of what is wrong. Derived, not written: a changed spec changes the checks.
"""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec

from gpo_core_client.types import Unset


@cache
def shape_of(model: type, *, closed: bool = False) -> type[msgspec.Struct]:
    """The msgspec type that checks data for a generated class.

    Args:
        model: The generated class.
        closed: Whether a field that the class does not know is an error. Right for what users write, where it is a
            misspelling; wrong for answers, where it comes from a newer server.
    """
    import gpo_core_client.models as generated  # when it is needed: it takes longer to load than all of ours

    # The generated modules import their neighbours for type checkers only, hence the namespace.
    hints = get_type_hints(model, localns=vars(generated))
    fields = [
        (field.name, _checked(hints[field.name], closed=closed), *_default(field))
        for field in attrs.fields(model)
        if field.init
    ]
    # The generator appends an underscore to names that Python has taken.
    names = {field.name: field.name.removesuffix("_") for field in attrs.fields(model)}
    return msgspec.defstruct(model.__name__, fields, rename=names, forbid_unknown_fields=closed, kw_only=True)


def _default(field: attrs.Attribute[Any]) -> tuple[Any, ...]:
    return () if field.default is attrs.NOTHING else (msgspec.UNSET,)


def _checked(hint: Any, *, closed: bool) -> Any:
    """The type annotation of an attribute, in msgspec's terms."""
    if get_origin(hint) in (Union, UnionType):
        return _checked_union(get_args(hint), closed=closed)
    if get_origin(hint) is list:
        return list[_checked(get_args(hint)[0], closed=closed)]  # type: ignore[misc]
    if attrs.has(hint):
        # A class without fields of its own is an object with any keys, such as metadata.
        has_fields = any(field.init for field in attrs.fields(hint))
        return shape_of(hint, closed=closed) if has_fields else dict[str, Any]
    return msgspec.UnsetType if hint is Unset else hint


def _checked_union(members: tuple[Any, ...], *, closed: bool) -> Any:
    # "One of these words, or another text" is how an open enumeration is generated: text.
    if str in members:
        members = tuple(member for member in members if get_origin(member) is not Literal)
    return Union[tuple(_checked(member, closed=closed) for member in members)]  # noqa: UP007 - the members are data
