"""One of each model, as a service would send it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from gpo_client import (
    ChatContext,
    ChatResponse,
    Citation,
    CitationSource,
    Conversation,
    Download,
    Message,
    Problem,
    Secret,
    SensitiveChatResponse,
    Session,
    StreamedResponse,
    StreamingChunk,
    models,
)
from gpo_client.models import QuestionDetail

MOMENT = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
SOURCE = CitationSource(
    id="s-1",
    title="VAT Act",
    relevance_score=0.9,
    url="https://gpo.example.com/vat",
    content_excerpt="Exports: 0 %.",
    metadata={"page": 3},
    additional_properties={"mood": "good"},
)
ANSWER = ChatResponse(
    message_id="m-1",
    conversation_id="c-1",
    message_content="Exports are taxed at 0 %. [1]",
    sources=[SOURCE],
    created_at=MOMENT,
    response_time_ms=12,
    model_used="model-1",
    additional_properties={"tone": {"kind": True}},
)
CONVERSATION_JSON = {
    "conversation_id": "c-1",
    "title": "Taxes",
    "created_at": "2026-11-01T12:30:00Z",
    "status": "open",
    "welcome_message": None,
    "metadata": {"topic": "vat"},
    "mood": "good",
}
CONVERSATION = Conversation.from_dict(CONVERSATION_JSON)
#: One of each model that is written by hand, and some that are generated.
EXAMPLES: list[Any] = [
    ANSWER,
    SensitiveChatResponse(**attrs.asdict(ANSWER, recurse=False), sensitive_content_detected=True),
    SOURCE,
    Citation(start=1, end=4, number=1, source=SOURCE),
    Message(message_id="m", conversation_id="c", role="user", content="q", created_at=MOMENT),
    Session(session_id="s", token=Secret("t0k3n"), expires_at=MOMENT, user_id="u"),
    ChatContext(session_id="s", token=Secret("t0k3n"), conversation_id="c"),
    StreamingChunk(content="a", sources=[SOURCE], metadata={"x": [1]}, additional_properties={"new": 1}),
    StreamingChunk(),
    StreamedResponse(content="a [1]", sources=[SOURCE], numbered_sources=[SOURCE], is_complete=True, duration=0.5),
    Download(content=b"%PDF\xff", path=None, file_name="a.pdf", media_type="application/pdf", size_bytes=5),
    Download(content=b"", path=Path("a.pdf"), file_name=None, media_type="", size_bytes=5),
    Problem(title="Not Found", status=404),
    QuestionDetail(question_id="q", conversation_id="c", user_id="u", question="?", asked_at=MOMENT, sources=[SOURCE]),
    CONVERSATION,
    models.ChatRequest(query="What is PTU?"),
    models.SessionContext(instance_id="i", user_id="u"),
]
_NAMES = [f"{position} {type(example).__name__}" for position, example in enumerate(EXAMPLES)]
each_model = pytest.mark.parametrize("model", EXAMPLES, ids=_NAMES)
