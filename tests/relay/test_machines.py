"""The rules of the relay, without servers, loops or clocks."""

from __future__ import annotations

import json
import math

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import (
    GPOClientError,
    GPOConnectionError,
    InvalidArgumentError,
    InvalidResponseError,
    PermissionDeniedError,
    StreamInterruptedError,
    StreamTimeoutError,
)
from gpo_client.models import CitationSource, StreamedResponse, StreamingChunk
from gpo_client.relay.machines.entries import (
    HEARTBEAT,
    AnswerWriter,
    Entry,
    EventId,
    EventSourceDialect,
    ProblemCode,
    PublicProblem,
    message_of,
    opening_entry,
    problem_entry,
)
from gpo_client.relay.machines.following import Following
from gpo_client.relay.machines.logbook import NOTES_PER_ANSWER, LogBook, LogFull, LogLimits, LogPage, ReaderState
from gpo_client.relay.options import RelayOptions
from gpo_client.streaming import ServerSentEvent, SSEDecoder
from tests.relay.browser import Page
from tests.support.counting import Tally, counted_steps
from tests.support.cutting import cut, cuts

ANSWER = "answer-0000000000"
DIALECT = EventSourceDialect(1000)
texts = st.lists(st.text(min_size=1), max_size=20)


@given(texts, st.data())
def test_events_read_back_as_they_were_written(contents: list[str], data: st.DataObject) -> None:
    """Whatever the text holds, a decoder gives the same entries back, with heartbeats and hints anywhere between."""
    writer = AnswerWriter(metadata_fields=())
    entries = [writer.chunk(StreamingChunk(content=content)) for content in contents]
    entries.append(writer.chunk(StreamingChunk(is_complete=True)))
    written = DIALECT.opening(ANSWER, is_new=True)
    for entry in entries:
        assert entry is not None
        written += data.draw(st.sampled_from([b"", HEARTBEAT, DIALECT.hint()])) + DIALECT.entry(ANSWER, entry)
    decoder = SSEDecoder()
    events = [event for piece in cut(written, data.draw(cuts)) for event in decoder.feed(piece)]
    assert events[0] == ServerSentEvent(f'{{"answer_id":"{ANSWER}"}}', "start", f"{ANSWER}:0", 1000)
    assert [json.loads(event.data).get("content", "") for event in events[1:]] == [*contents, ""]
    ids = [f"{ANSWER}:{number}" for number in range(1, len(contents) + 1)]
    assert [event.id for event in events[1:]] == [*ids, f"{ANSWER}:end"]


@given(st.text())
def test_messages_hold_what_events_hold(content: str) -> None:
    """A WebSocket message is the event's data, with the id in it."""
    entry = AnswerWriter(()).chunk(StreamingChunk(content=content or "."))
    assert entry is not None
    message = json.loads(message_of(ANSWER, entry))
    assert message.pop("id") == f"{ANSWER}:1"
    assert message == json.loads(entry.data)


@given(texts, st.data())
def test_pages_get_every_character_once(contents: list[str], data: st.DataObject) -> None:
    """Over any sequence of writing, reading, broken connections and returns, the page's text is the answer's."""
    writer, book, page = AnswerWriter(()), LogBook(LogLimits(max_events=100, max_answers=1, retention_s=100)), Page()
    book.begin(ANSWER, "", 10, now=0)
    upcoming = [*(StreamingChunk(content=content) for content in contents), StreamingChunk(is_complete=True)]
    while not page.ended:
        found = EventId.parse(page.last_event_id)
        position = found.position if found else 0
        assert position is not None
        following = Following(position, heartbeat_s=10, acknowledge_s=1, now=0)
        page.connect()
        wire = DIALECT.opening(ANSWER, is_new=position == 0)
        while not following.ended:
            for chunk in upcoming[: data.draw(st.integers(0 if writer.written > following.position else 1, 3))]:
                entry = writer.chunk(chunk)
                assert entry is not None
                log = book.find(ANSWER, 0)
                assert log is not None
                log.append([entry])
                upcoming = upcoming[1:]
            log = book.find(ANSWER, 0)
            assert log is not None
            for entry in following.take(log.after(following.position), 0):
                wire += DIALECT.entry(ANSWER, entry)
            # The browser receives what was sent so far, or the connection breaks somewhere in it.
            if data.draw(st.booleans()):
                wire = wire[: data.draw(st.integers(0, len(wire)))]
                break
            page.feed(wire)
            wire = b""
        page.feed(wire)
    assert (page.text, page.error) == ("".join(contents), None)


def test_event_ids_that_are_not_ours() -> None:
    """They are not read as something else."""
    for text in ("", ANSWER, f"{ANSWER}:", f"{ANSWER}:-1", f"{ANSWER}:01", f"{ANSWER}:١", "short:1", f"{ANSWER}:1\n"):
        assert EventId.parse(text) is None
    for position, text in ((0, "0"), (70, "70"), (None, "end")):
        assert EventId.parse(f"{ANSWER}:{text}") == EventId(ANSWER, position)
        assert str(EventId(ANSWER, position)) == f"{ANSWER}:{text}"


def test_empty_chunks_are_not_written() -> None:
    """What holds nothing for a browser takes no position."""
    writer = AnswerWriter(("message_id",))
    assert writer.chunk(StreamingChunk()) is None
    assert writer.chunk(StreamingChunk(content="", metadata={"tenant": "t"})) is None
    assert writer.chunk(StreamingChunk(metadata={"message_id": "m"})) is not None
    assert writer.written == 1


def test_sources_are_full_objects() -> None:
    """Under both names of their relevance."""
    found = CitationSource(id="s", title="T", relevance_score=0.5, url=None, content_excerpt="E", metadata={"page": 3})
    entry = AnswerWriter(()).chunk(StreamingChunk(sources=[found], is_complete=True))
    assert entry is not None
    assert json.loads(entry.data)["sources"] == [
        {
            "id": "s", "title": "T", "relevance_score": 0.5, "relevance": 0.5, "url": None, "content_excerpt": "E",
            "document_id": None, "metadata": {"page": 3},
        }
    ]  # fmt: skip


def test_answers_end_once() -> None:
    """An end marker without a final chunk is an end; after any end there is no other."""
    writer = AnswerWriter(())
    assert writer.finish() == [Entry(1, '{"sources":[],"is_complete":true}', is_last=True)]
    assert writer.finish() == []
    assert writer.fail(PublicProblem.of(ProblemCode.INTERNAL)) == []


def test_logs_are_bounded() -> None:
    """An answer keeps its last events, and the book its latest answers, of those that have ended."""
    book = LogBook(LogLimits(max_events=3, max_answers=2, retention_s=100))
    book.begin("a", "", 10, now=0)
    log = book.find("a", 0)
    assert log is not None
    log.append([Entry(number, "{}") for number in range(1, 6)])
    assert log.after(1) == LogPage(is_lost=True)
    assert [entry.position for entry in log.after(2).entries] == [3, 4, 5]
    assert log.after(5) == LogPage()
    book.begin("b", "", 10, now=1)
    with pytest.raises(LogFull):  # both are running: nobody's answer is dropped for another's
        book.begin("c", "", 10, now=3)
    for answer_id in ("a", "b"):
        book.append(answer_id, [Entry(6, "{}", is_last=True)], now=4)
    assert book.find("a", now=5) is log
    book.begin("c", "", 10, now=6)
    assert (book.find("b", now=6), len(book)) == (None, 2)


def test_logs_are_bounded_in_bytes() -> None:
    """An answer that is too long is said to be, at the position up to which it is kept; so is one too many of all."""
    book = LogBook(LogLimits(max_answer_bytes=1000, max_bytes=1600))
    book.begin("a", "", 10, now=0)
    with pytest.raises(LogFull) as caught:
        book.append("a", [Entry(number, "x" * 100) for number in range(1, 9)], now=0)
    assert caught.value.position == 3
    book.append("a", [Entry(4, "{}", is_last=True)], now=0)  # its end is always taken
    for answer_id in ("b", "c"):
        book.begin(answer_id, "", 10, now=0)
        book.append(answer_id, [Entry(1, "x" * 500)], now=0)
    assert book.find("a", 0) is None  # the room of what has ended is for what is running
    with pytest.raises(LogFull) as caught:
        book.append("c", [Entry(2, "x" * 99)], now=0)
    assert caught.value.position == 2


def test_bounds_to_the_byte() -> None:
    """Answers may be just as long as they may, and what is dropped counts no more."""
    dropping = LogBook(LogLimits(max_events=2)).begin("a", "", 10, now=0)
    dropping.append([Entry(number, "x" * 100) for number in range(1, 6)])
    size = dropping.size
    book = LogBook(LogLimits(max_answer_bytes=size, max_bytes=size))
    log = book.begin("a", "", 10, now=0)
    book.append("a", [Entry(number, "x" * 100) for number in (1, 2)], now=0)
    assert (log.size, log.written) == (size, 2)
    with pytest.raises(LogFull) as caught:
        book.begin("b", "", 10, now=0)
    assert (caught.value.position, caught.value.args, LogFull().position) == (0, (0,), 0)
    book.forget("unknown")


def test_the_end_of_what_there_is() -> None:
    """Whether more may come, and whether it is lost."""
    log = LogBook(LogLimits()).begin("a", "", 10, now=0)
    log.append([Entry(1, "{}")])
    assert log.after(1) == LogPage()
    log.is_lost = True
    assert log.after(1) == LogPage(is_lost=True)
    log.is_lost, log.is_alive = False, False
    assert log.after(1) == LogPage(is_alive=False)
    log.is_alive = True
    log.append([Entry(2, "{}", is_last=True)])
    assert [log.after(position) for position in (2, 3)] == [LogPage(is_alive=False)] * 2


def test_repeated_entries_count_once() -> None:
    """Whatever is added again, whole or in part."""
    book = LogBook(LogLimits())
    log = book.begin("a", "", 10, now=0)
    entries = [Entry(number, str(number), number == 5) for number in range(1, 6)]
    for first, last in ((0, 2), (0, 2), (1, 4), (0, 5), (4, 5)):
        book.append("a", entries[first:last], now=0)
    assert log.after(0) == LogPage(entries)
    assert log.size == 5 * 201


@pytest.mark.parametrize("kept", [1, 2000])
def test_touching_an_answer_takes_constant_time(kept: int) -> None:
    """Nothing walks through the answers that are kept: touching one takes the same few steps."""
    book = LogBook(LogLimits())
    for number in range(kept):
        book.begin(str(number), "", 10, now=0)
    tally = Tally()
    with counted_steps(tally, ()):
        book.acknowledge("0", 1, 10, now=1)
    assert 0 < tally.steps < 30


def test_pages_of_a_log_are_bounded() -> None:
    """A reader far behind is given a part at a time."""
    book = LogBook(LogLimits(max_answers=2))
    book.begin("a", "", 10, now=0)
    log = book.find("a", 0)
    assert log is not None
    log.append([Entry(number, "{}") for number in range(1, 1001)])
    position = 0
    while entries := log.after(position).entries:
        assert len(entries) <= 256
        assert entries[0].position == position + 1
        position = entries[-1].position
    assert position == 1000


def test_logs_expire() -> None:
    """So long after they were last touched, and not before."""
    book = LogBook(LogLimits(retention_s=100))
    book.begin("a", "", 10, now=0)
    assert book.find("a", now=100) is not None
    assert book.find("a", now=200) is not None
    assert book.find("a", now=300.5) is None


def test_running_answers_do_not_expire() -> None:
    """However short the others are kept: as long as somebody wants them, and none keeps another."""
    book = LogBook(LogLimits(retention_s=0.25))
    for answer_id, wanted_s in (("running", 10), ("stopped", 10), ("ended", 10), ("left", 4)):
        book.begin(answer_id, "", wanted_s, now=0).stopped = answer_id == "stopped"
    book.append("ended", [Entry(1, "{}", is_last=True)], now=0)
    kept = [[name for name in ("running", "stopped", "ended", "left") if book.find(name, now)] for now in (3, 5, 9, 10)]
    assert kept == [["running", "left"], ["running"], ["running"], []]
    assert len(book) == 0


@pytest.mark.parametrize("value", [0, -1, math.nan, "10", None, True])
@pytest.mark.parametrize("name", attrs.fields_dict(LogLimits))
def test_impossible_bounds(name: str, value: object) -> None:
    """They are named."""
    with pytest.raises(InvalidArgumentError, match=f"{name} must be a (whole )?number of at least") as caught:
        LogLimits(**{name: value})  # type: ignore[arg-type]
    assert caught.value.field == name


def test_an_answer_is_wanted_for_its_grace_time() -> None:
    """From when the last reader left; a reader that says nothing any more is waited for a little longer."""
    book = LogBook(LogLimits(retention_s=1000))
    book.begin("a", "", 13, now=0)
    assert book.reader_state("a", now=12).is_wanted
    book.acknowledge("a", 4, 13, now=5)
    book.leave("a", 10, now=6)
    assert book.reader_state("a", now=15.9) == ReaderState(4, is_wanted=True)
    assert not book.reader_state("a", now=16).is_wanted
    book.acknowledge("a", 2, 13, now=17)  # somebody is back, further behind
    assert book.reader_state("a", now=18) == ReaderState(4, is_wanted=True)
    assert book.reader_state("unknown", now=18) == ReaderState(0, is_wanted=False)


PARTIAL = StreamedResponse()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionDeniedError("x", status_code=403), "not_authorized"),
        (GPOConnectionError("x"), "unavailable"),
        (StreamInterruptedError("x", partial=PARTIAL), "interrupted"),
        (StreamTimeoutError("x", partial=PARTIAL), "timeout"),
        (InvalidArgumentError("x", field="f"), "invalid_question"),
        (InvalidResponseError("x"), "internal_error"),
        (GPOClientError("x"), "internal_error"),
        (ZeroDivisionError("x"), "internal_error"),
    ],
)
def test_every_error_has_a_public_side(error: Exception, code: str) -> None:
    """A code and a sentence that is ours."""
    problem = PublicProblem.of(error)
    assert (problem.code, "x" in problem.error.split()) == (code, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("grace_s", -1),
        ("window", 0),
        ("heartbeat_s", "15"),
        ("allowed_origins", "https://example.com"),
        ("retry_ms", True),
        ("window", 1.5),
        ("stuck_s", math.nan),
        ("metadata_fields", None),
        ("allow_credentials", "no"),
        ("problem_texts", {"busy": 1}),
        ("problem_texts", "busy"),
    ],
)
def test_options_are_checked(field: str, value: object) -> None:
    """The error names the option."""
    with pytest.raises(InvalidArgumentError) as caught:
        RelayOptions(**{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field


def test_notes_end() -> None:
    """Each when its time is over, and the oldest when there are too many."""
    book = LogBook(LogLimits(max_answers=1))
    book.note("first", "1", 10, now=0)
    assert (book.noted("first", now=9.9), book.noted("first", now=10)) == ("1", None)
    for number in range(NOTES_PER_ANSWER):
        book.note(f"later-{number}", "2", 10, now=0)
    assert (book.noted("first", now=1), book.noted("later-0", now=1)) == (None, "2")
    book.note("later-0", "3", 10, now=0)  # is the newest now
    book.note("one too many", "2", 10, now=0)
    assert (book.noted("later-0", now=1), book.noted("later-1", now=1)) == ("3", None)


_END = '"sources":[],"is_complete":true}'


@pytest.mark.parametrize(
    ("chunk", "data"),
    [
        (StreamingChunk(content="é\n"), '{"content":"é\\n","is_complete":false}'),
        (
            StreamingChunk(content="a", metadata={"id": 1, "x": 2}),
            '{"content":"a","metadata":{"id":1},"is_complete":false}',
        ),
        (StreamingChunk(content="a", metadata={"x": 2}), '{"content":"a","is_complete":false}'),
        (StreamingChunk(content="a", is_complete=True), '{"content":"a",' + _END),
        (StreamingChunk(is_complete=True, metadata={"id": 1}), '{"sources":[],"metadata":{"id":1},"is_complete":true}'),
        (StreamingChunk(sources=[], is_complete=True), "{" + _END),
        (StreamingChunk(sources=[]), None),
    ],
)
def test_what_chunks_become(chunk: StreamingChunk, data: str | None) -> None:
    """Word for word: what browsers' programs read, and other processes."""
    writer = AnswerWriter(["id"])
    expected = [] if data is None else [Entry(1, data, chunk.is_complete)]
    assert writer.chunks([chunk]) == expected
    assert (writer.written, writer.ended) == (len(expected), chunk.is_complete)


def test_messages_word_for_word() -> None:
    """The first on a WebSocket, and of one answer the last; a problem, in the service's own words if it has any."""
    assert (
        message_of(ANSWER, opening_entry(ANSWER)) == f'{{"id":"{ANSWER}:0","answer_id":"{ANSWER}","is_complete":false}}'
    )
    problem = PublicProblem.of(ProblemCode.BUSY, {"busy": "Wait.", "timeout": "Slow."})
    assert message_of(ANSWER, problem_entry(problem)) == f'{{"id":"{ANSWER}:end","code":"busy","error":"Wait."}}'
    assert problem_entry(problem).position == 1
    other = PublicProblem.of(ProblemCode.STOPPED, {"busy": "Wait.", "stopped": ""})
    writer = AnswerWriter(())
    writer.chunk(StreamingChunk(content="a"))
    writer.take_back(0)
    assert writer.fail(other) == [Entry(1, '{"code":"stopped","error":"The answer was stopped."}', is_last=True)]
    assert writer.ended
