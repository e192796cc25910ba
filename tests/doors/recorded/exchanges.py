"""What is kept of an exchange, what stands behind the doors meanwhile, and which of its bytes are not kept."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from tests.doors.conftest import KEY, SOURCES, TEXTS, agents, openai, opened
from tests.relay.service import chatting
from tests.support.events import (
    chunk,
    conversation,
    final,
    json_answer,
    numbered,
    problem_answer,
    session,
    source,
    stream_answer,
)
from tests.support.wire import ONE_TRY, Answer, Received, WireServer

FOLDER = Path(__file__).parent
#: The chunks of an answer whose two sources are on the web. It is given twice; further questions are too many.
CITED = [*map(chunk, TEXTS), final(sources=[SOURCES[0], source("b", url="https://example.com/resico")])]
_ANSWERS = [stream_answer(*numbered(CITED)), stream_answer(*numbered(CITED)), problem_answer(429)]
# What says who ran a client, and where; the bytes between them are those of the client that plays it again.
_UNKEPT = {"host", "content-length", "connection", "accept-encoding", "authorization"}
_VOLATILE = [
    (re.compile(r'"(chatcmpl-|resp_|msg_)[0-9a-f]{32,48}"'), r'"\1ID"'),
    (re.compile(r'"(created|created_at)":\d+'), r'"\1":0'),
    (re.compile(r'"messageId":"[\w-]+"'), r'"messageId":"ID"'),
]
_MESSAGE = re.compile(r'^(?:data: )?(\{"jsonrpc":.*\})\r?$', re.MULTILINE)


@attrs.frozen
class Exchange:
    """A request as a client sent it, and what the door answered.

    Attributes:
        method: Of the request.
        path: With the query.
        headers: Of the request, but for the key.
        body: Of the request; of this and of the answer's without what differs each time.
        status: Of the answer.
        answer: Its body.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answer: str


def kept_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return what is kept of a request's headers."""
    return {name: value for name, value in headers.items() if name.lower() not in _UNKEPT}


def kept(text: str) -> str:
    """Return what is kept of a body."""
    for pattern, by in _VOLATILE:
        text = pattern.sub(by, text)
    return text


def kept_answer(text: str) -> str:
    """Return what is kept of an answer: of the SDK's messages (JSON-RPC) the part that the door decides."""
    if found := list(map(json.loads, _MESSAGE.findall(text))):
        # Progress comes in as many portions as there is time for.
        return json.dumps([_decided(each["result"]) for each in found if "result" in each], ensure_ascii=False)
    return kept(text)


def _decided(result: dict[str, Any]) -> Any:
    if "tools" in result:
        return sorted(tool["name"] for tool in result["tools"])
    ours = ("instructions", "content", "structuredContent", "isError")
    return {name: result[name] for name in ours if name in result}


def read(path: Path) -> tuple[str, list[Exchange]]:
    """Return the door that a client was recorded at, and its exchanges."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return found["door"], [Exchange(**each) for each in found["exchanges"]]


def write(path: Path, door: str, exchanges: list[Exchange]) -> None:
    """Keep them."""
    found = {"door": door, "exchanges": [attrs.asdict(each) for each in exchanges]}
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def door_of(kind: str) -> Generator[str]:
    """Serve the door of a kind, ``openai``, ``mcp`` or ``ui``, in front of a service that gives the answers above."""
    answers = list(_ANSWERS)

    def answer(request: Received) -> Answer:
        if request.target == "/api/Chat":
            return answers.pop(0)
        return json_answer(session() if request.target.endswith("/session") else conversation())

    if kind == "ui":
        with chatting(then=answer) as (address, _):
            yield address.removesuffix("/api/chat")
    else:
        with (
            WireServer(then=answer) as upstream,
            opened(upstream.base_url, {"openai": openai(), "mcp": agents}[kind], **ONE_TRY) as door,
        ):
            yield door.address


#: What callers of the doors prove themselves by.
AUTHORIZATION = f"Bearer {KEY}"
