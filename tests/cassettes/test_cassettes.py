"""The committed cassettes: they replay without a server, hold no token, and are recorded again to the letter."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gpo_client import SyncGPOCoreClient
from gpo_client.logs.redaction import is_secret
from gpo_client.testing import recorded
from gpo_client.testing.scrubbing import SCRUBBED
from tests.cassettes.record import FOLDER, QUESTION, ROOT, RUNTIMES, talk

# Reserved for documentation (RFC 6761): nothing is ever found there.
NOWHERE = "https://gpo.invalid"
CASSETTES = sorted(FOLDER.glob("*.yaml"))
# Longer than any id of the sandbox (`conv_` and 24 digits), shorter than any token.
TOKEN_LIKE = re.compile(r"(?<![/\w-])(?=[\w-]*[0-9])[\w-]{32,}|eyJ[\w-]+\.|Bearer (?!scrubbed)|t0k3n")


def token_like(text: str) -> list[str]:
    """Everything in a cassette that might be a token, found by other means than those that scrub."""
    found = [match[0] for match in TOKEN_LIKE.finditer(text)]
    named = re.finditer(r"\\?\"([\w-]+)\\?\"\s*:\s*\\?\"([^\"\\]*)", text)
    found += [match[0] for match in named if is_secret(match[1]) and match[2] != SCRUBBED]
    for interaction in yaml.safe_load(text)["interactions"]:
        for side in ("request", "response"):
            for name, values in interaction[side]["headers"].items():
                if is_secret(name):
                    found += [value for value in values if value.removeprefix("Bearer ") != SCRUBBED]
    return found


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects to anything fails, and is no error that clients know of."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("connected to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("_no_network")
async def test_the_network_is_refused(connect: Callable[..., Any]) -> None:
    """The test below would fail if it needed a server."""
    async with connect(base_url="http://127.0.0.1:9", max_retries=0) as client:
        with pytest.raises(BaseException) as caught:
            await client.session({"instance_id": "advisory-001", "user_id": "user-1"})
    assert "connected to the network" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("cassette", RUNTIMES.values(), ids=RUNTIMES)
@pytest.mark.usefixtures("_no_network")
async def test_a_whole_conversation_replays_without_a_server(
    connect: Callable[..., Any], tmp_path: Path, cassette: Path
) -> None:
    """What one client recorded, both replay, streaming included; every recorded answer is played."""
    with recorded(cassette, record_mode="none") as tape:
        async with connect(base_url=NOWHERE) as client:
            said = await talk(client, tmp_path)
    assert tape.all_played  # type: ignore[attr-defined]
    assert "".join(said["chunks"]) == said["whole"]
    assert len(said["chunks"]) > 20
    assert said["complete"]
    assert said["sources"][0].startswith("RESICO")
    assert said["messages"] == [("user", QUESTION), ("assistant", said["whole"])] * 2
    assert len(said["documents"]) == 3
    assert said["saved"].startswith(b"---\n")


def test_what_is_not_on_a_cassette_is_not_sent() -> None:
    """Another question is an error that names the request."""
    from vcr.errors import CannotOverwriteExistingCassetteException

    with recorded(RUNTIMES["sync"], record_mode="none"), SyncGPOCoreClient(base_url=NOWHERE) as client:
        conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
        with pytest.raises(CannotOverwriteExistingCassetteException, match="/api/Chat"):
            conversation.ask("What is IVA?")


def test_there_are_cassettes() -> None:
    """The tests below are about something."""
    assert set(RUNTIMES.values()) <= set(CASSETTES)


@pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.stem)
def test_no_token_is_on_a_cassette(cassette: Path) -> None:
    """Neither by its name nor by its look."""
    assert token_like(cassette.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "leak",
    [
        r'string: "{\"token\": \"abc\"}"', 'string: \'{"a":[{"access_token":"abc"}]}\'', "string: Bearer abcdef",
        "string: eyJhbGciOi.eyJzdWIi.c2ln", "string: k7Qe1_9yVt0b2Xo5Ws8Zr3Lm6Np4Ju-AaC",
    ],
)  # fmt: skip
def test_tokens_would_be_found(leak: str) -> None:
    """The test above can fail."""
    assert token_like(f"interactions:\n- request: {{headers: {{}}}}\n  response: {{headers: {{}}}}\n  {leak}\n")


def test_tokens_in_headers_would_be_found() -> None:
    """Whatever their looks."""
    text = (
        "interactions:\n- request: {headers: {authorization: [Bearer x]}}\n  response: {headers: {set-cookie: [x]}}\n"
    )
    assert len(token_like(text)) == 3


@pytest.mark.slow
def test_recording_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """A change of a cassette is a change of the service or of the client."""
    command = [sys.executable, "-W", "error", "-m", "tests.cassettes.record", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    for committed in RUNTIMES.values():
        assert (tmp_path / committed.name).read_text("utf-8") == committed.read_text("utf-8"), "run 'make cassettes'"
