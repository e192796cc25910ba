"""Operations of the API as commands see them: found by method and path, and filled from fields that are typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import attrs
import msgspec

from gpo_client.cli.asking import read_input
from gpo_client.cli.exit_codes import usage
from gpo_client.printable import did_you_mean

_PLACE = re.compile(r"\{(\w+)\}")
# filter[country_ids][] and filter.country_ids name the same field.
_BRACKETS = re.compile(r"\[(\w*)\]")
_JSON = msgspec.json.Decoder()


@attrs.frozen(kw_only=True)
class Operation:
    """One operation; ``tools/command_table.py`` derives them from the OpenAPI document."""

    name: str  # the operationId
    method: str  # ``GET``, ``POST`` …
    path: str  # the path, with the names of its parameters in braces
    summary: str  # what it does, in a few words
    client: str = ""  # the method of the client that performs it
    creates: bool = False  # whether it takes an idempotency key
    with_key: bool = False  # whether the API key is its bearer, not the token of a session
    media: tuple[str, ...] = ()  # the media types of its answer; none: it has no content
    query: Mapping[str, str] = {}  # the parameters in the query, each with its kind
    # The fields of the body, each with its kind; a single one without a name when the body is no object
    body: Mapping[str, str] = {}
    rows: str = ""  # the member of the answer that is a list of objects; none when the answer itself is, or has none
    columns: tuple[str, ...] = ()  # the members of these objects
    facts: tuple[str, ...] = ()  # the other members of the answer

    @property
    def places(self) -> list[str]:
        """The names of the parameters in the path."""
        return _PLACE.findall(self.path)

    @property
    def fields(self) -> dict[str, str]:
        """All that can be given, each with its kind."""
        return {**dict.fromkeys(self.places, "string"), **self.query, **self.body}

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values that a path has for the parameters in ours; None when it is another path."""
        pattern = _PLACE.sub(r"(?P<\1>[^/]+)", re.sub(r"[.+*?()\[\]^$|]", r"\\\g<0>", self.path))
        found = re.fullmatch(pattern, "/" + path.lstrip("/"))
        values = found.groupdict() if found else {}
        return None if found is None else {name: value for name, value in values.items() if value != f"{{{name}}}"}


@attrs.define
class Filled:
    """An operation with the values in its path and query, and its body (None: it has none)."""

    operation: Operation
    places: dict[str, str] = attrs.field(factory=dict[str, str])
    query: dict[str, Any] = attrs.field(factory=dict[str, Any])
    body: Any = None

    @property
    def url(self) -> str:
        """The path with its values filled in; a CommandError if one is missing."""
        if missing := [name for name in self.operation.places if name not in self.places]:
            raise usage(f"{self.operation.path} needs {missing[0]}: put it into the path, or give -f {missing[0]}=…")
        return _PLACE.sub(lambda place: quote(self.places[place[1]], safe=""), self.operation.path)

    def fill(self, texts: Iterable[str], typed: Iterable[str] = ()) -> None:
        """Take in fields as they were typed: ``NAME=VALUE`` of the contract's kind; ``typed`` ones are ``NAME=JSON``,
        or ``NAME=@FILE`` for the text in a file. Raises CommandError for unknown fields and bad values.
        """
        for given, is_json in (*((each, False) for each in texts), *((each, True) for each in typed)):
            name, equals, value = given.partition("=")
            if not equals:
                raise usage(f"a field is written NAME=VALUE, not {given!r}")
            self._set(_BRACKETS.sub(lambda part: f".{part[1]}" if part[1] else "", name).lstrip("."), value, is_json)

    def _set(self, name: str, value: str, is_json: bool) -> None:
        operation = self.operation
        if name in operation.places:
            self.places[name] = value
            return
        kind = operation.query.get(name) or operation.body.get(name)
        if kind is None:
            hint = did_you_mean(name, operation.fields, "fields")
            raise usage(f"{operation.method} {operation.path} has no field {name!r}{hint}")
        read = _typed(name, value) if is_json else _value(name, kind, value)
        if name in operation.query:
            _put(self.query, [name], read, kind)
        elif not name:
            self.body = [*(self.body or []), *read]
        else:
            self.body = {} if self.body is None else self.body
            _put(self.body, name.split("."), read, kind)


def find(method: str, path: str) -> Filled:
    """Return the operation at a method (in any case) and path, with the values that the path has for it.

    The path may lack its first slash, have ids or their names in braces, and a query. Raises CommandError if there is
    none, or the query has a parameter that it has not.
    """
    path, _, query = path.partition("?")
    matches = [(each, each.match(path)) for each in operations() if each.method == method.upper()]
    found = [(len(each.places), each, places) for each, places in matches if places is not None]
    if not found:
        known = [each.path for each in operations() if each.method == method.upper()]
        raise usage(f"there is no operation {method.upper()} {path}{did_you_mean(path, known, 'paths')}")
    _, operation, places = min(found, key=lambda each: each[0])
    filled = Filled(operation, places)
    filled.fill(f"{name}={value}" for name, value in parse_qsl(query, keep_blank_values=True))
    return filled


@cache
def operations() -> tuple[Operation, ...]:
    """All operations of the contract, in its order."""
    lines = files("gpo_client.cli").joinpath("operations.jsonl").read_bytes().splitlines()
    return tuple(msgspec.json.decode(line, type=Operation) for line in lines)


def performed_by(method: str) -> Operation:
    """Return the operation that a method of the client performs, such as ``"metrics.opinion"``."""
    return next(each for each in operations() if each.client == method)


def _value(name: str, kind: str, text: str) -> Any:
    if kind.endswith("[]"):
        return [_value(name, kind[:-2], text)]
    if kind == "string":
        return text
    if "|" in kind:
        if text not in kind.split("|"):
            raise usage(f"{name} must be one of {', '.join(kind.split('|'))}, not {text!r}")
        return text
    value = _typed(name, text, f"{name} must be {'JSON' if kind == 'object' else f'of type {kind}'}, not {text!r}")
    kinds: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "boolean": (bool,)}
    if kind in kinds and type(value) not in kinds[kind]:
        raise usage(f"{name} must be of type {kind}, not {text!r}")
    return value


def _typed(name: str, text: str, wrong: str | None = None) -> Any:
    if text.startswith("@") and wrong is None:
        return read_input(Path(text[1:]))
    try:
        return _JSON.decode(text)
    except msgspec.DecodeError as error:
        raise usage(wrong or f"{name} must be JSON, or @FILE, not {text!r}") from error


def _put(tree: dict[str, Any], path: list[str], value: Any, kind: str) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    is_more = kind.endswith("[]") and isinstance(value, list) and path[-1] in tree
    tree[path[-1]] = [*tree[path[-1]], *value] if is_more else value
