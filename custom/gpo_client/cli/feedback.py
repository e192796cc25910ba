"""``gpo feedback`` and ``gpo rate``: what you think of answers."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from gpo_client.cli.connection import connected
from gpo_client.cli.exit_codes import usage
from gpo_client.cli.options import Common, OnScreen, Switch

_LOWEST, _HIGHEST = 1, 5


def feedback(
    message: str,
    /,
    *,
    like: Annotated[bool | None, Parameter(name="--like", negative="--dislike")] = None,
    comment: str | None = None,
    hand_off: Switch = False,
    suggest: Switch = False,
    common: Common = Common(),  # noqa: B008 - immutable
    screen: OnScreen,
) -> object:
    """Give feedback on an answer.

    Args:
        message: The answer's message id, as shown below it and by gpo messages.
        like: Whether you like it.
        comment: Why, in your words.
        hand_off: You want to go on with a person.
        suggest: You want another answer to the same question.
        common: What all commands can be told.
        screen: Where to print.
    """
    said: dict[str, Any] = {
        "like": like,
        "feedback": comment,
        "hand_off": hand_off or None,
        "suggest_next_response": suggest or None,
    }
    given = {name: value for name, value in said.items() if value is not None}
    if not given:
        raise usage("say something: --like, --dislike, --comment, --hand-off or --suggest")
    with connected(common, screen) as connection:
        given["message_id"] = message
        connection.client.submit_feedback(connection.session, given)
    return Text("Thank you.")


def rate(
    conversation: str,
    rating: int,
    /,
    *,
    comment: str | None = None,
    common: Common = Common(),  # noqa: B008
    screen: OnScreen,
) -> object:
    """Rate a conversation from 1 to 5.

    Args:
        conversation: The conversation.
        rating: From 1 to 5.
        comment: Why, in your words.
        common: What all commands can be told.
        screen: Where to print.
    """
    if not _LOWEST <= rating <= _HIGHEST:
        raise usage(f"the rating must be from {_LOWEST} to {_HIGHEST}, not {rating}")
    request: dict[str, Any] = {"conversation_id": conversation, "rating": rating, "rating_comment": comment}
    with connected(common, screen) as connection:
        connection.client.rate_conversation(connection.session, request)
    return Text("Thank you.")
