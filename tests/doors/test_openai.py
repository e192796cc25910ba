"""The door for OpenAI's protocol, byte by byte: what any client of it sends and reads."""

from __future__ import annotations

import json
from threading import Event
from typing import Any

import anyio
import httpx
import pytest
from starlette.requests import Request

from gpo_client import CitationSource, GPOCoreClient
from gpo_client.doors.openai.completions import CompletionBody
from gpo_client.relay import Relay, RelayOptions
from tests.doors.conftest import (
    CHORES,
    HEADERS,
    HTTP,
    SOURCES,
    TEXTS,
    Door,
    ScriptedDoor,
    arriving,
    ask,
    body,
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


def events(response: httpx.Response) -> list[dict[str, Any]]:
    """The events of a stream, which must end as it should."""
    *found, end = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line.startswith("data: ")]
    assert end == "[DONE]"
    return [json.loads(each) for each in found]


def test_whole_and_streamed_say_the_same() -> None:
    """Text, places of the citations counted in characters, finish and usage: the deltas add up to the message."""
    script = [stream_answer(*numbered([*map(chunk, TEXTS), final(sources=SOURCES)])) for _ in range(2)]
    with scripted(*script, make=openai()) as door:
        headers = {"X-Chat-Id": "chat-1"}
        whole = ask(door, headers=headers).json()
        streamed = events(ask(door, headers=headers, stream=True, stream_options={"include_usage": True}))
    message, text = whole["choices"][0]["message"], "".join(TEXTS)
    cited = [each["url_citation"] for each in message["annotations"]]
    assert message["content"] == text
    assert [(text[each["start_index"] : each["end_index"]], each["title"]) for each in cited] == [
        ("[1]", "VAT Act"),
        ("[2]", "RESICO"),
    ]
    assert cited[0]["url"] == "https://example.com/vat"
    assert whole["choices"][0]["finish_reason"] == "stop"
    *deltas, last = streamed
    found = [each["choices"][0]["delta"] for each in deltas]
    assert found[0] == {"role": "assistant", "content": ""}
    assert "".join(each.get("content", "") for each in found) == text
    annotations = [each for delta in found for each in delta.get("annotations", [])]
    assert [each["url_citation"]["start_index"] for each in annotations] == [each["start_index"] for each in cited]
    assert [each["choices"][0]["finish_reason"] for each in deltas] == [None] * (len(deltas) - 1) + ["stop"]
    assert (last["choices"], last["usage"]) == ([], whole["usage"])
    assert {each["id"] for each in streamed} == {streamed[0]["id"]}


@pytest.mark.parametrize(
    ("answer", "more"),
    [
        ("One.", {"stream_options": {"include_usage": None}}),
        ([{"type": "text", "text": None}], {}),
        ([{"type": "refusal", "refusal": "No."}], {}),
        (None, {"stream": None, "n": None}),
    ],
)
def test_what_was_answered_may_be_anything(answer: object, more: dict[str, Any]) -> None:
    """Only what the user says is asked; and what is null is as if it were absent."""
    said = [("user", "One?"), ("assistant", answer), ("user", [{"type": "text", "text": "Two?"}])]
    body = {"model": "gpo", "messages": [{"role": role, "content": content} for role, content in said], **more}
    assert CompletionBody.read(json.dumps(body).encode(), max_query_chars=100).question == "Two?"


def test_citations_settle_while_the_text_arrives() -> None:
    """Sources that come first: each marker is annotated with the piece that makes it certain."""
    chunks = [chunk(None, sources=SOURCES), chunk("Zero [1]"), chunk(" one [2]."), final(sources=None)]
    with scripted(stream_answer(*numbered(chunks)), make=openai()) as door:
        deltas = [each["choices"][0]["delta"] for each in events(ask(door, stream=True))]
    kinds = ["annotations" if "annotations" in delta else delta.get("content") for delta in deltas]
    assert kinds == ["", "Zero [1]", " one [2].", "annotations", None]
    assert len(deltas[3]["annotations"]) == 2


def test_uncited_sources_are_told_too() -> None:
    """With an empty place at the end, and an address that leads nowhere where there is none."""
    end = final(sources=[source("x", url=None)])
    with scripted(stream_answer(*numbered([chunk("Zero."), end])), make=openai()) as door:
        (found,) = ask(door).json()["choices"][0]["message"]["annotations"]
    place = {"start_index": 5, "end_index": 5, "url": "urn:gpo:source:x", "title": "RESICO"}
    assert found == {"type": "url_citation", "url_citation": place}


def test_documents_behind_links(openai_door: Door) -> None:
    """A link works without a key and for its document alone; it is sent as a file, whatever it holds."""
    found = ask(openai_door).json()["choices"][0]["message"]["annotations"]
    url = next(each["url_citation"]["url"] for each in found if "/v1/documents/" in each["url_citation"]["url"])
    document = HTTP.get(url)
    assert (document.status_code, document.headers["x-content-type-options"]) == (200, "nosniff")
    assert document.headers["content-disposition"].startswith("attachment;")
    assert len(document.content) > 100
    start = url.index("/documents/") + len("/documents/")
    changed = url[: start + 50] + ("A" if url[start + 50] != "A" else "B") + url[start + 51 :]
    assert error(HTTP.get(changed)) == (404, "link_expired", None)


@pytest.mark.parametrize(
    ("url", "is_signed"),
    [
        ("https://gpo.example.com/api/documents/doc_01", True),
        ("HTTPS://GPO.Example.com:443/api/documents/doc_01", True),
        ("https://gpo.example.com:8443/doc", False),
        ("https://law.example.com/vat", False),
        ("http://[nowhere/doc", True),
        ("https:///doc", True),
        ("javascript:alert(1)", True),
    ],
)
def test_what_wants_a_token_is_signed(url: str, is_signed: bool) -> None:
    """Addresses of the API itself, however they are written, and what is no address of a page."""
    client = GPOCoreClient(base_url="https://gpo.example.com")
    door: Any = openai()(client)
    request = Request(
        {"type": "http", "scheme": "http", "server": ("door.example.com", 80), "path": "/", "headers": []}
    )
    link = door.state.endpoint.link(request, "user-1", CitationSource(url=url, document_id="doc_01"))
    assert (link.startswith("http://door.example.com/v1/documents/"), link == url) == (is_signed, not is_signed)


def test_mounted_below_a_path(sandbox: Any) -> None:
    """The links know where the door is."""
    with opened(sandbox.base_url, openai(), below="/assistant") as door:
        found = ask(door).json()["choices"][0]["message"]["annotations"]
        url = next(each["url_citation"]["url"] for each in found if "/v1/documents/" in each["url_citation"]["url"])
        assert url.startswith(f"{door.address}/v1/documents/")
        assert HTTP.get(url).status_code == 200


def test_models(openai_door: Door) -> None:
    """One for each assistant, and one that leaves the choice to the service."""
    listed = HTTP.get(f"{openai_door.address}/v1/models", headers=HEADERS).json()["data"]
    assert [each["id"] for each in listed] == ["gpo", "gpo-ce", "gpo-de", "gpo-sat", "gpo-td"]
    assert HTTP.get(f"{openai_door.address}/v1/models/gpo-ce", headers=HEADERS).json() == listed[1]
    unknown = HTTP.get(f"{openai_door.address}/v1/models/gpt-9", headers=HEADERS)
    assert error(unknown) == (404, "model_not_found", "model")


def test_the_assistant_of_the_model_is_asked() -> None:
    with scripted(stream_answer(*answer_events("Zero.")), make=openai()) as door:
        assert ask(door, model="gpo-de").status_code == 200
    assert door.upstream.requests[1].target == "/api/Chat/start-conversation?knowledge_assistant_tag=DE"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"X-OpenWebUI-Chat-Id": "c-1"}, [("One?",), ("One?", "changed by a front end", "Two?")]),
        ({}, [("One?",), ("One?", "Zero.", "Two?")]),
        ({}, [("One?",), ("One?", "cut off by a fro", "Two?"), ("One?", "cut off by a fro", "Two?", "x", "Three?")]),
    ],
    ids=["named by a header", "known by its beginning", "known by its first question"],
)
def test_chats_are_conversations(headers: dict[str, str], said: list[tuple[str, ...]]) -> None:
    """The requests of a chat reach one conversation, and each asks its last message only."""
    answers = [stream_answer(*answer_events("Zero.")) for _ in said]
    with scripted(*answers, make=openai()) as door:
        for each in said:
            assert ask(door, *each, headers=headers).status_code == 200
    asked = door.asked
    assert [each["query"] for each in asked] == [each[-1] for each in said]
    assert {each["conversation_id"] for each in asked} == {"conv_01"}


def test_chats_that_begin_alike_are_two() -> None:
    """The same first question again begins a new conversation; each is found by its own first answer."""
    answers = [stream_answer(*answer_events(text)) for text in ("A.", "B.", "C.")]
    script = [answers[0], *_conversation("conv_02"), answers[1], answers[2]]
    with scripted(*script, make=openai()) as door:
        for said in (("One?",), ("One?",), ("One?", "A.", "Two?")):
            assert ask(door, *said).status_code == 200
    asked = door.asked
    assert [each["conversation_id"] for each in asked] == ["conv_01", "conv_02", "conv_01"]


def _conversation(name: str) -> list[Any]:
    return [json_answer(conversation(conversation_id=name))]


def test_a_conversation_that_is_gone_is_not_asked_for_ever() -> None:
    """The caller is told once; when it asks again, the chat has a new conversation."""
    script = [problem_answer(404), *_conversation("conv_02"), stream_answer(*answer_events("Zero."))]
    with scripted(*script, make=openai()) as door:
        headers = {"X-Chat-Id": "chat-1"}
        assert error(ask(door, headers=headers)) == (404, "not_found", None)
        assert ask(door, headers=headers).status_code == 200


def test_users_have_sessions_of_their_own(sandbox: Any) -> None:
    """A header names the user only where the operator trusts it."""
    users = []
    for options in ({}, {"user_header": "X-OpenWebUI-User-Id"}):
        with opened(sandbox.base_url, openai(**options)) as door:
            assert ask(door, headers={"X-OpenWebUI-User-Id": "maria"}).status_code == 200
            users += [*door.app.state.endpoint.chats._visits]
    assert users[0].startswith("key-")
    assert users[1] == "maria"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"model": "gpt-9"}, (404, "model_not_found", "model")),
        ({"messages": []}, (400, None, "messages")),
        ({"messages": [{"role": "user", "content": " "}]}, (400, None, "messages")),
        ({"messages": [{"role": "user", "content": 1}]}, (400, None, "messages[0].content")),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, (400, "unsupported_value", "messages")),
        ({"messages": [{"role": "user", "content": "x" * 8001}]}, (400, None, "messages")),
        ({"n": 2}, (400, "unsupported_value", "n")),
        ({"tool_choice": "required"}, (400, "unsupported_value", "tool_choice")),
        ({"response_format": {"type": "json_object"}}, (400, "unsupported_value", "response_format")),
    ],
)
def test_what_cannot_be_fulfilled_is_refused(openai_door: Door, fields: Any, expected: Any) -> None:
    assert error(ask(openai_door, **fields)) == expected


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, (502, "not_authorized", None)),
        (429, (429, "rate_limited", None)),
        (503, (503, "unavailable", None)),
        (409, (409, "conflict", None)),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_problems_before_the_answer_are_statuses(status: int, told: Any, stream: bool) -> None:
    """Streamed or not; and whether it may be asked again is said."""
    with scripted(problem_answer(status), make=openai()) as door:
        response = ask(door, stream=stream)
    assert error(response) == told
    assert response.headers["x-should-retry"] == ("true" if status in (429, 503) else "false")


def test_a_problem_in_mid_answer_is_an_event() -> None:
    """The text so far stays, and the stream does not end as if it were whole."""
    first, *_ = answer_events(*TEXTS)
    with scripted(stream_answer(first, end=End.RESET), make=openai()) as door:
        response = ask(door, stream=True)
    last = [line for line in response.text.split("\n\n") if line][-1]
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "interrupted"
    assert "[DONE]" not in response.text


def test_heartbeats_are_comments() -> None:
    """They begin the stream, if the first piece of text is long in coming."""
    gate = Event()
    relay = Relay(RelayOptions(heartbeat_s=0.02))
    with (
        scripted(stream_answer(gate, *answer_events("Zero.")), make=openai(relay=relay)) as door,
        HTTP.stream(
            "POST", f"{door.address}/v1/chat/completions", json=body("?", stream=True), headers=HEADERS
        ) as response,
    ):
        lines = response.iter_lines()
        while not next(lines).startswith(": heartbeat"):
            pass
        gate.set()
        assert list(lines)[-2:] == ["data: [DONE]", ""]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_caller_that_goes_away_stops_the_answer(stream: bool) -> None:
    """At once: nobody can come back in this protocol."""
    first, *_ = answer_events(*TEXTS)
    relay = Relay(RelayOptions(grace_s=3600))
    with scripted(stream_answer(first, end=End.STALL), make=openai(relay=relay)) as door:
        async with httpx.AsyncClient(headers=HEADERS, verify=False, timeout=60) as caller:
            request = caller.build_request("POST", f"{door.address}/v1/chat/completions", json=body("?", stream=stream))
            if stream:
                response = await caller.send(request, stream=True)
                await anext(response.aiter_bytes())
                await response.aclose()
            else:
                await _given_up(caller, request, door)
        await door.upstream.closed()


async def test_a_server_that_says_that_the_caller_has_gone(caplog: pytest.LogCaptureFixture) -> None:
    """By an OSError (ASGI 2.4): the answer is stopped, and nothing went wrong."""
    first, *_ = answer_events(*TEXTS)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("the caller has gone")

    with WireServer(*opening(), stream_answer(first, end=End.STALL)) as upstream:
        async with GPOCoreClient(base_url=upstream.base_url, **ONE_TRY) as client:
            asked = arriving(**body("?", stream=True))
            await served(openai()(client), "/v1/chat/completions", asked, send=send)
            await upstream.closed()
    assert not caplog.records


async def _given_up(caller: httpx.AsyncClient, request: httpx.Request, door: ScriptedDoor) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(caller.send, request)
        await door.upstream.requested(3)
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", CHORES)
def test_chores_of_front_ends_cost_nothing(name: str, stream: bool) -> None:
    """Titles, tags and follow-up questions are answered here: nothing reaches the service."""
    prompt, field = chore(name)
    with opened("http://127.0.0.1:1", openai()) as door:
        response = ask(door, prompt, stream=stream)
    if stream:
        text = "".join(each["choices"][0]["delta"].get("content", "") for each in events(response))
    else:
        text = response.json()["choices"][0]["message"]["content"]
    assert json.loads(text) == {field: {"title": "What is RESICO?", "text": ""}.get(field, [])}
