"""The door for OpenAI's Responses API, byte by byte: what any client of it sends and reads."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from gpo_client import GPOCoreClient
from gpo_client.doors import ANYONE
from gpo_client.relay import MemoryRelayLog, Relay
from tests.doors.conftest import (
    HEADERS,
    HTTP,
    QUESTION,
    SOURCES,
    TEXTS,
    Door,
    arriving,
    chore,
    error,
    openai,
    opened,
    scripted,
    served,
)
from tests.support.events import (
    answer_events,
    chunk,
    conversation,
    final,
    json_answer,
    numbered,
    opening,
    problem_answer,
    source,
    stream_answer,
)
from tests.support.wire import ONE_TRY, End, WireServer


def respond(
    door: Door, asked: Any = QUESTION, *, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    """Ask for a response."""
    body = {"model": "gpo", "input": asked, **fields}
    return HTTP.post(f"{door.address}/v1/responses", json=body, headers={**HEADERS, **(headers or {})})


def events(response: httpx.Response) -> list[dict[str, Any]]:
    """The events of a stream: their names are their types, and they are numbered without gaps."""
    found = []
    for event in response.text.split("\n\n"):
        name, _, data = event.partition("\ndata: ")
        if name.startswith("event: "):
            found.append(json.loads(data))
            assert found[-1]["type"] == name.removeprefix("event: ")
    assert [each["sequence_number"] for each in found] == list(range(len(found)))
    return found


def test_whole_and_streamed_say_the_same() -> None:
    """The events add up to the object that comes whole, and each part is begun, grows and is done."""
    # On the web both: a signed link says until when it works, which may be a second later in the second answer.
    sources = [SOURCES[0], source("b", url="https://example.com/resico")]
    script = [stream_answer(*numbered([*map(chunk, TEXTS), final(sources=sources)])) for _ in range(2)]
    with scripted(*script, make=openai(), opening=1) as door:
        headers = {"X-Chat-Id": "chat-1"}
        whole = respond(door, headers=headers).json()
        streamed = events(respond(door, headers=headers, stream=True))
    (message,) = whole["output"]
    (part,) = message["content"]
    assert (whole["status"], message["role"], part["text"]) == ("completed", "assistant", "".join(TEXTS))
    cited = [(part["text"][each["start_index"] : each["end_index"]], each["title"]) for each in part["annotations"]]
    assert cited == [("[1]", "VAT Act"), ("[2]", "RESICO")]
    kinds = [each["type"].removeprefix("response.") for each in streamed]
    assert list(dict.fromkeys(kinds)) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    last = streamed[-1]["response"]
    assert "".join(each.get("delta", "") for each in streamed) == part["text"]
    assert [each["annotation"] for each in streamed if "annotation" in each] == last["output"][0]["content"][0][
        "annotations"
    ]
    ours = {"id", "created_at", "output"}
    assert {name: last[name] for name in last.keys() - ours} == {name: whole[name] for name in whole.keys() - ours}
    assert last["output"][0]["content"] == [part]


@pytest.mark.parametrize("begin", [{}, {"instructions": "Be brief."}])
def test_going_on_from_a_response(begin: dict[str, Any]) -> None:
    """In its conversation; each asks its last message only, and nobody else's response is known."""
    answers = [stream_answer(*answer_events("Zero.")) for _ in range(3)]
    with scripted(*answers, make=openai()) as door:
        first = respond(door, "One?", **begin).json()["id"]
        second = respond(door, "Two?", previous_response_id=first).json()
        assert second["previous_response_id"] == first
        parts = [{"type": "input_text", "text": "Three?"}]
        items = [{"type": "reasoning", "id": "rs_1", "summary": []}, {"role": "user", "content": parts}]
        assert respond(door, items, previous_response_id=second["id"], stream=True).status_code == 200
        for unknown in ({"previous_response_id": "resp_0"}, {"previous_response_id": first, "model": "gpo-ce"}):
            refused = respond(door, "Four?", **unknown)
            assert error(refused) == (400, "previous_response_not_found", "previous_response_id")
    asked = door.asked
    assert [each["query"] for each in asked] == ["One?", "Two?", "Three?"]
    assert {each["conversation_id"] for each in asked} == {"conv_01"}


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_is_known_before_its_end_is_sent(stream: bool) -> None:
    """A next question that follows at once finds its conversation."""
    told: list[str] = []

    class Log(MemoryRelayLog):
        async def note(self, key: str, value: str, keep_s: float) -> None:
            told.append("noted")
            await super().note(key, value, keep_s)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            told.append("ended")

    script = [*opening(), stream_answer(*answer_events("Zero."))]
    with WireServer(*script) as upstream:
        async with GPOCoreClient(base_url=upstream.base_url, **ONE_TRY) as client:
            app = openai(relay=Relay(log=Log()))(client)
            await served(app, "/v1/responses", arriving(model="gpo", input="?", stream=stream), send=send)
    assert told[-1] == "ended"
    assert told.count("noted") == 3


def test_what_is_not_stored_is_not_gone_on_from() -> None:
    with scripted(stream_answer(*answer_events("Zero.")), make=openai()) as door:
        first = respond(door, "One?", store=False).json()
        assert first["store"] is False
        assert error(respond(door, "Two?", previous_response_id=first["id"]))[1] == "previous_response_not_found"


@pytest.mark.parametrize("named", ["conv-1", {"id": "conv-1"}])
def test_conversations_that_are_named(named: Any) -> None:
    """And those that are known by what was said before."""
    script = [stream_answer(*answer_events("Zero.")) for _ in range(2)]
    with scripted(*script, make=openai()) as door:
        for question in ("One?", "Two?"):
            assert respond(door, question, conversation=named).status_code == 200
    again = json_answer(conversation(conversation_id="conv_02"))
    with scripted(script[0], again, *script[:1], script[1], make=openai()) as door:
        said = [{"role": "user", "content": "One?"}]
        answered = [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Zero."}]}]
        for items in (
            said,
            [{"role": "user", "content": "Else?"}],
            [*said, *answered, {"role": "user", "content": "Two?"}],
        ):
            assert respond(door, items).status_code == 200
        asked = door.asked
        assert [each["conversation_id"] for each in asked] == ["conv_01", "conv_02", "conv_01"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"model": "gpt-9"}, (404, "model_not_found", "model")),
        ({"input": []}, (400, None, "input")),
        ({"input": [{"role": "user", "content": 1}]}, (400, None, "input[0].content")),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, (400, "unsupported_value", "input")),
        ({"input": [{"type": "function_call_output", "output": "1"}]}, (400, "unsupported_value", "input")),
        ({"background": True}, (400, "unsupported_value", "background")),
        ({"prompt": {"id": "pmpt_1"}}, (400, "unsupported_value", "prompt")),
        ({"text": {"format": {"type": "json_schema"}}}, (400, "unsupported_value", "text")),
        ({"tool_choice": {"type": "file_search"}}, (400, "unsupported_value", "tool_choice")),
    ],
)
def test_what_cannot_be_fulfilled_is_refused(openai_door: Door, fields: Any, expected: Any) -> None:
    assert error(respond(openai_door, **{"asked": fields.pop("input", QUESTION), **fields})) == expected


@pytest.mark.parametrize("stream", [False, True])
def test_problems_before_the_answer_are_statuses(stream: bool) -> None:
    with scripted(problem_answer(429), make=openai()) as door:
        assert error(respond(door, stream=stream)) == (429, "rate_limited", None)


def test_a_problem_in_mid_answer_is_the_response_that_failed() -> None:
    """With the text so far, which is not complete."""
    first, *_ = answer_events(*TEXTS)
    with scripted(stream_answer(first, end=End.RESET), make=openai()) as door:
        last = events(respond(door, stream=True))[-1]
    told = last["response"]
    assert (last["type"], told["status"], told["error"]["code"]) == ("response.failed", "failed", "server_error")
    assert (told["output"][0]["status"], told["output"][0]["content"][0]["text"]) == ("incomplete", TEXTS[0])


def test_an_answer_that_is_too_long_is_incomplete() -> None:
    """What there is of it stands."""
    relay = Relay(log=MemoryRelayLog(max_answer_bytes=4096))
    answer = stream_answer(*answer_events("Zero. ", "x" * 4096))
    with scripted(answer, make=openai(relay=relay)) as door:
        told = events(respond(door, stream=True))[-1]["response"]
    assert (told["status"], told["error"]) == ("incomplete", None)
    assert told["incomplete_details"] == {"reason": "max_output_tokens"}
    assert told["output"][0]["content"][0]["text"] == "Zero. "


def test_nobody_without_a_key(openai_door: Door) -> None:
    assert error(respond(openai_door, headers={"Authorization": ""})) == (401, "invalid_api_key", None)
    stored = HTTP.get(f"{openai_door.address}/v1/responses/resp_0", headers=HEADERS)
    assert error(stored) == (404, "unknown_url", None)


@pytest.mark.parametrize("stream", [False, True])
def test_chores_of_front_ends_cost_nothing(stream: bool) -> None:
    with opened("http://127.0.0.1:1", openai(keys=ANYONE)) as door:
        response = respond(door, chore("tags")[0], stream=stream)
    told = events(response)[-1]["response"] if stream else response.json()
    assert json.loads(told["output"][0]["content"][0]["text"]) == {"tags": []}
