"""gpo history and gpo messages, gpo feedback and gpo rate."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from time import tzset
from typing import Any

import pytest

from tests.cli.conftest import Gpo
from tests.cli.service import farewell
from tests.support.events import conversation, json_answer, page_of, session
from tests.support.wire import Answer, WireServer


def summary(number: int, active: datetime, **fields: Any) -> dict[str, Any]:
    """A conversation that was active at some time."""
    told = {"message_count": 2, "last_message_at": active.isoformat(), **fields}
    return conversation(conversation_id=f"conv_{number}", title=f"Title {number}", **told)


def test_conversations(gpo: Gpo) -> None:
    """The latest first, a line for each: id, time, number of messages, status, title."""
    for question in ("What is RESICO?", "What is PTU?"):
        assert gpo("chat", question).code == 0
    done = gpo("history")
    rows = [line.split("\t") for line in done.lines]
    assert (done.code, done.err) == (0, "")
    assert [row[2:] for row in rows] == [["2", "active", "What is PTU?"], ["2", "active", "What is RESICO?"]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", row[1]) for row in rows)
    (found,) = gpo("history", "--search", "resico", "--json").lines
    assert json.loads(found)["conversation_id"] == rows[1][0]
    assert gpo("history", "--closed").out == ""


def test_other_users_have_their_own(gpo: Gpo) -> None:
    """The user of the session decides what there is to see."""
    gpo("chat", "What is RESICO?")
    assert gpo("history", "--user-id", "somebody else").out == ""


def test_limits(gpo: Gpo) -> None:
    """No more than asked for is fetched, and --all fetches every page."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    items = [summary(number, now - timedelta(days=number)) for number in range(5)]
    script = (json_answer(session()), json_answer(page_of(*items[:2], page_size=2, total_count=5)), farewell())
    with WireServer(*script) as server:
        done = gpo("history", "--limit", "1", "--base-url", server.base_url)
        assert "page_size=2" in server.requests[1].target
    assert [line.split("\t")[0] for line in done.lines] == ["conv_0"]
    pages = [
        json_answer(page_of(*items[at : at + 2], page=at // 2 + 1, page_size=2, total_count=5)) for at in (0, 2, 4)
    ]
    with WireServer(json_answer(session()), *pages, farewell()) as server:
        done = gpo("history", "--all", "--base-url", server.base_url)
    assert [line.split("\t")[0] for line in done.lines] == [f"conv_{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("arguments", "numbers", "pages"),
    [
        ((), [0, 1, 2, 3, 4, 5], 3),
        (("--since", "3 days ago"), [0, 1], 2),  # the second page shows that no more will come
        (("--since", "2 hours ago"), [], 1),
        (("--until", "yesterday"), [1, 2, 3, 4, 5], 3),
        (("--since", "20 days ago", "--until", "2 days ago"), [1, 2], 2),
    ],
)
def test_windows(gpo: Gpo, arguments: tuple[str, ...], numbers: list[int], pages: int) -> None:
    """Conversations are chosen by when they were last active; pages that are too old are not fetched."""
    now = datetime.now(UTC)
    ages = (timedelta(0), timedelta(days=2), *(timedelta(days=days) for days in (10, 40, 50, 60)))
    items = [summary(number, now - age) for number, age in enumerate(ages)]
    if arguments == ("--since", "2 hours ago"):
        items[0]["last_message_at"] = (now - timedelta(hours=3)).isoformat()
    items[1] |= {
        "last_message_at": None,
        "created_at": items[1]["last_message_at"],
    }  # nothing said: its beginning counts
    given = [
        json_answer(page_of(*items[at : at + 2], page=at // 2 + 1, page_size=2, total_count=6)) for at in (0, 2, 4)
    ]
    with WireServer(json_answer(session()), *given[:pages], farewell()) as server:
        done = gpo("history", *arguments, "--base-url", server.base_url)
        assert len(server.requests) == pages + 2
    assert done.code == 0
    assert [line.split("\t")[0] for line in done.lines] == [f"conv_{number}" for number in numbers]


def test_messages(gpo: Gpo) -> None:
    """Those of a conversation, the oldest first, each in one line; in JSON with all there is."""
    conversation_id = json.loads(gpo("chat", "What is RESICO?", "--json").lines[0])["conversation_id"]
    rows = [line.split("\t") for line in gpo("messages", conversation_id).lines]
    assert [row[2] for row in rows] == ["user", "assistant"]
    assert rows[0][3] == "What is RESICO?"
    answer = json.loads(gpo("messages", conversation_id, "--json").lines[1])
    assert answer["sources"][0]["document_id"] == "doc-resico"
    assert "\n" in answer["content"]


def test_messages_by_text(gpo: Gpo) -> None:
    """In all conversations, the newest first, perhaps since some time."""
    for question in ("What is RESICO?", "What is PTU?"):
        gpo("chat", question)
    rows = [line.split("\t") for line in gpo("messages", "--search", "what is").lines]
    assert [row[3] for row in rows] == ["What is PTU?", "What is RESICO?"]
    assert len(gpo("messages", "--search", "what is", "--since", "today").lines) == 2
    assert gpo("messages", "--search", "what is", "--since", "now").lines == []


def test_no_such_conversation(gpo: Gpo) -> None:
    """An error, not an empty list."""
    done = gpo("messages", "conv_none")
    assert done.code == 1
    assert "404" in done.complaint


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999Z", "2026-11-02T09:30:05", "soon"])
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Mexico_City"])
def test_odd_times(time: str, zone: str, gpo: Gpo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times without an offset are in UTC; those at the ends of the calendar, and none at all, are shown too."""
    monkeypatch.setenv("TZ", zone)
    tzset()
    item = {**summary(1, datetime(2026, 1, 1, tzinfo=UTC)), "last_message_at": time, "created_at": time, "title": None}
    try:
        with WireServer(json_answer(session()), json_answer(page_of(item)), farewell()) as server:
            done = gpo("history", "--since", "1 Jan 1900", "--base-url", server.base_url)
    finally:
        monkeypatch.undo()
        tzset()
    expected = {"Asia/Kolkata": "2026-11-02 15:00", "America/Mexico_City": "2026-11-02 03:30"}[zone]
    assert done.err == ""
    assert done.code == 0
    if not time.startswith("0001"):  # before the window
        assert done.lines[0].split("\t")[0] == "conv_1"
    if time.startswith("2026"):
        assert done.lines[0].split("\t")[1] == expected


DONE = Answer(status=204, framing="length")


def test_likes_are_stored(gpo: Gpo) -> None:
    """The verdict shows among the messages."""
    chunks = [json.loads(line) for line in gpo("chat", "What is RESICO?", "--json").lines]
    message_id = chunks[-1]["metadata"]["message_id"]
    for flag, liked in (("--like", True), ("--dislike", False)):
        done = gpo("feedback", message_id, flag)
        assert (done.code, done.out, done.err) == (0, "Thank you.\n", "")
        shown = gpo("messages", chunks[0]["conversation_id"], "--json").lines[1]
        assert json.loads(shown)["liked"] is liked


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        (("feedback", "msg_1", "--like"), {"message_id": "msg_1", "like": True}),
        (
            ("feedback", "msg_1", "--dislike", "--comment", "Wrong.", "--hand-off", "--suggest"),
            {
                "message_id": "msg_1",
                "like": False,
                "feedback": "Wrong.",
                "hand_off": True,
                "suggest_next_response": True,
            },
        ),
        (("rate", "conv_1", "5"), {"conversation_id": "conv_1", "rating": 5}),
        (
            ("rate", "conv_1", "1", "--comment", "Slow."),
            {"conversation_id": "conv_1", "rating": 1, "rating_comment": "Slow."},
        ),
    ],
)
def test_what_is_sent(gpo: Gpo, arguments: tuple[str, ...], sent: dict[str, Any]) -> None:
    """What was said, and nothing that was not."""
    with WireServer(json_answer(session()), DONE, farewell()) as server:
        assert gpo(*arguments, "--base-url", server.base_url).code == 0
        body = server.requests[1].json
    assert {name: value for name, value in body.items() if value is not None} == sent
