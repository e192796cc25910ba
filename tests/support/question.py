"""One question, its answer in four events, and what a service makes of it that breaks off or refuses."""

from __future__ import annotations

from typing import Any

from gpo_client import ChatContext, Secret
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.wire_script import Answer, End

#: Who asks: what sessions are opened with.
SESSION: dict[str, Any] = {"instance_id": "advisory-001", "user_id": "user-1"}
CONTEXT = ChatContext(session_id="session-1", token=Secret("t0k3n"))
QUESTION: dict[str, Any] = {"query": "What is RESICO?"}
TEXTS = ("Mexico taxes ", "resident companies ", "on income worldwide.")
WHOLE = "".join(TEXTS)
EVENTS = answer_events(*TEXTS)

#: No waits between tries: the scripts have no need of them.
AT_ONCE: dict[str, Any] = {"retry_backoff_factor": 0.0}


def problem(status: int, code: str, **headers: str) -> Answer:
    """A problem document."""
    body = f'{{"type": "about:blank", "status": {status}, "code": "{code}", "detail": "detail of {code}"}}'
    fields = {"Content-Type": "application/problem+json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Answer(status=status, headers=fields, pieces=(body.encode(),), framing="length")


def rest(after: int) -> Answer:
    """The answer from the event after that one on."""
    return stream_answer(*EVENTS[after:])


def cut(count: int, end: End = End.FIN, **how: Any) -> Answer:
    """The first events, and then the given end."""
    return stream_answer(*EVENTS[:count], end=end, **how)


def whole_answer(**fields: Any) -> Answer:
    """A ChatResponse."""
    return json_answer(chat_response(WHOLE, **{"sources": [], **fields}))
