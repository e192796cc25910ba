"""Exactly once: servers of every scheme of ids and every way to answer ``Last-Event-ID``, cut anywhere.

What is delivered is always the beginning of one answer, and all of it if the stream ends well: never a text twice,
never two answers mixed, and no error of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, count
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client.sse.chunks import chunk_decoder
from gpo_client.sse.event_kinds import Complete, Unproven
from gpo_client.text.record import StreamRecord
from tests.support.flow_strategies import THOROUGHLY, VERY_THOROUGHLY

Pieces = Sequence[str]
Ids = Callable[[int, int], str | None]

# How the ids of a stream are made, of the number of the connection and that of the event. By those of the first group a
# server keeps a log: an event has the same id each time. Those of the second are new on each connection.
_KEPT: dict[str, Ids] = {
    "contract": lambda _, number: f"m:{number + 1}",
    "plain from 1": lambda _, number: f"{number + 1}",
    "plain from 0": lambda _, number: f"{number}",
    "in tens": lambda _, number: f"{10 * number}",
    "partition and offset": lambda _, number: f"0:{number + 42}",
    "times": lambda _, number: f"2026-11-28T01:{number // 60:02}:{number % 60:02}",
    "seconds with a count": lambda _, number: f"{1732752000 + number // 2}:{number % 2 + 1}",
    "words": lambda _, number: f"e-{(number + 500) * 7919 % 10007:x}!",
    "sometimes none": lambda _, number: None if number % 3 == 2 else f"{number}",
    "none": lambda *_: None,
    "one for all": lambda *_: "m",
}
_NEW: dict[str, Ids] = {
    "random": lambda connection, number: f"e-{(31 * connection + number + 1) * 7919 % 10007:x}!",
    "a name for each connection": lambda connection, number: f"c{connection}:{number + 1}",
    "the clock": lambda connection, number: f"2026-11-28T{connection + 1:02}:{number // 60:02}:{number % 60:02}",
}

# With how many events it is clear that a stream cannot be continued, by the scheme of its ids.
_CANNOT_RESUME = {"none": 1, "sometimes none": 3, "one for all": 2}


@attrs.frozen
class Server:
    """A server.

    Attributes:
        answer: What it says.
        ids: How it makes ids.
        keeps_ids: Whether an event has the same id on each connection.
        honours: Whether it knows ``Last-Event-ID``; else it begins again.
        again: What it says when it begins again.
        overlap: How many events it repeats when it continues.
        has_rest: Whether metadata come before the text, and a source after it.
    """

    answer: Pieces
    ids: Ids
    honours: bool
    again: Pieces
    overlap: int = 0
    has_rest: bool = False

    def events(self, connection: int, last_event_id: str | None) -> Iterator[bytes]:
        """What it sends over a connection."""
        pieces = self.again if connection and not self.honours else self.answer
        start = self._start(last_event_id) if self.honours else 0
        chunks: list[dict[str, Any]] = [{"content": piece} for piece in pieces]
        if self.has_rest:
            chunks = [{"metadata": {"message_id": "x"}}, *chunks, {"sources": [{"id": "s", "title": "t"}]}]
        for number, chunk in enumerate([*chunks, {"is_complete": True}]):
            event_id = self.ids(0 if self.honours else connection, number)
            field = "" if event_id is None else f"id: {event_id}\n"
            if number >= start:
                yield f"{field}data: {json.dumps(chunk)}\n\n".encode()

    def _start(self, last_event_id: str | None) -> int:
        if last_event_id is None:
            return 0
        known = [self.ids(0, number) for number in range(len(self.answer) + 3)]
        last = known.index(last_event_id) if last_event_id in known else -1
        return max(last + 1 - self.overlap, 0)


@attrs.define
class Outcome:
    """What a client had of it."""

    text: str = ""
    sources: int = 0
    is_whole: bool = False
    connections: int = 0


def ask(server: Server, cuts: Sequence[int]) -> Outcome:
    """Read the answer as the flows do: again after each cut, as long as the server can tell where to go on."""
    record, outcome = StreamRecord(lambda: 0.0), Outcome()
    for connection, cut in zip(count(), [*cuts, 10**6, 10**6]):
        sequence = record.sequence
        body = b"".join(server.events(connection, sequence.resume_after))
        decoder = chunk_decoder("text/event-stream", None, sequence, record.past, record.names)
        assert decoder is not None
        chunks = decoder.feed(body[:cut]) + (decoder.close() if cut >= len(body) else [])
        record.add(chunks)
        outcome.connections = connection + 1
        outcome.text += "".join(chunk.content or "" for chunk in chunks)
        outcome.sources += sum(len(chunk.sources or ()) for chunk in chunks)
        outcome.is_whole = isinstance(decoder.end, Complete)
        if isinstance(decoder.end, Unproven):
            sequence.step_back()
        elif decoder.end is not None:
            break
        if not sequence.resumable or (record.chunk_count and not sequence.last):
            break
    return outcome


_PIECES = st.lists(st.sampled_from(["a", "b", "ab", "", "Mexico ", "taxes ", "😀"]), min_size=1, max_size=8)
_CUTS = st.lists(st.integers(0, 400), max_size=4)


def servers(honours: st.SearchStrategy[bool], *schemes: str) -> st.SearchStrategy[Server]:
    """Servers with ids of these schemes."""
    ids = st.sampled_from(schemes).map({**_KEPT, **_NEW}.__getitem__)
    rest = {"overlap": st.integers(0, 3), "has_rest": st.booleans()}
    return st.builds(Server, answer=_PIECES, ids=ids, honours=honours, again=_PIECES, **rest) | st.builds(
        lambda answer, **more: Server(answer=answer, again=answer, **more),
        answer=_PIECES,
        ids=ids,
        honours=honours,
        **rest,
    )


@VERY_THOROUGHLY
@given(server=servers(st.booleans(), *_KEPT, *_NEW), cuts=_CUTS)
@example(server=Server(["a", "a"], _KEPT["plain from 1"], True, ["a"]), cuts=[40])
@example(server=Server(["a", "b"], _NEW["random"], False, ["a", "c"]), cuts=[60])
@example(server=Server(["a"], _KEPT["contract"], False, ["", "a"]), cuts=[32])
@example(server=Server(["a", "a"], _KEPT["seconds with a count"], True, ["a"], has_rest=True), cuts=[99])
@example(server=Server(["a"], _KEPT["plain from 1"], False, ["a", ""], has_rest=True), cuts=[137])
def test_one_answer_once(server: Server, cuts: Sequence[int]) -> None:
    """Whatever the server is like, and wherever its connections break."""
    outcome = ask(server, cuts)
    wholes = {"".join(server.answer), "".join(server.again)}
    assert any(whole.startswith(outcome.text) for whole in wholes)
    assert not outcome.is_whole or outcome.text in wholes
    assert outcome.sources <= 1


@THOROUGHLY
@given(server=servers(st.just(True), *sorted({*_KEPT} - {*_CANNOT_RESUME})), cuts=_CUTS)
def test_a_server_that_knows_its_ids_loses_nothing(server: Server, cuts: Sequence[int]) -> None:
    """Of a server that continues, the answer comes whole, as long as ids tell the events apart and chances last."""
    outcome = ask(server, [*cuts, *([10**6] * 3)])
    assert (outcome.text, outcome.is_whole) == ("".join(server.answer), True)
    assert outcome.sources == int(server.has_rest)


@pytest.mark.parametrize("scheme", [*_KEPT, *_NEW])
@pytest.mark.parametrize("cut_after", range(1, 5))
def test_an_answer_begun_again(scheme: str, cut_after: int) -> None:
    """The same text comes once and whole, unless there are no ids to ask again with; another one never."""
    texts = ["Mexico ", "taxes ", "residents ", "on all ", "income."]
    ids = {**_KEPT, **_NEW}[scheme]
    same = Server(texts, ids, False, texts)
    size = list(accumulate(map(len, same.events(0, None))))[cut_after - 1]
    outcome = ask(same, [size])
    is_resumed = outcome.connections > 1
    begun = "".join(texts[:cut_after])
    is_whole = is_resumed and scheme != "one for all"
    assert (outcome.text, outcome.is_whole) == (("".join(texts), True) if is_whole else (begun, False))
    assert is_resumed == (scheme not in _CANNOT_RESUME or cut_after < _CANNOT_RESUME[scheme])
    other = attrs.evolve(same, again=["Mexico ", "levies ", "a tax ", "on all ", "income."])
    outcome = ask(other, [size])
    assert outcome.is_whole == (cut_after == 1 and is_whole)
    assert outcome.text == ("".join(other.again) if outcome.is_whole else begun)


def test_other_boundaries_when_begun_again() -> None:
    """A chunk that begins in what had arrived and ends in what is new is delivered from there on."""
    begun = Server(["Mexico ", "taxes ", "income."], _NEW["random"], False, ["Mexico tax", "es inc", "ome."])
    size = sum(len(event) for event in list(begun.events(0, None))[:2])
    outcome = ask(begun, [size])
    assert (outcome.text, outcome.is_whole) == ("Mexico taxes income.", True)
