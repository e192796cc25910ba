"""The recipes of docs/company_network.md, each tried against the parts that it is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client.users import RESICO, open_session
from tests.company.conftest import Network
from tests.docs.blocks import ROOT, blocks_of

Connect = Callable[..., Any]

_RECIPES = [block for block in blocks_of(ROOT / "docs" / "company_network.md") if block.language == "ini"]


def test_the_recipes_are_found() -> None:
    """All of them."""
    assert len(_RECIPES) == 8


@pytest.mark.parametrize("number", range(len(_RECIPES)), ids=lambda number: _RECIPES[number].place)
async def test_recipe(  # noqa: PLR0917 - most are fixtures
    number: int, connect: Connect, network: Network, http_proxy: int, socks_proxy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the names of the page's network in the place of ours, a client without arguments gets through."""
    ours = {
        "https://gpo.example.com": network.url("tls"),
        "https://mutual.example.com": network.url("mutual"),
        "http://gateway.example.com": network.url("gateway"),
        "http://gpo.example.com": network.url("plain"),
        "proxy.example.com:3128": f"127.0.0.1:{http_proxy}",
        "socks.example.com:1080": f"127.0.0.1:{socks_proxy}",
        "/etc/company": str(network.folder),
        "/run/gpo.sock": network.file("gpo.sock"),
    }
    text = _RECIPES[number].text
    for theirs, here in ours.items():
        text = text.replace(theirs, here)
    for line in text.splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value)
    async with connect() as client:
        session = await open_session(client)
        answer = await client.chat_stream(session.chat_context(), {"query": RESICO}).collect()
    assert answer.is_complete
