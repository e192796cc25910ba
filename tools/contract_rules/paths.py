"""Rules on operations: paths, ids, servers, security."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus

from openapi_python_client.strings import PythonIdentifier

from tools.contract_rules.contract import METHODS, Contract, Finding, Operation

_VARIABLE = re.compile(r"\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*")
_NOT_OPERATIONS = frozenset({*METHODS, "parameters", "summary", "description", "servers", "$ref"})


def operations(contract: Contract) -> Iterator[Finding]:
    """Operations that would go elsewhere, be left out, or overwrite each other."""
    for path, item in (contract.spec.get("paths") or {}).items():
        if "$ref" in item:
            yield Finding(path, "a $ref for a whole path is passed over", "write its operations out")
        for word in item.keys() - _NOT_OPERATIONS:
            if not str(word).startswith("x-"):
                yield Finding(path, f"{word} is no method that clients offer", f"use one of {', '.join(METHODS)}")
    for operation in contract.operations:
        yield from _path(contract, operation)
        yield from _statuses(operation)
        if "servers" in operation.node or "servers" in operation.item:
            yield Finding(
                operation.place,
                "servers of its own are passed over, and requests go to the base URL",
                "put what differs into the path, or the operation into a contract of its own",
            )
    yield from _ids(contract)


def _path(contract: Contract, operation: Operation) -> Iterator[Finding]:
    place, path = operation.place, operation.path
    if "?" in path or "#" in path:
        yield Finding(place, "the path holds a query", "describe the query as parameters")
    said = _VARIABLE.findall(path)
    known = {each.name for each in contract.parameters(operation) if each.location == "path"}
    for name in said:
        if not _VARIABLE_NAME.fullmatch(name):
            yield Finding(place, f"{{{name}}} is no name that the generator fills in", "use letters, digits, _ and -")
        elif name not in known:
            yield Finding(place, f"{{{name}}} has no parameter", f"add {{name: {name}, in: path, required: true, …}}")
    for name in sorted(known - set(said)):
        yield Finding(place, f"path parameter {name} is not in the path", f"write {{{name}}} into it, or drop it")
    for name, times in Counter(said).items():
        if times > 1:
            yield Finding(place, f"{{{name}}} stands in the path twice", "use two names")


def _statuses(operation: Operation) -> Iterator[Finding]:
    for status in map(str, operation.node.get("responses") or {}):
        is_known = status.isdigit() and int(status) in set(HTTPStatus)
        if not is_known and status != "default" and not re.fullmatch("[1-5]XX", status):
            yield Finding(
                operation.place,
                f"response {status} is no status that Python's http.HTTPStatus has, so answers with it are lost",
                "use a registered status, a range such as 2XX, or default",
            )


def _ids(contract: Contract) -> Iterator[Finding]:
    modules: dict[tuple[str, str], list[str]] = {}
    named = Counter(operation.node.get("operationId") for operation in contract.operations)
    for operation in contract.operations:
        name = operation.node.get("operationId")
        if name is None:
            continue
        if named[name] > 1:
            yield Finding(operation.place, f"operationId {name} is taken by another operation", "give each its own")
        tag = PythonIdentifier((operation.node.get("tags") or ["default"])[0], "tag")
        modules.setdefault((tag, PythonIdentifier(name, "field_")), []).append(name)
    for (_, module), names in modules.items():
        if len(set(names)) > 1:
            yield Finding(
                f"operationId {' and '.join(names)}", f"both would be the module {module}", "give one another name"
            )


def security(contract: Contract) -> Iterator[Finding]:
    """Ways to say who is calling, other than a bearer token."""
    schemes = contract.component("securitySchemes")
    places = [("security", contract.spec.get("security") or [])]
    places += [(f"{each.place}, security", each.node.get("security") or []) for each in contract.operations]
    for place, requirements in places:
        for requirement in requirements:
            if len(requirement) > 1:
                yield Finding(
                    place, f"{' and '.join(requirement)} are wanted together, and one can be sent", "name one of them"
                )
            for name in requirement:
                kind = contract.resolved(schemes.get(name) or {})
                if not kind:
                    yield Finding(place, f"the scheme {name} is not in components.securitySchemes", "describe it there")
                elif (kind.get("type"), str(kind.get("scheme")).lower()) != ("http", "bearer"):
                    told = kind.get("scheme") if kind.get("type") == "http" else kind.get("type")
                    yield Finding(
                        place,
                        f"the scheme {name} is {told}, and clients would send its secret as a bearer token",
                        "offer {type: http, scheme: bearer}, or send it as headers= of the call and leave it out here",
                    )
