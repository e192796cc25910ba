"""The differences between two contracts, by operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tools.contract_diff.schemas import Change, Pair
from tools.contract_rules.contract import Contract, Media, Node, Operation, Parameter

_VARIABLE = re.compile(r"\{[^}]*\}")


def changes(old: Node, new: Node) -> list[Change]:
    """All differences, the breaking ones first."""
    pair = Pair(Contract(old), Contract(new))
    before, after = ({_name(each): each for each in contract.operations} for contract in (pair.old, pair.new))
    found = list(_renamed(before, after))
    found += [
        Change(True, f"{name}: gone", "keep it, deprecated, until the next major version")
        for name in before.keys() - after.keys()
    ]
    found += [Change(False, f"{name}: new") for name in after.keys() - before.keys()]
    for name in before.keys() & after.keys():
        found += _of_operation(name, pair, before[name], after[name])
    found += _of_servers("servers", old, new)
    return sorted(set(found), key=lambda change: (not change.is_breaking, change.text))


def _name(operation: Operation) -> str:
    return str(operation.node.get("operationId") or operation.place)


def _renamed(before: dict[str, Operation], after: dict[str, Operation]) -> Iterator[Change]:
    """Operations that have another id now; from here on they go by the new one."""
    places = {each.place: name for name, each in after.items() if name not in before}
    for name, operation in list(before.items()):
        if name not in after and (now := places.get(operation.place)):
            yield Change(True, f"{name}: is called {now} now", "keep the operationId: modules are named after it")
            before[now] = before.pop(name)


def _of_operation(name: str, pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    if _VARIABLE.sub("{}", old.place) != _VARIABLE.sub("{}", new.place):
        yield Change(True, f"{name}: moved from {old.place} to {new.place}", "serve both until the next major version")
    if new.node.get("deprecated") and not old.node.get("deprecated"):
        yield Change(False, f"{name}: deprecated")
    yield from _of_servers(f"{name}, servers", old.node, new.node)
    yield from _of_security(name, pair, old, new)
    yield from _of_parameters(name, pair, old, new)
    yield from _of_body(name, pair, old, new)
    yield from _of_responses(name, pair, old, new)


def _of_servers(place: str, old: Node, new: Node) -> Iterator[Change]:
    before, after = ([str(each.get("url")).rstrip("/") for each in node.get("servers") or []] for node in (old, new))
    if before != after and not set(before) <= set(after):
        gone = ", ".join(url for url in before if url not in after)
        yield Change(True, f"{place}: {gone} gone", "keep the address, or say in CHANGELOG.md which base_url to set")
    elif before != after:
        yield Change(not before, f"{place}: {', '.join(after)} now", "leave the operation where the others are")


def _of_security(name: str, pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _requirements(pair.old, old), _requirements(pair.new, new)
    for way in before:
        if not any(_suffices(way, each) for each in after):
            yield Change(True, f"{name}: {_said(way)} is not enough any more", "go on taking it, beside the new way")
    for way in after:
        if not any(_suffices(way, each) for each in before):
            yield Change(False, f"{name}: takes {_said(way)}")


def _requirements(contract: Contract, operation: Operation) -> list[dict[str, tuple[str, frozenset[str]]]]:
    """Return the ways to say who is calling: by scheme, how it is sent and the scopes that it must have."""
    ways = operation.node.get("security", contract.spec.get("security")) or [{}]
    schemes = {name: contract.resolved(node) for name, node in contract.component("securitySchemes").items()}

    def sent(name: str) -> str:
        return " ".join(str(schemes.get(name, {}).get(word, "")).lower() for word in ("type", "scheme", "in", "name"))

    return [{name: (sent(name), frozenset(scopes or ())) for name, scopes in way.items()} for way in ways]


def _suffices(given: dict[str, tuple[str, frozenset[str]]], wanted: dict[str, tuple[str, frozenset[str]]]) -> bool:
    return all(
        name in given and given[name][0] == sent and scopes <= given[name][1] for name, (sent, scopes) in wanted.items()
    )


def _said(way: dict[str, tuple[str, frozenset[str]]]) -> str:
    return (
        " and ".join(f"{name} {' '.join(sorted(scopes))}".strip() for name, (_, scopes) in way.items()) or "no secret"
    )


def _of_parameters(name: str, pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    before = {_key(old, each): each for each in pair.old.parameters(old)}
    after = {_key(new, each): each for each in pair.new.parameters(new)}
    for key in before.keys() - after.keys():
        yield Change(
            True, f"{name}: {before[key].location} parameter {key[1]} gone", "go on taking it, and pass it over"
        )
    for key, parameter in after.items():
        place, required = f"{name} {parameter.name}", bool(parameter.node.get("required"))
        if key not in before:
            wanted = ", and required" if required else ""
            yield Change(required, f"{name}: parameter {parameter.name} new{wanted}", "let it be absent")
            continue
        if required and not before[key].node.get("required"):
            yield Change(True, f"{place}: required now", "let it be absent")
        yield from _of_styles(place, before[key].node, parameter.node)
        yield from _of_contents(place, pair, before[key].node, parameter.node)


def _key(operation: Operation, parameter: Parameter) -> tuple[str, str]:
    """Where it is and its name; in a path the place counts, since there the name is nobody's business."""
    places = [name.strip("{}") for name in _VARIABLE.findall(operation.path)]
    if parameter.location == "path" and parameter.name in places:
        return "path", str(places.index(parameter.name))
    return parameter.location, parameter.name.lower() if parameter.location == "header" else parameter.name


def _of_styles(place: str, old: Node, new: Node) -> Iterator[Change]:
    usual = {"query": "form", "cookie": "form"}.get(str(new.get("in")), "simple")

    def written(node: Node) -> dict[str, Any]:
        style = node.get("style", usual)
        return {
            "style": style,
            "explode": node.get("explode", style == "form"),
            "allowReserved": node.get("allowReserved", False),
        }

    before, after = written(old), written(new)
    for word in before:
        if before[word] != after[word]:
            yield Change(
                True, f"{place}: {word} is {_plain(after[word])} now", "keep it as it was, or add another parameter"
            )


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_contents(place: str, pair: Pair, old: Node, new: Node) -> Iterator[Change]:
    """Return a parameter's schema, or the media type that it is written in."""
    before, after = old.get("content") or {"": old}, new.get("content") or {"": new}
    if before.keys() != after.keys():
        yield Change(
            True, f"{place}: is written as {', '.join(after) or 'a plain value'} now", "keep the way it is written"
        )
        return
    for media in before:
        yield from pair.compared(place, before[media].get("schema"), after[media].get("schema"), is_request=True)


def _of_body(name: str, pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    before, after = pair.old.resolved(old.node.get("requestBody")), pair.new.resolved(new.node.get("requestBody"))
    was, is_ = "requestBody" in old.node, "requestBody" in new.node
    required = bool(after.get("required"))
    if was and not is_:
        yield Change(True, f"{name}: body gone", "go on taking it, and pass it over")
    elif is_ and not was:
        yield Change(required, f"{name}: body new{', and required' if required else ''}", "let it be absent")
    elif was:
        if required and not before.get("required"):
            yield Change(True, f"{name} body: required now", "let it be absent")
        yield from _of_media(f"{name} body", pair, pair.old.bodies(old), pair.new.bodies(new), is_request=True)


def _of_responses(name: str, pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    before, after = ({str(k): v for k, v in (each.node.get("responses") or {}).items()} for each in (old, new))
    for status in before.keys() - after.keys():
        yield Change(status < "400", f"{name}: status {status} gone", "go on answering with it")
    yield from (Change(False, f"{name}: status {status} new") for status in after.keys() - before.keys())
    for status in before.keys() & after.keys():
        place = f"{name} {status}"
        medias = ([m for m in c.responses(o) if m.status == status] for c, o in ((pair.old, old), (pair.new, new)))
        yield from _of_media(place, pair, *medias, is_request=False)
        yield from _of_headers(place, pair, before[status], after[status])


def _of_media(place: str, pair: Pair, old: Any, new: Any, *, is_request: bool) -> Iterator[Change]:
    before: dict[str, Media] = {media.name: media for media in old}
    after: dict[str, Media] = {media.name: media for media in new}
    yield from (
        Change(True, f"{place}: {media} gone", "keep it beside the new one") for media in before.keys() - after.keys()
    )
    yield from (Change(False, f"{place}: {media} new") for media in after.keys() - before.keys())
    for media in before.keys() & after.keys():
        was, is_ = before[media].node, after[media].node
        if was.get("encoding") != is_.get("encoding"):
            yield Change(True, f"{place}: encoding of {media} is another now", "keep it as it was")
        yield from pair.compared(place, was.get("schema"), is_.get("schema"), is_request=is_request)


def _of_headers(place: str, pair: Pair, old: Any, new: Any) -> Iterator[Change]:
    before, after = (
        {name.lower(): contract.resolved(node) for name, node in (contract.resolved(each).get("headers") or {}).items()}
        for contract, each in ((pair.old, old), (pair.new, new))
    )
    yield from (
        Change(True, f"{place}: header {name} gone", "go on sending it") for name in before.keys() - after.keys()
    )
    yield from (Change(False, f"{place}: header {name} new") for name in after.keys() - before.keys())
    for name in before.keys() & after.keys():
        if before[name].get("required") and not after[name].get("required"):
            yield Change(True, f"{place}: header {name} optional now", "go on sending it")
        schemas = before[name].get("schema"), after[name].get("schema")
        yield from pair.compared(f"{place}: header {name}", *schemas, is_request=False)
