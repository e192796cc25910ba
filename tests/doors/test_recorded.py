"""The doors answer what real clients sent as they answered them; tests/doors/recorded has the exchanges."""

from __future__ import annotations

import http.client
import re
from pathlib import Path

import attrs
import msgspec
import pytest

from gpo_client import StreamingChunk
from gpo_client.doors.openai.completions import Completion, CompletionBody
from gpo_client.doors.openai.responses import ResponseBody, ResponseObject
from gpo_client.doors.openai.turns import Body, Written
from gpo_client.relay import Entry, RelayOptions
from gpo_client.relay.machines.entries import AnswerWriter
from tests.doors.conftest import QUESTION
from tests.doors.recorded.exchanges import AUTHORIZATION, CITED, FOLDER, Exchange, door_of, kept_answer, read

RECORDED = sorted(FOLDER.glob("*.json"))
#: By path, what reads a request, and what writes the answer.
MACHINES: dict[str, tuple[type[Body], type[Written]]] = {
    "/v1/chat/completions": (CompletionBody, Completion),
    "/v1/responses": (ResponseBody, ResponseObject),
}


class Player:
    """Sends the requests of a recording again, one after the other."""

    def __init__(self, door: str) -> None:
        self._place = door.removeprefix("http://")
        # What the door has called its session, and its last response.
        self._session, self._response = "", ""

    def play(self, exchange: Exchange) -> Exchange:
        """Send a request; what comes of it."""
        headers = {**exchange.headers, "Authorization": AUTHORIZATION}
        headers.update({name: self._session for name in headers if name.lower() == "mcp-session-id"})
        way = http.client.HTTPConnection(self._place, timeout=20)
        way.request(exchange.method, exchange.path, exchange.body.replace("resp_ID", self._response).encode(), headers)
        told = way.getresponse()
        answer = told.read().decode()
        way.close()
        self._session = told.headers.get("mcp-session-id") or self._session
        self._response = next(iter(re.findall(r"resp_[0-9a-f]{48}", answer)), "")
        return attrs.evolve(exchange, status=told.status, answer=kept_answer(answer))


def test_there_are_some() -> None:
    assert len(RECORDED) > 8


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_played_again(path: Path) -> None:
    """Status and body are the same, byte by byte."""
    kind, exchanges = read(path)
    with door_of(kind) as door:
        player = Player(door)
        for exchange in exchanges:
            assert player.play(exchange) == exchange


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_machines_alone(path: Path) -> None:
    """Without any server: each question is read, and entries of the relay become the recorded answer."""
    _, exchanges = read(path)
    for exchange in exchanges:
        if exchange.path not in MACHINES:
            continue
        body, write = MACHINES[exchange.path]
        asked = body.read(exchange.body.encode(), max_query_chars=8000)
        assert asked.question in (QUESTION, "And then?")
        if exchange.status == 200:
            writer = write(f"{write.PREFIX}ID", asked, lambda source: source.url or "", 0)
            events = writer.opening() + b"".join(map(writer.take, entries()))
            told = events if asked.is_streamed else msgspec.json.encode(writer.whole())
            assert told.decode() == exchange.answer


def entries() -> list[Entry]:
    """What the relay makes of the chunks of the answer."""
    chunks = [StreamingChunk.from_dict(chunk) for chunk in CITED]
    return AnswerWriter(RelayOptions().metadata_fields).chunks(chunks)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_nothing_of_the_recorder_is_kept(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    folders = [f"/{name}/" for name in ("home", "work", "root")]
    assert not [word for word in ("sk-", "127.0.0.1", *folders) if word in text]
