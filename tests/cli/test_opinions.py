"""gpo feedback and gpo rate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Gpo
from tests.cli.service import farewell
from tests.support.events import json_answer, session
from tests.support.wire import Answer, WireServer

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


def test_unknown_ids(gpo: Gpo) -> None:
    """The service's word is final."""
    assert gpo("feedback", "msg_none", "--like").code == 1
    assert gpo("rate", "conv_none", "3").code == 1
