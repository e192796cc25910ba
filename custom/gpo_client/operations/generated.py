"""Requests by the generated package: its models from users' input, and the bodies it describes, as bytes."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from math import isfinite
from pathlib import PurePath
from typing import Any, Protocol, Self, TypeVar, cast
from urllib.parse import urlencode

import msgspec

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.members import shape_of
from gpo_client.models.session import ChatContext, Session
from gpo_client.operations.call import Call, OnProgress, Request, ResponseDecoder
from gpo_client.operations.context import Context, no_request, read_context, unknown_field
from gpo_core_client.types import UNSET, Unset


class GeneratedModel(Protocol):
    """A generated model: an attrs class with these methods."""

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
    """Return the request model that the user gave, as a model (of this or a related class) or as a mapping, checked.

    ``defaults`` are fields to fill in where the user left them out or None; errors name the ``argument``. Raises
    InvalidArgumentError: it is neither, or a field is unknown, missing or of the wrong type.
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


def call_of(
    name: str,
    kwargs: Mapping[str, Any],
    context: Context,
    decoder: ResponseDecoder[T] | None,
    *,
    template: str | None = None,
    creates: bool = False,
    on_progress: OnProgress | None = None,
) -> Call[T]:
    """Return the call of an operation (``name``: its operationId) in a session, as ``_get_kwargs`` of it says.

    Without a ``decoder`` the body of its response is none, or none in JSON. ``template`` is the path as the OpenAPI
    document has it, where ids are filled in; ``on_progress`` is as for :func:`request_from`.
    """
    request = request_from(kwargs, template, on_progress=on_progress)
    return Call(name, request, decoder, token=read_context(context).token, creates=creates)


def request_from(
    kwargs: Mapping[str, Any], template: str | None = None, *, on_progress: OnProgress | None = None
) -> Request:
    """Return the request that a generated ``_get_kwargs`` describes, with its query, body, files and cookies.

    Files are read now, all of them, into memory: another attempt sends the same bytes. ``on_progress`` is called while
    the body is sent, with the bytes so far and how many there are. Raises InvalidArgumentError: the body holds
    something that JSON cannot, a file cannot be read, a cookie cannot be written, or there is something else to send.
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
    """Return an id that is to be part of the path, if it leads nowhere else. Raises InvalidArgumentError: it is empty
    or no text, or the path would be another one (RFC 3986 §5.2.4).
    """
    if not isinstance(value, str) or value in ("", ".", "..") or value != value.encode("utf-8", "replace").decode():
        raise InvalidArgumentError(f"{argument} must be an id from the service, not {value!r}", field=argument)
    return value


def texts_of(values: object, argument: str, what: str) -> list[str]:
    """Return a list of texts, if it is one: a single text is a sequence of texts too, each a letter. Raises
    InvalidArgumentError.
    """
    if isinstance(values, Iterable) and not isinstance(values, str):
        texts = [*cast("Iterable[object]", values)]
        if all(isinstance(text, str) for text in texts):
            return cast("list[str]", texts)
    told = "a single text" if isinstance(values, str) else f"{values!r}"
    raise InvalidArgumentError(f"{argument} must be a list of {what}, not {told}", field=argument)


def given(value: T | None) -> T | Unset:
    """None means "not given" in our signatures; the generated ones say so with UNSET."""
    return UNSET if value is None else value


def fields_of(value: object, argument: str, kind: type[GeneratedModel]) -> dict[str, Any]:
    """Return the fields of a model or a mapping, as JSON values; none of them is checked yet. Raises
    InvalidArgumentError: it is neither, or holds something that JSON cannot.
    """
    mapping = _mapping_of(value)
    if mapping is None:
        raise no_request(value, argument, kind)
    try:
        fields = msgspec.to_builtins({**mapping}, str_keys=True, builtin_types=_BYTES)
        _refuse_what_json_cannot(fields)
    except (TypeError, ValueError, RecursionError) as error:
        message = f"{argument} must be a {kind.__name__} or a mapping of JSON values: {error}"
        raise InvalidArgumentError(message, field=argument) from error
    return dict(fields)


# They would be written as base64, which is not what they say.
_BYTES = (bytes, bytearray, memoryview)


def _refuse_what_json_cannot(fields: Any) -> None:
    """Raise ValueError for bytes, and for numbers that are none: both would become something else on the way."""
    left = [fields]
    while left:
        value: Any = left.pop()
        if isinstance(value, _BYTES):
            raise ValueError("it holds bytes: decode them to a text")  # noqa: TRY004 - as for what else JSON cannot hold
        if isinstance(value, float) and not isfinite(value):
            raise ValueError(f"it holds {value}")
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()


def _mapping_of(value: object) -> Mapping[str, Any] | None:
    """Return the mapping that was given, or that a request model is; None when it is neither."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    if isinstance(value, type | ChatContext | Session) or not hasattr(value, "to_dict"):
        return None
    return cast("GeneratedModel", value).to_dict()


#: What a generated ``_get_kwargs`` calls the bodies that it describes.
KINDS = ("json", "data", "files", "content")

# RFC 7578 §2, as browsers do it: what would end the quoted name is percent-encoded.
_IN_QUOTES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def body_of(kwargs: Mapping[str, Any]) -> tuple[bytes | None, str | None]:
    """Return the body that a generated ``_get_kwargs`` describes, and its media type where that one is wrong. Raises
    InvalidArgumentError: it holds what cannot be sent: no JSON, a closed file, a file opened as text.
    """
    if "json" in kwargs:
        return _json(kwargs["json"]), None
    if "files" in kwargs:
        return _multipart(kwargs["files"])
    if "data" in kwargs:
        return urlencoded(kwargs["data"]).encode(), None
    return (_bytes(kwargs["content"], "content"), None) if "content" in kwargs else (None, None)


def urlencoded(values: Mapping[str, Any]) -> str:
    """Names and values as queries and forms have them: a list is its name again and again."""
    return urlencode([(name, _text(each)) for name, value in values.items() for each in _each(value)])


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _json(body: object) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"the request cannot be written as JSON: {error}", field="request") from error


def _multipart(files: Sequence[tuple[str, tuple[Any, ...]]]) -> tuple[bytes, str]:
    """Return the parts, between a boundary that none of them holds and that is the same for the same parts."""
    parts = [b"".join(_part(name, *value)) for name, value in files]
    digest = sha256()
    for part in parts:
        digest.update(part)
    boundary = digest.hexdigest()
    body = b"".join(piece for part in parts for piece in (b"--", boundary.encode(), b"\r\n", part, b"\r\n"))
    return body + b"--" + boundary.encode() + b"--\r\n", f"multipart/form-data; boundary={boundary}"


def _part(
    name: str, file_name: str | None, content: Any, media: str | None = None, headers: Mapping[str, str] | None = None
) -> Iterator[bytes]:
    is_file = hasattr(content, "read")
    if is_file and not file_name:
        file_name = PurePath(str(getattr(content, "name", ""))).name or "upload"  # without one it would be a text
    if is_file:
        media = media or mimetypes.guess_type(cast("str", file_name))[0] or "application/octet-stream"
    line = f'Content-Disposition: form-data; name="{name.translate(_IN_QUOTES)}"'
    line += f'; filename="{file_name.translate(_IN_QUOTES)}"' if file_name else ""
    fields = {**({"Content-Type": media} if media else {}), **(headers or {})}
    for field, value in fields.items():
        if "\r" in value or "\n" in value:
            raise InvalidArgumentError(f"{field} of {name} holds a line break", field=name)
    yield "\r\n".join([line, *(f"{field}: {value}" for field, value in fields.items()), "", ""]).encode()
    yield _bytes(content, name)


def _bytes(content: Any, name: str) -> bytes:
    """Return the content, of a file all of it: it may have been read before, for an attempt that failed."""
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, bytes | bytearray):
        return bytes(content)
    try:
        if content.seekable():
            content.seek(0)
        data = content.read()
    except (AttributeError, OSError, ValueError) as error:
        raise InvalidArgumentError(f"{name} cannot be read: {error}; give an open file or bytes", field=name) from error
    if not isinstance(data, bytes):
        raise InvalidArgumentError(f'{name} was opened as text; open it with mode "rb"', field=name)
    return data
