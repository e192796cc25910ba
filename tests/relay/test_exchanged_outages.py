"""What becomes of answers while Redis is away, or a process stands still; no clock but the test's."""

from __future__ import annotations

import math

import pytest

from gpo_client.relay.machines.redis_commands import Request
from tests.relay.exchanging import ANSWER, EVENTS, KEPT, SIGN, Process, piece


@pytest.mark.parametrize("refused", [True, False])
def test_silence_in_an_outage(refused: bool) -> None:
    """Who cannot be heard is not dead: a writer has its five seconds when Redis is back, however long it was away, and
    whether it said nothing or, full as it is, refused to be written to.
    """
    process = Process()
    process.reads()
    log = process.log()
    process.exchanges(0.0, EXISTS=0)
    for now in map(float, range(1, 20)):
        if refused:
            process.exchanges(now, EXISTS=0, SET=OSError("OOM"))
        else:
            process.exchange.commands(now)
            process.exchange.failed(OSError(), now)
    alive_at = []
    for now in map(float, range(20, 30)):
        process.exchanges(now, EXISTS=0)
        alive_at += [now] if log.is_alive else []
    assert alive_at == [20.0, 21.0, 22.0, 23.0, 24.0]


def test_silence_of_a_process_that_stood_still() -> None:
    """One that was stopped has heard of nobody meanwhile, dead or alive."""
    process = Process()
    process.reads()
    log, alive_at = process.log(), []
    for now in (0.0, 50.0, 51.0, 52.0, 53.0, 54.0):
        process.exchanges(now, EXISTS=0)
        alive_at += [now] if log.is_alive else []
    assert alive_at == [0.0, 50.0, 51.0, 52.0, 53.0]


@pytest.mark.parametrize("sign", [{"EXISTS": 1}, {"EXISTS": 0, "XREAD": [(EVENTS, [piece(1, "a")])]}])
def test_a_writer_that_is_back(sign: dict[str, object]) -> None:
    """It stood still for so long that it was given up: who reads now is not told that it is dead."""
    process = Process()
    process.reads()
    for now in map(float, range(6)):
        process.exchanges(now, EXISTS=0)
    assert not process.log().is_alive
    process.exchange.woken.clear()
    process.exchanges(6.0, **sign)
    assert process.log().is_alive


def test_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """Tried again more and more seldom, at least once a second; after two seconds nobody waits; told once."""
    process = Process()
    process.writes()
    process.reads("another")
    process.exchanges(0.0)
    waits = []
    for number in range(8):
        process.exchange.commands(1.0)
        process.exchange.failed(OSError(f"no. {number}"), 1.0)
        waits.append(round(process.exchange.wait_s(1.0), 6))
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0]
    assert process.exchange.wait_s(1.25) == 0.75
    assert process.exchange.woken == {"another"}
    assert [process.exchange.is_away(now) for now in (2.75, 3.0)] == [False, True]
    assert [process.exchange.is_cut_off(each, 3.0) for each in (ANSWER, "another")] == [False, True]
    assert not process.exchange.is_cut_off("another", 2.75)
    sent = process.exchange.commands(3.5)
    assert set(SIGN) < set(sent)  # signs come first, whatever the time
    process.exchange.take(process.replies(sent), 3.5)
    assert not process.exchange.is_away(9.0)
    assert round(process.exchange.wait_s(3.5), 6) == 0.02
    process.exchange.failed(OSError(), 4.0)
    assert round(process.exchange.wait_s(4.0), 6) == 0.05
    assert [record.getMessage() for record in caplog.records] == [
        "Redis does not take the relay's log, which is tried again: OSError: no. 0",
        "Redis takes the relay's log again, after 2.5 s",
        "Redis does not take the relay's log, which is tried again: OSError: ",
    ]


def test_an_outage_that_concerns_nobody() -> None:
    """Nothing is tried again for nothing."""
    process = Process()
    process.exchange.failed(OSError(), 0.0)
    assert process.exchange.wait_s(0.0) == math.inf
    process.exchange.ask(Request([("PING",)]))
    assert process.exchange.wait_s(0.0) == 0.05


@pytest.mark.parametrize(("ends", "until"), [(True, 14.0), (False, math.inf)])
def test_an_outage_that_lasts(ends: bool, until: float, caplog: pytest.LogCaptureFixture) -> None:
    """An end that cannot be written is given up after its time, and said to be; what is running goes on."""
    process = Process()
    process.writes()
    process.adds(1, last=1 if ends else 0)
    for now in (4.0, 9.0, 14.0, 14.25):
        process.exchange.lives(ANSWER)
        process.exchange.commands(now)
        process.exchange.failed(OSError("x"), now)
        assert process.exchange.is_written is (now > until)
    lines = [f"answer {ANSWER}: Redis was away for too long, its end is not written there"] if ends else []
    assert [record.getMessage() for record in caplog.records][1:] == lines


def test_an_end_that_is_written_but_not_counted() -> None:
    """It is counted again, and nothing is written twice."""
    process = Process()
    process.writes()
    process.adds(1, last=1)
    process.exchanges(0.0, XLEN=OSError("x"))
    assert not process.exchange.is_written
    assert process.exchanges(0.5)[:2] == KEPT
    assert process.exchange.is_written


def test_what_somebody_waits_for_in_an_outage() -> None:
    """It is sent again as a whole: half of its replies are none."""
    process = Process()
    request = Request([("GET", "x"), ("GET", "y")])
    process.exchange.ask(request)
    process.exchange.commands(0.0)
    process.exchange.failed(OSError(), 0.0)
    request.replies.append("x")
    process.exchange.failed(OSError(), 0.0)
    assert not request.is_done
    process.exchange.commands(0.1)
    process.exchange.take(["x", "y"], 0.1)
    assert request.replies == ["x", "y"]


def test_a_writer_whose_words_are_kept_back_by_an_outage() -> None:
    """It lives as long as there is something of it to be written: readers elsewhere have yet to get that."""
    process = Process()
    process.writes()
    process.adds(1)
    for now in map(float, range(1, 8)):
        process.exchange.commands(now)
        process.exchange.failed(OSError(), now)
    assert set(SIGN) < set(process.exchange.commands(8.0))


def test_a_writer_that_is_gone_in_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """Its answer is given up when it was not seen for as long as ends are kept."""
    process = Process()
    process.writes()
    given_up = []
    for number in range(1, 18):
        if number <= 4:
            process.exchange.lives(ANSWER)
        process.exchange.commands(float(number))
        process.exchange.failed(OSError(), float(number))
        process.adds(number, now=float(number))
        given_up.append(process.exchange.is_written)
    assert given_up.index(True) == 13
