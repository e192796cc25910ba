"""Answers and their event logs.

An answer is planned whole before its first event is written. So whoever comes back, even after the server was
killed in the middle, gets the rest of the same answer: the plan says what every event will be, and the log says
which of them exist already.
"""

import attrs
import msgspec

from gpo_sandbox.responses import CitationSource, StreamingChunk
from gpo_sandbox.store.database import Database, new_id, now, to_json
from gpo_sandbox.store.messages import Messages


class PlannedAnswer(msgspec.Struct, kw_only=True, frozen=True):
    """An answer as it was planned; `response_time_ms` is there once it is complete."""

    message_id: str
    conversation_id: str
    chunks: list[str]
    sources: list[CitationSource]
    model_used: str
    created_at: float
    response_time_ms: int | None = None

    @property
    def content(self) -> str:
        """The whole text."""
        return "".join(self.chunks)

    @property
    def event_count(self) -> int:
        """How many events the answer has: one for each chunk, and the final one."""
        return len(self.chunks) + 1

    def event(self, sequence: int) -> StreamingChunk:
        """Return the event with a sequence number, counting from 1."""
        if sequence < self.event_count:
            metadata: dict[str, object] | None = {"message_id": self.message_id} if sequence == 1 else None
            return StreamingChunk(content=self.chunks[sequence - 1], metadata=metadata)
        facts: dict[str, object] = {
            "message_id": self.message_id,
            "model_used": self.model_used,
            "response_time_ms": self.response_time_ms,
            "chunk_count": len(self.chunks),
        }
        return StreamingChunk(sources=self.sources, is_complete=True, metadata=facts)


class LoggedEvent(msgspec.Struct, frozen=True):
    """One event of the log; `data` is a StreamingChunk as JSON."""

    sequence: int
    data: str


class _Row(msgspec.Struct):
    plan: str
    response_time_ms: int | None
    logged: bool
    touched_at: float

    def answer(self) -> PlannedAnswer:
        planned = msgspec.json.decode(self.plan, type=PlannedAnswer)
        return msgspec.structs.replace(planned, response_time_ms=self.response_time_ms)


@attrs.frozen
class Answers:
    """The tables of answers and their events, whose log is kept for so many seconds after its last event."""

    _database: Database
    _messages: Messages
    _retention_s: float

    def plan(
        self, conversation_id: str, question_id: str, chunks: list[str], sources: list[CitationSource], model_used: str
    ) -> PlannedAnswer:
        """Store what the answer to a question will be, and drop the logs that are too old."""
        self._drop_old_logs()
        answer = PlannedAnswer(
            message_id=new_id("msg"),
            conversation_id=conversation_id,
            chunks=chunks,
            sources=sources,
            model_used=model_used,
            created_at=now(),
        )
        self._database.insert(
            "answers",
            message_id=answer.message_id,
            question_id=question_id,
            conversation_id=conversation_id,
            plan=to_json(answer),
            touched_at=answer.created_at,
        )
        return answer

    def find(self, message_id: str) -> PlannedAnswer | None:
        """Return an answer, complete or not; None when it is unknown or its conversation was deleted."""
        row = self._row(message_id)
        return row.answer() if row else None

    def expired(self, message_id: str) -> bool:
        """Tell whether an answer is known but its log is too old to be resumed."""
        row = self._row(message_id)
        return row is not None and not (row.logged and row.touched_at > now() - self._retention_s)

    def written(self, message_id: str) -> int:
        """Return the sequence number of the last event in a log, 0 when there is none."""
        return self._database.number(
            "SELECT coalesce(max(sequence), 0) FROM answer_events WHERE message_id = :message_id", message_id=message_id
        )

    def events(self, message_id: str, after: int, limit: int = 64) -> list[LoggedEvent]:
        """Return the next events of a log, at most `limit`, after a sequence number."""
        return self._database.rows(
            LoggedEvent,
            "SELECT sequence, data FROM answer_events WHERE message_id = :message_id AND sequence > :after"
            " ORDER BY sequence LIMIT :limit",
            message_id=message_id,
            after=after,
            limit=limit,
        )

    def write(self, answer: PlannedAnswer, sequence: int) -> bool:
        """Write one event into the log; with the last one the answer becomes a message of its conversation.

        False when there is no log any more, because the conversation was deleted or the log is too old.
        """
        with self._database.transaction():
            if not self._touch(answer.message_id):
                return False
            if sequence == answer.event_count:
                answer = self._complete(answer)
            data = to_json(answer.event(sequence))
            self._database.insert("answer_events", message_id=answer.message_id, sequence=sequence, data=data)
        return True

    def finish(self, answer: PlannedAnswer) -> PlannedAnswer:
        """Write everything that is missing at once and return the complete answer."""
        with self._database.transaction():
            current = self.find(answer.message_id)
            if current is None or current.response_time_ms is not None:
                return current or answer
            for sequence in range(self.written(answer.message_id) + 1, answer.event_count + 1):
                if not self.write(answer, sequence):
                    return self._complete(answer)
        return self.find(answer.message_id) or answer

    def _row(self, message_id: str) -> _Row | None:
        return self._database.first(
            _Row,
            "SELECT plan, response_time_ms, logged, touched_at FROM answers WHERE message_id = :message_id",
            message_id=message_id,
        )

    def _touch(self, message_id: str) -> bool:
        touched = self._database.execute(
            "UPDATE answers SET touched_at = :now WHERE message_id = :message_id AND logged",
            now=now(),
            message_id=message_id,
        )
        return touched == 1

    def _complete(self, answer: PlannedAnswer) -> PlannedAnswer:
        taken = max(0, round((now() - answer.created_at) * 1000))
        self._database.execute(
            "UPDATE answers SET response_time_ms = :taken WHERE message_id = :message_id",
            taken=taken,
            message_id=answer.message_id,
        )
        self._messages.add(
            answer.conversation_id, "assistant", answer.content, message_id=answer.message_id, sources=answer.sources
        )
        return msgspec.structs.replace(answer, response_time_ms=taken)

    def _drop_old_logs(self) -> None:
        oldest = now() - self._retention_s
        with self._database.transaction():
            self._database.execute(
                "DELETE FROM answer_events WHERE message_id IN"
                " (SELECT message_id FROM answers WHERE logged AND touched_at <= :oldest)",
                oldest=oldest,
            )
            self._database.execute(
                "UPDATE answers SET logged = 0 WHERE logged AND touched_at <= :oldest", oldest=oldest
            )
