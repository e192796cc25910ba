"""What callers of the doors may send that nobody means well with: each is refused in the protocol's own shape."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpo_client import GPOCoreClient, StreamingChunk
from gpo_client.doors.callers import RefusalError
from gpo_client.doors.chats import ChatNames
from gpo_client.doors.openai.completions import Completion, CompletionBody
from gpo_client.doors.openai.responses import ResponseBody, ResponseObject
from gpo_client.doors.openai.turns import Asked, Body, Written, done_chore
from gpo_client.relay import LogUnavailable, MemoryRelayLog, Relay, RelayOptions
from gpo_client.relay.machines.entries import AnswerWriter
from tests.doors.conftest import (
    HEADERS,
    HTTP,
    KEY,
    SOURCES,
    TEXTS,
    Door,
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
    problem_answer,
    session,
    stream_answer,
)
from tests.support.wire import WireServer

PATHS = ("/v1/chat/completions", "/v1/responses")
DEEP = 100_000
#: By what is wrong with it, a request; none of them is one.
BODIES = {
    "nothing": b"",
    "no JSON": b"model=gpo",
    "no object": b"[]",
    "no UTF-8": b'{"model": "\xff"}',
    "half a surrogate": b'{"model": "gpo", "input": "\\ud800", "messages": [{"role": "user", "content": "\\ud800"}]}',
    "too deep": b'{"model": "gpo", "tool_choice": {"a":' + b"[" * DEEP + b"]" * DEEP + b"}}",
    "deep where nobody looks": b'{"model": "gpo", "metadata": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a model of a million letters": b'{"model": "%b", "input": "?", "messages": []}' % (b"x" * 1_000_000),
    "a model that is a number": b'{"model": 1, "input": "?", "messages": []}',
    "a flag that is a text": b'{"model": "gpo", "stream": "yes", "input": "?", "messages": []}',
    "a number out of all bounds": b'{"model": "gpo", "n": 1e999, "background": 1e999, "input": "?", "messages": []}',
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("what", BODIES)
def test_bodies(openai_door: Door, path: str, what: str) -> None:
    """And what is told of them is short, however long they are."""
    response = HTTP.post(openai_door.address + path, content=BODIES[what], headers=HEADERS)
    assert error(response)[0] in (400, 404)
    assert len(response.content) < 1000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["gpo", "user", "text"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["role", "content", "type", "text", "id"]), inner),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", [CompletionBody, ResponseBody])
@settings(max_examples=40)
@given(data=st.data())
def test_any_values(kind: type[Body], data: st.DataObject) -> None:
    """Of any field: a question comes of it, or a refusal."""
    fields = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(kind.__struct_fields__, VALUES)))
    with suppress(RefusalError):
        asked = kind.read(json.dumps({"model": "gpo", **fields}).encode(), max_query_chars=100)
        assert 0 < len(asked.question) <= 100


@pytest.mark.parametrize("kind", [CompletionBody, ResponseBody])
@given(text=st.binary())
def test_any_bytes(kind: type[Body], text: bytes) -> None:
    with pytest.raises(RefusalError):
        kind.read(text, max_query_chars=100)


@pytest.mark.parametrize("filling", [" ", "\n", "\t", "{ ", "USER", "user:", "\nuser", "<chat_history>"])
@pytest.mark.parametrize(
    "begin", ["### Task:", '### Task: { "title": <chat_history>', "write title conversation\nUser:"]
)
def test_chores_that_take_for_ever(begin: str, filling: str) -> None:
    """Each is looked at once: with patterns that try every split of thousands of spaces this would not come back."""
    prompt = f"{begin}{filling * (8000 // len(filling))}x"
    done = done_chore(prompt)
    assert done is None or len(done) < len(prompt)


def test_a_title_is_of_the_first_question() -> None:
    """Of the history, if there is one, however it is indented."""
    prompt = chore("title")[0].replace("USER:", "\n  USER :")
    assert json.loads(done_chore("### Task: USER: Not this\n" + prompt.removeprefix("### Task:")) or "") == {
        "title": "What is RESICO?"
    }


@pytest.mark.parametrize("write", [Completion, ResponseObject])
def test_a_source_has_one_link(write: type[Written]) -> None:
    """A link that is signed again in the next second is another one: a source that is cited was listed once more."""
    links = count(1)
    written = write("answer_1", Asked("gpo", "?", ChatNames(())), lambda _: f"https://example.com/{next(links)}", 0)
    for entry in entries():
        written.take(entry)
    assert [each["url"][-2:] for each in written.citations] == ["/1", "/2"]
    assert next(links) == 3


def entries() -> Any:
    chunks = [StreamingChunk.from_dict(each) for each in [*map(chunk, TEXTS), final(sources=SOURCES)]]
    return AnswerWriter(RelayOptions().metadata_fields).chunks(chunks)


@pytest.mark.parametrize("host", ["[nowhere", "a b", "exa mple.com:99999", "\xe9", ""])
def test_hosts(sandbox: Any, host: str) -> None:
    """Links need one; whatever it is, there is an answer."""
    with opened(sandbox.base_url, openai()) as door:
        place = door.address.removeprefix("http://").split(":")
        content = json.dumps(body("What is RESICO?")).encode()
        head = f"POST {PATHS[0]} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n"
        with socket.create_connection((place[0], int(place[1])), timeout=60) as way:
            way.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode("latin-1") + content)
            answer = b"".join(iter(lambda: way.recv(65536), b""))
    assert answer.split()[1] in (b"200", b"400")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", PATHS[0], 405), ("DELETE", PATHS[1], 405), ("OPTIONS", PATHS[1], 405), ("GET", "/v1/" + "x" * 5000, 404)],
)
def test_other_paths_and_methods(openai_door: Door, method: str, path: str, status: int) -> None:
    """With what is allowed there (RFC 9110), and briefly."""
    response = HTTP.request(method, openai_door.address + path, headers=HEADERS)
    assert error(response) == (status, "unknown_url", None)
    assert response.headers.get("allow") == ("POST" if status == 405 else None)
    assert len(response.content) < 1000


async def told(app: Any, *requests: Any) -> list[Any]:
    """What an application sends to a caller whose request arrives so."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    with suppress(RuntimeError):  # of which servers tell their logs
        await served(app, PATHS[0], *requests, send=send)
    return messages


async def test_a_caller_that_leaves_in_mid_request(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is asked, and nothing went wrong."""
    begin = {"type": "http.request", "body": b'{"model":', "more_body": True}
    async with GPOCoreClient(base_url="http://127.0.0.1:1") as client:
        await told(openai()(client), begin, {"type": "http.disconnect"})
    assert not caplog.records


class _NoLog(MemoryRelayLog):
    async def noted(self, key: str) -> str | None:
        raise LogUnavailable


def test_without_its_log_a_door_is_busy() -> None:
    """It may be asked again: nobody has been."""
    with scripted(make=openai(relay=Relay(log=_NoLog())), opening=0) as door:
        response = ask(door, headers={"X-Chat-Id": "chat-1"})
    assert error(response) == (503, "busy", None)
    assert response.headers["x-should-retry"] == "true"


async def test_what_nobody_expected_has_the_shape_too() -> None:
    """And nothing of it is told."""

    class Log(MemoryRelayLog):
        async def noted(self, key: str) -> str | None:
            raise RuntimeError("the secret of the house")

    asked = arriving(**body("One?", "Yes.", "Two?"))
    with WireServer(json_answer(session())) as upstream:
        async with GPOCoreClient(base_url=upstream.base_url) as client:
            start, sent = await told(openai(relay=Relay(log=Log()))(client), asked)
    assert start["status"] == 500
    assert json.loads(sent["body"])["error"]["code"] == "internal_error"
    assert b"secret" not in sent["body"]


def test_two_users_with_one_chat() -> None:
    """Each has a conversation of its own, whatever a caller names the chat."""
    answers = [stream_answer(*answer_events("Zero.")) for _ in range(2)]
    again = [json_answer(session()), json_answer(conversation(conversation_id="conv_02"))]
    with scripted(answers[0], *again, answers[1], make=openai(keys={KEY: "one", "another-key": "two"})) as door:
        for key in (KEY, "another-key"):
            headers = {"X-Chat-Id": "chat-1", "Authorization": f"Bearer {key}"}
            assert ask(door, headers=headers).status_code == 200
        asked = door.asked
    assert [each["conversation_id"] for each in asked] == ["conv_01", "conv_02"]


def test_a_session_that_is_refused_is_opened_anew() -> None:
    """For documents too: a link does not stay dead until the session would have ended."""
    script = [json_answer(session()), problem_answer(401), json_answer(session()), problem_answer(404)]
    with WireServer(*script) as upstream, opened(upstream.base_url, openai(), max_retries=0) as door:
        link = f"{door.address}/v1/documents/{door.app.state.endpoint.signer.dumps(['one', 'doc_01'])}/doc_01"
        assert error(HTTP.get(link)) == (502, "not_authorized", None)
        gone = HTTP.get(link)
    assert error(gone) == (404, "not_found", None)
    assert "document" in gone.text


def test_links_end(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And those that another key has signed, or nobody, were never any."""
    with opened(sandbox.base_url, openai(link_s=60)) as door, opened(sandbox.base_url, openai()) as other:
        signer = door.app.state.endpoint.signer
        links = ["", "x.", "a.b.c", "é", "x" * 5000, other.app.state.endpoint.signer.dumps(["one", "doc_01"])]
        with monkeypatch.context() as patch:
            patch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: 1)
            links.append(signer.dumps(["one", "doc_01"]))
        for link in links:
            response = HTTP.get(f"{door.address}/v1/documents/{link or '%20'}/doc_01")
            assert error(response) == (404, "link_expired", None)
