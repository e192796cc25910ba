"""What a scripted server answers to the calls around a question."""

from __future__ import annotations

from tests.support.events import conversation, json_answer, session
from tests.support.wire import Answer


def opening() -> list[Answer]:
    """The answers to the calls that come before a question."""
    return [json_answer(session()), json_answer(conversation())]


def farewell() -> Answer:
    """The answer to the end of the session."""
    return Answer(status=204, framing="length")
