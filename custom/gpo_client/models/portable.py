"""The base of all models: what each can do besides holding its values, as to be written as JSON and read again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import Any, Generic, Self, TypeVar, cast

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.json_text import UNREADABLE, decode_json
from gpo_client.models.plain import KEPT, field_names, json_text, members_of, to_plain
from gpo_client.models.scalars import OddValueError

T = TypeVar("T")

#: The attribute that a model keeps its origin in.
ORIGIN = "_origin"


@attrs.frozen
class Origin:
    """The head of the response that a model was read from: field names in lower case, without cookies.

    Its id is the ``X-Request-ID`` of the response, else the one that was sent.
    """

    request_id: str | None
    headers: dict[str, str]

    @classmethod
    def of(cls, request_id: str | None, headers: Mapping[str, str]) -> Origin:
        """Return the origin of a model in a response with this head, without cookies: they are for one connection."""
        return cls(request_id, {name.lower(): value for name, value in headers.items() if "cookie" not in name.lower()})


class Portable:
    """A value that can be handed on: to files, caches, logs, web frameworks."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the value as the service writes it: JSON types, the API's names, what is unknown here too.

        A token in it is written as it is. Times are texts in ISO 8601 (RFC 3339), bytes are base64.
        """
        plain: dict[str, Any] = to_plain(members_of(self))
        return plain

    def to_json(self, *, indent: int | None = None) -> str:
        """:meth:`to_dict` as a JSON text (RFC 8259).

        Args:
            indent: Spaces to each level, over several lines. Default None: one line.
        """
        return json_text(self.to_dict(), indent)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object, such as :meth:`to_dict` gives.

        Args:
            src_dict: The members by their names.

        Raises:
            InvalidArgumentError: An essential member is missing or of the wrong type; ``field`` has its path.
        """
        model: Self = read_members(cls, src_dict)
        return model

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the model of a JSON text, such as :meth:`to_json` gives.

        Args:
            text: A JSON object.

        Raises:
            InvalidArgumentError: It is no JSON object, or an essential member is missing or of the wrong type.
        """
        return cls.from_dict(read_object(cls, text))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return rebuilt, (type(self), values_of(self), getattr(self, ORIGIN, None))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from gpo_client.models.pydantic_types import schema_of  # imports what pydantic, which calls this, has imported

        return schema_of(source, handler)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        from gpo_client.models.pydantic_types import described

        return described(cls, schema, handler)


class _OfTheHead(Generic[T]):
    """A property of answers that a field of the same name hides, since an API may add one: a non-data descriptor."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    def __get__(self, answer: object, owner: type | None = None) -> T:
        return self if answer is None else self._read(answer)  # type: ignore[return-value]


class WithHeaders:
    """Something that was read from a response, whose head it remembers. The head is no part of the value."""

    __slots__ = ()

    @_OfTheHead
    def response_headers(self) -> Mapping[str, str]:
        """Return the header fields of the response, names in lower case, without cookies.

        Empty when there was no response.
        """
        origin = origin_of(self)
        return MappingProxyType(origin.headers if origin is not None else {})


class WithHead(WithHeaders):
    """The same, with the id of the request."""

    __slots__ = ()

    @_OfTheHead
    def request_id(self) -> str | None:
        """Return the ``X-Request-ID`` under which the service's operators find the request.

        None when there was none.
        """
        origin = origin_of(self)
        return origin.request_id if origin is not None else None


class Answered(WithHead, Portable):
    """A model of what the service responds, which remembers the head that it came with."""

    __slots__ = (ORIGIN,)


class AnsweredInParts(WithHeaders, Portable):
    """An answer that came as a stream: it remembers the head of the (last) response, and has fields of its own."""

    __slots__ = (ORIGIN,)


def origin_of(answer: object) -> Origin | None:
    """Return the head that a model came with; None of what is none, or was made otherwise."""
    return getattr(answer, ORIGIN, None)


def came_with(answer: T, origin: Origin | None) -> T:
    """Return the model, which now remembers its origin, if it is of a kind that does."""
    if origin is not None and isinstance(answer, WithHeaders):
        object.__setattr__(answer, ORIGIN, origin)  # models are frozen; the origin is no part of their value
    return answer


def values_of(model: object) -> dict[str, Any]:
    """Every value that a model holds, by the name of its attribute."""
    names = field_names(cast("Hashable", type(model)))
    return {name: getattr(model, name) for name in (*names, KEPT) if hasattr(model, name)}


def rebuilt(kind: type[object], values: Mapping[str, Any], origin: Origin | None) -> object:
    """Return a model again as it was: its values are not checked, nor converted, a second time.

    What was left out, as by an older version that did not know it, has its default.
    """
    model: object = object.__new__(kind)
    for field in attrs.fields(cast("Any", kind)):
        if (value := values[field.name] if field.name in values else _default(field)) is not attrs.NOTHING:
            object.__setattr__(model, field.name, value)
    return came_with(model, origin)


def _default(field: attrs.Attribute[Any]) -> Any:
    made: Any = field.default
    return made.factory() if hasattr(made, "factory") else made


def read_members(kind: Any, members: object) -> Any:
    """Return a model of its members, read by the rules for answers: what only informs is not worth an error.

    Raises InvalidArgumentError: an essential member is missing or of the wrong type; ``field`` has its path.
    """
    from gpo_client.models.reader import read_as  # it loads the generated package, and with it httpx

    if not isinstance(members, Mapping):
        name = type(members).__name__
        raise InvalidArgumentError(f"{kind.__name__} is read from a mapping, not from {name}", field="src_dict")
    try:
        return read_as(kind, dict(cast("Mapping[str, Any]", members)))
    except OddValueError as error:
        raise InvalidArgumentError(f"no {kind.__name__}, at {error.where}: {error.reason}", field=error.where) from None


def read_object(kind: type, text: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a text. Raises InvalidArgumentError if there is none."""
    try:
        value = decode_json(text.encode() if isinstance(text, str) else text)
    except UNREADABLE as error:
        raise InvalidArgumentError(f"no {kind.__name__}, for it is no JSON: {error}", field="text") from None
    if not isinstance(value, dict):
        raise InvalidArgumentError(f"no {kind.__name__}, for it is no JSON object", field="text")
    return cast("dict[str, Any]", value)
