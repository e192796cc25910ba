"""Turns of a chat: questions as requests bring them, with what was said before; answers as far as written. Sans-I/O."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, get_args

import attrs
import msgspec

from gpo_client.doors.callers import RefusalError
from gpo_client.doors.chats import ChatNames, Said
from gpo_client.models.stream import CitationSource
from gpo_client.relay import Entry
from gpo_client.relay.machines.ui_message import CitedAnswer
from gpo_core_client.models import KnowledgeAssistantTag

#: Models by name, each with the tag of its assistant; the first leaves the choice to the service.
MODELS: dict[str, KnowledgeAssistantTag | None] = {
    "gpo": None,
    **{f"gpo-{tag.lower()}": tag for tag in get_args(KnowledgeAssistantTag)},
}

#: A citation that is certain: ``start_index`` and ``end_index`` in characters, ``url``, ``title``.
Cited = dict[str, Any]
#: Gives the address of a source.
Link = Callable[[CitationSource], str]

# About how many bytes of text make a token. The service does not count tokens; clients want a number.
_BYTES_PER_TOKEN = 4
_TEXTS = ("text", "input_text", "output_text")


@attrs.frozen
class Asked:
    """A question."""

    model: str  # one of ``MODELS``
    question: str  # the last message of the user; the service knows those before it
    names: ChatNames  # what its chat is known by
    prompt_bytes: int = 0  # how long all messages are
    # Whether the answer is wanted as events, and ``includes_usage`` whether they end with the usage
    is_streamed: bool = False
    includes_usage: bool = False
    is_stored: bool = False  # whether others may go on from its answer


class Typed(msgspec.Struct, frozen=True):
    """Anything with a type; a part of a message may have text."""

    type: str = "text"
    text: str | None = ""


class Message(msgspec.Struct, frozen=True):
    """A message of a chat."""

    role: str = ""
    content: str | list[Typed] | None = None

    @property
    def said(self) -> Said:
        """Role and text."""
        content = self.content or ""
        return self.role, content if isinstance(content, str) else "".join(part.text or "" for part in content)

    @property
    def is_text(self) -> bool:
        """Whether it is nothing but text, as far as it is asked."""
        asked = self.content if self.role != "assistant" and isinstance(self.content, list) else ()
        return all(part.type in _TEXTS for part in asked)


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A request, as far as an assistant fulfils it. What only tunes a model, such as ``temperature``, is ignored."""

    model: str
    stream: bool | None = None
    tool_choice: str | dict[str, Any] | None = None

    @classmethod
    def read(cls, body: bytes, *, max_query_chars: int) -> Asked:
        """Return the question in the JSON of a request, which may have so many characters.

        Raises RefusalError: the request cannot be read, has no question, or wants what the assistant cannot give.
        """
        try:
            return msgspec.json.decode(body, type=cls).asked(max_query_chars)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            what, _, path = str(error).partition(" - at `$")
            param = path.rstrip("`").removeprefix(".") or None
            raise RefusalError(400, f"The request cannot be read: {what}.", param) from None

    def asked(self, max_chars: int) -> Asked:
        """Return the question, which may have so many characters."""
        raise NotImplementedError

    def _asked(self, field: str, messages: Sequence[Message], max_chars: int, **fulfilled: tuple[object, ...]) -> Asked:
        """Return the question that the messages in a field end with; values not ``fulfilled`` want another shape."""
        tag_of(self.model)
        fulfilled["tool_choice"] = (None, "none", "auto")
        unfulfilled = [name for name, values in fulfilled.items() if getattr(self, name) not in values]
        if param := next(iter(unfulfilled + [field for each in messages if not each.is_text]), None):
            message = f"The assistant answers once, in text and without tools: it cannot fulfil {param!r}."
            raise RefusalError(400, message, param, "unsupported_value")
        said = [message.said for message in messages]
        last = max((index for index, (role, _) in enumerate(said) if role == "user"), default=-1)
        question = said[last][1].strip() if last >= 0 else ""
        if not 0 < len(question) <= max_chars:
            what = f"at most {max_chars} characters" if question else "some text"
            raise RefusalError(400, f"The last message of the user must have {what}.", field)
        size = sum(len(text.encode()) for _, text in said)
        return Asked(self.model, question, ChatNames.of(said[:last], question), size, is_streamed=bool(self.stream))


def tag_of(model: str) -> KnowledgeAssistantTag | None:
    """Return the assistant that a model stands for; None leaves the choice to the service."""
    if model not in MODELS:
        message = f"The model {model:.100} does not exist. There are: {', '.join(MODELS)}."
        raise RefusalError(404, message, "model", "model_not_found")
    return MODELS[model]


def error_body(refusal: RefusalError) -> dict[str, Any]:
    """Return a refusal in OpenAI's shape."""
    status = refusal.status
    kind = "rate_limit_error" if status == 429 else "api_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": refusal.message, "type": kind, "param": refusal.param, "code": refusal.code}}


# Chores are titles, tags and follow-up questions that chat front ends ask a model for beside each answer. They are done
# here, from what was said: asking the assistant would cost its time and litter its conversations. The prompts are
# recognised by how the defaults of Open WebUI (0.6 to 0.12) and LibreChat (0.8) begin and by the field that they want
# the answer in, as their words change more often; a prompt that an operator has rewritten is a question like any other.
_WANTED = re.compile(r'\{\s*"(?P<field>follow_ups|tags|title|queries|text)"\s*:')
_TITLE_ONLY = re.compile(
    r"\A(?:provide|write|generate|create|please generate)\b[^\n]{0,60}\btitle\b[^\n]{0,60}\b(?:conversation|chat)\b",
    re.IGNORECASE,
)
_FIRST_LINE = re.compile(r"^[ \t]*(?:USER|user|User|Human)[ \t]*:[ \t]*(?P<question>[^\n]+)", re.MULTILINE)
_MOST_WORDS = 6


def done_chore(prompt: str) -> str | None:
    r"""Return what a front end wants to know about a chat; None for a question to the assistant.

    >>> task = '### Task:\nGenerate a concise title.\nJSON format: { "title": "…" }\n'
    >>> done_chore(task + "<chat_history>\nUSER: What is VAT?\n</chat_history>")
    '{"title":"What is VAT?"}'
    >>> done_chore("Which title does VAT have?") is None
    True
    """
    if not prompt.startswith("### Task:"):
        return _title(prompt) if _TITLE_ONLY.match(prompt) and _FIRST_LINE.search(prompt) else None
    if (wanted := _WANTED.search(prompt)) is None:
        return None
    done: dict[str, object] = {"title": _title(prompt), "text": ""}
    return msgspec.json.encode({wanted["field"]: done.get(wanted["field"], [])}).decode()


def _title(prompt: str) -> str:
    # Not by a pattern: these are slow where a caller sends thousands of spaces.
    history = prompt.partition("<chat_history>")[2].partition("</chat_history>")[0]
    first = _FIRST_LINE.search(history or prompt)
    words = (first["question"] if first else "").split()
    return " ".join(words[:_MOST_WORDS]) + ("…" if len(words) > _MOST_WORDS else "") or "Chat"


class Written(ABC):
    """One answer, which a protocol writes as one object or as events; created so many seconds after 1970 began."""

    #: What ids of answers begin with.
    PREFIX: ClassVar[str]

    def __init__(self, answer_id: str, asked: Asked, link: Link, created: int) -> None:
        self.answer_id = answer_id
        self.asked = asked
        self.created = created
        self.citations: list[Cited] = []
        #: What went wrong; None for as long as nothing has.
        self.refusal: RefusalError | None = None
        self._link = link
        # By the source's number: a link that is signed again later is another one.
        self._urls: dict[int, str] = {}
        self._texts: list[str] = []
        self._answer = CitedAnswer()

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._texts)

    @property
    def tokens(self) -> tuple[int, int]:
        """Estimates for the question, with all that was said before, and for the answer."""
        return -(-self.asked.prompt_bytes // _BYTES_PER_TOKEN), -(-len(self.text.encode()) // _BYTES_PER_TOKEN)

    def take(self, entry: Entry) -> bytes:
        """Take in an entry of the relay's log; return the events that it becomes in a stream."""
        piece = self._answer.take(entry)
        if piece.problem is not None:
            self.refusal = RefusalError.of(piece.problem)
            return self.failed(self.refusal)
        if piece.text:
            self._texts.append(piece.text)
        certain = [self._citation(each.number, each.source, each.start, each.end) for each in piece.citations]
        if entry.is_last:
            certain += self._uncited([*self.citations, *certain])
        events = self._text_event(piece.text) if piece.text else b""
        events += self._citation_events(certain) if certain else b""
        self.citations += certain
        return events + self._ending() if entry.is_last else events

    def all_of(self, text: str) -> bytes:
        """Take in a text that is the whole answer; return all events of its stream."""
        content = msgspec.json.encode({"content": text}).decode()
        return self.opening() + self.take(Entry(1, content)) + self.take(Entry(2, "{}", is_last=True))

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
        found = [self._citation(number, source, end, end) for number, source in enumerate(self._answer.sources, 1)]
        return [each for each in found if each["url"] not in known]

    def _citation(self, number: int, source: CitationSource, start: int, end: int) -> Cited:
        url = self._urls.get(number) or self._urls.setdefault(number, self._link(source))
        return {"start_index": start, "end_index": end, "url": url, "title": source.title or source.id or ""}
