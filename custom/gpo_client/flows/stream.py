"""An answer stream: opened, read, continued where it broke, and honest about how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from gpo_client.exceptions import GPOClientError, GPOTimeoutError, StreamError
from gpo_client.flows.active_call import ActiveCall, Runtime
from gpo_client.flows.call import open_response
from gpo_client.flows.deadlines import Deadline, StreamDeadlines
from gpo_client.flows.effects import Close, Compute, Deliver, Failure, Flow, Opened, Pause, Pump
from gpo_client.flows.options import CreateOptions
from gpo_client.flows.response import Body, media_type, read_whole, request_id
from gpo_client.flows.resume import Disconnect, Resumption, StreamErrors, fall_back
from gpo_client.flows.retry import FailedAttempt, one_attempt, with_retries
from gpo_client.flows.stream_reader import FirstChunk, StreamReader
from gpo_client.models.answer import ChatResponse
from gpo_client.models.stream import StreamingChunk
from gpo_client.operations.call import Call
from gpo_client.sse.chunk_decoder import ChunkDecoder
from gpo_client.sse.chunks import STREAM_MEDIA_TYPES, chunk_decoder
from gpo_client.sse.event_kinds import Complete, Malformed, NoStream, Overlong, Oversized, ServerProblem, Unproven
from gpo_client.text.record import StreamRecord

_ACCEPT = ", ".join((*STREAM_MEDIA_TYPES, "application/problem+json"))

# A good response that is JSON and no stream may say what is wrong; nothing longer than this does.
_MOST_JSON = 64 * 1024


@attrs.frozen
class _Connection:
    """An open response that is a stream."""

    head: Opened
    body: Body
    decoder: ChunkDecoder


def stream_flow(
    runtime: Runtime,
    call: Call[Any],
    record: StreamRecord,
    options: CreateOptions,
    fallback_call: Call[ChatResponse] | None = None,
) -> Flow[None]:
    """Stream an answer: deliver its chunks, then return if it was whole, else raise.

    ``fallback_call`` is the same question for a whole answer, to fall back on. Raises APIStatusError,
    GPOConnectionError, InvalidResponseError: it did not begin; StreamError: it began and failed, or took too long;
    everything received is in ``partial``.
    """
    record.restart_clock()
    # Compression makes servers and proxies gather output before they send it, which is what a stream is not for.
    active = ActiveCall(runtime, call, options, accept=_ACCEPT, encodings="identity")
    deadlines = StreamDeadlines(
        runtime.clock, runtime.config, options.get("timeout", runtime.config.stream_total_timeout)
    )
    yield from active.watched(_answer(active, record, deadlines, fallback_call), record)


def _answer(
    active: ActiveCall, record: StreamRecord, deadlines: StreamDeadlines, fallback_call: Call[ChatResponse] | None
) -> Flow[None]:
    """Return the stream, and where it fails the whole answer, if that may take its place."""
    stream = _Stream(active, record, deadlines)
    try:
        yield from stream.run()
    except StreamError as error:
        if fallback_call is None or not stream.errors.may_fall_back(error):
            raise
        yield from Close()
        active.permits.release()  # the other call has a turn of its own
        yield from fall_back(active, fallback_call, record, error, deadlines.total)


class _Stream:
    """One stream on its way; the methods are parts of its flow."""

    def __init__(self, active: ActiveCall, record: StreamRecord, deadlines: StreamDeadlines) -> None:
        self._active = active
        self._record = record
        self._deadlines = deadlines
        self._resumption = Resumption(active, record)
        self._bytes_left = active.runtime.config.max_stream_bytes
        self.errors = StreamErrors(active, record, deadlines)

    def run(self) -> Flow[None]:
        """Open, read, and reopen until the end."""
        try:
            connection = yield from with_retries(self._active, self._open, lambda: self._deadlines.time_left)
        except StreamError:  # of _open, and complete: with what had arrived, and which deadline passed
            raise
        except GPOTimeoutError as error:
            raise self.errors.too_slow_to_begin(error) from error
        yield from self._hand_over()
        while (broken := (yield from self._read(connection))) is not None:
            connection = yield from self._reconnect(broken)

    def _open(self) -> Flow[_Connection | FailedAttempt]:
        """Make one attempt to open the stream, after the last event received if there is one."""
        self._deadlines.turn_came(self._active.waited)
        wait = self._deadlines.next_wait()
        if wait == 0:  # the tries before this one, and the waits between them, have taken all the time
            raise self.errors.too_slow()
        resume_after = self._record.sequence.resume_after
        headers = {"Last-Event-ID": resume_after} if resume_after else {}
        deadline = self._active.deadline(wait)
        head = yield from open_response(self._active, deadline, headers)
        if isinstance(head, FailedAttempt):
            # A first request that got no head in time is over. A resume is one of several: the next may be luckier.
            if head.silent and not self._record.resume_count:
                raise self.errors.too_slow(head.error)
            return head
        self._record.request_id = request_id(head) or self._active.request_id
        self._record.origin = self._active.origin(head)
        try:
            return (yield from self._connected(head, deadline))
        except ValueError as error:
            raise self.errors.damaged(error) from error

    def _connected(self, head: Opened, deadline: Deadline) -> Flow[_Connection]:
        """Return the connection over which a stream comes. Raises StreamError: the response is a good one, but no
        stream; ValueError: it is encoded in a way that was not asked for, or damaged.
        """
        record, limit = self._record, self._active.runtime.config.max_event_bytes
        decoder = chunk_decoder(media_type(head), limit, record.sequence, record.past, record.names)
        if head.status == 200 and decoder is not None:
            return _Connection(head, Body(head), decoder)
        # A problem document under status 200, as gateways send it, says more than "no stream".
        body = (yield from read_whole(Body(head), _MOST_JSON, deadline)) if "json" in media_type(head) else None
        raise self.errors.no_stream(head, body)

    def _read(self, connection: _Connection) -> Flow[Disconnect | None]:
        """Deliver what a connection brings: None at the honest end of the stream, else how the connection broke."""
        reader = StreamReader(connection.decoder, self._record, self._deadlines, self._bytes_left)
        count = self._record.chunk_count
        if not count and self._active.reporter.is_on:
            # Looked for chunk by chunk until it has come; without observers, and after it, nothing looks at all.
            yield from self._receive(
                FirstChunk(reader, self._record, self._active.reporter.first_chunk), connection.body
            )
        yield from self._receive(reader, connection.body)
        self._bytes_left = reader.bytes_left
        self._resumption.server_asks(reader.decoder.retry)
        if self._record.chunk_count > count:
            self._resumption.progress()  # max_resumes is for connections that bring nothing new
        if reader.failure is not None:
            return self._resumption.judge(reader.failure, is_cut=not reader.is_ended)
        if isinstance(reader.decoder.end, Unproven):
            return self._resumption.step_back(reader.decoder.end)
        if isinstance(reader.decoder.end, NoStream):
            raise self.errors.no_stream(connection.head, beginning=reader.decoder.end.beginning)
        if reader.decoder.end is not None:
            yield from self._finish(reader.decoder.end, reader.final)
        return None

    def _receive(self, reader: StreamReader | FirstChunk, body: Body) -> Flow[None]:
        """Read until the reader wants no more, in steps between which others have their turn.

        A single event that is large is read where it keeps nobody waiting.
        """
        yield from self._read_on(reader, body)
        while reader.is_behind:
            if reader.is_slow:
                # A thread cannot be stopped, and this one changes the decoder: nobody goes on before it is done.
                outcome = yield from Compute(reader.catch_up, may_be_left=False)
                chunks = () if isinstance(outcome, Failure) else outcome
            else:
                yield from Pause()
                chunks = reader.catch_up()
            if chunks:
                yield from Deliver(chunks)
            if not reader.is_behind:
                yield from self._read_on(reader, body)

    def _read_on(self, reader: StreamReader | FirstChunk, body: Body) -> Flow[None]:
        """Read until the reader wants no more: as ``Pump`` does, also a body to be decompressed on the way."""
        if body.is_plain:
            return (yield from Pump(reader))
        while (wait := reader.wait()) != 0:
            try:
                data = yield from body.read(wait)
            except ValueError as error:
                raise self.errors.damaged(error) from error
            if data is not None and (chunks := reader.feed(data)):
                yield from Deliver(chunks)

    def _finish(
        self, end: Complete | Malformed | Oversized | Overlong | ServerProblem, final: Sequence[StreamingChunk]
    ) -> Flow[None]:
        """Come to the end that the stream's own content makes."""
        if not isinstance(end, Complete):
            raise self.errors.bad_end(end)
        yield from Close(is_whole=True)
        self._active.permits.release()
        self._active.reporter.end("complete")  # who leaves at the final chunk has seen it all
        if final:
            yield from Deliver(final)

    def _hand_over(self) -> Flow[None]:
        """Tell that the stream is open. The time until somebody reads it is not the service's."""
        before = self._active.elapsed
        yield from Deliver(())
        self._deadlines.reader_took(self._active.elapsed - before)

    def _reconnect(self, broken: Disconnect) -> Flow[_Connection]:
        """Return a new connection to the same answer. Raises StreamError if there is none to be had."""
        while True:
            # First of all: the service may allow a user one stream, and the pool may have one connection.
            yield from Close()
            if (left := self._deadlines.time_left) <= 0:
                raise self.errors.too_slow(broken.cause)
            delay = self._resumption.next_delay(broken, left)
            if delay is None:
                raise self.errors.interrupted(broken)
            yield from self._active.sleep(min(delay, left))
            try:
                outcome = yield from one_attempt(self._active, self._open)
            except StreamError:
                raise
            except GPOClientError as error:  # no new token, or a redirect
                broken = Disconnect(error.message, error, final=True)
            else:
                if isinstance(outcome, _Connection):
                    return outcome
                broken = Disconnect.of(outcome)
