"""``sentences`` and ``lines``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import InvalidArgumentError
from gpo_client.streaming import lines, sentences
from gpo_client.text.transforms.sentences import CERTAIN_STOPS, STOPS, _characters
from tests.streaming.transforms.portions import cuts, fed, texts
from tests.support.cutting import all_ways, cut

#: Texts in which ``|`` shows where one sentence ends and the next begins.
SENTENCES = {
    "plain": "One. |Two! |Three? |Four",
    "line breaks are space": "One\nmore\r\nline. |Two",
    "decimals and addresses": "3.5 % of 1,000.00 at example.com. |Two",
    "titles": "Dr. Ruiz and Sra. Paz met Mr. Lee. |Two",
    "numbered things": "See art. 5, núm. 7 and No. 9. |Two",
    "the same as words": "He makes art. |She said no. |Two",
    "initials": "J. R. Paz, i.e. S.A. de C.V. pays, e.g. VAT. |Two",
    "abbreviations that may end": "Rice, maize, etc. and more. |Rice, etc. |Two",
    "ellipses": "Well... maybe… or not. |Wait... |What? |End",
    "several marks": "Really?! |Yes!! |No...",
    "quotes": "“One.” |'Two!' |(Three.) |«Cuatro.» |**Five.** |Six",
    "quoted within": "“Stop!” he said. |Two",
    "Spanish": "¿Cuánto? |¡Nada! |Está bien. |¿Y el IVA?",
    "Chinese and Japanese": "你好。|再见！|“好？”|「はい。」|次",
    "full-width and half-width": "はい．|いいえ｡|本当？！|次",
    "Hindi": "कर क्या है? |यह 30 % है। |अच्छा।\n|श्लोक॥|अंत",
    "Urdu and Arabic": "ٹیکس کیا ہے؟ |یہ ۳۰ فیصد ہے۔ |ما هي الضريبة؟! |ثلاثون في المئة. |نعم",
    "Armenian": "Հարկը 30 % է։ |Վերջ։|Նոր",
    "Ethiopic": "ግብር ነው።|ምንድን ነው፧|አዎ",
    "Burmese": "အခွန်ဖြစ်သည်။ |၃၀ ရာခိုင်နှုန်း။|ဟုတ်",
    "Khmer": "ពន្ធគឺ៣០។ |ចប់៕|ថ្មី",
    "Mongolian, Tifinagh, beyond the first plane": "ᠲᠠᠲᠠᠪᠤᠷᠢ᠃|ᠲᠡᠶᠢᠮᠦ᠉|𑄇𑄧𑄢𑅁 |𑄦",
    "Thai has none": "ภาษีคือ 30 เปอร์เซ็นต์ จบ",
    "two at once, quoted": "«یہ ہے۔» |“क्या?!” |«Ի՞նչ։»|x",
    "citations": "It pays. [1] |Two.[2] |Three. [1][3] |Four. [1, 2] |Five",
    "brackets that are no citations": "One. |[see there] Two. |[ 1] x",
    "blank lines": "One\n\n|two\r\n\r\n|three\n \n|four",
    "list items": "Such as:\n|- one\n|* two\n|1. three\n|2) four\n|• five",
    "numbers that are no items": "The year\n2024 was good\n-5 degrees",
    "headings": "# Taxes\n|They are due.\n|## More\n|text",
    "tables, quotations, fences": "Text\n|| a | b |\n|> quoted\n|```py",
    "small letters after the end of a paragraph": "One.\n\n|two",
    "space around": "  One.   |Two.  ",
    "space after what has no end": "One. |Two  ",
    "a stop at the very beginning": "。|中",
    "an abbreviation before a list": "He is a Dr.\n|- one",
    "no word before the stop": "See (. |Two",
    "a heading before what may be an item": "# One\n|-",
    "nothing": "",
}


@pytest.mark.parametrize("marked", SENTENCES.values(), ids=SENTENCES)
def test_sentences(marked: str) -> None:
    """Where they end, wherever the text is cut."""
    text = (
        marked.replace("||", "\0").replace("|", "").replace("\0", "|") if "| a" in marked else marked.replace("|", "")
    )
    if "| a" in marked:
        text = "Text\n| a | b |\n> quoted\n```py"
        expected = ["Text", "| a | b |", "> quoted", "```py"]
    else:
        expected = [part.strip() for part in marked.split("|") if part.strip()]
    for portions in all_ways(text):
        assert fed(sentences, portions) == expected, portions


def test_the_terminals_are_those_of_unicode() -> None:
    """As many as the standard has, each assigned a punctuation mark as far as this Python's Unicode goes."""
    terminals = (STOPS | CERTAIN_STOPS) - {"…"}
    assert len(terminals) == 172
    assert {unicodedata.category(each) for each in terminals} <= {"Po", "Cn"}
    assert not STOPS & CERTAIN_STOPS


@given(
    text=st.text(st.sampled_from("a。।۔.!؟ ”\n1A[]…፧"), max_size=30),
    positions=cuts,
    max_chars=st.sampled_from([5, 2000]),
)
def test_sentences_of_any_script_in_any_portions(text: str, positions: list[int], max_chars: int) -> None:
    """The same, however they are cut; nothing but space is lost, and a certain stop is always an end."""
    found = fed(lambda: sentences(max_chars), cut(text, positions))
    assert found == fed(lambda: sentences(max_chars), [text])
    assert "".join("".join(found).split()) == "".join(text.split())
    for sentence in found:
        assert not re.search(r"[。।۔؟፧][a1A]", sentence)


def test_a_sentence_leaves_as_soon_as_it_is_whole() -> None:
    """That is with the first letter of the next, or at the blank line."""
    splitter = sentences()
    assert splitter.feed("One.") == []
    assert splitter.feed(" ") == []
    assert splitter.feed("T") == ["One."]
    assert splitter.feed("wo\n\n") == ["Two"]
    assert splitter.feed("你好。") == []
    assert splitter.feed("再") == ["你好。"]
    assert splitter.close() == ["再"]


@pytest.mark.parametrize(
    ("portions", "leaving"),
    [
        (["One. ", "Two! T"], [[], ["One.", "Two!"]]),
        (["One\n", "#", "# Two\n", "t"], [[], [], ["One"], ["## Two"]]),
        (["One\ntwo. T"], [["One\ntwo."]]),
        (["One." + " " * 99, " "], [[], ["One."]]),  # whatever comes after so much space
        (["x" * 2001 + "."], [["x" * 2000]]),  # the longest sentence unless told otherwise
        (["x" * 2000, "."], [[], ["x" * 2000]]),
    ],
)
def test_what_leaves_when(portions: list[str], leaving: list[list[str]]) -> None:
    """No sentence waits for more than it takes to know that it is whole, or too long."""
    splitter = sentences()
    assert [splitter.feed(portion) for portion in portions] == leaving


@pytest.mark.parametrize(
    ("max_chars", "marked"),
    [
        (8, "one two |three |fourfive|sixes |seven. |Eight"),
        (8, "abc defg|hij"),
        (8, "abcd e |ghij"),
        (8, "abcd\n|efghij"),
        (8, "abcde  |fghij"),
        (8, "abcdef g"),  # of the very length
        (9, "abcde fg. |Ijk"),
        (3, "Ye.|)"),
    ],
)
def test_long_sentences_are_cut(max_chars: int, marked: str) -> None:
    """At the last space in the second half, or anywhere."""
    expected = [part.strip() for part in marked.split("|")]
    for portions in all_ways(marked.replace("|", "")):
        assert fed(lambda: sentences(max_chars), portions) == expected


@given(text=texts)
def test_no_character_is_lost(text: str) -> None:
    """Except space."""
    for splitter in (sentences, lambda: sentences(max_chars=5), lines, lambda: lines(max_chars=2)):
        assert "".join("".join(fed(splitter, [text])).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\r\nc\rd", ["a", "b", "c", "d"]),
        ("a\n", ["a"]),
        ("a\n\nb\r\n\r\n\rc", ["a", "", "b", "", "", "c"]),
        ("\n", [""]),
        ("", []),
        ("a\x0bb\u2028c\x85d", ["a\x0bb\u2028c\x85d"]),
    ],
)
def test_lines(text: str, expected: list[str]) -> None:
    """End at the three line ends of Markdown, wherever the text is cut."""
    for portions in all_ways(text):
        assert fed(lines, portions) == expected, portions


def test_long_lines_are_cut() -> None:
    """A line of the very length is whole."""
    for portions in all_ways("abcabc\nabc\nabcdefgh"):
        assert fed(lambda: lines(max_chars=3), portions) == ["abc", "abc", "abc", "abc", "def", "gh"]


@pytest.mark.parametrize("make", [sentences, lines])
@pytest.mark.parametrize("max_chars", [0, -1, 2.0, True, None])
def test_wrong_sizes(make: Callable[..., Any], max_chars: Any) -> None:
    """Are refused at once."""
    with pytest.raises(InvalidArgumentError, match="max_chars must be a number of characters, 1 or more") as caught:
        make(max_chars=max_chars)
    assert caught.value.field == "max_chars"


def test_the_longest_line_unless_told_otherwise() -> None:
    """Is one of 64 Ki characters."""
    splitter = lines()
    assert [splitter.feed(text) for text in ("x" * 65_536, "y")] == [[], ["x" * 65_536]]


def test_characters_by_their_code_points() -> None:
    """One by one or in ranges, both ends included."""
    assert _characters("0021 203C-203E 1BC9F") == {"!", "\u203c", "\u203d", "\u203e", "\U0001bc9f"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [(".5 is half. More.", [".5 is half.", "More."]), ("Yes. [", ["Yes.", "["]), ("Yes. [1", ["Yes.", "[1"])],
)
def test_ends_that_are_certain_late(text: str, expected: list[str]) -> None:
    """A stop at the very beginning, and what only the end of the text tells."""
    for portions in all_ways(text):
        assert fed(sentences, portions) == expected
