"""The context of a call, and the sentence that helps whoever gives something else in its place, or in a request's."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Mapping
from typing import Any, cast

import attrs
import msgspec
from msgspec import inspect

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.members import shape_of
from gpo_client.models.session import ChatContext, Session
from gpo_client.printable import did_you_mean

#: What methods accept as ``context``.
Context = ChatContext | Session | Mapping[str, Any]

_FIELDS = tuple(field.name for field in attrs.fields(ChatContext))
# What a session tells besides: the mapping may be a session that was kept.
_BESIDES = frozenset(field.name for field in attrs.fields(Session))


def read_context(context: Context) -> ChatContext:
    """Return the context, whichever way it was given. Raises InvalidArgumentError if session or token are missing."""
    if isinstance(context, ChatContext):
        return context
    if isinstance(context, Session):
        return context.chat_context()
    if isinstance(context, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        return _from_mapping(context)
    raise no_context(context)


def _from_mapping(mapping: Mapping[str, Any]) -> ChatContext:
    for name in mapping:
        if name not in _FIELDS and name not in _BESIDES:
            raise unknown_in_context(name, _FIELDS)
    for name in ("session_id", "token"):
        if name not in mapping:
            raise missing_in_context(name)
    return ChatContext(**{name: value for name, value in mapping.items() if name in _FIELDS})


def conversation_of(context: Context) -> str:
    """Return the conversation that the context names. Raises InvalidArgumentError if it names none."""
    conversation_id = read_context(context).conversation_id
    if conversation_id is None:
        raise InvalidArgumentError(
            "the context names no conversation: set conversation_id, or pass one", field="context.conversation_id"
        )
    return conversation_id


_CONTEXT_FIRST = "the context comes first, then the request"
_CONTEXT = 'context must be a ChatContext, a Session or a mapping such as {"session_id": "…", "token": "…"}'
# What stands for a value of each type in an example; most are texts.
_VALUES: dict[type, str] = {inspect.IntType: "1", inspect.BoolType: "True", inspect.ListType: "[…]"}
# What the context says already.
_GIVEN = frozenset({"session_id", "conversation_id"})


def no_request(value: object, argument: str, kind: type) -> InvalidArgumentError:
    """Return the error for what is neither a model, of a ``kind`` that was wanted, nor a mapping."""
    message = f"{argument} must be a {kind.__name__} or a mapping such as {_example(kind)}, not {_named(value)}"
    if isinstance(value, ChatContext | Session) and argument == "request":
        message += f": {_CONTEXT_FIRST}"
    return InvalidArgumentError(message, field=argument)


def no_context(value: object) -> InvalidArgumentError:
    """Return the error for what is no context."""
    message = f"{_CONTEXT}, not {_named(value)}"
    if isinstance(getattr(value, "context", None), ChatContext):
        message += ": give its .context"
    elif hasattr(value, "to_dict") and not isinstance(value, type):
        message += f": {_CONTEXT_FIRST}"
    else:
        message += "; client.session(…) gives one"
    return InvalidArgumentError(message, field="context")


def unknown_in_context(name: object, known: tuple[str, ...]) -> InvalidArgumentError:
    """Return the error for a mapping with a field that no context has."""
    hint = f"; {_CONTEXT_FIRST}" if name == "query" else did_you_mean(str(name), known, "fields", quote="'")
    return InvalidArgumentError(f"context has no field {name!r}{hint}", field="context")


def missing_in_context(name: str) -> InvalidArgumentError:
    """Return the error for a mapping without a field that each context has."""
    return InvalidArgumentError(f"context has no {name}: {_CONTEXT}; client.session(…) gives both", field="context")


def unknown_field(fields: Mapping[str, Any], kind: type, argument: str) -> InvalidArgumentError | None:
    """Return the error for the first field, however deep in a request, that its model does not know.

    None: all are known.
    """
    for where, name, known in _unknown(fields, inspect.type_info(shape_of(kind, closed=True)), argument):
        hint = did_you_mean(name, known, "fields", quote="'")
        return InvalidArgumentError(f"{where} has no field {name!r}{hint}", field=where)
    return None


def _unknown(value: Any, shape: inspect.Type, where: str) -> Iterator[tuple[str, str, list[str]]]:
    match shape, value:
        case inspect.UnionType(types=members), _:
            for member in members:
                yield from _unknown(value, member, where)
        case inspect.ListType(item_type=item), list():
            for number, each in enumerate(cast("list[object]", value)):
                yield from _unknown(each, item, f"{where}[{number}]")
        case inspect.StructType(fields=fields), dict():
            types = {field.encode_name: field.type for field in fields}
            for name, each in cast("dict[str, Any]", value).items():
                if name not in types:
                    yield where, name, list(types)
                else:
                    yield from _unknown(each, types[name], f"{where}.{name}")
        case _:
            pass


def _example(kind: type) -> str:
    """Return a mapping with what a request must have, as one would write it; else with its first field."""
    fields = [field for field in msgspec.structs.fields(shape_of(kind, closed=True)) if field.name not in _GIVEN]
    wanted = [field for field in fields if field.required] or fields[:1]
    values = (_VALUES.get(type(inspect.type_info(field.type)), '"…"') for field in wanted)
    inside = ", ".join(f'"{field.encode_name}": {value}' for field, value in zip(wanted, values, strict=True))
    return f"{{{inside}}}"


def _named(value: object) -> str:
    match value:
        case None:
            return "None"
        case str():
            return "a text"
        case type():
            return f"the class {value.__name__} itself"
        case Coroutine():
            return "a coroutine, which is still to be awaited"
        case _:
            return f"an object of type {type(value).__name__}"
