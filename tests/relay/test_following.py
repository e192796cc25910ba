"""The pace of an answer: what one browser is sent and when, and what the writer waits for."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.following import Following, MissingAnswers, Window
from gpo_client.relay.machines.logbook import LogPage, ReaderState


@given(st.integers(1, 50), st.lists(st.integers(0, 60), max_size=30))
def test_writing_keeps_the_window(window: int, reads: list[int]) -> None:
    """However readers proceed, no more than the window is written ahead of the furthest."""
    window_ = Window(window)
    for position in reads:
        written = window_.end
        assert written - window_.position == window
        window_.note(ReaderState(min(position, written), is_wanted=True))
    assert not window_.is_abandoned
    window_.note(ReaderState(0, is_wanted=False))
    window_.note(ReaderState(0, is_wanted=True))
    assert window_.is_abandoned


def test_a_log_nobody_writes_any_more() -> None:
    """A reader waits no longer than somebody writes."""
    following = Following(3, heartbeat_s=10, acknowledge_s=1, now=0)
    assert following.take(LogPage(), 1) == []
    (entry,) = following.take(LogPage(is_alive=False), 2)
    assert (json.loads(entry.data)["code"], following.ended) == ("interrupted", True)


def test_what_is_due_when() -> None:
    """Signs of life go to the log often and to the browser seldom."""
    following = Following(0, heartbeat_s=10, acknowledge_s=1, now=0)
    assert (following.wait_s(0.25), following.sent(0.5), following.is_silent(9)) == (0.75, False, False)
    assert following.sent(1)
    assert following.wait_s(1) == 1
    following.take(LogPage([Entry(1, "{}")]), 9.5)
    assert (following.sent(1.5), following.sent(1.5)) == (True, False)
    assert not following.is_silent(10)
    assert following.is_silent(19.5)
    assert not following.is_silent(20)


def test_the_log_is_told_now_and_then() -> None:
    """After so many entries, whatever the time."""
    following = Following(7, heartbeat_s=10, acknowledge_s=1, acknowledge_entries=3, now=0)
    told = []
    for position in range(8, 15):
        following.take(LogPage([Entry(position, "{}")]), 0)
        told += [position] if following.sent(0) else []
    assert told == [10, 13]


def test_what_a_browser_takes_and_when() -> None:
    """It is stuck from when it is given something until it has been sent; a heartbeat is such a thing too."""
    following = Following(0, heartbeat_s=10, acknowledge_s=100, now=1.0)
    assert (following.ended, following.stuck_s(3.0), following.wait_s(3.0)) == (False, 2.0, 8.0)
    assert following.wait_s(12.0) == 0.0
    assert not following.sent(3.0)
    assert following.stuck_s(9.0) == 0.0
    following.take(LogPage([Entry(1, "{}"), Entry(2, "{}")], is_alive=False), 4.0)
    assert (following.position, following.ended) == (2, False)
    assert (following.stuck_s(9.0), following.wait_s(9.0)) == (5.0, 5.0)
    following.sent(9.0)
    assert following.is_silent(14.0)
    assert (following.stuck_s(16.0), following.wait_s(16.0)) == (2.0, 8.0)
    (entry,) = following.take(LogPage(is_lost=True, is_alive=False), 17.0)
    assert (json.loads(entry.data)["code"], following.ended) == ("stream_expired", True)


def test_a_service_has_its_own_sentences() -> None:
    following = Following(3, heartbeat_s=10, acknowledge_s=1, now=0, sentences={"interrupted": "Ask again."})
    assert [json.loads(entry.data)["error"] for entry in following.take(LogPage(is_alive=False), 2)] == ["Ask again."]


def test_answers_that_are_missing() -> None:
    """For five seconds they may come; a thousand are remembered."""
    missing = MissingAnswers()
    assert [missing.is_gone("a", now) for now in (1.0, 5.75, 6.0)] == [False, False, True]
    missing.found("a")
    missing.found("unknown")
    assert [missing.is_gone("a", now) for now in (7.0, 12.0)] == [False, True]
    gone = [missing.is_gone(str(number), 12.0) for number in range(999)]
    assert (any(gone), missing.is_gone("a", 12.0)) == (False, True)
    assert not missing.is_gone("one too many", 12.0)
    assert not missing.is_gone("a", 12.0)
    assert missing.is_gone("1", 17.0)
