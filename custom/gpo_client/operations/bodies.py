"""Bodies of requests: JSON, forms (WHATWG URL), files (RFC 7578), and bytes, as generated code describes them."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any, cast
from urllib.parse import urlencode

import msgspec

from gpo_client.exceptions import InvalidArgumentError

#: What a generated ``_get_kwargs`` calls the bodies that it describes.
KINDS = ("json", "data", "files", "content")

# RFC 7578 §2, as browsers do it: what would end the quoted name is percent-encoded.
_IN_QUOTES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def body_of(kwargs: Mapping[str, Any]) -> tuple[bytes | None, str | None]:
    """Return the body that a generated ``_get_kwargs`` describes, and its media type where that one is wrong.

    Raises:
        InvalidArgumentError: It holds what cannot be sent: no JSON, a closed file, a file opened as text.
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
