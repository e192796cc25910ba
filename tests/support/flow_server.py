"""A service that keeps the contract, as a value: no sockets, no clock of its own, and faults where the script says."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from gpo_client.flows.effects import Failure
from gpo_client.operations.call import Request
from tests.support.flow_script import Generation, Turn

#: What the simulated clock's 0 is called.
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


@attrs.frozen
class Asked:
    """A request as it arrived: when, which operation, what it carried."""

    at: float
    operation: str
    request: Request
    connected: bool

    def header(self, name: str) -> str | None:
        """A header field."""
        return self.request.headers.get(name)


@attrs.define
class Reply:
    """A reply on its way: its head, and when the next part of its body arrives."""

    turn: Turn
    status: int
    headers: Mapping[str, str]
    parts: Iterator[tuple[float, bytes | Failure]]
    #: The part that comes next, with the time of its arrival, once somebody has asked for it.
    next_part: tuple[float, bytes | Failure] | None = None


class FlowServer:
    """The service.

    Args:
        answers: The texts that it generates, in order; the last one again and again.
        stream: How requests for a stream are answered, turn by turn; by the contract when no turns are left.
        whole: The same for whole answers.
        session: The same for new sessions.
        lifetime: Seconds that a token is valid.
    """

    def __init__(
        self,
        *answers: Sequence[str],
        stream: Sequence[Turn] = (),
        whole: Sequence[Turn] = (),
        session: Sequence[Turn] = (),
        lifetime: float = 1e6,
    ) -> None:
        self._answers = answers or (("Mexico taxes ", "income."),)
        self._turns = {"stream": deque(stream), "whole": deque(whole), "session": deque(session)}
        self._lifetime = lifetime
        self._logs: dict[str, Generation] = {}
        #: In order of arrival.
        self.asked: list[Asked] = []
        self.generations: list[Generation] = []
        #: When each token ends, oldest first.
        self.tokens: dict[str, float] = {}

    def turn_for(self, request: Request, now: float) -> Turn:
        """How this request is going to be answered; it is noted."""
        operation = _operation(request)
        turn = self._turns[operation].popleft() if self._turns[operation] else Turn()
        self.asked.append(Asked(now, operation, request, turn.failure is None))
        if turn.restart:
            self._logs.clear()
        return turn

    def reply(self, request: Request, turn: Turn, now: float) -> Reply:
        """The answer."""
        operation = _operation(request)
        if turn.status != 200:
            after = {} if turn.retry_after is None else {"retry-after": str(turn.retry_after)}
            return _problem(turn, turn.status, turn.code, after)
        if operation == "session":
            return _json(turn, self._session(now))
        if self.tokens and now >= self.tokens.get(request.headers["Authorization"].removeprefix("Bearer "), 0.0):
            return _problem(attrs.evolve(turn, body=None), 401, "token_expired", {})
        return self._stream(request, turn) if operation == "stream" else _json(turn, self._whole(request))

    def count(self, operation: str) -> int:
        """How many requests there were for it."""
        return sum(asked.operation == operation for asked in self.asked)

    def expire_tokens(self, now: float) -> None:
        """All tokens end before their time."""
        self.tokens.update({token: min(end, now) for token, end in self.tokens.items()})

    def _session(self, now: float) -> dict[str, Any]:
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = now + self._lifetime
        expires_at = (EPOCH + timedelta(seconds=now + self._lifetime)).isoformat()
        return {"session_id": "session-1", "token": token, "expires_at": expires_at, "user_id": "user-1"}

    def _stream(self, request: Request, turn: Turn) -> Reply:
        last_event_id = request.headers.get("Last-Event-ID")
        generation = self._logs.get(request.headers["Idempotency-Key"])
        if last_event_id is None:
            generation, after = generation or self._generate(request), 0
        else:
            message_id, _, number = last_event_id.rpartition(":")
            if generation is None or generation.message_id != message_id:
                return _problem(turn, 410 if generation is None else 404, "stream_expired", {})
            after = int(number)
        usual = b"".join(part for _, part in generation.parts(after, turn))
        headers = {"content-type": "text/event-stream; charset=utf-8", **turn.fields}
        return Reply(turn, 200, headers, turn.arrivals(usual if turn.body is None else turn.body))

    def _whole(self, request: Request) -> dict[str, Any]:
        generation = self._logs.get(request.headers.get("Idempotency-Key", "")) or self._generate(request)
        return {
            "message_id": generation.message_id,
            "conversation_id": "conv_01",
            "message_content": generation.text,
            "sources": [],
            "created_at": EPOCH.isoformat(),
            "response_time_ms": 12,
            "model_used": "test-model",
        }

    def _generate(self, request: Request) -> Generation:
        number = len(self.generations) + 1
        generation = Generation(number, self._answers[min(number, len(self._answers)) - 1])
        self.generations.append(generation)
        self._logs[request.headers.get("Idempotency-Key", "")] = generation
        return generation


def _operation(request: Request) -> str:
    if request.url.endswith("/api/User/session"):
        return "session"
    return "stream" if json.loads(request.content or b"{}").get("stream") else "whole"


def _json(turn: Turn, body: dict[str, Any]) -> Reply:
    data = json.dumps(body).encode() if turn.body is None else turn.body
    headers = {"content-type": "application/json", **turn.fields}
    return Reply(turn, 200, headers, turn.arrivals(data))


def _problem(turn: Turn, status: int, code: str, headers: dict[str, str]) -> Reply:
    data = json.dumps({"status": status, "code": code, "detail": f"detail of {code}"}).encode()
    fields = {"content-type": "application/problem+json", **headers, **turn.fields}
    return Reply(turn, status, fields, turn.arrivals(data if turn.body is None else turn.body))
