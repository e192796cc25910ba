"""A relay stands between a service's secrets and everybody's browsers."""

from __future__ import annotations

import re

import httpx
import pytest

from gpo_client import InvalidArgumentError
from gpo_client.relay import RelayOptions
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


def test_not_everybodys_cookies() -> None:
    """Any site may read only what needs no cookie."""
    with pytest.raises(InvalidArgumentError, match="name the sites") as caught:
        RelayOptions(allowed_origins=["*"], allow_credentials=True)
    assert caught.value.field == "allow_credentials"
    assert RelayOptions(allowed_origins=["https://app.example.com"], allow_credentials=True).allow_credentials
