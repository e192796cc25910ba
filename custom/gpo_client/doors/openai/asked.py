"""Requests of OpenAI's chat completions (API of 2026-11), as far as a knowledge assistant can fulfil them. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import attrs
import msgspec

from gpo_client.doors.chats import chat_key
from gpo_core_client.models import KnowledgeAssistantTag

#: The model that leaves the choice of the assistant to the service; the others add a tag to its name.
ANY_ASSISTANT = "gpo"

#: Models by name, each with the tag of its assistant.
MODELS: dict[str, KnowledgeAssistantTag | None] = {
    ANY_ASSISTANT: None,
    **{f"{ANY_ASSISTANT}-{tag.lower()}": tag for tag in get_args(KnowledgeAssistantTag)},
}


@attrs.frozen
class CompletionError(Exception):
    """A request that gets an error in OpenAI's shape.

    Attributes:
        status: The HTTP status.
        message: A sentence for people.
        param: The field that it is about.
        code: For programs.
        kind: OpenAI's ``type``.
    """

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    kind: str = "invalid_request_error"

    def body(self) -> dict[str, Any]:
        """Return the JSON object for the caller."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


class _Part(msgspec.Struct, frozen=True):
    type: str
    text: str = ""


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: str | list[_Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        return "".join(part.text for part in self.content)


class _StreamOptions(msgspec.Struct, frozen=True):
    include_usage: bool = False


class _Format(msgspec.Struct, frozen=True):
    type: str


class _Body(msgspec.Struct, frozen=True):
    model: str
    messages: list[_Message]
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    n: int | None = None
    logprobs: bool | None = None
    modalities: list[str] | None = None
    response_format: _Format | None = None
    tool_choice: str | dict[str, Any] | None = None


_BODY = msgspec.json.Decoder(_Body)


@attrs.frozen
class Asked:
    """A request for a chat completion.

    Attributes:
        model: The model as it was named.
        assistant: The assistant that it means.
        question: The last message of the user; the service knows those before it.
        is_streamed: Whether the answer is wanted as events.
        includes_usage: Whether the stream ends with the usage.
        prompt_bytes: How long all messages are.
        said: What the chat began with.
    """

    model: str
    assistant: KnowledgeAssistantTag | None
    question: str
    is_streamed: bool
    includes_usage: bool
    prompt_bytes: int
    said: tuple[str, ...]

    def keys(self) -> list[str]:
        """Return what the chat may be known by, from what was said before the question, the surest first.

        A chat begins with its system prompt, the first question and the first answer. None of its later requests
        lacks them. Front ends may change the answer, by taking its ends off for example: then the first two must do.
        Nothing was said before the first question, so it begins a new conversation.
        """
        return [chat_key(*said) for said in (self.said[:3], self.said[:2])] if len(self.said) > 2 else []

    def keys_with(self, answer: str) -> list[str]:
        """Return what the chat will be known by when the question has been answered."""
        return self.keys() or [chat_key(*self.said, answer.strip()), chat_key(*self.said)]


def read_asked(body: bytes, *, max_query_chars: int) -> Asked:
    """Read the body of a request.

    Args:
        body: JSON.
        max_query_chars: The longest question, in characters.

    Raises:
        CompletionError: It is none, has no question, or wants what the assistant cannot give.
    """
    try:
        asked = _BODY.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        what, _, path = str(error).partition(" - at `$")
        param = path.rstrip("`").removeprefix(".") or None
        raise CompletionError(400, f"The request cannot be read: {what}.", param) from None
    if asked.model not in MODELS:
        message = f"The model {asked.model!r} does not exist. There are: {', '.join(MODELS)}."
        raise CompletionError(404, message, "model", "model_not_found")
    _check_wishes(asked)
    users = [index for index, message in enumerate(asked.messages) if message.role == "user"]
    question = asked.messages[users[-1]].text.strip() if users else ""
    if not 0 < len(question) <= max_query_chars:
        what = f"at most {max_query_chars} characters" if question else "some text"
        raise CompletionError(400, f"The last message of the user must have {what}.", "messages")
    return Asked(
        model=asked.model,
        assistant=MODELS[asked.model],
        question=question,
        is_streamed=bool(asked.stream),
        includes_usage=asked.stream_options is not None and asked.stream_options.include_usage,
        prompt_bytes=sum(len(message.text.encode("utf-8", "replace")) for message in asked.messages),
        said=_said(asked.messages[: users[-1]], question),
    )


def _said(before: Sequence[_Message], question: str) -> tuple[str, ...]:
    """System prompt, first question and, once there is one, first answer of a chat."""
    system = "\n".join(message.text for message in before if message.role in ("system", "developer"))
    first = next((message.text.strip() for message in before if message.role == "user"), None)
    if first is None:
        return system, question
    return system, first, next((message.text.strip() for message in before if message.role == "assistant"), "")


def _check_wishes(asked: _Body) -> None:
    """Refuse what would change the answer's shape. What only tunes a model, such as ``temperature``, is ignored."""
    parts = [part.type for message in asked.messages if isinstance(message.content, list) for part in message.content]
    refused = {
        "n": (asked.n or 1) != 1,
        "logprobs": bool(asked.logprobs),
        "modalities": asked.modalities not in (None, ["text"]),
        "response_format": asked.response_format is not None and asked.response_format.type != "text",
        "tool_choice": asked.tool_choice not in (None, "none", "auto"),
        "messages": any(kind != "text" for kind in parts),
    }
    for param, is_refused in refused.items():
        if is_refused:
            message = f"The assistant answers once, in text and without tools: it cannot fulfil {param!r}."
            raise CompletionError(400, message, param, "unsupported_value")
