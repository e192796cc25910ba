"""Conversations to come back to: addBookmark, removeBookmark."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from gpo_client.operations.call import Call
from gpo_client.operations.context import Context, conversation_of, read_context
from gpo_client.operations.generated import path_segment, request_from


def add_bookmark(context: Context, conversation_id: str | None) -> Call[None]:
    """addBookmark: bookmark a conversation."""
    from gpo_core_client.api.bookmarks import add_bookmark as operation
    from gpo_core_client.models import Bookmark

    body = Bookmark(conversation_id=_conversation(context, conversation_id))
    kwargs = operation._get_kwargs(body=body)
    return Call("addBookmark", request_from(kwargs), None, token=read_context(context).token, creates=True)


def remove_bookmark(context: Context, conversation_id: str | None) -> Call[None]:
    """removeBookmark: remove the bookmark of a conversation."""
    from gpo_core_client.api.bookmarks import remove_bookmark as operation

    kwargs = operation._get_kwargs(_conversation(context, conversation_id))
    request = request_from(kwargs, "/api/Bookmarks/{conversation_id}")
    return Call("removeBookmark", request, None, token=read_context(context).token)


def _conversation(context: Context, conversation_id: str | None) -> str:
    return path_segment(conversation_of(context) if conversation_id is None else conversation_id, "conversation_id")
