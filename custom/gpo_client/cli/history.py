"""``gpo history`` and ``gpo messages``: what was said; ``gpo feedback`` and ``gpo rate``: what you think of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from gpo_client.cli.exit_codes import usage
from gpo_client.cli.listing import Listing, window_of
from gpo_client.cli.options import Common, OnScreen, Switch, Whole, connected
from gpo_client.cli.rows import local_time
from gpo_client.models.answer import Message

if TYPE_CHECKING:
    from gpo_client.models.generated import ConversationSummary


_CONVERSATION = ("Conversation", "Last active", "Messages", "Status", "Title")


def history(
    *,
    since: str | None = None,
    until: str | None = None,
    search: str | None = None,
    closed: Switch = False,
    listing: Listing = Listing(),
    common: Common = Common(),
    screen: OnScreen,
) -> object:
    """Show earlier conversations, the most recently active first.

    Args:
        since: Only those active then or later, such as "last month", "3 days ago" or "1 Nov 2026".
        until: Only those active then or earlier, in the same forms.
        search: Only those that hold this text.
        closed: Only those that take no more questions.
    """
    if closed and search is not None:
        raise usage("--search and --closed do not go together: the service searches all conversations")
    begin, end = window_of(since, "--since"), window_of(until, "--until")
    with connected(common, screen) as connection:
        client, session, page_size = connection.client, connection.session, listing.page_size
        page = (
            client.list_closed_conversations(session, page_size=page_size)
            if closed
            else client.list_conversations(session, search_text=search, page_size=page_size)
        )
        found = _active_within(page, begin.start if begin else None, end.end if end else None)
        return listing.rows("list_conversations", _CONVERSATION, found, _conversation)


def messages(
    conversation: str | None = None,
    /,
    *,
    search: str | None = None,
    since: str | None = None,
    listing: Listing = Listing(),
    common: Common = Common(),
    screen: OnScreen,
) -> object:
    """Show the messages of a conversation, or search all of them.

    Messages of a conversation come oldest first, search results newest first.

    Args:
        conversation: The conversation.
        search: In place of a conversation: list your messages that hold this text, the newest first.
        since: With --search: only those written then or later, such as "last month".
    """
    if (conversation is None) == (search is None):
        raise usage("name a conversation, or --search for a text")
    if search is None and since is not None:
        raise usage("--since goes with --search")
    begin = window_of(since, "--since")
    with connected(common, screen) as connection:
        client, session = connection.client, connection.session
        found: Iterator[Message]
        if search is None:
            found = iter(client.list_messages(session, conversation, page_size=listing.page_size))
        else:
            page = client.search_messages(session, {"search_text": search, "page_size": listing.page_size})
            found = takewhile(lambda message: begin is None or _is_since(message.created_at, begin.start), page)
        return listing.rows("list_messages", ("Message", "When", "Who", "Text"), found, _message)


def _active_within(
    conversations: Iterable[ConversationSummary], start: datetime | None, end: datetime | None
) -> Iterator[ConversationSummary]:
    """Those active from ``start`` until before ``end``; the service lists the latest first, so the rest is not read."""
    for conversation in conversations:
        active = _active(conversation)
        if start is not None and not _is_since(active, start):
            return
        if end is None or active is None or active < end:
            yield conversation


def _active(conversation: ConversationSummary) -> datetime | None:
    return conversation.last_message_at or conversation.created_at


def _is_since(moment: datetime | None, start: datetime) -> bool:
    """Whether something was at a time or later; what has no time is not left out."""
    return moment is None or moment >= start


def _conversation(item: ConversationSummary) -> tuple[object, ...]:
    active = local_time(_active(item))
    return item.conversation_id, active, item.message_count, item.status, item.title


def _message(item: Message) -> tuple[object, ...]:
    return item.message_id, local_time(item.created_at), item.role, item.content


_LOWEST, _HIGHEST = 1, 5


def feedback(
    message: str,
    /,
    *,
    like: Annotated[bool | None, Parameter(name="--like", negative="--dislike")] = None,
    comment: str | None = None,
    hand_off: Switch = False,
    suggest: Switch = False,
    common: Common = Common(),
    screen: OnScreen,
) -> object:
    """Give feedback on an answer.

    Args:
        message: The answer's message id, as shown below it and by gpo messages.
        like: Whether you like it.
        comment: Why, in your words.
        hand_off: You want to go on with a person.
        suggest: You want another answer to the same question.
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
    conversation: str, rating: Whole, /, *, comment: str | None = None, common: Common = Common(), screen: OnScreen
) -> object:
    """Rate a conversation from 1 to 5.

    Args:
        conversation: The conversation.
        rating: From 1 to 5.
        comment: Why, in your words.
    """
    if not _LOWEST <= rating <= _HIGHEST:
        raise usage(f"the rating must be from {_LOWEST} to {_HIGHEST}, not {rating}")
    request: dict[str, Any] = {"conversation_id": conversation, "rating": rating, "rating_comment": comment}
    with connected(common, screen) as connection:
        connection.client.rate_conversation(connection.session, request)
    return Text("Thank you.")
