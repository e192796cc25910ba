"""A relay stands between a service's secrets and everybody's browsers."""

from __future__ import annotations

import re

import httpx
import pytest

from gpo_client import InvalidArgumentError
from gpo_client.relay import Relay, RelayOptions, SyncRelay
from gpo_client.relay.options import cors_headers
from tests.relay.conftest import CONTEXT
from tests.relay.service import running
from tests.support.events import TEXT_EVENT_STREAM, answer_events, chunk, sse
from tests.support.wire import Answer

_UPSTREAM = {
    **TEXT_EVENT_STREAM,
    "Set-Cookie": "session=upst34m",
    "X-Request-ID": "req-upst34m",
    "X-Internal": "upst34m",
    "Server": "upst34m",
    "Authorization": "Bearer upst34m",
}


def _answer(*pieces: bytes) -> Answer:
    return Answer(headers=_UPSTREAM, pieces=pieces)


def _visit(address: str) -> httpx.Response:
    return httpx.get(address, headers={"Cookie": "mine=1", "Authorization": "Bearer p4ge"}, trust_env=False)


def test_headers_and_ids_of_the_service_stay_inside() -> None:
    """Neither what the GPO API sends beside the answer, nor the token, nor its event ids."""
    metadata = {"message_id": "m", "tenant": "upst34m", "token": CONTEXT["token"]}
    events = [sse(chunk("a", metadata=metadata), id="upst34m:1"), sse(chunk(None, is_complete=True), id="upst34m:2")]
    with running(_answer(*events)) as service:
        seen = _visit(f"{service.base_url}/sse")
        sent = service.upstream.requests[0].headers
    told = f"{seen.headers.multi_items()} {seen.text}"
    assert '"content":"a"' in seen.text
    assert "upst34m" not in told
    assert CONTEXT["token"] not in told
    assert "p4ge" not in str(sent), "nor does the page's own token go to the GPO API"
    assert "cookie" not in sent


def test_ids_of_answers_cannot_be_guessed() -> None:
    """22 characters of a random 128-bit number, different each time."""
    answers = [_answer(*answer_events("a")) for _ in range(20)]
    with running(*answers) as service:
        pages = [_visit(f"{service.base_url}/sse").text for _ in answers]
    found = [re.findall(r"^id: ([A-Za-z0-9_-]{22}):", page, re.MULTILINE) for page in pages]
    assert all(len(set(ids)) == 1 for ids in found)
    assert len({ids[0] for ids in found}) == len(answers)
    # Of 20 random ones, no position has the same character in all.
    assert all(len(set(column)) > 1 for column in zip(*(ids[0] for ids in found), strict=True))


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_an_answer_is_stopped_by_its_owner_alone() -> None:
    """Whoever else knows its id, nobody in particular included, is told that there is none, and it goes on."""
    answer_id, relay, sync_relay = "answer-0000000000", Relay(), SyncRelay()
    await relay.log.begin(answer_id, "user-1", 30)
    sync_relay.log.begin(answer_id, "user-1", 30)
    for owner in ("user-2", "", "user-1 "):
        assert not await relay.stop(f"{answer_id}:1", owner=owner)
        assert not sync_relay.stop(f"{answer_id}:1", owner=owner)
    assert (await relay.log.reader_state(answer_id, 0, 0.01)).is_wanted
    assert sync_relay.log.reader_state(answer_id, 0, 0.01).is_wanted
    assert await relay.stop(f"{answer_id}:1", owner="user-1")
    assert sync_relay.stop(f"{answer_id}:1", owner="user-1")
    assert not (await relay.log.reader_state(answer_id, 0, 0.01)).is_wanted
    assert not sync_relay.log.reader_state(answer_id, 0, 0.01).is_wanted


def test_not_everybodys_cookies() -> None:
    """Any site may read only what needs no cookie."""
    with pytest.raises(InvalidArgumentError, match="name the sites") as caught:
        RelayOptions(allowed_origins=["*"], allow_credentials=True)
    assert caught.value.field == "allow_credentials"
    assert RelayOptions(allowed_origins=["https://app.example.com"], allow_credentials=True).allow_credentials


def test_cookies_go_where_they_were_allowed_alone() -> None:
    """Of other sites' pages those that are named may read answers, and send cookies only if that is said besides."""
    page, allow = "https://app.example.com", "Access-Control-Allow-"
    for allowed in (["*"], [page]):
        told = cors_headers(page, RelayOptions(allowed_origins=allowed))
        assert told == {"Vary": "Origin", f"{allow}Origin": allowed[0]}
    named = RelayOptions(allowed_origins=[page], allow_credentials=True)
    assert cors_headers(page, named) == {"Vary": "Origin", f"{allow}Origin": page, f"{allow}Credentials": "true"}
    assert cors_headers("https://other.example.com", named) == {"Vary": "Origin"}
