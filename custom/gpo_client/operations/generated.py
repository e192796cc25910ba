"""Where the flows meet the generated package: what they use of it, and how users' input becomes its models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol, Self, TypeVar, cast

import msgspec

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.members import shape_of
from gpo_client.models.session import ChatContext, Session
from gpo_client.operations.bodies import KINDS, body_of
from gpo_client.operations.call import OnProgress, Request
from gpo_client.operations.mistakes import no_request, unknown_field
from gpo_core_client.types import UNSET, Unset


class GeneratedModel(Protocol):
    """What every generated model, an attrs class, can do besides."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        ...

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object."""
        ...


M = TypeVar("M", bound=GeneratedModel)
T = TypeVar("T")

_NOT_IN_COOKIES = re.compile(r"[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]")


def model_from(kind: type[M], value: object, argument: str, **defaults: object) -> M:
    """Return the request model that the user gave, as a model or as a mapping, checked.

    Args:
        kind: The generated class.
        value: A model of this or a related class, or a mapping with its fields.
        argument: The name of the argument, for errors.
        defaults: Fields to fill in where the user left them out or None.

    Raises:
        InvalidArgumentError: It is neither, or a field is unknown, missing or of the wrong type.
    """
    fields = fields_of(value, argument, kind)
    for name, default in defaults.items():
        if fields.get(name) is None and default is not None:
            fields[name] = default
    try:
        msgspec.convert(fields, shape_of(kind, closed=True))
    except msgspec.ValidationError as error:
        if (unknown := unknown_field(fields, kind, argument)) is not None:
            raise unknown from error
        message, _, path = str(error).partition(" - at ")
        field = argument + path.strip("`").removeprefix("$")
        raise InvalidArgumentError(f"{field} is not a valid {kind.__name__}: {message}", field=field) from error
    try:
        return kind.from_dict(fields)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:  # in what only it can check
        message = f"{argument} is not a valid {kind.__name__}: {error}"
        raise InvalidArgumentError(message, field=argument) from error


def request_from(
    kwargs: Mapping[str, Any], template: str | None = None, *, on_progress: OnProgress | None = None
) -> Request:
    """Return the request that a generated ``_get_kwargs`` describes, with its query, body, files and cookies.

    Files are read now, all of them, into memory: another attempt sends the same bytes.

    Args:
        kwargs: What it returned.
        template: The path as the OpenAPI document has it, where ids are filled in.
        on_progress: Called while the body is sent, with the bytes so far and how many there are.

    Raises:
        InvalidArgumentError: The body holds something that JSON cannot, a file cannot be read, a cookie cannot be
            written, or there is something else to send.
    """
    if unknown := sorted(kwargs.keys() - {"method", "url", "params", "headers", "cookies", *KINDS}):
        raise InvalidArgumentError(f"request_from cannot send {', '.join(unknown)}", field=unknown[0])
    if on_progress is not None and not callable(on_progress):
        raise InvalidArgumentError("on_progress must be callable", field="on_progress")
    content, media = body_of(kwargs)
    headers: Mapping[str, str] = kwargs.get("headers", {})
    if media is not None:
        headers = {**headers, "Content-Type": media}
    if cookies := kwargs.get("cookies"):
        headers = {**headers, "Cookie": "; ".join(_cookie(name, value) for name, value in cookies.items())}
    return Request(
        method=kwargs["method"].upper(),
        url=kwargs["url"],
        params=kwargs.get("params", {}),
        content=content,
        headers=headers,
        template=template,
        on_progress=on_progress,
    )


def _cookie(name: str, value: object) -> str:
    """Return a cookie as RFC 6265 §4.1.1 writes it."""
    if not isinstance(value, str) or _NOT_IN_COOKIES.search(value):
        raise InvalidArgumentError(
            f"the cookie {name} must be a text without spaces, quotes, commas, ; and \\", field=name
        )
    return f"{name}={value}"


def path_segment(value: object, argument: str) -> str:
    """Return an id that is to be part of the path, if it leads nowhere else.

    Raises:
        InvalidArgumentError: It is empty or no text, or the path would be another one (RFC 3986 §5.2.4).
    """
    if not isinstance(value, str) or value in ("", ".", ".."):
        raise InvalidArgumentError(f"{argument} must be an id from the service, not {value!r}", field=argument)
    return value


def given(value: T | None) -> T | Unset:
    """None means "not given" in our signatures; the generated ones say so with UNSET."""
    return UNSET if value is None else value


def fields_of(value: object, argument: str, kind: type[GeneratedModel]) -> dict[str, Any]:
    """Return the fields of a model or a mapping, as JSON values; none of them is checked yet.

    Raises:
        InvalidArgumentError: It is neither, or holds something that JSON cannot.
    """
    mapping = _mapping_of(value)
    if mapping is None:
        raise no_request(value, argument, kind)
    try:
        fields = msgspec.to_builtins({**mapping}, str_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{argument} must be a {kind.__name__} or a mapping of JSON values: {error}"
        raise InvalidArgumentError(message, field=argument) from error
    return dict(fields)


def _mapping_of(value: object) -> Mapping[str, Any] | None:
    """Return the mapping that was given, or that a request model is; None when it is neither."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    if isinstance(value, type | ChatContext | Session) or not hasattr(value, "to_dict"):
        return None
    return cast("GeneratedModel", value).to_dict()
