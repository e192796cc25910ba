"""The user's own way, chunk by chunk, against the transforms: a keyword and a fence cut at every position.

The naive functions do what one writes at first: look at each chunk on its own. They are right as long as no chunk
ends within what they look for, which is what these tests show, and why the transforms exist.
"""

from __future__ import annotations

import re
from html import escape

from gpo_client.streaming import code_blocks, highlight, redact
from tests.streaming.transforms.portions import fed
from tests.support.cutting import cut, in_twos

KEYWORDS = ["tax", "deduction", "credit", "VAT", "income"]
PROSE = "No tax is due on income from exports; VAT is zero."
PROSE_MARKED = "No <strong>tax</strong> is due on <strong>income</strong> from exports; <strong>VAT</strong> is zero."
CODE = "Like so:\n```python\nrate = 0.3\n```\nThat is all."
CODE_MARKED = "Like so:\n<code>rate = 0.3\n</code>That is all."


def naive_highlight(chunks: list[str]) -> str:
    """A regular expression on each chunk."""
    marked = ""
    for chunk in chunks:
        for keyword in KEYWORDS:
            chunk = re.sub(rf"(\b{keyword}\b)", r"<strong>\1</strong>", chunk, flags=re.IGNORECASE)  # noqa: PLW2901
        marked += chunk
    return marked


def our_highlight(chunks: list[str]) -> str:
    """The same with the transform."""
    return str(fed(lambda: highlight(KEYWORDS, "<strong>", "</strong>"), chunks))


def naive_code(chunks: list[str]) -> list[tuple[bool, str]]:
    """A flag that is turned over by every chunk with a fence in it; and the chunk as a whole is code or not."""
    in_code, parts = False, []
    for chunk in chunks:
        if "```" in chunk:
            in_code = not in_code
        parts.append((in_code, chunk))
    return parts


def our_code(chunks: list[str]) -> str:
    """The same with the transform."""
    html = ""
    for segment in fed(code_blocks, chunks):
        html += f"<code>{escape(segment.text)}</code>" if segment.kind == "code" else escape(segment.text)
    return html


def test_keywords() -> None:
    """The naive way is right only where no keyword is cut; the transform always is."""
    inside = {at for found in re.finditer("tax|income|VAT", PROSE) for at in range(found.start() + 1, found.end())}
    wrong = {at for at in range(len(PROSE) + 1) if naive_highlight(cut(PROSE, [at])) != PROSE_MARKED}
    assert wrong == inside
    assert naive_highlight(cut(PROSE, [])) == PROSE_MARKED
    assert {our_highlight(portions) for portions in in_twos(PROSE)} == {PROSE_MARKED}
    assert our_highlight(list(PROSE)) == PROSE_MARKED


def test_parts_of_words() -> None:
    """The naive way finds "tax" in "taxonomy" when the chunk ends there; the transform never does."""
    text = "A taxonomy."
    assert any("<strong>tax</strong>" in naive_highlight(portions) for portions in in_twos(text))
    assert {our_highlight(portions) for portions in in_twos(text)} == {text}


def test_fences() -> None:
    """The naive way never tells where code begins and ends; the transform does, cut at every position."""
    code_of = {
        portions[0]: "".join(part for is_code, part in naive_code(portions) if is_code) for portions in in_twos(CODE)
    }
    assert "rate = 0.3\n" not in code_of.values()
    # Even where it means no more than "some of this chunk is code" it misses fences that are cut.
    opening = CODE.index("```")
    missed = [at for at in (opening + 1, opening + 2) if naive_code(cut(CODE, [at, len(CODE) - 20]))[1][0] is False]
    assert missed == [opening + 1, opening + 2]
    assert {our_code(portions) for portions in in_twos(CODE)} == {CODE_MARKED}
    assert our_code(list(CODE)) == CODE_MARKED


def test_secrets() -> None:
    """A card number cut in two is shown by the naive way, and never by the transform."""
    text, number = "Card 4111 1111 1111 1111 is yours.", r"\d{4}( \d{4}){3}"
    naive = {"".join(re.sub(number, "#", part) for part in portions) for portions in in_twos(text)}
    ours = {fed(lambda: redact(number, "#", max_length=19), portions) for portions in in_twos(text)}
    assert text in naive
    assert ours == {"Card # is yours."}
