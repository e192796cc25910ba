"""Documents as they stand, without the site: links between them lead somewhere, and lines fit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.docs.blocks import PAGES, ROOT, page_name


def _tokens(document: str) -> list[Token]:
    found: list[Token] = []
    for token in MarkdownIt().enable("table").parse(document):
        found += [token, *(token.children or [])]
    return found


def links(document: str) -> list[str]:
    """Where the links and pictures of a document lead, those to other sites left out."""
    addresses = [str(token.attrs.get("href") or token.attrs.get("src") or "") for token in _tokens(document)]
    return [address for address in addresses if address and not re.match(r"[a-z]+:", address)]


def anchors(document: str) -> set[str]:
    """What can be linked to in a document: its headings, and what the reference describes."""
    tokens = _tokens(document)
    headings = [tokens[number + 1].content for number, token in enumerate(tokens) if token.type == "heading_open"]
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {slugify(heading, "-") for heading in plain} | set(re.findall(r"^::: (\S+)", document, re.MULTILINE))


def _is_there(anchor: str, document: str) -> bool:
    # The members of what the reference describes are there on the site; tests/docs/test_site.py looks at them.
    return any(anchor == there or anchor.startswith(f"{there}.") for there in anchors(document))


def wrong_links(page: Path, document: str) -> list[str]:
    """The links of a page that lead nowhere."""
    wrong: list[str] = []
    for address in links(document):
        path, _, anchor = address.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and not _is_there(anchor, target.read_text("utf-8") if path else document)):
            wrong.append(address)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links name files that exist, and places that are in them."""
    assert wrong_links(page, page.read_text("utf-8")) == []


def test_broken_links_are_found() -> None:
    """Files, places in this page and in another, pictures, and links in tables."""
    page = PAGES[0].parent / "docs" / "index.md"
    good = "# Here\n[a](streaming.md#batches) [b](#here) [c](https://example.com) ![d](images/errors.svg)\n"
    bad = "[e](nowhere.md)\n\n[f](streaming.md#nowhere) [g](#nowhere)\n\n| |\n|-|\n| [h](no.md) |\n\n![i](no.svg)\n"
    assert wrong_links(page, good + bad) == ["nowhere.md", "streaming.md#nowhere", "#nowhere", "no.md", "no.svg"]


def test_every_page_is_in_the_navigation() -> None:
    """A page of docs/ that mkdocs.yml does not name would be on the site, and nobody would find it."""
    named = set(re.findall(r"^ +- (?:.+: )?(\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    assert named == {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}


def long_lines(document: str, most: int) -> list[int]:
    """The numbers of the lines that are too long and could be broken: not those of tables and of code."""
    kept = {
        line
        for token in MarkdownIt().enable("table").parse(document)
        if token.type in ("fence", "table_open")
        for line in range(*(token.map or (0, 0)))
    }
    lines = enumerate(document.splitlines())
    return [number + 1 for number, line in lines if len(line) > most and number not in kept]


def test_lines_fit() -> None:
    """In an editor that shows as many columns as .editorconfig says."""
    config = (ROOT / ".editorconfig").read_text("utf-8")
    most = int(config.partition("[*.md]\nmax_line_length = ")[2].split()[0])
    assert [(page_name(page), line) for page in PAGES for line in long_lines(page.read_text("utf-8"), most)] == []
    code, table = f"```\n{'x' * 90}\n```\n", f"| {'y' * 90} |\n|-|\n| {'z' * 90} |\n"
    assert long_lines(f"{'short ' * 5}\n{'long ' * 20}\n\n{code}\n{table}", 80) == [2]
