"""What goes out to Redis, word for word, and what becomes of the replies, of what is missing and of outages."""

from __future__ import annotations

import math

import pytest

from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.logbook import LogPage
from gpo_client.relay.machines.redis_commands import Command, Request
from tests.relay.exchanging import ANSWER, ASKED, EVENTS, KEPT, READER, SIGN, WRITER, Process, added, piece


def test_what_a_writer_says() -> None:
    """Word for word, and when: processes of other versions read the same keys."""
    process = Process()
    exchange = process.exchange
    assert exchange.wait_s(0.0) == math.inf
    assert process.writes() == SIGN
    assert exchange.wait_s(0.0) == 0.0
    process.adds(1, 2)
    assert process.exchanges(0.0) == [("DEL", EVENTS), added(2, "a\nb"), *KEPT, *SIGN, *KEPT, *ASKED]
    assert (exchange.is_written, exchange.wait_s(0.25)) == (True, 0.75)
    process.adds(3, now=0.25)
    assert (exchange.is_written, exchange.wait_s(0.0)) == (False, 0.1)
    assert process.exchanges(0.25) == [added(3, "c")]
    assert process.exchanges(0.5) == []
    assert process.exchanges(1.0) == [*SIGN, *KEPT, *ASKED]
    process.adds(4, last=4, now=1.5)
    assert process.exchanges(1.5) == [added(4, "d", is_last=1), *KEPT]
    assert (exchange.is_written, exchange.wait_s(9.0), process.exchanges(9.0)) == (True, math.inf, [])


def test_nothing_expires_between_two_signs() -> None:
    """However short answers are to be kept."""
    process = Process(retention_s=0.25)
    commands = process.writes()
    process.adds(1)
    commands += process.exchanges(0.0)
    assert {command[2] for command in commands if command[0] == "PEXPIRE"} == {10_000}


def test_what_a_reader_says() -> None:
    """How far it is when that is news, and once a second; whether somebody writes is asked once a second."""
    process = Process()
    process.reads()
    here: list[Command] = [("SET", READER, 0, "PX", 10_000)]
    alive: list[Command] = [("EXISTS", WRITER)]

    def reading(position: int) -> Command:
        return ("XREAD", "COUNT", 1000, "STREAMS", EVENTS, f"0-{position}")

    assert process.exchange.wait_s(0.0) == 0.0
    assert process.exchanges(0.0) == [reading(0), *here, *alive]
    assert (process.exchange.wait_s(0.0), process.exchange.woken) == (0.02, set())
    brought = {EVENTS.encode(): [[piece(2, "a", "b"), piece(3, "c")]]}
    assert process.exchanges(0.5, XREAD=brought) == [reading(0)]
    assert process.exchange.woken == {ANSWER}
    log = process.log()
    assert log.after(0) == LogPage([Entry(1, "a"), Entry(2, "b"), Entry(3, "c")])
    process.book.acknowledge(ANSWER, 2, 1000, 0.5)
    assert process.exchanges(0.5) == [reading(3), ("SET", READER, 2, "PX", 10_000)]
    assert process.exchanges(0.75) == [reading(3)]
    assert process.exchanges(1.0) == [reading(3), ("SET", READER, 2, "PX", 10_000), *alive]
    process.exchanges(1.5, XREAD=[(EVENTS, [piece(4, "d", is_last=True)])])
    assert (log.after(3), log.is_alive) == (LogPage([Entry(4, "d", is_last=True)]), True)
    assert (process.exchanges(2.0), process.exchange.wait_s(2.0)) == ([], math.inf)


def test_a_long_answer() -> None:
    """A thousand entries at a time; of what is too much for memory, what is left."""
    process = Process(max_events=2_000)
    process.writes()
    process.adds(*range(1, 1_501))
    for last in (1_000, 1_500, None):
        sent = [command[4] for command in process.exchanges(0.0) if command[0] == "XADD"]
        assert (sent, process.exchange.is_written) == ([f"0-{last}"] if last else [], last != 1_000)
    process = Process(max_events=3)
    process.writes()
    process.adds(*range(1, 6))
    assert process.exchanges(0.0)[1] == added(5, "c\nd\ne", most=3)


def test_what_is_added_while_an_exchange_is_under_way() -> None:
    """It is yet to be written."""
    process = Process()
    process.writes()
    for number in range(1, 4):
        process.adds(number)
        sent = process.exchange.commands(0.0)
        process.adds(number + 1)
        process.exchange.take(process.replies(sent), 0.0)
        assert not process.exchange.is_written


def test_a_reply_that_is_lost() -> None:
    """What it was about goes again as it was, and is one piece; what was added meanwhile follows."""
    process = Process()
    process.writes()
    process.adds(1)
    process.exchanges(0.0)
    process.adds(2)
    assert process.exchange.commands(0.5) == [added(2, "b")]
    process.exchange.failed(OSError(), 0.5)
    process.adds(3)
    again = process.exchange.commands(0.75)
    assert again[0] == added(2, "b")
    repeated = ValueError("The ID specified in XADD is equal or smaller than the target stream top item")
    process.exchange.take([repeated, *process.replies(again, XLEN=2)[1:]], 0.75)
    assert process.exchanges(1.0, XLEN=3)[0] == added(3, "c")
    assert process.exchange.is_written


@pytest.mark.parametrize("lost", [{"HSET": 1}, {"XLEN": 1}])
def test_what_redis_has_lost(lost: dict[str, int]) -> None:
    """It is written again from the beginning; an answer that is given up, or of which there is nothing yet, is not."""
    process = Process()
    process.writes()
    process.exchanges(0.0, **lost)
    assert process.exchange.is_written
    for number in (1, 2):
        process.adds(number)
        process.exchanges(0.5)
    process.exchanges(1.0)
    assert process.exchange.is_written
    process.exchanges(2.0, **lost)
    assert not process.exchange.is_written
    assert process.exchanges(2.5) == [("DEL", EVENTS), added(2, "a\nb"), *KEPT]
    sent = process.exchange.commands(3.0)
    process.exchange.give_up(ANSWER)
    process.exchange.take(process.replies(sent, **lost), 3.0)
    assert process.exchange.is_written


def test_an_answer_that_memory_has_dropped() -> None:
    """There is nothing to write of it, whenever that happens."""
    process = Process()
    process.writes()
    process.adds(1)
    sent = process.exchange.commands(0.0)
    process.book.forget(ANSWER)
    process.exchange.take(process.replies(sent, HGET="1"), 0.0)
    assert process.exchange.is_written
    process.writes()
    process.adds(1)
    process.book.forget(ANSWER)
    assert process.exchanges(0.5) == []
    assert process.exchanges(1.0) == []
    assert process.exchange.wait_s(1.0) == math.inf


def test_what_others_say_of_an_answer() -> None:
    """Somebody has stopped it, or reads it in another process: who writes it is woken."""
    process = Process()
    process.writes(wanted_s=5.0)
    process.exchanges(0.0, GET="7")
    log = process.log()
    assert (log.position, log.wanted_until, log.stopped, process.exchange.woken) == (7, 10.0, False, {ANSWER})
    process.exchange.woken.clear()
    process.exchanges(2.0, GET="7", HGET="1")
    assert (log.wanted_until, log.stopped, process.exchange.woken) == (12.0, True, {ANSWER})
    for position in range(1, 9):
        process.adds(position, now=2.0)
    assert process.exchanges(2.5, GET="8")[-1] == ("GET", READER)
    process.exchange.give_up(ANSWER)
    process.exchange.give_up("unknown")
    process.exchange.lives("unknown")
    process.exchange.begin("another", "ana")
    process.book.begin("another", "ana", wanted_s=1000, now=3.0)
    process.exchanges(3.0)
    process.exchange.wrote("another", 3.0)
    assert round(process.exchange.wait_s(3.0), 6) == 0.1  # nobody reads elsewhere any more


def test_readers_of_several_answers() -> None:
    """One command for all, or in a cluster one for each, whose replies belong to its own answer."""
    keys = [f"gpo:{{{each}}}:events" for each in ("a", "b")]
    for is_cluster in (False, True):
        process = Process(is_cluster=is_cluster)
        for answer_id in ("a", "b"):
            process.reads(answer_id)
        sent = [command for command in process.exchanges(0.0) if command[0] == "XREAD"]
        beginning = ("XREAD", "COUNT", 1000, "STREAMS")
        apart = [(*beginning, key, "0-0") for key in keys]
        assert sent == (apart if is_cluster else [(*beginning, *keys, "0-0", "0-0")])
        replies = [(key, [piece(1, key)]) for key in keys]
        process.exchange.commands(0.5)
        process.exchange.take([[reply] for reply in replies] if is_cluster else [replies], 0.5)
        assert process.exchange.woken == {"a", "b"}
        for answer_id, key in zip(("a", "b"), keys, strict=True):
            assert process.log(answer_id).after(0) == LogPage([Entry(1, key)])


def test_readers_that_have_gone() -> None:
    """Their answer is brought here no more; one that nobody has begun to read is waited for five seconds."""
    process = Process()
    process.exchange.mirror(ANSWER, "ana", 0.0)
    process.exchange.mirror(ANSWER, "bob", 4.0)  # who comes later reads along
    log = process.log()
    assert (log.owner, log.wanted_until) == ("ana", 5.0)
    assert len(process.exchanges(4.75)) == 3
    process.exchanges(5.0)
    assert process.book.find(ANSWER, 5.0) is None
    assert process.exchanges(5.5) == []


@pytest.mark.parametrize("follows", [True, False])
@pytest.mark.parametrize("first", [1, 3])
def test_gaps(first: int, follows: bool) -> None:
    """What is missing may be on its way for five seconds; then an answer of which a part is here is lost."""
    process = Process()
    process.reads()
    log = process.log()
    if first > 1:
        process.exchanges(0.0, XREAD=[(EVENTS, [piece(2, "a", "b")])])
    gap = [(EVENTS, [piece(9, "i")])]
    process.exchanges(0.5, XREAD=gap)
    process.exchange.commands(0.75)
    process.exchange.failed(OSError(), 0.75)  # while nobody can be asked for it, it is not missed
    for now in (1.0, 2.0, 3.0, 4.0, 5.0, 5.75):
        process.exchange.woken.clear()
        process.exchanges(now, XREAD=gap)
        assert (log.written, log.is_lost, process.exchange.woken) == (first - 1, False, set())
    if follows:
        process.exchanges(5.75, XREAD=[(EVENTS, [piece(first, "x")])])
        process.exchanges(6.0, XREAD=gap)  # another gap has a time of its own
        assert (log.written, log.is_lost) == (first, False)
        return
    process.exchanges(6.0, XREAD=gap)
    assert (log.written, log.is_lost) == ((2, True) if first > 1 else (9, False))
    assert process.exchange.woken == {ANSWER}
    assert bool(process.exchanges(6.0)) is (first == 1)


def test_gaps_within_a_reply() -> None:
    """What comes after one waits for what is missing; what is here already is passed over."""
    process = Process()
    process.reads()
    log = process.log()
    process.exchanges(0.0, XREAD=[(EVENTS, [piece(2, "a", "b"), piece(5, "d", "e")])])
    assert log.after(0) == LogPage([Entry(1, "a"), Entry(2, "b")])
    process.exchanges(0.5, XREAD=[(EVENTS, [piece(3, "b", "c"), piece(5, "c", "d", "e"), piece(6, "f")])])
    assert log.after(2) == LogPage([Entry(3, "c"), Entry(4, "d"), Entry(5, "e"), Entry(6, "f")])


def test_a_writer_that_is_seen_no_more_but_whose_words_come() -> None:
    """What an exchange brings beside the news that nobody writes may have been on its way."""
    process = Process()
    process.reads()
    log = process.log()
    for now in map(float, range(5)):
        process.exchanges(now, EXISTS=0)
    process.exchanges(5.0, EXISTS=0, XREAD=[(EVENTS, [piece(1, "a")])])
    for now in map(float, range(6, 10)):
        process.exchange.woken.clear()
        process.exchanges(now, EXISTS=0)
        assert (log.is_alive, process.exchange.woken) == (True, set())
    process.exchanges(10.0, EXISTS=0)
    assert (log.is_alive, process.exchange.woken) == (False, {ANSWER})


def test_replies_about_several_answers() -> None:
    """What is said of one that has gone, or of which something is missing, keeps nothing from the others."""
    for gone in (True, False):
        process = Process()
        for answer_id in ("a", "b"):
            process.reads(answer_id)
        sent = process.exchange.commands(0.0)
        if gone:
            process.book.forget("a")
        replies = [(f"gpo:{{{each}}}:events", [piece(last, "x")]) for each, last in (("a", 1 if gone else 2), ("b", 1))]
        process.exchange.take(process.replies(sent, XREAD=replies, EXISTS=0), 0.0)
        assert process.log("b").written == 1


def test_an_end_and_a_sign_at_once() -> None:
    """Nobody asks whether somebody writes an answer that is whole."""
    process = Process()
    process.reads()
    process.exchanges(0.0, EXISTS=0, XREAD=[(EVENTS, [piece(1, "a", is_last=True)])])
    assert (process.log().ended, process.log().is_alive) == (True, True)


def test_what_somebody_waits_for(caplog: pytest.LogCaptureFixture) -> None:
    """It goes at once and first, and its replies come in order; a failure of a part is its failure alone."""
    process = Process()
    process.writes()
    process.exchanges(0.0)
    process.adds(1)
    asked = [Request([("GET", "x"), ("SET", "x", 1)]), Request([("HGET", "y", "z")]), Request([("PING",)])]
    for request in asked:
        process.exchange.ask(request)
    process.exchange.forget(asked[2])
    process.exchange.forget(asked[2])
    assert process.exchange.wait_s(0.0) == 0.0
    sent = process.exchange.commands(1.0)
    assert sent[:3] == [("GET", "x"), ("SET", "x", 1), ("HGET", "y", "z")]
    assert sent[3:] == [("DEL", EVENTS), added(1, "a"), *KEPT, *SIGN, *KEPT, *ASKED]
    refused, later = RuntimeError("no"), RuntimeError("nor that")
    process.exchange.take(["found", True, refused, 0, "0-1", True, 1, 0, 1, later, 1, 1, None, None], 1.0)
    assert (asked[0].replies, asked[0].failure, asked[0].is_done) == (["found", True], None, True)
    assert (asked[1].replies, asked[1].failure, asked[1].is_done) == ([], refused, True)
    assert not asked[2].is_done
    assert round(process.exchange.wait_s(1.0), 6) == 0.05
    assert process.exchange.commands(1.05)[0] == SIGN[0]  # nobody waits any more
    assert caplog.messages == ["Redis does not take the relay's log, which is tried again: RuntimeError: no"]


def test_nothing_is_asked() -> None:
    """So many replies as commands, be it none."""
    process = Process()
    process.exchange.take([], 0.0)
    process.writes()
    sent = process.exchange.commands(0.0)
    with pytest.raises(ValueError, match="shorter"):
        process.exchange.take(process.replies(sent)[:-1], 0.0)
