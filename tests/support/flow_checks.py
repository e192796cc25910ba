"""Streaming in the simulation, and what holds of every stream there."""

from __future__ import annotations

from typing import Any

from gpo_client.exceptions import StreamError
from gpo_client.flows.call import call_flow, open_session_flow
from gpo_client.flows.effects import Flow
from gpo_client.flows.stream import stream_flow
from gpo_client.models.session import ChatContext
from gpo_client.operations import chat
from gpo_client.operations.chat import create_session
from gpo_client.text.record import StreamRecord
from tests.support.flow_run import Run
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.question import CONTEXT, QUESTION, SESSION

#: Deadlines that no schedule here reaches, but for silence.
AMPLE: dict[str, Any] = {
    "stream_first_chunk_timeout": 1_000.0,
    "stream_heartbeat_timeout": 1_000.0,
    "stream_total_timeout": None,
    "stream_idle_timeout": 8.0,
    "retry_max_elapsed": None,
}


def streaming(simulation: FlowSimulation, *, fallback: bool = False, **options: Any) -> tuple[Flow[None], StreamRecord]:
    """The flow of a stream, and its record."""
    record = StreamRecord(simulation.runtime.clock)
    whole = chat.chat(CONTEXT, QUESTION) if fallback else None
    return stream_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION, stream=True), record, options, whole), record  # type: ignore[arg-type]


def stream(simulation: FlowSimulation, **options: Any) -> Run:
    """Stream an answer to its end and check what holds of every stream."""
    flow, record = streaming(simulation, **options)
    run = simulation.run(flow)
    check_delivery(simulation.server, run)
    check_requests(simulation.server)
    assert record.is_complete == (run.error is None)
    if isinstance(run.error, StreamError):
        assert run.error.partial == record.partial
        assert run.error.partial.content == run.text
        assert run.error.partial.chunk_count == len(run.chunks)
    elif run.error is not None:
        assert not run.chunks, "once a stream has begun, its errors are StreamErrors"
    return run


def check_delivery(server: FlowServer, run: Run) -> None:
    """Every event once and in order, and all of one answer."""
    check_order(run)
    whole = [chunk.is_complete for chunk in run.chunks]
    assert whole == [False] * (len(whole) - 1) + [run.error is None] * bool(whole)
    assert whole or run.error is not None
    told = [chunk.metadata or {} for chunk in run.chunks]
    assert len({metadata["message_id"] for metadata in told if "fallback" not in metadata}) <= 1
    for metadata in told[-1:]:  # a fallback may bring another answer, if it begins with what was there already
        answer = next(one for one in server.generations if one.message_id == metadata["message_id"])
        assert answer.text.startswith(run.text)
        assert run.error is not None or run.text == answer.text


def check_requests(server: FlowServer) -> None:
    """All requests of a stream are the same but for ``Last-Event-ID``; a fallback has the same key."""
    assert len({asked.header("Idempotency-Key") for asked in server.asked}) <= 1
    for operation in ("stream", "whole"):
        ours = [asked.request for asked in server.asked if asked.operation == operation]
        assert len({request.content for request in ours}) <= 1
        assert len({request.headers["X-Request-ID"] for request in ours}) <= 1


def check_order(run: Run) -> None:
    """Every event once and in order."""
    numbers = [(chunk.metadata or {})["n"] for chunk in run.chunks if "n" in (chunk.metadata or {})]
    assert numbers == list(range(1, len(numbers) + 1))


class Office:
    """A simulation with one open session, whose token many flows hold."""

    def __init__(self, server: FlowServer, **settings: Any) -> None:
        usual: dict[str, Any] = {"auto_renew_token": True, "token_renewal_buffer": 0.0, "retry_backoff_factor": 0.0}
        self.simulation = FlowSimulation(server, **{**usual, **settings})
        session = self.simulation.run(open_session_flow(self.simulation.runtime, create_session(SESSION), {})).result
        self.context: ChatContext = session.chat_context()

    def flow(self, *, streams: bool, fallback: bool = False) -> Flow[Any]:
        """A question under the session's first token."""
        runtime, whole = self.simulation.runtime, chat.chat(self.context, QUESTION)
        if not streams:
            return call_flow(runtime, whole, {})
        record = StreamRecord(runtime.clock)
        asked = chat.chat(self.context, QUESTION, stream=True)
        return stream_flow(runtime, asked, record, {}, whole if fallback else None)

    def expire(self, after: float) -> tuple[float, Flow[None]]:
        """What ends all tokens before their time. It is no flow, but lives in the same simulation."""

        def at_once() -> Flow[None]:
            self.simulation.server.expire_tokens(self.simulation.now)
            return
            yield

        return after, at_once()
