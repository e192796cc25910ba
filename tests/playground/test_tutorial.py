"""The page of docs/tutorial.md in a real browser, and the pictures of it.

``TUTORIAL_PICTURES=1 python -m pytest tests/playground/test_tutorial.py`` writes the pictures into docs/images.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gpo_client import SyncGPOCoreClient
from tests.docs.blocks import ROOT, blocks_of
from tests.playground.conftest import ARTIFACTS
from tests.support.services import Service, running_service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PAGE = ROOT / "docs" / "tutorial.md"
_SIZE = {"width": 800, "height": 240}


@pytest.fixture
def service(tmp_path: Path, sandbox: Any) -> Iterator[Service]:
    """The service that the page builds, from the files that it shows."""
    for block in blocks_of(_PAGE):
        if "file" in block.marks:
            (tmp_path / block.marks["file"]).write_text(block.text, "utf-8")
    command = ("-m", "uvicorn", "service:app", "--app-dir", str(tmp_path), "--port", "0")
    announced = r"running on (http://\S+)"
    with running_service(*command, announced=announced, GPO_API_BASE_URL=sandbox.base_url) as running:
        yield running


def test_pictures(service: Service, sandbox: Any, visit: Callable[..., Any]) -> None:
    """The page asks, the whole answer appears with its sources, and the pictures show it."""
    from playwright.sync_api import expect

    with SyncGPOCoreClient(base_url=sandbox.base_url) as client:
        answer = client.open_conversation({"instance_id": "i", "user_id": "u"}).ask("What is PTU?")
    page = visit(service.base_url, viewport=_SIZE)
    _shoot(page, "page")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("status")).to_have_text("Complete.")
    assert page.locator("#answer").text_content() == answer.message_content
    assert page.locator("#sources li").all_text_contents() == [source.title for source in answer.sources]
    _shoot(page, "answer")


def test_page_shows_these_pictures() -> None:
    """Each picture is on the page, and there."""
    shown = re.findall(r"!\[.+\]\((images/tutorial-.+\.png)\)", _PAGE.read_text("utf-8"))
    assert shown == ["images/tutorial-page.png", "images/tutorial-answer.png"]
    for name in shown:
        assert (_PAGE.parent / name).read_bytes().startswith(b"\x89PNG")


def _shoot(page: Any, name: str) -> None:
    page.screenshot(path=ARTIFACTS / "tutorial" / f"{name}.png", animations="disabled", full_page=True)
    if os.environ.get("TUTORIAL_PICTURES"):
        page.screenshot(path=_PAGE.parent / "images" / f"tutorial-{name}.png", animations="disabled", full_page=True)
