"""Rules on bodies: media types that are sent and read as described."""

from __future__ import annotations

from collections.abc import Iterator

from tools.contract_rules.contract import Contract, Finding, Media, Node, children, kind_of
from tools.contract_rules.parameters import SCALARS

_FORM, _MULTIPART, _STREAM = "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream"
#: What the client reads besides JSON, with code of its own: streams of answers.
_STREAMS = frozenset({"text/event-stream", "application/x-ndjson", "application/jsonl"})


def request_bodies(contract: Contract) -> Iterator[Finding]:
    """Bodies that would be sent otherwise than described, or not at all."""
    for operation in contract.operations:
        for media in contract.bodies(operation):
            if media.others[0] == media.name and len(media.others) > 1:
                yield Finding(
                    media.place,
                    f"has {len(media.others)} media types, and the generated function cannot tell which to send",
                    "keep one, or make an operation for each",
                )
            yield from _sent(contract, media)
            schema = media.node.get("schema", {})
            is_union = contract.is_nullable(schema) or len(contract.arms(schema)) > 1
            if is_union and not contract.resolved(operation.node["requestBody"]).get("required"):
                yield Finding(media.place, "a union that may be absent is not generated", "write required: true")


def _sent(contract: Contract, media: Media) -> Iterator[Finding]:
    schema = media.node.get("schema")
    if schema is None:
        yield Finding(media.place, f"{media.name} has no schema and would not be sent", "give it a schema")
    elif media.name == _STREAM:
        yield Finding(
            media.place,
            f"{media.name} cannot be sent by the asyncio functions",
            f"send the file in {_MULTIPART}, as a property with format: binary",
        )
    elif media.name in (_FORM, _MULTIPART):
        yield from _form(contract, media, schema)
    elif not _is_json(media.name):
        yield Finding(media.place, f"{media.name} is not sent", f"use application/json, {_MULTIPART} or {_FORM}")
    if media.node.get("encoding"):
        yield Finding(media.place, "encoding is passed over", "leave it out, and describe the usual encoding")


def _form(contract: Contract, media: Media, schema: Node) -> Iterator[Finding]:
    if [kind_of(arm) for arm in contract.arms(schema)] != ["object"]:
        yield Finding(media.place, f"{media.name} needs an object", "describe an object, a property for each field")
        return
    for name, member in contract.members(schema).items():
        yield from _field(contract, media, f"{media.place}, field {name}", member)


def _field(contract: Contract, media: Media, place: str, member: Node) -> Iterator[Finding]:
    arms = contract.arms(member)
    items = [item for arm in arms for item in contract.arms(arm.get("items") or {}) if kind_of(arm) == "array"]
    for each in (*arms, *items):
        if "contentMediaType" in each and each.get("format") != "binary":
            yield Finding(place, "contentMediaType would be sent as text", "write format: binary for a file")
        if each.get("format") == "binary" and media.name == _FORM:
            yield Finding(place, f"a file cannot be sent in {_FORM}", f"use {_MULTIPART}")
    plain = all(kind_of(each) in SCALARS or (kind_of(each) == "array" and each in arms) for each in (*arms, *items))
    if not plain or not arms:
        yield Finding(place, "is not sent as described", "use texts, numbers, truth values, files, or lists of these")
    elif media.name == _MULTIPART:
        kinds = {kind_of(each) for each in (*arms, *items)}
        if contract.is_nullable(member) or len(arms) > 1:
            yield Finding(
                place, "null and unions are not sent in multipart bodies", "use one type, absent when optional"
            )
        elif "boolean" in kinds or any(not isinstance(each.get("const", ""), str) for each in (*arms, *items)):
            yield Finding(place, "true would be sent as True, and a number in const fails", "use a string with an enum")


def responses(contract: Contract) -> Iterator[Finding]:
    """Answers that would be lost, or read as something else."""
    for operation in contract.operations:
        for media in contract.responses(operation):
            if media.others[0] != media.name:
                if not (_is_json(media.others[0]) and media.name in _STREAMS):
                    yield Finding(
                        media.place,
                        f"{media.name} would not be read, only {media.others[0]}",
                        "describe one media type for each status",
                    )
            else:
                yield from _read(contract, media)


def _read(contract: Contract, media: Media) -> Iterator[Finding]:
    schema = media.node.get("schema")
    arms = contract.arms(schema) if schema is not None else []
    is_text = len(arms) == 1 and kind_of(arms[0]) == "string"
    is_file = is_text and arms[0].get("format") == "binary"
    if media.name in _STREAMS:
        yield Finding(media.place, f"{media.name} is read by code of its own", "list application/json before it")
    elif media.name in (_STREAM, "*/*"):
        if not is_file:
            yield Finding(media.place, f"{media.name} gives bytes", "describe {type: string, format: binary}")
    elif media.name.startswith("text/"):
        if not is_text or arms[0].get("format") or "enum" in arms[0] or "const" in arms[0]:
            yield Finding(media.place, f"{media.name} gives text", "describe {type: string}, without format or enum")
    elif not _is_json(media.name):
        yield Finding(
            media.place,
            f"{media.name} would not be read",
            'use application/json, text/…, or "*/*" with {type: string, format: binary} for files',
        )
    elif schema is None:
        yield Finding(media.place, "has no schema, and the answer would be lost", "give it a schema; {} stands for any")
    elif schema == {}:
        yield Finding(media.place, "would be handed on unread", "give its schema a type")


def files_in_json(contract: Contract) -> Iterator[Finding]:
    """Files where JSON is."""
    for operation in contract.operations:
        for media in (*contract.bodies(operation), *contract.responses(operation)):
            if _is_json(media.name):
                yield from _files(contract, media.place, media.node.get("schema"), set())


def _files(contract: Contract, place: str, schema: Node | None, seen: set[int]) -> Iterator[Finding]:
    schema = contract.resolved(schema or {})
    if id(schema) in seen:
        return
    seen.add(id(schema))
    if schema.get("format") == "binary":
        yield Finding(place, "format: binary stands in JSON, which holds no bytes", "use format: byte, which is base64")
    for inner, child in children(schema):
        yield from _files(contract, place + inner, child, seen)


def _is_json(media: str) -> bool:
    return media == "application/json" or media.endswith("+json")
