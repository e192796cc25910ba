"""npm's ``openai``, ``@ai-sdk/openai`` and ``@ai-sdk/openai-compatible`` at the door for OpenAI's protocols."""

from __future__ import annotations

import pytest

from gpo_client.relay import Relay, RelayOptions
from tests.doors.conftest import KEY, RESUMING, Door, broken_answer, openai, scripted
from tests.doors.foreign.node import run
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.wire import End

pytestmark = pytest.mark.slow
SCRIPT = "openai_chat.mjs"
#: Clients, each with what it calls the end of a whole answer.
FINISHES = {"openai": "stop", "compatible": "stop", "openai-responses": "completed", "responses": "stop"}


@pytest.mark.parametrize("client", FINISHES)
@pytest.mark.parametrize("what", ["whole", "streamed"])
def test_whole_streamed_and_cited(openai_door: Door, client: str, what: str) -> None:
    """The text and its end; citations, each where it says, or as sources, as far as the client shows them."""
    found = run(SCRIPT, openai_door.address, KEY, client, what)
    assert (found.get("error"), found["finish"]) == (None, FINISHES[client])
    assert "[1]" in found["text"]
    if client.startswith("openai"):
        places = [(each["start_index"], each["end_index"]) for each in found["citations"]]
        assert places
        assert all(found["text"][start:end].startswith("[") for start, end in places)
    if client == "responses":
        assert found["sources"]
        assert all(each["title"] and each["url"].startswith("http") for each in found["sources"])


@pytest.mark.parametrize("client", FINISHES)
def test_cancelled(client: str) -> None:
    first, *_ = answer_events("Zero ", "one.")
    relay = Relay(RelayOptions(grace_s=3600))
    with scripted(stream_answer(first, end=End.STALL), make=openai(relay=relay)) as door:
        run(SCRIPT, door.address, KEY, client, "cancelled")
        door.upstream.wait_closed()


@pytest.mark.parametrize("client", FINISHES)
def test_resumed_unseen(client: str) -> None:
    """The connection to the service breaks in mid-answer: each piece comes once."""
    with scripted(*broken_answer(), make=openai(), **RESUMING) as door:
        assert run(SCRIPT, door.address, KEY, client, "streamed")["text"] == "Zero one two."


@pytest.mark.parametrize("client", FINISHES)
def test_errors(client: str) -> None:
    """Before the answer with its status, in its middle as an error and no end."""
    first, *_ = answer_events("Zero ", "one.")
    with scripted(problem_answer(429), make=openai()) as door:
        assert run(SCRIPT, door.address, KEY, client, "streamed")["error"] == 429
    with scripted(stream_answer(first, end=End.RESET), make=openai()) as door:
        assert "error" in run(SCRIPT, door.address, KEY, client, "streamed")
