"""Models made of what was kept of them: the other direction of ``to_dict`` and ``to_json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.json_text import UNREADABLE, decode_json
from gpo_client.models.reader import read_as
from gpo_client.models.scalars import OddValueError


def read_members(kind: Any, members: object) -> Any:
    """Return a model of its members, read by the rules for answers: what only informs is not worth an error.

    Args:
        kind: The class of the model.
        members: A mapping of JSON values.

    Raises:
        InvalidArgumentError: An essential member is missing or of the wrong type; ``field`` has its path.
    """
    if not isinstance(members, Mapping):
        name = type(members).__name__
        raise InvalidArgumentError(f"{kind.__name__} is read from a mapping, not from {name}", field="src_dict")
    try:
        return read_as(kind, dict(cast("Mapping[str, Any]", members)))
    except OddValueError as error:
        raise InvalidArgumentError(f"no {kind.__name__}, at {error.where}: {error.reason}", field=error.where) from None


def read_object(kind: type, text: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a text.

    Raises:
        InvalidArgumentError: There is none.
    """
    try:
        value = decode_json(text.encode() if isinstance(text, str) else text)
    except UNREADABLE as error:
        raise InvalidArgumentError(f"no {kind.__name__}, for it is no JSON: {error}", field="text") from None
    if not isinstance(value, dict):
        raise InvalidArgumentError(f"no {kind.__name__}, for it is no JSON object", field="text")
    return cast("dict[str, Any]", value)
