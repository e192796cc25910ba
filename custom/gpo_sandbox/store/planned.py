"""A planned answer: what it will say and cite, and what each of its events will be."""

import msgspec

from gpo_sandbox.responses import CitationSource, StreamingChunk


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
