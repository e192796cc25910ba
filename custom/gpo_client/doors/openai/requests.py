"""Requests of OpenAI's chat completions (API of 2026-11), as far as an assistant fulfils them. Sans-I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
import msgspec

from gpo_client.doors.asked import Asked
from gpo_client.doors.refusals import RefusalError

_TEXTS = ("text", "input_text", "output_text")
_B = TypeVar("_B", bound=msgspec.Struct)


class Typed(msgspec.Struct, frozen=True):
    """Anything with a type; a part of a message may have text."""

    type: str = "text"
    text: str = ""


class Message(msgspec.Struct, frozen=True):
    """A message of a chat."""

    role: str = ""
    content: str | list[Typed] | None = None

    @property
    def said(self) -> tuple[str, str]:
        """Role and text."""
        content = self.content or ""
        return self.role, content if isinstance(content, str) else "".join(part.text for part in content)

    @property
    def is_text(self) -> bool:
        """Whether it is nothing but text."""
        return not isinstance(self.content, list) or all(part.type in _TEXTS for part in self.content)


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What requests of both protocols have."""

    model: str
    stream: bool | None = None
    tool_choice: str | dict[str, Any] | None = None


class _StreamOptions(msgspec.Struct, frozen=True):
    include_usage: bool = False


class _Completion(Body, frozen=True, kw_only=True):
    messages: list[Message]
    stream_options: _StreamOptions | None = None
    n: int | None = None
    logprobs: bool | None = None
    modalities: list[str] | None = None
    response_format: Typed | None = None


_COMPLETION = msgspec.json.Decoder(_Completion)


def read_completion(body: bytes, *, max_query_chars: int) -> Asked:
    """Read the body of a request for a chat completion.

    Args:
        body: JSON.
        max_query_chars: The longest question, in characters.

    Raises:
        RefusalError: It is none, has no question, or wants what the assistant cannot give.
    """
    read = decoded(_COMPLETION, body)
    wishes = {
        "n": (read.n or 1) != 1,
        "logprobs": bool(read.logprobs),
        "modalities": read.modalities not in (None, ["text"]),
        "response_format": read.response_format is not None and read.response_format.type != "text",
        "messages": not all(message.is_text for message in read.messages),
    }
    refuse(read, wishes)
    said = [message.said for message in read.messages]
    asked = Asked.of(read.model, said, field="messages", max_chars=max_query_chars)
    usage = read.stream_options is not None and read.stream_options.include_usage
    return attrs.evolve(asked, is_streamed=bool(read.stream), includes_usage=usage)


def decoded(decoder: msgspec.json.Decoder[_B], body: bytes) -> _B:
    """Return the body of a request.

    Raises:
        RefusalError: It cannot be read.
    """
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        what, _, path = str(error).partition(" - at `$")
        param = path.rstrip("`").removeprefix(".") or None
        raise RefusalError(400, f"The request cannot be read: {what}.", param) from None


def refuse(body: Body, wishes: Mapping[str, bool]) -> None:
    """Refuse what would change the answer's shape. What only tunes a model, such as ``temperature``, is ignored.

    Args:
        body: The request.
        wishes: By field, whether it wants such a thing.

    Raises:
        RefusalError: It does.
    """
    for param, is_wanted in {**wishes, "tool_choice": body.tool_choice not in (None, "none", "auto")}.items():
        if is_wanted:
            message = f"The assistant answers once, in text and without tools: it cannot fulfil {param!r}."
            raise RefusalError(400, message, param, "unsupported_value")
