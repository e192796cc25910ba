"""The shapes of the generated models, in a form that can check what users write.

A generated ``from_dict`` takes what it is given: a number where the contract says text passes unseen, and a missing
field is a bare KeyError. From each generated class this module derives a msgspec type that checks types, nullability
and required fields and names the path of what is wrong. Derived, not written: a changed spec changes the checks.
What servers send is read more tolerantly (:mod:`gpo_client.models.reader`).
"""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import msgspec

from gpo_client.models.members import members_of
from gpo_core_client.types import Unset


@cache
def shape_of(model: type, *, closed: bool = False) -> type[msgspec.Struct]:
    """Return the msgspec type that checks data for a generated class.

    Args:
        model: The generated class.
        closed: Whether a field that the class does not know is an error, being a misspelling.
    """
    shape: type[msgspec.Struct] = _Shapes(closed=closed).shape(model)
    return shape


class _Shapes:
    """The shape of a model and of those in it."""

    def __init__(self, *, closed: bool) -> None:
        self._closed = closed
        self._outer: list[type] = []

    def shape(self, model: type) -> Any:
        if model in self._outer:
            return dict[str, Any]  # it holds itself: the inner ones are left to from_dict
        self._outer.append(model)
        members = members_of(model)
        fields: list[Any] = [
            (each.name, self._checked(each.hint), *(() if each.required else (msgspec.UNSET,))) for each in members
        ]
        self._outer.pop()
        names = {each.name: each.wire for each in members}
        return msgspec.defstruct(model.__name__, fields, rename=names, forbid_unknown_fields=self._closed, kw_only=True)

    def _checked(self, hint: Any) -> Any:
        """Return the type annotation of an attribute, in msgspec's terms."""
        if get_origin(hint) in (Union, UnionType):
            return self._union(get_args(hint))
        if get_origin(hint) is list:
            return list[self._checked(get_args(hint)[0])]  # type: ignore[misc]
        if attrs.has(hint):
            # A class without fields of its own is an object with any keys, such as metadata.
            return self.shape(hint) if members_of(hint) else dict[str, Any]
        return msgspec.UnsetType if hint is Unset else hint

    def _union(self, members: tuple[Any, ...]) -> Any:
        # "One of these words, or another text" is how an open enumeration is generated: text.
        if str in members:
            members = tuple(member for member in members if get_origin(member) is not Literal)
        union: Any = Union[tuple(map(self._checked, members))]  # noqa: UP007 - the members are data
        try:
            msgspec.json.Decoder(union)
        except TypeError:  # several objects, or several kinds of text: msgspec cannot tell them apart, from_dict can
            return Any
        return union
