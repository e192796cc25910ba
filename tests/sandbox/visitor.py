"""A user of the sandbox, as tests speak for one: plain HTTP, no client library."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import attrs
import httpx

from .contract import check_chunk, check_response

ROYALTIES = "What is the withholding rate on royalties paid abroad for software?"
#: The operations that count.
METRICS = [
    "AverageTimeResponse", "Opinion", "ResolvedRate", "SentimentDistributionRate", "TopSourceDocuments",
    "TotalConversation", "TotalEngagedUsers", "TotalQuestions", "TotalTraffic", "TrafficDistributionMaps",
    "UserFeedbacks",
]  # fmt: skip


@attrs.frozen
class Event:
    """One server-sent event."""

    id: str
    data: dict[str, Any]


def events_of(text: str) -> list[Event]:
    """Read the events of a stream, or of its beginning; one that is not whole yet does not count."""
    found: list[Event] = []
    for block in text.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "id" in fields:
            found.append(Event(fields["id"], json.loads(fields["data"])))
            check_chunk(found[-1].data)
    return found


def content_of(events: list[Event]) -> str:
    """Join the text of events."""
    return "".join(event.data["content"] or "" for event in events)


class Visitor:
    """One user with an open session; every response is held against openapi.yaml."""

    def __init__(self, base_url: str, user_id: str | None = None, instance_id: str = "instance-001") -> None:
        self.http = httpx.Client(base_url=base_url, timeout=30, event_hooks={"response": [_check]}, verify=False)
        self.user_id = user_id or f"user-{uuid4().hex[:8]}"
        self.instance_id = instance_id
        self.session: dict[str, Any] = {}
        self.renew()

    def renew(self) -> None:
        """Open a new session for the same user."""
        body = {"instance_id": self.instance_id, "user_id": self.user_id}
        self.session = self.http.post("/api/User/session", json=body).raise_for_status().json()
        self.http.headers["Authorization"] = f"Bearer {self.session['token']}"

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Send a GET."""
        return self.http.get(path, params=params)

    def post(self, path: str, body: object, *, key: str | None = None, **headers: str) -> httpx.Response:
        """Send a POST."""
        return self.http.post(path, json=body, headers=_with_key(key, headers))

    def start(self, title: str | None = None) -> str:
        """Start a conversation and return its id."""
        body = {"session_id": self.session["session_id"], "title": title}
        started: str = self.post("/api/Chat/start-conversation", body).raise_for_status().json()["conversation_id"]
        return started

    def ask(self, query: str, *, key: str | None = None, **fields: Any) -> dict[str, Any]:
        """Ask for a whole answer."""
        answer: dict[str, Any] = self.post("/api/Chat", {"query": query, **fields}, key=key).raise_for_status().json()
        return answer

    @contextmanager
    def opened(
        self, query: str, *, key: str | None = None, last: str | None = None, accept: str = "text/event-stream",
        **fields: Any,
    ) -> Iterator[httpx.Response]:  # fmt: skip
        """Open a stream."""
        headers = _with_key(key, {"Accept": accept} | ({"Last-Event-ID": last} if last else {}))
        body = {"query": query, "stream": True, **fields}
        with self.http.stream("POST", "/api/Chat", json=body, headers=headers) as response:
            yield response

    def stream(self, query: str, **options: Any) -> list[Event]:
        """Read a stream to its end."""
        with self.opened(query, **options) as response:
            return events_of(response.raise_for_status().read().decode())

    def stream_partly(self, query: str, count: int, **options: Any) -> list[Event]:
        """Read the first events of a stream, then hang up."""
        text = ""
        with self.opened(query, **options) as response:
            for part in response.iter_text():
                text += part
                if len(events_of(text)) >= count:
                    break
        return events_of(text)

    def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        """Return the messages of a conversation."""
        items: list[dict[str, Any]] = (
            self.get(f"/api/Chat/{conversation_id}/message").raise_for_status().json()["items"]
        )
        return items


def _with_key(key: str | None, headers: dict[str, str]) -> dict[str, str]:
    return headers | ({"Idempotency-Key": key} if key else {})


def _check(response: httpx.Response) -> None:
    streamed = response.headers.get("Content-Type", "").startswith(("text/event-stream", "application/x-ndjson"))
    if not streamed and response.request.method != "HEAD":
        response.read()
        check_response(response)
