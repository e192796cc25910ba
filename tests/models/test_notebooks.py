"""What notebooks show of answers and lists."""

from __future__ import annotations

import attrs
import pytest

from gpo_client import ChatResponse, CitationSource, Page, StreamedResponse
from gpo_client.models import AnswerList
from tests.models.examples import ANSWER, CONVERSATION, EXAMPLES, SOURCE

_EVIL = attrs.evolve(SOURCE, title="<b>[x](y)</b>|", url="javascript:alert(1)")


def test_an_answer() -> None:
    """Its text, and its sources as a numbered list with links."""
    shown = ANSWER._repr_markdown_()
    assert shown == "Exports are taxed at 0 %. [1]\n\n**Sources**\n\n1. [VAT Act](<https://gpo.example.com/vat>)"
    html = ANSWER._repr_html_()
    assert "Exports are taxed at 0 %. [1]" in html
    assert '<ol><li><a href="https://gpo.example.com/vat" rel="noreferrer">VAT Act</a></li></ol>' in html


def test_streamed_answers_count_as_their_text_does() -> None:
    """The sources are in the order of the service."""
    other = attrs.evolve(SOURCE, id="s-2", title="Other")
    answer = StreamedResponse(content="a [2]", sources=[SOURCE, other], numbered_sources=[other, SOURCE])
    assert answer._repr_html_().index("Other") < answer._repr_html_().index("VAT Act")
    assert "1. [Other]" in answer._repr_markdown_()
    assert "Sources" not in StreamedResponse(content="a")._repr_markdown_() + StreamedResponse()._repr_html_()


def test_markup_is_shown_not_obeyed() -> None:
    """Neither HTML, nor pictures, nor addresses that run something; code stays as it is."""
    text = "<script>x</script> ![p](https://example.com/p.png) `a<b`"
    answer = attrs.evolve(ANSWER, message_content=text, sources=[_EVIL])
    markdown, html = answer._repr_markdown_(), answer._repr_html_()
    assert "&lt;script>" in markdown
    assert "`a<b`" in markdown
    assert "![" not in markdown
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript" not in markdown + html
    assert "&lt;b&gt;[x](y)&lt;/b&gt;|" in html
    assert "\\<b\\>\\[x\\](y)\\</b\\>\\|" in markdown


@pytest.mark.parametrize("url", ["https://example.com/a b>(c)", 'https://example.com/"onmouseover="x'])
def test_addresses_end_where_they_end(url: str) -> None:
    """What is no part of an address is quoted."""
    answer = attrs.evolve(ANSWER, sources=[attrs.evolve(SOURCE, url=url)])
    assert " onmouseover" not in answer._repr_html_()
    assert '"onmouseover' not in answer._repr_html_()
    assert answer._repr_markdown_().count(">") == 1


def test_without_the_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without markdown-it-py the text is shown as it was written."""
    import sys

    monkeypatch.setitem(sys.modules, "markdown_it", None)
    html = attrs.evolve(ANSWER, message_content="**a**\n<b>")._repr_html_()
    assert "pre-wrap" in html
    assert "**a**\n&lt;b&gt;" in html


def test_pages_and_lists_are_tables() -> None:
    """A row for each item, a column for each member; long cells are cut."""
    long = attrs.evolve(EXAMPLES[4], content="x" * 500, role="<i>")
    page = Page(items=[long], page=1, page_size=20, total_count=7)
    html, markdown = page._repr_html_(), page._repr_markdown_()
    assert "<caption>page 1: 1 of 7</caption>" in html
    assert "<th>message_id</th>" in html
    assert "<td>&lt;i&gt;</td>" in html
    assert "x" * 119 + "…" in html
    assert "x" * 120 not in html
    assert markdown.splitlines()[1].startswith("| --- |")
    assert "page 1: 1 of 7" in markdown
    assert "<td>Taxes</td>" in AnswerList([CONVERSATION])._repr_html_()
    assert Page[ChatResponse](items=[])._repr_markdown_() == "page ?: 0"


def test_a_source_without_anything() -> None:
    """Is told apart from none."""
    nothing = CitationSource(id=None, title=None, relevance_score=None, url=None, content_excerpt=None)
    assert "1. a source without a title" in attrs.evolve(ANSWER, sources=[nothing])._repr_markdown_()
