"""What a scripted server answers to the calls around a question."""

from __future__ import annotations

from typing import Any

from gpo_client import SyncGPOCoreClient
from tests.support.wire import Answer


def farewell() -> Answer:
    """The answer to the end of the session."""
    return Answer(status=204, framing="length")


QUESTION = "Which tax regimes can a technology company choose in Mexico?"


def answer_of(base_url: str) -> Any:
    """The same question's answer, by the library."""
    with SyncGPOCoreClient(base_url=base_url) as client:
        return client.open_conversation({"instance_id": "gpo-cli", "user_id": "somebody"}).stream(QUESTION).collect()
