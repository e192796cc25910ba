"""``highlight``: keywords marked as whole words, outside of code."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client import InvalidArgumentError
from gpo_client.streaming import highlight
from tests.streaming.transforms.portions import fed
from tests.support.cutting import all_ways

KEYWORDS = ["tax", "income tax", "income tax rate", "VAT", "C++", "straße", "año", "Einkommen"]

#: Texts, and what becomes of them with ``<`` and ``>`` around keywords.
MARKED = {
    "nothing of it": ("Mexico.", "Mexico."),
    "whole words": ("tax taxes atax tax.", "<tax> taxes atax <tax>."),
    "not beside digits or underscores": ("tax2 2tax tax_ _tax tax-2", "tax2 2tax tax_ _tax <tax>-2"),
    "not beside combining marks": ("tax\u0301 tax", "tax\u0301 <tax>"),
    "not beside joiners": ("tax\u200dx tax", "tax\u200dx <tax>"),
    "beside other scripts": ("тtax 税tax 税。tax", "тtax 税tax 税。<tax>"),
    "in any case": ("TAX Tax vat", "<TAX> <Tax> <vat>"),
    "longest first": ("income tax rate", "<income tax rate>"),
    "the longest that ends with a word": ("income tax rates", "<income tax> rates"),
    "a shorter one within": ("income taxes, tax rate", "income taxes, <tax> rate"),
    "over a line break": ("income\ntax and income\xa0tax", "<income\ntax> and <income\xa0tax>"),
    "not over a paragraph": ("income\n\ntax", "income\n\n<tax>"),
    "edges that are no letters": ("C++ C++x C+ (C++)", "<C++> <C++>x C+ (<C++>)"),
    "one letter that counts as two": ("STRASSE strasse Straße strase", "<STRASSE> <strasse> <Straße> strase"),
    "a letter in one piece or two": ("año an\u0303o AN\u0303O ano", "<año> <an\u0303o> <AN\u0303O> ano"),
    "ligatures and old letters": ("Einkommen EINKOMMEN", "<Einkommen> <EINKOMMEN>"),
    "next to each other": ("tax,tax/VAT", "<tax>,<tax>/<VAT>"),
    "in inline code": ("`tax` tax ``tax ` tax`` tax", "`tax` <tax> ``tax ` tax`` <tax>"),
    "code begins beside a word": ("tax`x`tax", "<tax>`x`<tax>"),
    "escaped backticks": (r"\`tax` tax\\`tax`", r"\`<tax>` tax\\`<tax>`"),
    "code that is not closed": ("a ` tax\ntax\n\ntax", "a ` tax\ntax\n\n<tax>"),
    "no blank line in CRLF": ("`\r\ntax` tax\r\n\r\ntax", "`\r\ntax` <tax>\r\n\r\n<tax>"),
    "in fenced code": ("tax\n```py\ntax ` tax\n```\ntax", "<tax>\n```py\ntax ` tax\n```\n<tax>"),
    "in the info of a fence": ("~~~ tax\n~~~\ntax", "~~~ tax\n~~~\n<tax>"),
    "in what only looks like a fence": ("``tax\n    ```\n\ntax", "``tax\n    ```\n\n<tax>"),
    "in indented code and quotations": ("    tax\n> tax", "    <tax>\n> <tax>"),
}


@pytest.mark.parametrize(("text", "expected"), MARKED.values(), ids=MARKED)
def test_keywords_are_marked(text: str, expected: str) -> None:
    """As whole words, the longest first, and not in code, wherever the text is cut."""
    for portions in all_ways(text):
        assert fed(lambda: highlight(KEYWORDS, "<", ">"), portions) == expected, portions


def test_keywords_that_begin_with_no_letter() -> None:
    """Are found beside words too, and those that do only as words."""
    assert fed(lambda: highlight(["tax", "#1"], "<", ">"), ["a#1 #1 atax tax"]) == "a<#1> <#1> atax <tax>"


def test_case_that_matters() -> None:
    """Only the very letters are found, in one piece or in two."""
    text = "VAT vat É E\u0301 é STRASSE straße"
    marked = fed(lambda: highlight(["VAT", "É", "straße"], "<", ">", ignore_case=False), [text])
    assert marked == "<VAT> vat <É> <E\u0301> é STRASSE <straße>"


def test_letters_of_one_language() -> None:
    """The dotted and the dotless i are letters of their own, in whatever language."""
    marked = fed(lambda: highlight(["istanbul", "ısı"], "<", ">"), ["istanbul ISTANBUL İstanbul ısı ISI"])
    assert marked == "<istanbul> <ISTANBUL> İstanbul <ısı> ISI"


def test_inside_code() -> None:
    """If that is wished for."""
    marked = fed(lambda: highlight(["tax"], inside_code=True), list("`tax`\n```\ntax\n```"))
    assert marked == "`**tax**`\n```\n**tax**\n```"


@pytest.mark.parametrize(
    ("fed_with", "leaves"),
    [
        ("The ta", "The "),
        ("The tax", "The "),
        ("The taxe", "The taxe"),
        ("income ta", ""),
        ("income t\n", "income t\n"),
    ],
)
def test_no_more_is_held_than_must_be(fed_with: str, leaves: str) -> None:
    """What can be no keyword any more leaves at once."""
    assert highlight(["tax", "income tax"]).feed(fed_with) == leaves


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        (None, "keywords must be a list of words, not None"),
        ("tax", "keywords must be a list of words, not 'tax'"),
        (5, "keywords must be a list of words, not 5"),
        ([], "keywords is empty: name one at least, or leave the transform out"),
        (["tax", ""], "keywords must not be blank: one of them is"),
        ([" \n"], "keywords must not be blank: one of them is"),
        (["tax", None], "keywords must be a text, not None"),
        ([b"tax"], "keywords must be a text, not b'tax'"),
    ],
)
def test_wrong_keywords(keywords: Any, message: str) -> None:
    """Are refused at once."""
    with pytest.raises(InvalidArgumentError) as caught:
        highlight(keywords)
    assert (str(caught.value), caught.value.field) == (message, "keywords")


@pytest.mark.parametrize("field", ["before", "after"])
def test_wrong_marks(field: str) -> None:
    """Are refused as well, by their own name."""
    marks: dict[str, Any] = {field: None}
    with pytest.raises(InvalidArgumentError, match=f"{field} must be a text, not None") as caught:
        highlight(["tax"], **marks)
    assert caught.value.field == field
