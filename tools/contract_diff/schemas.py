"""The differences between two schemas: what is sent may become freer, what comes back may become narrower.

The other way round somebody is in for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from tools.contract_diff.shape import ANYTHING, LIMITS, PATTERNS, Shape, shape_of
from tools.contract_rules.contract import Contract, Node

#: Formats for which the generated code has types of their own.
_TYPED = frozenset({"date", "date-time", "uuid", "binary"})
_ADD = "add a new field, and keep this one as it was"


@attrs.frozen(order=True)
class Change:
    """One difference between two contracts.

    Attributes:
        is_breaking: Whether a client that was right before can be wrong now.
        text: What it is.
        remedy: What to do instead, if it is breaking.
    """

    is_breaking: bool
    text: str
    remedy: str = attrs.field(default="", eq=False, order=False)

    def __str__(self) -> str:
        return f"BREAKING  {self.text}; {self.remedy}" if self.is_breaking else f"added     {self.text}"


@attrs.frozen
class Pair:
    """Two contracts, to look references up in."""

    old: Contract
    new: Contract
    _known: dict[tuple[int, int, bool], list[Change]] = attrs.field(factory=dict, init=False, repr=False)

    def compared(self, place: str, old: Any, new: Any, *, is_request: bool) -> list[Change]:
        """Return the differences between two schemas.

        Each pair is compared once: a problem stands in every operation.
        """
        key = (id(self.old.resolved(old)), id(self.new.resolved(new)), is_request)
        if old is None or new is None or key not in self._known:
            self._known[key] = list(of_schema("", self, old, new, is_request=is_request))
        return [attrs.evolve(change, text=place + change.text) for change in self._known[key]]


Seen = tuple[tuple[int, int], ...]


def of_schema(place: str, pair: Pair, old: Any, new: Any, *, is_request: bool, seen: Seen = ()) -> Iterator[Change]:
    """Return the differences between two schemas; None is a schema of anything.

    Args:
        place: Where they stand.
        pair: The contracts.
        old: The earlier schema.
        new: The later one.
        is_request: Whether this is sent.
        seen: The pairs that are being compared: schemas may hold themselves.
    """
    here = (id(pair.old.resolved(old)), id(pair.new.resolved(new)))
    if old is not None and new is not None and here in seen:
        return
    before, after = shape_of(pair.old, old or {}), shape_of(pair.new, new or {})
    yield from _of_types(place, before, after, is_request=is_request)
    yield from _of_values(place, before.values, after.values, is_request=is_request)
    yield from _of_words(place, before.words, after.words, is_request=is_request)
    comparison = _Comparison(pair, (*seen, here), is_request)
    yield from comparison.of_objects(place, before.objects, after.objects)
    yield from comparison.of_items(place, before, after)


def _of_types(place: str, old: Shape, new: Shape, *, is_request: bool) -> Iterator[Change]:
    if old.types != new.types:
        narrower, wider = (old.types, new.types) if is_request else (new.types, old.types)
        is_breaking = not _numbers(narrower) <= _numbers(wider)
        yield Change(is_breaking, f"{place}: {_listed(old.types)} is {_listed(new.types)} now", _ADD)


def _numbers(types: frozenset[str]) -> frozenset[str]:
    """Return a whole number is a number."""
    return types | {"integer"} if "number" in types else types


def _listed(kinds: frozenset[str]) -> str:
    return "anything" if kinds >= ANYTHING else " or ".join(sorted(kinds)) or "nothing"


def _of_values(
    place: str, old: frozenset[str] | None, new: frozenset[str] | None, *, is_request: bool
) -> Iterator[Change]:
    if old == new:
        return
    if is_request:
        if new is not None and (gone := sorted((old or {"other values"}) - new)):
            yield Change(True, f"{place}: takes {', '.join(gone)} no more", "go on taking what was taken")
        if old is not None and (added := sorted((new or {"any value"}) - old)):
            yield Change(False, f"{place}: takes {', '.join(added)}")
    elif old is not None and (added := sorted((new or {"other values"}) - old)):
        yield Change(True, f"{place}: may be {', '.join(added)} now", "open the enumeration first: anyOf with its type")
    elif old is not None and new is not None:
        yield Change(False, f"{place}: is not {', '.join(sorted(old - new))} any more")


def _of_words(place: str, old: Node, new: Node, *, is_request: bool) -> Iterator[Change]:
    for word in (word for word in ("format", "contentMediaType") if old.get(word) != new.get(word)):
        is_typed = bool({old.get(word), new.get(word)} & _TYPED)
        is_breaking = is_typed or (is_request and word in new)
        yield Change(is_breaking, f"{place}: {word} {old.get(word, 'none')} is {new.get(word, 'none')} now", _ADD)
    if is_request and old.get("default") != new.get("default"):
        yield Change(False, f"{place}: default {old.get('default')} is {new.get('default')} now")
    for word in (word for word in (*LIMITS, *PATTERNS) if is_request and old.get(word) != new.get(word)):
        was, is_ = old.get(word), new.get(word)
        is_wider = is_ in (None, False) or (was is not None and word in LIMITS and (is_ > was) is LIMITS[word])
        was, is_ = ("none" if each is None else each for each in (was, is_))
        yield Change(not is_wider, f"{place}: {word} {was} is {is_} now", "go on taking what was taken")


@attrs.frozen
class _Comparison:
    """One comparison under way."""

    pair: Pair
    seen: Seen
    is_request: bool

    def schemas(self, place: str, old: Any, new: Any) -> Iterator[Change]:
        return of_schema(place, self.pair, old, new, is_request=self.is_request, seen=self.seen)

    def of_objects(self, place: str, old: dict[str, Node], new: dict[str, Node]) -> Iterator[Change]:
        if len(old) == len(new) == 1:
            yield from self._of_object(place, *old.values(), *new.values())
            return
        for name in sorted(old.keys() & new.keys()):
            yield from self._of_object(place, old[name], new[name])
        if old and new:
            for name in sorted(old.keys() - new.keys()):
                yield Change(self.is_request, f"{place}: is no {name} any more", "go on taking it")
            for name in sorted(new.keys() - old.keys()):
                yield Change(not self.is_request, f"{place}: may be {name} now", _ADD)

    def _of_object(self, place: str, old: Node, new: Node) -> Iterator[Change]:
        before, after = old.get("properties") or {}, new.get("properties") or {}
        was, is_ = set(old.get("required") or ()), set(new.get("required") or ())
        yield from (
            Change(True, f"{place}.{name}: gone", "keep it, deprecated") for name in before.keys() - after.keys()
        )
        for name in after.keys() | (is_ - was if self.is_request else set()):
            path, wanted = f"{place}.{name}", self.is_request and name in is_
            if name in before:
                yield from self._of_member(path, before[name], after.get(name), name in was, name in is_)
            elif name in after or name not in before:
                yield Change(wanted, f"{path}: new{', and required' if wanted else ''}", "let it be absent")
        yield from self._of_others(place, old, new)

    def _of_member(self, path: str, old: Any, new: Any, was: bool, is_: bool) -> Iterator[Change]:
        if was != is_:
            is_breaking = is_ if self.is_request else was
            yield Change(is_breaking, f"{path}: {'required' if is_ else 'optional'} now", "leave it as it was")
        before, after = self.pair.old.resolved(old), self.pair.new.resolved(new)
        word = "readOnly" if self.is_request else "writeOnly"
        if after.get(word) and not before.get(word):
            yield Change(True, f"{path}: {word} now", "leave it as it was")
        if after.get("deprecated") and not before.get("deprecated"):
            yield Change(False, f"{path}: deprecated")
        yield from self.schemas(path, old, new)

    def _of_others(self, place: str, old: Node, new: Node) -> Iterator[Change]:
        """Return what an object may hold besides its properties."""
        before, after = (each.get("additionalProperties", True) for each in (old, new))
        if before == after:
            if isinstance(before, dict):
                yield from self.schemas(f"{place}.*", before, after)
        elif after is False or before is False:
            is_breaking = self.is_request and after is False
            yield Change(is_breaking, f"{place}: other fields are {'refused' if after is False else 'taken'} now", _ADD)
        else:
            yield from self.schemas(f"{place}.*", *({} if each is True else each for each in (before, after)))

    def of_items(self, place: str, old: Shape, new: Shape) -> Iterator[Change]:
        if "array" not in old.types & new.types:
            return
        if old.items is not None or new.items is not None:
            yield from self.schemas(f"{place}[]", old.items, new.items)
        for number, (before, after) in enumerate(zip(old.places, new.places, strict=False)):
            yield from self.schemas(f"{place}[{number}]", before, after)
        if len(old.places) != len(new.places):
            yield Change(True, f"{place}: has {len(new.places)} places and had {len(old.places)}", _ADD)
