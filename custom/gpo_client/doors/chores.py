"""Chores: titles, tags and follow-up questions that chat front ends ask a model for beside each answer. Sans-I/O.

They are answered here, from what was said: asking the assistant would cost its time and litter its conversations. The
prompts are recognised by how the defaults of Open WebUI (0.6 to 0.9) and LibreChat (0.8) begin; a prompt that an
operator has rewritten is a question like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

_MOST_WORDS = 6
_HISTORY = re.compile(r"<chat_history>\s*(?P<said>.*?)\s*</chat_history>", re.DOTALL | re.IGNORECASE)
_FIRST_LINE = re.compile(r"(?:^|\n)\s*(?:USER|user|User|Human)\s*:\s*(?P<question>[^\n]+)")
_WANTED = re.compile(r"\A### Task:\s*(?P<wish>[^\n]{0,300})")
_TITLE_ONLY = re.compile(
    r"\A(?:provide|write|generate|create|please generate)\b[^\n]{0,60}\btitle\b[^\n]{0,60}\b(?:conversation|chat)\b",
    re.IGNORECASE,
)


def _title(prompt: str) -> str:
    said = _HISTORY.search(prompt)
    first = _FIRST_LINE.search(said["said"] if said else prompt)
    words = (first["question"] if first else "").split()
    return " ".join(words[:_MOST_WORDS]) + ("…" if len(words) > _MOST_WORDS else "") or "Chat"


# What a wish names, and how it is fulfilled; the first that fits decides.
_CHORES: dict[str, Callable[[str], object]] = {
    "follow-up": lambda _: {"follow_ups": []},
    "tags": lambda _: {"tags": []},
    "title": lambda prompt: {"title": _title(prompt)},
    "search queries": lambda _: {"queries": []},
    "autocompletion": lambda _: {"text": ""},
}


def done_chore(prompt: str) -> str | None:
    r"""Return what a front end wants to know about a chat; None for a question to the assistant.

    Args:
        prompt: The last message of the user.

    >>> done_chore("### Task:\nGenerate a concise title.\n<chat_history>\nUSER: What is VAT?\n</chat_history>")
    '{"title":"What is VAT?"}'
    >>> done_chore("Which title does VAT have?") is None
    True
    """
    if wanted := _WANTED.match(prompt):
        wish = wanted["wish"].lower()
        fulfil = next((fulfil for name, fulfil in _CHORES.items() if name in wish), None)
        return None if fulfil is None else msgspec.json.encode(fulfil(prompt)).decode()
    return _title(prompt) if _TITLE_ONLY.match(prompt) and _FIRST_LINE.search(prompt) else None
