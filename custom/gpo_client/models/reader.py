"""The one rule by which everything that servers send is read: answers, chunks, their sources.

What an answer *is* (:mod:`gpo_client.models.members`) is read strictly. What only informs never costs the answer:
an odd member reads as None, its raw value stays in ``additional_properties``, and the rest is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import cache, cached_property
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import msgspec

from gpo_client.models.json_text import is_list, is_object
from gpo_client.models.members import Member, hints_of, members_of, takes_kept
from gpo_client.models.plain import KEPT
from gpo_client.models.scalars import SCALARS, OddValueError, expected, read_any, read_id, uuid_reader
from gpo_core_client.types import Unset

_ABSENT = object()


class Notes:
    """What a reading has met."""

    __slots__ = ("exact", "in_union", "is_partial", "odd", "strict")

    def __init__(self, *, exact: bool = False, strict: bool = True, in_union: bool = False) -> None:
        self.exact = exact  # whether nothing is tolerated, as when the types of a union are told apart
        # Whether types are told apart, so that a word that stands for one of them must be right
        self.in_union = in_union
        self.strict = strict  # whether each item of a list counts, as in what is essential
        self.odd = 0  # how many values were not what the contract says
        self.is_partial = False  # whether something of the member that is being read was left out


Read = Callable[[Any, Notes], Any]


def read_as(kind: Any, raw: Any) -> Any:
    """Return the value of a type (a model, or another that members have, such as ``list[Model]``) in decoded JSON.

    Raises OddValueError if an essential member is missing or odd; ``path`` tells where.

    >>> from gpo_client.models.stream import CitationSource
    >>> source = read_as(CitationSource, {"id": 7, "title": ["VAT"], "relevance_score": "0.9", "page": 3})
    >>> source.id, source.title, source.relevance_score, source.additional_properties
    ('7', None, 0.9, {'page': 3, 'title': ['VAT']})
    """
    return reader_of(kind)(raw, Notes())


@cache
def reader_of(hint: Any) -> Read:
    """How values of a type are read."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _union(tuple(arm for arm in get_args(hint) if arm is not Unset))
    if origin is Literal:
        return _one_of(get_args(hint))
    return _scalar(read_any) if hint is Any else _of_class(origin or hint, get_args(hint))


def _of_class(kind: type[Any], arguments: tuple[Any, ...]) -> Read:
    if kind is list:
        return _ListReader(*(arguments or (Any,)))
    if kind is dict:
        return _MapReader(*(arguments[1:] or (Any,)))
    if attrs.has(kind) or issubclass(kind, msgspec.Struct):
        return ModelReader(kind, arguments)
    if issubclass(kind, Enum):
        return _one_of(tuple(member.value for member in kind), kind)
    if kind.__module__ == "uuid":
        return _scalar(uuid_reader(kind))
    known = next((read for each, read in SCALARS.items() if issubclass(kind, each)), None)
    if known is None:
        raise NotImplementedError(f"nothing in JSON stands for {kind.__name__}")
    return _scalar(known)


def _name_of(kind: Any) -> str:
    return {list: "array", dict: "object"}.get(get_origin(kind) or kind, getattr(kind, "__name__", "a value"))


def _scalar(read: Callable[[Any, bool], Any]) -> Read:
    return lambda raw, notes: read(raw, notes.exact)


def _one_of(values: tuple[Any, ...], kind: Callable[[Any], Any] = lambda value: value) -> Read:
    """One of the words, or numbers, that the contract knows; a newer service may know more."""
    kinds = tuple(dict.fromkeys(map(_class_of, values)))

    def read(raw: Any, notes: Notes) -> Any:
        if raw in values and type(raw) in kinds:
            return kind(raw)
        value = raw if notes.exact or type(raw) in kinds else _read_first(kinds, raw)
        tells_apart = notes.in_union and len(values) == 1 and value not in values
        if notes.exact or tells_apart or type(value) not in kinds:
            raise expected(" | ".join(map(repr, values[:9])), raw)
        notes.odd += 1
        return kind(value) if value in values else value

    return read


def _class_of(value: object) -> Any:
    return value.__class__


def _read_first(kinds: tuple[Any, ...], raw: Any) -> Any:
    return reader_of(kinds[0])(raw, Notes()) if kinds else raw


def _union(arms: tuple[Any, ...]) -> Read:
    if len(arms) == 1:
        return reader_of(arms[0])

    def read(raw: Any, notes: Notes) -> Any:
        for arm in arms:
            try:
                return reader_of(arm)(raw, Notes(exact=True))
            except OddValueError:
                continue
        if notes.exact or raw is None:
            raise expected("another type", raw)
        return _nearest(arms, raw, notes)

    return read


def _nearest(arms: tuple[Any, ...], raw: Any, notes: Notes) -> Any:
    """Return the value of the type that fits best: with the fewest odd values, the first among equals."""
    best: tuple[int, Any, Notes] | None = None
    errors: list[OddValueError] = []
    for arm in arms:
        tried = Notes(strict=notes.strict, in_union=True)
        try:
            value = reader_of(arm)(raw, tried)
        except OddValueError as error:
            errors.append(error)
            continue
        if best is None or tried.odd < best[0]:
            best = (tried.odd, value, tried)
    if best is None:
        # Of several, the one that got furthest says most.
        raise max(errors, key=lambda error: len(error.path))
    notes.odd += best[0]
    notes.is_partial |= best[2].is_partial
    return best[1]


class _ListReader:
    """A list. An item that cannot be read is left out, or is a model of which nothing is known."""

    def __init__(self, item: Any) -> None:
        self._item = item

    def __call__(self, raw: Any, notes: Notes) -> list[Any]:
        if not is_list(raw):
            raise expected("array", raw)
        read = reader_of(self._item)
        items: list[Any] = []
        for place, item in enumerate(raw):
            try:
                items.append(read(item, notes))
            except OddValueError as error:
                if self._item in (int, float):
                    raise error.inside(place) from None  # numbers mean something by their place, such as an hour
                _leave_out(error, place, notes)
                if isinstance(read, ModelReader) and not read.has_essentials:
                    items.append(read.blank())  # in its place, since texts cite sources by their number
        return items


class _MapReader:
    """An object with any names. A value that cannot be read is left out."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __call__(self, raw: Any, notes: Notes) -> dict[str, Any]:
        if not is_object(raw):
            raise expected("object", raw)
        read = reader_of(self._value)
        values: dict[str, Any] = {}
        for name, value in raw.items():
            try:
                values[name] = read(value, notes)
            except OddValueError as error:
                _leave_out(error, name, notes)
        return values


def _leave_out(error: OddValueError, place: str | int, notes: Notes) -> None:
    if notes.exact or notes.strict:
        raise error.inside(place) from None
    notes.odd += 1
    notes.is_partial = True


class ModelReader:
    """An object of the contract, as the class that stands for it."""

    def __init__(self, model: type, arguments: tuple[Any, ...] = ()) -> None:
        self._model = model
        self._arguments = arguments  # of a generic class, such as a page of documents

    @cached_property
    def _members(self) -> tuple[_MemberReader, ...]:
        # Found when they are first asked for: models may hold themselves.
        return tuple(_MemberReader(member, self._arguments) for member in members_of(self._model))

    @cached_property
    def _wire_names(self) -> frozenset[str]:
        return frozenset(member.wire for member in self._members)

    @cached_property
    def _read_kept(self) -> Read | None:
        """How what the model does not know is read; None when it takes any JSON."""
        hint = hints_of(self._model).get(KEPT, Any)
        kinds = [arm for arm in (hint, *get_args(hint)) if get_origin(arm) is dict]
        value = get_args(kinds[0])[1] if kinds else Any
        return None if value is Any else _MapReader(value)

    @cached_property
    def has_essentials(self) -> bool:
        """Whether there are members without which the object is nothing."""
        return any(member.is_essential for member in self._members)

    def blank(self) -> Any:
        """Return the model of an object of which nothing can be read."""
        return self._made({member.name: member.unknown() for member in self._members}, {})

    def __call__(self, raw: Any, notes: Notes) -> Any:
        """Return the model of an object. Raises OddValueError if an essential member of it is missing or odd."""
        if not is_object(raw):
            raise expected("object", raw)
        if self._wire_names.isdisjoint(raw) and any(member.is_required for member in self._members):
            raise OddValueError(f"Object has none of the fields of {self._model.__name__}")
        kept = {name: value for name, value in raw.items() if name not in self._wire_names}
        if kept and self._read_kept is not None:
            kept = self._read_kept(kept, notes)
        values: dict[str, Any] = {}
        for member in self._members:
            value = raw.get(member.wire, _ABSENT)
            # Most values are what the contract says, and need no more than to be seen.
            is_plain = type(value) is member.plain
            values[member.name] = value if is_plain else member.read_from(value, notes, kept)
        return self._made(values, kept)

    def _made(self, values: dict[str, Any], kept: dict[str, Any]) -> Any:
        takes = takes_kept(self._model) if kept else None
        if takes == "init":
            values[KEPT] = kept
        try:
            model = self._model(**values)
        except ValueError as error:  # what the class itself refuses
            refusal = str(error)
        else:
            if takes == "set":
                setattr(model, KEPT, kept)
            return model
        raise OddValueError(refusal)  # not chained: frames hold the values


class _MemberReader:
    """One member of an object."""

    def __init__(self, member: Member, arguments: tuple[Any, ...]) -> None:
        hint = member.hint[arguments] if getattr(member.hint, "__parameters__", ()) else member.hint
        arms = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        self.name, self.wire = member.name, member.wire
        self.is_essential, self.is_required = member.essential, member.required
        self._default = member.default
        self._is_nullable = type(None) in arms or hint is Any
        known = tuple(arm for arm in arms if arm not in (type(None), Unset))
        self._kind: Any = known[0] if len(known) == 1 else Union[known] if known else type(None)  # noqa: UP007 - the types are data

        #: The type of values that read as themselves; None when none do.
        self.plain = self._kind if self._kind in (str, int, bool) else None

    @cached_property
    def _read(self) -> Read:
        is_id = self.name.strip("_") == "id" or self.name.strip("_").endswith("_id")
        return _scalar(read_id) if is_id and self._kind is str else reader_of(self._kind)

    def unknown(self) -> Any:
        """Return what stands for a value that cannot be read."""
        return [] if get_origin(self._kind) is list and not self._is_nullable else None

    def read_from(self, value: Any, notes: Notes, kept: dict[str, Any]) -> Any:
        """Return the value; what is lost of it is kept as it is. Raises OddValueError if it is essential, and odd."""
        if value is None or value is _ABSENT:
            return self._without(value, notes)
        outside = notes.strict, notes.is_partial
        notes.strict, notes.is_partial = self.is_essential, False
        try:
            found = self._read(value, notes)
        except (OddValueError, RecursionError) as error:
            odd = error if isinstance(error, OddValueError) else OddValueError("it is nested too deeply")
        else:
            if notes.is_partial:
                kept[self.wire] = value
            return found
        finally:
            notes.strict, notes.is_partial = outside
        if self.is_essential or notes.exact:
            raise odd.inside(self.wire)
        notes.odd += 1
        kept[self.wire] = value
        return self.unknown()

    def _without(self, value: Any, notes: Notes) -> Any:
        """Return what an absent member reads as, and null."""
        if value is None:
            return None if self._is_nullable else self._null(notes)
        if self.is_required and (self.is_essential or notes.exact):
            raise OddValueError(f"Object missing required field `{self.wire}`")
        if self._default is None:
            return self.unknown()
        return self._default.factory() if isinstance(self._default, attrs.Factory) else self._default  # type: ignore[arg-type]

    def _null(self, notes: Notes) -> Any:
        if not notes.exact and self._kind is bool:
            return False
        if not notes.exact and get_origin(self._kind) is list:
            return []
        if self.is_essential or notes.exact:
            raise expected(_name_of(self._kind), None).inside(self.wire)
        return None
