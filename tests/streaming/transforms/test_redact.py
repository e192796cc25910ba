"""``redact``: what matches is replaced, wherever the text is cut."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import InvalidArgumentError
from gpo_client.streaming import redact
from tests.streaming.transforms.portions import cuts, fed
from tests.support.cutting import all_ways, cut

CARD, MAIL, RFC = r"\b\d{4}( ?\d{4}){3}\b", r"[\w.]+@[\w.]+\w", r"\b[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}\b"
TEXT = "Pay 4111 1111 1111 1111 or 4111111111111111, write to ana@example.com. RFC: XAXX010101000."
REDACTED = "Pay # or #, write to #. RFC: #."


@pytest.mark.parametrize("max_length", [19, 20, 64, 1000])
def test_everything_that_matches_is_replaced(max_length: int) -> None:
    """As a whole and once, wherever the text is cut."""
    for portions in all_ways(TEXT):
        assert fed(lambda: redact([CARD, MAIL, RFC], "#", max_length=max_length), portions) == REDACTED


@given(text=st.text(st.sampled_from("ab1 "), max_size=60), positions=cuts, max_length=st.integers(3, 30))
def test_short_matches_are_those_of_the_whole_text(text: str, positions: list[int], max_length: int) -> None:
    """What ``re.sub`` finds in the whole text is found in any portions, as long as it is no longer than allowed."""
    for pattern in (r"a+b", r"a1|1a", r"(?<=b)1", r"\ba", r"^a", r"1(?=1)", r"a.b"):
        if all(found.end() - found.start() + 1 <= max_length for found in re.finditer(pattern, text)):
            expected = re.sub(pattern, "#", text)
            make = partial(redact, pattern, "#", max_length=max_length)
            assert fed(make, cut(text, positions)) == expected


@given(text=st.text(st.sampled_from("ab1 "), max_size=60), positions=cuts)
def test_nothing_that_matches_is_left(text: str, positions: list[int]) -> None:
    """Several patterns whose matches overlap: each character that one of them matches is gone, no other is."""
    patterns = [r"ab", r"b1+", r"1 a", r"aaa", r"a[^ ]*b", r"1"]
    matched = {at for pattern in patterns for found in re.finditer(pattern, text) for at in range(*found.span())}
    kept = "".join(character for at, character in enumerate(text) if at not in matched)
    assert fed(lambda: redact(patterns, "#", max_length=40), cut(text, positions)).replace("#", "") == kept


def broken_off(portions: list[str], **how: Any) -> str:
    """What is seen of a text that breaks off."""
    transform: Any = redact(**how)
    seen = "".join([*[transform.feed(portion) for portion in portions], transform.cut()])
    assert transform.close() == transform.cut() == ""
    return seen


@given(text=st.text(max_size=60), positions=cuts, max_length=st.integers(1, 20))
def test_what_is_shown_of_a_text_that_breaks_off(text: str, positions: list[int], max_length: int) -> None:
    """All but what may be the beginning of a match, if there is any."""
    shown = broken_off(cut(text, positions), patterns="(?!)", replacement="#", max_length=max_length)
    assert shown == (text[: max(len(text) - max_length + 1, 0)] + "#" if max_length > 1 and text else text)


def test_how_much_is_held_back_and_looked_at() -> None:
    """128 characters and a quarter more, unless told otherwise; and as many from where a match begins, anywhere."""
    transform = redact("(?!)")
    assert [transform.feed(text) for text in ("x" * 159, "x")] == ["", "x" * 32]
    assert redact("(?!)", max_length=3).feed("xxxx") == "x"
    assert fed(lambda: redact("a{9}|a{8}", max_length=8), ["yy" + "a" * 9]) == "yy[redacted]"
    text = "a" * 20 + "b"
    whole = fed(lambda: redact("a+b", "#", max_length=8), [text])
    for before in ("y" * 400, "y" * 1000):
        assert fed(lambda: redact("a+b", "#", max_length=8), [before + text]) == before + whole


@given(
    text=st.text(st.sampled_from("ab1 "), max_size=60),
    more=st.text(st.sampled_from("ab1 "), max_size=20),
    positions=cuts,
    max_length=st.integers(6, 20),
)
def test_a_text_that_breaks_off_gives_nothing_away(text: str, more: str, positions: list[int], max_length: int) -> None:
    """What is shown of its beginning is what would be shown of the whole, whatever that would have been."""
    patterns = [r"a+b1{1,3}", r"b 1", r"1(?= b)", r"a[^b]{1,4}1", r"\bab\b"]
    found = [each for pattern in patterns for each in re.finditer(pattern, text + more)]
    if any(each.end() - each.start() + 2 > max_length for each in found):
        return
    how: dict[str, Any] = {"patterns": patterns, "replacement": "#", "max_length": max_length}
    shown = broken_off(cut(text, positions), **how)
    whole = fed(lambda: redact(**how), [text + more])
    assert whole.replace("#", "").startswith(shown.replace("#", ""))
    assert shown == broken_off([text], **how)
    if len(text) > max_length:  # no more is held back than that
        assert len(shown.replace("#", "")) >= len(fed(lambda: redact(**how), [text]).replace("#", "")) - max_length


def test_the_beginning_of_a_match_is_not_shown() -> None:
    """At an honest end it is: it is none then."""
    for portions in all_ways("Write to us, or pay with 4111 1111 11"):
        assert broken_off(portions, patterns=CARD, replacement="#", max_length=20) == "Write to us, or pa#"
        assert fed(lambda: redact(CARD, "#", max_length=20), portions) == "Write to us, or pay with 4111 1111 11"
    assert broken_off(["Pay with 4111 1111 1111 1111, or ana@exam"], patterns=CARD, max_length=19).count("1") == 0
    assert broken_off([], patterns=CARD) == ""
    assert broken_off(list("abcd"), patterns="x", replacement="#", max_length=4) == "a#"


def test_overlapping_matches_are_replaced_once() -> None:
    """And neighbouring ones one by one, as with ``re.sub``."""
    assert fed(lambda: redact(["ab", "bc", "cd"], "#"), ["xabcdy"]) == "x#y"
    assert fed(lambda: redact(["abcdef", "cd"], "#"), ["xabcdefy"]) == "x#y"
    assert fed(lambda: redact("ab", "#"), ["xababy"]) == fed(lambda: redact("a", "#"), ["xaay"]) == "x##y"


def test_the_replacement_is_literal() -> None:
    """No groups, no escapes; and it may be empty."""
    assert fed(lambda: redact("(a)", r"\1\n"), ["a"]) == r"\1\n"
    assert fed(lambda: redact("a", ""), ["abab"]) == "bb"


def test_longer_matches_are_cut() -> None:
    """As documented: replaced in parts where the pattern allows it, missed where it does not."""
    number = "1" * 100
    greedy = fed(lambda: redact(r"\d+", "#", max_length=16), list(number))
    assert set(greedy) == {"#"}
    assert 1 < len(greedy) <= 100 // 16
    assert fed(lambda: redact(r"\d{100}", "#", max_length=16), list(number)) == number
    assert fed(lambda: redact(r"\d{100}", "#", max_length=100), list(number)) == "#"


def test_empty_matches_are_none() -> None:
    """Even of patterns that match nothing only next to something."""
    assert fed(lambda: redact([r"\b", r"(?=a)", r"b*(?<=b)"], "#"), ["ab a"]) == "a# a"


def test_text_is_held_no_longer_than_promised() -> None:
    """Until a quarter more than ``max_length`` has come."""
    redactor = redact("secret", max_length=16)
    given_out = ""
    for count in range(1, 200):
        given_out += redactor.feed("x")
        assert count - len(given_out) <= 20
    assert len(given_out) >= 180


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (None, "patterns must be a list of patterns, not None"),
        ([], "patterns is empty: name one at least, or leave the transform out"),
        ([None], "patterns must be regular expressions, not None"),
        ("(", "patterns must be regular expressions; '(' is none: missing ), unterminated subpattern at position 0"),
        (re.compile(b"a"), "patterns must be for texts, not bytes: re.compile(b'a')"),
        ("a*", "patterns must not match the empty text, which is everywhere; 'a*' does"),
        (["a", re.compile("^")], "patterns must not match the empty text, which is everywhere; '^' does"),
        ("", "patterns must not match the empty text, which is everywhere; '' does"),
    ],
)
def test_wrong_patterns(patterns: Any, message: str) -> None:
    """Are refused at once."""
    with pytest.raises(InvalidArgumentError) as caught:
        redact(patterns)
    assert (str(caught.value), caught.value.field) == (message, "patterns")


def test_wrong_replacement() -> None:
    """Is refused by its name."""
    nothing: Any = None
    with pytest.raises(InvalidArgumentError, match="replacement must be a text, not None") as caught:
        redact("a", nothing)
    assert caught.value.field == "replacement"


@pytest.mark.parametrize("max_length", [0, -1, 1.5, True, None, "9"])
def test_wrong_lengths(max_length: Any) -> None:
    """So are lengths that cannot be."""
    with pytest.raises(InvalidArgumentError, match="max_length must be a number of characters, 1 or more") as caught:
        redact("a", max_length=max_length)
    assert caught.value.field == "max_length"
