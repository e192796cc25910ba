"""What has changed in openapi.yaml since the last tag, and whether version and CHANGELOG.md say so.

A change is breaking if a client that was right before can be wrong now: an operation, a status of success or a field
of an answer that is gone or may be null, a field of a request that is gone, or that must be there, or that takes fewer
values. The rules are those of Semantic Versioning: a breaking change wants a new major version, or before 1.0 a new
minor one, and any change wants an entry under Unreleased in the change log.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import yaml

ROOT = Path(__file__).resolve().parent.parent
_METHODS = ("get", "post", "put", "patch", "delete")
Spec = dict[str, Any]


@attrs.frozen(order=True)
class Change:
    """One difference between two contracts.

    Attributes:
        is_breaking: Whether a client that was right before can be wrong now.
        text: What it is.
    """

    is_breaking: bool
    text: str

    def __str__(self) -> str:
        return f"{'BREAKING' if self.is_breaking else 'added   '}  {self.text}"


def changes(old: Spec, new: Spec) -> list[Change]:
    """All differences, the breaking ones first."""
    before, after = dict(_operations(old)), dict(_operations(new))
    found = [Change(True, f"{name}: gone") for name in before.keys() - after.keys()]
    found += [Change(False, f"{name}: new") for name in after.keys() - before.keys()]
    for name in before.keys() & after.keys():
        found += _of_operation(name, _Pair(old, new), before[name], after[name])
    return sorted(set(found), key=lambda change: (not change.is_breaking, change.text))


@attrs.frozen
class _Pair:
    """Two contracts, to look references up in."""

    old: Spec
    new: Spec


def _operations(spec: Spec) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in spec["paths"].items():
        for method in (name for name in _METHODS if name in item):
            yield item[method]["operationId"], {**item[method], "route": f"{method.upper()} {path}"}


def _of_operation(name: str, specs: _Pair, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    if old["route"] != new["route"]:
        yield Change(True, f"{name}: moved from {old['route']} to {new['route']}")
    yield from _of_parameters(name, specs, old, new)
    before, after = old["responses"], new["responses"]
    yield from (Change(status < "400", f"{name}: status {status} gone") for status in before.keys() - after.keys())
    yield from (Change(False, f"{name}: status {status} new") for status in after.keys() - before.keys())
    for status in before.keys() & after.keys():
        place = f"{name} {status}"
        yield from _of_content(place, specs, before[status], after[status], is_request=False)
    if "requestBody" in old and "requestBody" in new:
        yield from _of_content(f"{name} body", specs, old["requestBody"], new["requestBody"], is_request=True)
    elif "requestBody" in old or "requestBody" in new:
        yield Change(True, f"{name}: body {'gone' if 'requestBody' in old else 'new'}")


def _of_parameters(name: str, specs: _Pair, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before = {item["name"]: item for item in (_resolved(specs.old, part) for part in old.get("parameters", []))}
    after = {item["name"]: item for item in (_resolved(specs.new, part) for part in new.get("parameters", []))}
    yield from (Change(True, f"{name}: parameter {gone} gone") for gone in before.keys() - after.keys())
    for key, parameter in after.items():
        place, required = f"{name} {key}", parameter.get("required", False)
        if key not in before:
            yield Change(required, f"{name}: parameter {key} new{', and required' if required else ''}")
            continue
        if required and not before[key].get("required", False):
            yield Change(True, f"{place}: required now")
        yield from _of_schema(place, specs, before[key]["schema"], parameter["schema"], is_request=True)


def _of_content(place: str, specs: _Pair, old: Any, new: Any, *, is_request: bool) -> Iterator[Change]:
    before, after = _resolved(specs.old, old).get("content", {}), _resolved(specs.new, new).get("content", {})
    yield from (Change(True, f"{place}: {media} gone") for media in before.keys() - after.keys())
    yield from (Change(False, f"{place}: {media} new") for media in after.keys() - before.keys())
    for media in before.keys() & after.keys():
        yield from _of_schema(place, specs, before[media]["schema"], after[media]["schema"], is_request=is_request)


def _of_schema(place: str, specs: _Pair, old: Any, new: Any, *, is_request: bool) -> Iterator[Change]:
    before, after = _flat(specs.old, old), _flat(specs.new, new)
    yield from _of_types(place, before, after, is_request=is_request)
    yield from _of_values(place, before, after, is_request=is_request)
    yield from _of_properties(place, specs, before, after, is_request=is_request)
    if "items" in before and "items" in after:
        yield from _of_schema(f"{place}[]", specs, before["items"], after["items"], is_request=is_request)


def _of_types(place: str, old: dict[str, Any], new: dict[str, Any], *, is_request: bool) -> Iterator[Change]:
    before, after = set(old["types"]), set(new["types"])
    if before == after:
        return
    # What is sent may become freer, what comes back may become narrower; the other way round somebody is in for it.
    is_breaking = not (before <= after if is_request else after <= before)
    yield Change(is_breaking, f"{place}: {_listed(before)} is {_listed(after)} now")


def _of_values(place: str, old: dict[str, Any], new: dict[str, Any], *, is_request: bool) -> Iterator[Change]:
    before, after = set(old["values"]), set(new["values"])
    if not is_request or before == after:
        return
    if gone := sorted(map(str, before - after)):
        yield Change(bool(after), f"{place}: takes {', '.join(gone)} no more")
    if added := sorted(map(str, after - before)):
        yield Change(not before, f"{place}: takes {', '.join(added)}")


def _of_properties(
    place: str, specs: _Pair, old: dict[str, Any], new: dict[str, Any], *, is_request: bool
) -> Iterator[Change]:
    before, after = old["properties"], new["properties"]
    yield from (Change(True, f"{place}.{name}: gone") for name in before.keys() - after.keys())
    for name in after:
        path = f"{place}.{name}"
        was, is_ = name in old["required"], name in new["required"]
        if name not in before:
            yield Change(is_request and is_, f"{path}: new{', and required' if is_request and is_ else ''}")
            continue
        if was != is_:
            yield Change(is_ if is_request else was, f"{path}: {'required' if is_ else 'optional'} now")
        yield from _of_schema(path, specs, before[name], after[name], is_request=is_request)


def _resolved(spec: Spec, node: Any) -> Any:
    while "$ref" in node:
        found: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _flat(spec: Spec, schema: Any) -> dict[str, Any]:
    """A schema with all its parts put together: types, values, properties, required, items."""
    schema = _resolved(spec, schema)
    kinds = schema.get("type", [])
    flat: dict[str, Any] = {
        "types": [kinds] if isinstance(kinds, str) else list(kinds),
        "values": list(schema.get("enum", [])),
        "properties": dict(schema.get("properties", {})),
        "required": list(schema.get("required", [])),
    }
    if "items" in schema:
        flat["items"] = schema["items"]
    for part in (*schema.get("allOf", []), *schema.get("anyOf", []), *schema.get("oneOf", [])):
        inner = _flat(spec, part)
        flat["types"] += inner["types"]
        flat["values"] += inner["values"]
        flat["properties"] = {**inner["properties"], **flat["properties"]}
        # Of alternatives none must have what the others need.
        flat["required"] += inner["required"] if part in schema.get("allOf", []) else []
        flat.setdefault("items", inner.get("items")) if "items" in inner else None
    return flat


def _listed(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds)) or "anything"


def unannounced(found: list[Change], old_version: str, new_version: str, unreleased: str) -> list[str]:
    """What version and change log do not say.

    Args:
        found: The changes of the contract.
        old_version: The version at the tag.
        new_version: The version now.
        unreleased: What the change log says since the tag.
    """
    wrong = []
    if found and "openapi.yaml" not in unreleased:
        wrong.append("the contract has changed, and CHANGELOG.md has no entry that names openapi.yaml since the tag")
    if any(change.is_breaking for change in found) and not _says_breaking(old_version, new_version):
        wrong.append(f"the contract breaks clients, and version {new_version} after {old_version} does not say so")
    return wrong


def _says_breaking(old: str, new: str) -> bool:
    before, after = (tuple(map(int, re.findall(r"\d+", version)[:2])) for version in (old, new))
    return after > before if before[0] == 0 else after[0] > before[0]


def _git(root: Path, *arguments: str) -> str | None:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _version(text: str) -> str:
    found = re.search(r'VERSION = "([^"]+)"', text)
    return found[1] if found else "0.0.0"


def main(root: Path = ROOT) -> int:
    """Run the command line."""
    tag = (_git(root, "describe", "--tags", "--abbrev=0") or "").strip()
    before = _git(root, "show", f"{tag}:openapi.yaml") if tag else None
    if before is None:
        print("openapi.yaml: there is no tag to compare with yet")
        return 0
    found = changes(yaml.safe_load(before), yaml.safe_load((root / "openapi.yaml").read_text("utf-8")))
    print(f"openapi.yaml since {tag}:", *(map(str, found) if found else ["nothing has changed"]), sep="\n")
    log, old_log = (root / "CHANGELOG.md").read_text("utf-8"), _git(root, "show", f"{tag}:CHANGELOG.md") or ""
    version = "custom/gpo_client/version.py"
    wrong = unannounced(
        found,
        _version(_git(root, "show", f"{tag}:{version}") or ""),
        _version((root / version).read_text("utf-8")),
        "\n".join(line for line in log.splitlines() if line not in old_log.splitlines()),
    )
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
