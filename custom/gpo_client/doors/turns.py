"""Turns of a chat: questions as requests bring them, with what was said before; answers as far as written. Sans-I/O."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_args

import attrs
import msgspec

from gpo_client.doors.callers import RefusalError
from gpo_client.doors.chats import chat_key
from gpo_client.models.stream import CitationSource
from gpo_client.relay import Entry
from gpo_client.relay.machines.ui_message import CitedAnswer
from gpo_core_client.models import KnowledgeAssistantTag

#: Models by name, each with the tag of its assistant; the first leaves the choice to the service.
MODELS: dict[str, KnowledgeAssistantTag | None] = {
    "gpo": None,
    **{f"gpo-{tag.lower()}": tag for tag in get_args(KnowledgeAssistantTag)},
}

#: A message: its role and its text.
Said = tuple[str, str]

# About how many bytes of text make a token. The service does not count tokens; clients want a number.
_BYTES_PER_TOKEN = 4

#: A citation that is certain: ``start_index`` and ``end_index`` in characters, ``url``, ``title``.
Cited = dict[str, Any]
#: Gives the address of a source.
Link = Callable[[CitationSource], str]

_TEXTS = ("text", "input_text", "output_text")
_B = TypeVar("_B", bound=msgspec.Struct)


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


class Typed(msgspec.Struct, frozen=True):
    """Anything with a type; a part of a message may have text."""

    type: str = "text"
    text: str = ""


class Message(msgspec.Struct, frozen=True):
    """A message of a chat."""

    role: str = ""
    content: str | list[Typed] | None = None

    @property
    def said(self) -> Said:
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


# Chores are titles, tags and follow-up questions that chat front ends ask a model for beside each answer. They are done
# here, from what was said: asking the assistant would cost its time and litter its conversations. The prompts are
# recognised by how the defaults of Open WebUI (0.6 to 0.12) and LibreChat (0.8) begin and by the field that they want
# the answer in, as their words change more often; a prompt that an operator has rewritten is a question like any other.
_MOST_WORDS = 6
_HISTORY = re.compile(r"<chat_history>\s*(?P<said>.*?)\s*</chat_history>", re.DOTALL | re.IGNORECASE)
_FIRST_LINE = re.compile(r"(?:^|\n)\s*(?:USER|user|User|Human)\s*:\s*(?P<question>[^\n]+)")
_WANTED = re.compile(r'\{\s*"(?P<field>follow_ups|tags|title|queries|text)"\s*:')
_TITLE_ONLY = re.compile(
    r"\A(?:provide|write|generate|create|please generate)\b[^\n]{0,60}\btitle\b[^\n]{0,60}\b(?:conversation|chat)\b",
    re.IGNORECASE,
)


def _title(prompt: str) -> str:
    said = _HISTORY.search(prompt)
    first = _FIRST_LINE.search(said["said"] if said else prompt)
    words = (first["question"] if first else "").split()
    return " ".join(words[:_MOST_WORDS]) + ("…" if len(words) > _MOST_WORDS else "") or "Chat"


# By the field of the answer, how it is filled.
_CHORES: dict[str, Callable[[str], object]] = {
    "follow_ups": lambda _: [],
    "tags": lambda _: [],
    "title": _title,
    "queries": lambda _: [],
    "text": lambda _: "",
}


def done_chore(prompt: str) -> str | None:
    r"""Return what a front end wants to know about a chat; None for a question to the assistant.

    Args:
        prompt: The last message of the user.

    >>> task = '### Task:\nGenerate a concise title.\nJSON format: { "title": "…" }\n'
    >>> done_chore(task + "<chat_history>\nUSER: What is VAT?\n</chat_history>")
    '{"title":"What is VAT?"}'
    >>> done_chore("Which title does VAT have?") is None
    True
    """
    if prompt.startswith("### Task:"):
        field = wanted["field"] if (wanted := _WANTED.search(prompt)) else ""
        return msgspec.json.encode({field: _CHORES[field](prompt)}).decode() if field else None
    return _title(prompt) if _TITLE_ONLY.match(prompt) and _FIRST_LINE.search(prompt) else None


class Written(ABC):
    """One answer, which a protocol writes as one object or as events.

    Args:
        answer_id: What it is called in the protocol.
        asked: The question.
        link: Gives the address of a source.
        created: When, in seconds since 1970.
    """

    def __init__(self, answer_id: str, asked: Asked, link: Link, created: int) -> None:
        self.answer_id = answer_id
        self.asked = asked
        self.created = created
        self.citations: list[Cited] = []
        #: What went wrong; None for as long as nothing has.
        self.refusal: RefusalError | None = None
        self._link = link
        self._texts: list[str] = []
        self._answer = CitedAnswer()

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._texts)

    @property
    def tokens(self) -> tuple[int, int]:
        """Estimates for the question, with all that was said before, and for the answer."""
        size = sum(len(text.encode("utf-8", "replace")) for text in self._texts)
        return -(-self.asked.prompt_bytes // _BYTES_PER_TOKEN), -(-size // _BYTES_PER_TOKEN)

    def take(self, entry: Entry) -> bytes:
        """Take in an entry of the relay's log; return the events that it becomes in a stream."""
        piece = self._answer.take(entry)
        if piece.problem is not None:
            self.refusal = RefusalError.of(piece.problem)
            return self.failed(self.refusal)
        if piece.text:
            self._texts.append(piece.text)
        certain = [self._citation(each.source, each.start, each.end) for each in piece.citations]
        if entry.is_last:
            certain += self._uncited([*self.citations, *certain])
        events = self._text_event(piece.text) if piece.text else b""
        events += self._citation_events(certain) if certain else b""
        self.citations += certain
        return events + self._ending() if entry.is_last else events

    @abstractmethod
    def opening(self) -> bytes:
        """Return the first events of a stream."""

    @abstractmethod
    def failed(self, refusal: RefusalError) -> bytes:
        """Return the events that end a stream which is not whole."""

    @abstractmethod
    def whole(self) -> dict[str, Any]:
        """Return the answer as one object, once the last entry has been taken in."""

    @abstractmethod
    def _text_event(self, text: str) -> bytes: ...

    @abstractmethod
    def _citation_events(self, citations: Sequence[Cited]) -> bytes: ...

    @abstractmethod
    def _ending(self) -> bytes: ...

    def _uncited(self, cited: list[Cited]) -> list[Cited]:
        """Return the sources that no marker stands for, with an empty place at the end of the text."""
        end, known = len(self.text), {each["url"] for each in cited}
        found = [self._citation(source, end, end) for source in self._answer.sources]
        return [each for each in found if each["url"] not in known]

    def _citation(self, source: CitationSource, start: int, end: int) -> Cited:
        title = source.title or source.id or ""
        return {"start_index": start, "end_index": end, "url": self._link(source), "title": title}
