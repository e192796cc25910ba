"""The links of the contract lead somewhere: each is followed, from a session to its end, as the contract writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.support.contract import openapi

_SESSION = {"instance_id": "links", "user_id": "follower"}
#: What a body needs besides what a link gives it.
_BODIES: dict[str, Any] = {
    "startConversation": {"title": "Links"},
    "chat": {"query": "What is RESICO?"},
    "submitFeedback": {"liked": True},
    "rateConversation": {"rating": 5},
    "addBookmark": {},
}


class Follower:
    """Performs operations of the contract, and follows their links.

    Args:
        spec: The contract.
        base_url: The server.
    """

    def __init__(self, spec: Mapping[str, Any], base_url: str) -> None:
        self._operations = {
            operation["operationId"]: (method, path, operation)
            for path, item in spec["paths"].items()
            for method, operation in item.items()
        }
        self._http = httpx.Client(base_url=base_url)
        self._opened = self.send("createSession", json=_SESSION)
        self._http.headers["Authorization"] = f"Bearer {self._opened['token']}"

    def answer_of(self, name: str) -> Any:
        """The answer of the operation that a link begins at, and of those before it."""
        if name == "createSession":
            return self._opened
        before = {"startConversation": "createSession", "chat": "startConversation"}[name]
        links = self._links(before)
        return self.follow(self.answer_of(before), next(each for each in links if each["operationId"] == name))

    def follow(self, answer: Any, link: Mapping[str, Any]) -> Any:
        """Perform what a link leads to, with what it takes from an answer."""
        name, path = link["operationId"], _filled(link.get("parameters", {}), answer)
        given = _filled(link.get("requestBody"), answer)
        body = {**_BODIES[name], **given} if isinstance(given, dict) else given
        return self.send(name, path, **({} if body is None else {"json": body}))

    def send(self, name: str, path: Mapping[str, str] | None = None, **how: Any) -> Any:
        """Perform an operation; its answer, None when it has none."""
        method, template, _ = self._operations[name]
        answer = self._http.request(method, template.format_map(path or {}), **how).raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        """Leave no connection open."""
        self._http.close()

    def _links(self, name: str) -> list[Any]:
        return list(self._operations[name][2]["responses"]["200"]["links"].values())


def _filled(template: Any, answer: Any) -> Any:
    """Put parts of an answer in the place of the expressions that name them."""
    if isinstance(template, dict):
        return {name: _filled(value, answer) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, answer) for value in template]
    prefix = "$response.body#/"
    if not isinstance(template, str) or not template.startswith(prefix):
        return template
    return answer[template.removeprefix(prefix)]


def _all_links() -> list[Any]:
    document = openapi()
    return [
        pytest.param(operation["operationId"], link, id=f"{operation['operationId']}-{name}")
        for item in document["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for name, link in response.get("links", {}).items()
    ]


@pytest.mark.parametrize(("origin", "link"), _all_links())
def test_link(origin: str, link: dict[str, Any], spec: dict[str, Any], sandbox: Any) -> None:
    """What it takes from the answer is there, and is what the next operation needs."""
    follower = Follower(spec, sandbox.base_url)
    try:
        answer = follower.follow(follower.answer_of(origin), link)
        if link["operationId"] == "listMessages":
            assert len(answer["items"]) == (2 if origin == "chat" else 0)
    finally:
        follower.close()


def test_a_conversation_that_was_deleted_along_a_link_is_gone(spec: dict[str, Any], sandbox: Any) -> None:
    """The end of the chain is an end."""
    follower = Follower(spec, sandbox.base_url)
    try:
        answer = follower.answer_of("chat")
        follower.follow(
            answer, {"operationId": "deleteConversations", "requestBody": ["$response.body#/conversation_id"]}
        )
        with pytest.raises(httpx.HTTPStatusError, match="404"):
            follower.send("listMessages", {"conversation_id": answer["conversation_id"]})
    finally:
        follower.close()
