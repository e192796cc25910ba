"""The playground in a real browser, with real connections that really break."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gpo_sandbox import RunningSandbox
from gpo_sandbox.playground import running_playground
from tests.playground.conftest import ARTIFACTS, QUESTION, bare
from tests.support.cable import Cable

pytestmark = pytest.mark.browser

Visit = Callable[..., Any]
SOME_TEXT = re.compile(r".{60}", re.DOTALL)


@pytest.fixture
def expect(chromium: Any) -> Any:
    from playwright.sync_api import expect

    return expect


@pytest.fixture
def cable() -> Iterator[Cable]:
    """The network between the browser and a playground, which is reached by another port than its own."""
    with (
        running_playground(chunk_delay_s=0.02, allowed_hosts="127.0.0.1") as behind,
        Cable(behind.settings.port) as cable,
    ):
        yield cable


def _ask(page: Any, question: str = QUESTION) -> None:
    page.get_by_label("Question").fill(question)
    page.keyboard.press("Enter")


def _wait_until_complete(page: Any, expect: Any) -> None:
    expect(page.get_by_role("status")).to_have_text(re.compile("The answer is complete"))


def test_answer_appears_bit_by_bit(playground: RunningSandbox, visit: Visit, expect: Any, expected: str) -> None:
    """The text grows, nothing in it changes afterwards, and at the end there are sources and facts."""
    page = visit(playground.base_url)
    _ask(page)
    seen = [""]
    while page.locator("#stop").is_visible():
        seen.append(bare(page.locator(".text").text_content()))
    _wait_until_complete(page, expect)
    assert bare(page.locator(".text").text_content()) == expected
    assert len(set(seen)) > 3
    # A citation that is still being written shows its bracket.
    assert all(expected.startswith(re.sub(r"\[\d*$", "", text)) for text in seen)
    assert page.locator(".source").count() >= 2
    expect(page.locator(".facts")).to_have_text(re.compile(r"first chunk \d+\.\d\d s\d+ characters/s$"))


def test_citations_open_their_excerpt(playground: RunningSandbox, visit: Visit, expect: Any) -> None:
    """A click shows what is cited, another hides it; the list of sources opens too."""
    page = visit(playground.base_url)
    _ask(page)
    _wait_until_complete(page, expect)
    citation = page.get_by_role("button", name="Source 1").first
    citation.click()
    expect(page.get_by_role("note")).to_have_text(re.compile("Mexico has no separate income tax regime"))
    expect(citation).to_have_attribute("aria-expanded", "true")
    citation.click()
    expect(page.get_by_role("note")).to_have_count(0)
    page.locator(".source summary").first.click()
    expect(page.locator(".source .excerpt").first).to_be_visible()


@pytest.mark.slow
def test_cut_button_and_resume(playground: RunningSandbox, visit: Visit, expect: Any, expected: str) -> None:
    """The page's own way to lose its connection: the answer continues and says so."""
    page = visit(playground.base_url)
    _ask(page)
    expect(page.locator(".text")).to_have_text(SOME_TEXT)
    page.get_by_role("button", name="Cut the connection").click()
    expect(page.get_by_text("Connection lost, coming back …")).to_be_visible()
    _wait_until_complete(page, expect)
    assert bare(page.locator(".text").text_content()) == expected
    expect(page.locator(".facts .resumed")).to_have_text("resumed")


@pytest.mark.slow
def test_network_away_and_back(cable: Cable, visit: Visit, expect: Any, expected: str) -> None:
    """The network breaks in the middle of an answer and stays away: when it is back, the rest comes, once."""
    page = visit(cable.base_url)
    _ask(page)
    expect(page.locator(".text")).to_have_text(SOME_TEXT)
    cable.cut()
    expect(page.get_by_text("Connection lost, coming back …")).to_be_visible()
    lost = bare(page.locator(".text").text_content())
    assert expected.startswith(re.sub(r"\[\d*$", "", lost))
    assert lost != expected
    cable.mend()
    _wait_until_complete(page, expect)
    assert bare(page.locator(".text").text_content()) == expected
    expect(page.locator(".facts .resumed")).to_be_visible()


@pytest.mark.slow
def test_a_service_that_is_gone(cable: Cable, visit: Visit, expect: Any, expected: str) -> None:
    """The page counts the seconds down and gives up; then Enter asks again. What it shows can be copied."""
    page = visit(cable.base_url, permissions=["clipboard-read", "clipboard-write"])
    page.clock.install()
    _ask(page)
    expect(page.locator(".text")).to_have_text(SOME_TEXT)
    cable.cut()
    expect(page.locator(".note")).to_have_text(re.compile(r"^Connection lost, coming back … \(\d+ s\)$"))
    page.clock.run_for(31_000)
    expect(page.locator(".note")).to_have_text("The service cannot be reached. Please try again.")
    cable.mend()
    _ask(page)
    _wait_until_complete(page, expect)
    assert bare(page.locator(".text").last.text_content()) == expected
    page.get_by_role("button", name="Copy").last.click()
    assert bare(page.evaluate("navigator.clipboard.readText()")) == expected


@pytest.mark.slow
def test_stopping_with_the_keyboard(playground: RunningSandbox, visit: Visit, expect: Any) -> None:
    """Escape stops the answer, for good; the next question is answered."""
    page = visit(playground.base_url)
    _ask(page)
    expect(page.locator(".text")).to_have_text(SOME_TEXT)
    page.keyboard.press("Escape")
    expect(page.locator(".note")).to_have_text("Stopped.")
    stopped = page.locator(".text").text_content()
    _ask(page, "What is RESICO?")
    _wait_until_complete(page, expect)
    assert page.locator(".text").first.text_content() == stopped
    assert page.locator(".turn").count() == 2
    expect(page.get_by_label("Question")).to_be_focused()


@pytest.mark.slow
def test_stop_button(playground: RunningSandbox, visit: Visit, expect: Any) -> None:
    """The button does the same."""
    page = visit(playground.base_url)
    page.get_by_role("button", name="What is RESICO?").click()
    expect(page.locator(".text")).to_have_text(SOME_TEXT)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".note")).to_have_text("Stopped.")
    expect(page.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.slow
def test_keyboard(playground: RunningSandbox, visit: Visit, expect: Any) -> None:
    """Everything is reached with Tab, in the order in which it is shown; Shift+Enter makes a new line."""
    page = visit(playground.base_url)
    expect(page.get_by_label("Question")).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(page.get_by_label("Question")).to_have_value("one\ntwo")
    order = []
    for _ in range(3):
        order.append(page.evaluate("document.activeElement.id"))
        page.keyboard.press("Tab")
    assert order == ["question", "send", "slow"]
    page.get_by_role("button", name="History").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="History")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="History")).to_be_hidden()


@pytest.mark.slow
def test_history(playground: RunningSandbox, visit: Visit, expect: Any, expected: str) -> None:
    """What was asked is found again after a reload, with its sources; another visitor does not see it."""
    page = visit(playground.base_url)
    _ask(page)
    _wait_until_complete(page, expect)
    page.reload()
    page.get_by_role("button", name="History").click()
    page.get_by_role("navigation").get_by_role("button", name=QUESTION).click()
    expect(page.locator(".asked")).to_have_text(QUESTION)
    assert bare(page.locator(".text").text_content()) == expected
    page.get_by_role("button", name="Source 1").first.click()
    expect(page.get_by_role("note")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    other = visit(playground.base_url)
    other.get_by_role("button", name="History").click()
    expect(other.get_by_text("Nothing has been asked yet.")).to_be_visible()


HOSTILE = """---
document_id: doc-hostile
title: Hostile <img src=x onerror=alert(1)> title
file_name: hostile.md
category: Tests
sub_category: Tests
solution: SAT
tags: zebra
summary: About zebras.
summary_es: Sobre cebras.
created_at: 2025-02-10T11:15:00Z
modified_at: 2025-10-02T08:45:00Z
---
# Zebra

## What a zebra is

The zebra <img src=x onerror="document.title='hacked'"> is <script>document.title='hacked'</script> an animal with
**bold stripes**, `code <b>` stripes, a [zebra page](https://example.com/zebra), a
[bad](javascript:document.title=1) zebra and a [worse](data:text/html,<script>alert(1)</script>) zebra page.
"""


def test_text_stays_text(tmp_path: Path, visit: Visit, expect: Any) -> None:
    """Markup in what the model writes, in titles and in questions is shown as it is; nothing of it comes alive."""
    (tmp_path / "hostile.md").write_text(HOSTILE, encoding="utf-8")
    with running_playground(chunk_delay_s=0, corpus=tmp_path) as hostile:
        page = visit(hostile.base_url)
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        _ask(page, "Is a zebra an animal with bold stripes <svg onload=alert(1)>?")
        _wait_until_complete(page, expect)
        page.get_by_role("button", name="Source 1").first.click()
        text = page.locator(".text").text_content()
        assert "<img src=x onerror=" in text
        assert "<script>" in text
        assert "[bad](javascript:document.title=1)" in text
        assert "<svg onload=alert(1)>" in page.locator(".asked").text_content()
        assert "<img src=x onerror=alert(1)>" in page.locator(".source .title").first.text_content()
        assert page.locator("#log img, #log script, #log iframe, .text svg, .asked svg").count() == 0
        assert page.locator(".text a").evaluate_all("links => links.map(link => link.href)") == [
            "https://example.com/zebra"
        ]
        assert page.locator(".text strong").first.text_content() == "bold stripes"
        assert page.locator(".text code").first.text_content() == "code <b>"
        assert page.title() == "GPO playground"


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
def test_looks(  # noqa: PLR0917
    playground: RunningSandbox, visit: Visit, expect: Any, width: int, height: int, theme: str
) -> None:
    """Screenshots for people to look at; and at either width nothing is wider than the screen."""
    page = visit(playground.base_url, viewport={"width": width, "height": height}, color_scheme=theme)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    _shoot(page, f"welcome-{width}-{theme}")
    _ask(page)
    expect(page.locator(".text")).to_have_text(SOME_TEXT)
    page.get_by_role("button", name="Cut the connection").click()
    expect(page.get_by_text("Connection lost, coming back …")).to_be_visible()
    _shoot(page, f"lost-{width}-{theme}")
    _wait_until_complete(page, expect)
    _shoot(page, f"resumed-{width}-{theme}")
    page.get_by_role("button", name="Source 2").first.click()
    expect(page.get_by_role("note")).to_be_in_viewport(ratio=1)
    _shoot(page, f"answer-{width}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.getElementById('log').scrollWidth <= document.getElementById('log').clientWidth")
    page.get_by_role("button", name="History").click()
    _shoot(page, f"history-{width}-{theme}")
    page.get_by_role("button", name=re.compile("Use the")).click()
    assert page.evaluate("document.documentElement.dataset.theme") != theme


def _shoot(page: Any, name: str) -> None:
    page.screenshot(path=ARTIFACTS / "playground" / f"{name}.png", animations="disabled")
