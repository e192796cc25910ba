"""An answer stream: opened, read chunk by chunk, and honest about how it ended."""

from __future__ import annotations

from typing import Any, NoReturn

from gpo_client.exceptions import (
    StreamError,
    StreamInterruptedError,
    StreamLimitError,
    StreamProtocolError,
    StreamServerError,
    StreamTimeoutError,
)
from gpo_client.flows.body import Body
from gpo_client.flows.call import Call, open_answer
from gpo_client.flows.effects import TIMEOUTS, Close, Deliver, Failure, FailureKind, Flow, Opened
from gpo_client.flows.engine import Engine, Journey
from gpo_client.flows.options import CreateOptions
from gpo_client.flows.stream_deadlines import StreamDeadlines
from gpo_client.flows.verdicts import media_type, request_id
from gpo_client.streaming.chunks import (
    STREAM_MEDIA_TYPES,
    ChunkDecoder,
    Complete,
    End,
    Malformed,
    Oversized,
    Refused,
    chunk_decoder,
)
from gpo_client.streaming.record import StreamRecord
from gpo_client.streaming.sse import oversized_message

_ACCEPT = ", ".join((*STREAM_MEDIA_TYPES, "application/problem+json"))


def stream_flow(engine: Engine, call: Call[Any], record: StreamRecord, options: CreateOptions) -> Flow[None]:
    """Stream an answer: deliver its chunks, then return if it was whole, else raise.

    Raises:
        APIStatusError, GPOConnectionError, InvalidResponseError: It did not begin.
        StreamError: It began and failed; everything received is in ``partial``.
    """
    record.restart_clock()
    # Compression makes servers and proxies gather output before they send it, which is what a stream is not for.
    journey = Journey(engine, call, options, accept=_ACCEPT, encodings="identity")
    yield from _Stream(journey, record, options).run()


class _Stream:
    """One stream on its way; the methods are parts of its flow."""

    def __init__(self, journey: Journey, record: StreamRecord, options: CreateOptions) -> None:
        config = journey.engine.config
        self._journey = journey
        self._record = record
        self._limit = config.max_event_bytes
        self._deadlines = StreamDeadlines(
            journey.engine.clock, config, options.get("timeout", config.stream_total_timeout)
        )

    def run(self) -> Flow[None]:
        head = yield from open_answer(self._journey, self._journey.deadline(self._deadlines.next_read))
        self._record.request_id = request_id(head) or self._journey.request.headers["X-Request-ID"]
        decoder = chunk_decoder(media_type(head), self._limit)
        if decoder is None or head.status != 200:
            self._refuse(head)
        yield from Deliver(())
        try:
            yield from self._read(Body(head), decoder)
        except ValueError as error:
            self._fail(StreamProtocolError, str(error), cause=error)
        yield from Close()

    def _read(self, body: Body, decoder: ChunkDecoder) -> Flow[None]:
        while decoder.end is None:
            wait = self._deadlines.next_read
            expired = wait is not None and wait <= 0
            data = Failure(FailureKind.TIMEOUT) if expired else (yield from body.read(wait))
            if isinstance(data, Failure):
                self._lost(data)
            yield from self._deliver(decoder, decoder.feed(data) if data else decoder.close())
            if not data and decoder.end is None:
                self._lost(Failure(FailureKind.CUT))
        self._judge(decoder.end)

    def _deliver(self, decoder: ChunkDecoder, chunks: list[Any]) -> Flow[None]:
        self._record.last_event_id = decoder.last_event_id
        self._record.is_complete = isinstance(decoder.end, Complete)
        if chunks:
            self._deadlines.chunk_arrived()
            self._record.add(chunks)
            if self._record.is_complete:
                # The answer is whole: whoever stops iterating at the final chunk has left nothing open.
                yield from Close()
            yield from Deliver(chunks)

    def _judge(self, end: End) -> None:
        match end:
            case Complete():
                return
            case Malformed(detail):
                self._fail(StreamProtocolError, detail)
            case Oversized():
                self._fail(StreamLimitError, oversized_message(self._limit))
            case Refused(problem):
                message = f"the server ended the stream with an error: {problem.summary}"
                self._fail(StreamServerError, message, problem=problem, code=problem.code)

    def _refuse(self, head: Opened) -> NoReturn:
        what = f"{head.status} and {media_type(head) or 'no content type'}"
        remedy = "; ask with chat() for a whole answer" if "json" in media_type(head) else ""
        self._fail(
            StreamProtocolError,
            f"a stream was asked for, but {self._journey.engine.config.base_url} answered with {what}{remedy}",
            status_code=head.status,
        )

    def _lost(self, failure: Failure) -> NoReturn:
        if failure.kind in TIMEOUTS:
            setting = self._deadlines.passed()
            message = f"timeout: the stream was slower than {setting} allows, {self._progress()}"
            self._fail(StreamTimeoutError, message, cause=failure.cause)
        message = f"the stream was cut short {self._progress()}: {failure}"
        self._fail(StreamInterruptedError, message, cause=failure.cause)

    def _progress(self) -> str:
        partial = self._record.partial
        return f"after {partial.chunk_count} chunks ({len(partial.content)} characters)"

    def _fail(self, kind: type[StreamError], message: str, cause: BaseException | None = None, **more: Any) -> NoReturn:
        raise kind(
            message,
            partial=self._record.partial,
            last_event_id=self._record.last_event_id,
            request_id=self._record.request_id,
            attempts=self._journey.attempts,
            elapsed=self._journey.elapsed,
            **more,
        ) from cause
