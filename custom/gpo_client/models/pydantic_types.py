"""The models as types of pydantic, and so of FastAPI. It is imported when pydantic asks, and imports no pydantic.

https://docs.pydantic.dev/latest/concepts/types/#customizing-validation-with-__get_pydantic_core_schema__
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast, get_args, get_origin

from pydantic_core import core_schema

from gpo_client.models.members import members_of, takes_kept
from gpo_client.models.plain import KEPT, field_names
from gpo_client.models.secret import Secret

# The types that are being described: one that contains itself is named there, not described again.
_UNDER_WAY: ContextVar[frozenset[str]] = ContextVar("_UNDER_WAY", default=frozenset())


def schema_of(source: Any, handler: Any) -> core_schema.CoreSchema:
    """How pydantic reads, writes and documents a model, or one with type arguments, such as ``Page[Message]``.

    It reads an instance, or a mapping as ``to_dict`` gives it; it writes what ``to_dict`` gives.
    """
    kind = get_origin(source) or source
    name = _reference(source)
    if name in _UNDER_WAY.get():
        return core_schema.definition_reference_schema(name)
    with _under_way(name):
        members = {
            wire: core_schema.typed_dict_field(_member(hint, handler), required=required)
            for wire, (_, hint, required) in _members(kind, get_args(source)).items()
        }
    return core_schema.no_info_wrap_validator_function(
        lambda value, read: _validated(kind, value, read),
        core_schema.typed_dict_schema(members, cls=kind, extra_behavior="allow"),
        ref=name,
        serialization=core_schema.plain_serializer_function_ser_schema(lambda model: model.to_dict()),
    )


def schema_of_secret(kind: type[Secret]) -> core_schema.CoreSchema:
    """How pydantic reads, writes and documents a secret: as text, which is a secret from then on."""
    return core_schema.no_info_after_validator_function(
        kind, core_schema.str_schema(), serialization=core_schema.plain_serializer_function_ser_schema(str)
    )


def schema_of_list(kind: type[list[Any]], source: Any, handler: Any) -> core_schema.CoreSchema:
    """How pydantic reads, writes and documents a list of the service: as a list."""
    items = get_args(source) or (Any,)
    return core_schema.no_info_after_validator_function(kind, handler.generate_schema(list[items[0]]))  # type: ignore[valid-type]


def described(kind: type, schema: core_schema.CoreSchema, handler: Any) -> Mapping[str, Any]:
    """Return the JSON Schema of a model, under its name and with the first words of its description."""
    json_schema: dict[str, Any] = handler(schema)
    described_as: dict[str, Any] = handler.resolve_ref_schema(json_schema)
    described_as["description"] = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
    return json_schema


def _reference(source: Any) -> str:
    """Return a name as pydantic makes them for its own models.

    Documents call them ``ChatResponse`` and ``Page_Message_``.
    """
    kind = get_origin(source) or source
    name = f"{kind.__module__}.{kind.__qualname__}:{id(kind)}" if isinstance(kind, type) else repr(kind)
    arguments = ",".join(map(_reference, get_args(source)))
    return f"{name}[{arguments}]" if arguments else name


@contextmanager
def _under_way(name: str) -> Generator[None]:
    token = _UNDER_WAY.set(_UNDER_WAY.get() | {name})
    try:
        yield
    finally:
        _UNDER_WAY.reset(token)


def _members(kind: Any, arguments: tuple[Any, ...]) -> dict[str, tuple[str, Any, bool]]:
    """Return the members of a model's JSON by their names: the attribute, its type, and whether it must be there."""
    if (own := getattr(kind, "wire_members", None)) is not None:
        members: dict[str, tuple[str, Any, bool]] = own()
        return members
    return {
        member.wire: (member.name, _with(member.hint, arguments), member.required)
        for member in members_of(kind)
        if member.name in field_names(kind)
    }


def _with(hint: Any, arguments: tuple[Any, ...]) -> Any:
    """Return a type with its variables filled in; with anything, where nothing is said."""
    parameters = getattr(hint, "__parameters__", ())
    return hint[arguments or (Any,) * len(parameters)] if parameters else hint


def _member(hint: Any, handler: Any) -> core_schema.CoreSchema:
    if hint is bytes:
        return core_schema.no_info_before_validator_function(
            _bytes, core_schema.bytes_schema(), metadata={"pydantic_js_updates": {"format": "byte"}}
        )
    return cast("core_schema.CoreSchema", handler.generate_schema(hint))


def _bytes(value: Any) -> Any:
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


def _validated(kind: Any, value: Any, read: core_schema.ValidatorFunctionWrapHandler) -> Any:
    accepted = kind.accepted(value) if hasattr(kind, "accepted") else value
    if isinstance(accepted, kind):
        return accepted
    given = dict(read(value))
    attributes = {wire: attribute for wire, (attribute, _, _) in _members(kind, ()).items()}
    values = {attributes[wire]: given.pop(wire) for wire in list(given) if wire in attributes}
    takes = takes_kept(kind) if given else None
    model = kind(**values, **({KEPT: given} if takes == "init" else {}))
    if takes == "set":
        setattr(model, KEPT, given)
    return model
