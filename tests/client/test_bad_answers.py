"""Whole answers that break the contract: named by what and where, nothing of the libraries underneath."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gpo_client import GPOClientError, InvalidResponseError
from tests.client.conftest import Connect, Serve
from tests.support.events import chat_response, document, json_answer, page_of, session
from tests.support.question import CONTEXT, QUESTION, SESSION

Use = Callable[[Any], Awaitable[object]]

#: What is asked, the JSON that comes, and where the error says it is wrong.
_SHAPES: dict[str, tuple[Use, object, str]] = {
    "a list": (lambda c: c.chat(CONTEXT, QUESTION), [], "$"),
    "null": (lambda c: c.chat(CONTEXT, QUESTION), None, "$"),
    "message of the wrong type": (
        lambda c: c.chat(CONTEXT, QUESTION), chat_response(message_content=5), "$.message_content",
    ),
    "session with an empty token": (lambda c: c.session(SESSION), session(token=""), "$.token"),
    "page without items": (lambda c: c.list_documents(CONTEXT), {"page": 1, "page_size": 20, "total_count": 0}, "$"),
    "items of another type": (lambda c: c.list_documents(CONTEXT), {**page_of(), "items": {}}, "$.items"),
    "page that is a list": (lambda c: c.list_documents(CONTEXT), [document()], "$"),
    "list that is an object": (lambda c: c.list_document_categories(CONTEXT), {}, "$"),
    "list of something else": (lambda c: c.list_document_categories(CONTEXT), ["ISR"], "$[0]"),
}  # fmt: skip


async def test_an_error_under_a_good_status(connect_once: Connect, serve: Serve) -> None:
    """As gateways send them: what the service says of it is told."""
    bodies: list[object] = [{"error": {"message": "quota exceeded"}}, {"detail": "quota exceeded"}]
    async with connect_once(base_url=serve(*(json_answer(body) for body in bodies)).base_url) as client:
        for shape in ("a list", "page that is a list"):
            with pytest.raises(InvalidResponseError, match=r"breaks the contract at \$: .*: quota exceeded$"):
                await _SHAPES[shape][0](client)


@pytest.mark.parametrize("shape", _SHAPES)
async def test_wrong_shape(shape: str, connect_once: Connect, serve: Serve) -> None:
    """The path names the field."""
    use, body, path = _SHAPES[shape]
    server = serve(json_answer(body))
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(InvalidResponseError) as caught:
            await use(client)
    assert caught.value.path == path
    assert path in str(caught.value)
    assert (caught.value.status_code, caught.value.attempts) == (200, 1)
    assert caught.value.request_id == server.requests[0].headers["x-request-id"]
    assert _chain(caught.value), "the cause is chained"


def _chain(error: BaseException) -> bool:
    """Whether a cause is chained; the exception itself is ours in any case."""
    assert isinstance(error, GPOClientError)
    assert type(error).__module__ == "gpo_client.exceptions"
    return error.__cause__ is not None
