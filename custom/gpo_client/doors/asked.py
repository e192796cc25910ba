"""Questions as chats bring them: with all that was said before, by which the chat is known again. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import attrs

from gpo_client.doors.chats import chat_key
from gpo_client.doors.refusals import RefusalError
from gpo_core_client.models import KnowledgeAssistantTag

#: Models by name, each with the tag of its assistant; the first leaves the choice to the service.
MODELS: dict[str, KnowledgeAssistantTag | None] = {
    "gpo": None,
    **{f"gpo-{tag.lower()}": tag for tag in get_args(KnowledgeAssistantTag)},
}

#: A message: its role and its text.
Said = tuple[str, str]


@attrs.frozen(kw_only=True)
class Asked:
    """A question.

    Attributes:
        model: The model as it was named.
        question: The last message of the user; the service knows those before it.
        begin: What the chat began with.
        prompt_bytes: How long all messages are.
        is_streamed: Whether the answer is wanted as events.
        includes_usage: Whether they end with the usage.
        chat: The chat, if it is named.
        previous: The answer that it goes on from, if one is named.
        is_stored: Whether others may go on from its answer.
    """

    model: str
    question: str
    begin: tuple[str, ...]
    prompt_bytes: int
    is_streamed: bool = False
    includes_usage: bool = False
    chat: str | None = None
    previous: str | None = None
    is_stored: bool = False

    @classmethod
    def of(cls, model: str, messages: Sequence[Said], *, field: str, max_chars: int) -> Asked:
        """Return the question that messages end with.

        Args:
            model: One of ``MODELS``.
            messages: Those of the chat.
            field: Where they were found.
            max_chars: The longest question, in characters.

        Raises:
            RefusalError: There is no such model, or no question.
        """
        if model not in MODELS:
            message = f"The model {model!r} does not exist. There are: {', '.join(MODELS)}."
            raise RefusalError(404, message, "model", "model_not_found")
        users = [index for index, (role, _) in enumerate(messages) if role == "user"]
        question = messages[users[-1]][1].strip() if users else ""
        if not 0 < len(question) <= max_chars:
            what = f"at most {max_chars} characters" if question else "some text"
            raise RefusalError(400, f"The last message of the user must have {what}.", field)
        size = sum(len(text.encode("utf-8", "replace")) for _, text in messages)
        return cls(model=model, question=question, begin=_begin(messages[: users[-1]], question), prompt_bytes=size)

    @property
    def assistant(self) -> KnowledgeAssistantTag | None:
        """The assistant that the model stands for."""
        return MODELS[self.model]

    def keys(self) -> list[str]:
        """Return what the chat may be known by, the surest first: its name, or what was said before the question.

        A chat begins with its system prompt, the first question and the first answer. None of its later requests
        lacks them. Front ends may change the answer, by taking its ends off for example: then the first two must do.
        Nothing was said before the first question, so it begins a new conversation.
        """
        if self.chat:
            return [f"id:{self.chat}"]
        if self.previous:
            return [answer_key(self.previous)]
        return [chat_key(*said) for said in (self.begin[:3], self.begin[:2])] if len(self.begin) > 2 else []

    def keys_with(self, answer_id: str, text: str) -> list[str]:
        """Return what else the chat will be known by when the question has been answered."""
        keys = [] if self.keys() else [chat_key(*self.begin, text.strip()), chat_key(*self.begin)]
        return [*keys, answer_key(answer_id)] if self.is_stored else keys


def answer_key(answer_id: str) -> str:
    """Return the key of a chat that goes on from an answer."""
    return f"answer:{answer_id}"


def _begin(before: Sequence[Said], question: str) -> tuple[str, ...]:
    """System prompt, first question and, once there is one, first answer of a chat."""
    system = "\n".join(text for role, text in before if role in ("system", "developer"))
    first = next((text.strip() for role, text in before if role == "user"), None)
    if first is None:
        return system, question
    return system, first, next((text.strip() for role, text in before if role == "assistant"), "")
