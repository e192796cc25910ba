"""``BoundedText``: text gathered within a bound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.text.bounds import BoundedText, Keep

KEEPS = pytest.mark.parametrize("keep", ["head", "tail"])
pieces = st.lists(st.text(max_size=8), max_size=40)


def gathered(texts: list[str], max_chars: int | None, keep: Keep) -> BoundedText:
    """A text made of these pieces."""
    text = BoundedText(max_chars, keep)
    for piece in texts:
        text.add(piece)
    return text


@KEEPS
@given(texts=pieces, max_chars=st.none() | st.integers(0, 60))
def test_it_is_one_end_of_the_whole(keep: Keep, texts: list[str], max_chars: int | None) -> None:
    """The first or the last characters of all pieces joined, and whether any are missing."""
    whole = "".join(texts)
    limit = len(whole) if max_chars is None else max_chars
    text = gathered(texts, max_chars, keep)
    assert text.value == (whole[:limit] if keep == "head" else whole[max(len(whole) - limit, 0) :])
    assert text.truncated == (len(whole) > limit)


@KEEPS
@pytest.mark.parametrize("count", [511, 512, 513, 2000])
def test_many_pieces(keep: Keep, count: int) -> None:
    """Pieces are joined in blocks: none is lost or swapped at their edges."""
    texts = [str(number) for number in range(count)]
    assert gathered(texts, None, keep).value == "".join(texts)
    assert gathered(texts, 1500, keep).value == ("".join(texts)[:1500] if keep == "head" else "".join(texts)[-1500:])


@KEEPS
def test_reading_changes_nothing(keep: Keep) -> None:
    """The text may be looked at whenever one likes."""
    text = BoundedText(5, keep)
    values: list[str] = []
    for piece in ("abc", "def", "ghi"):
        text.add(piece)
        values.append(text.value)
    assert values == (["abc", "abcde", "abcde"] if keep == "head" else ["abc", "bcdef", "efghi"])


@KEEPS
@pytest.mark.parametrize("max_chars", [0, 10, 1000])
def test_endless_text_takes_bounded_memory(keep: Keep, max_chars: int) -> None:
    """Neither the characters nor the pieces held grow with what is dropped."""
    text = BoundedText(max_chars, keep)
    most = 0
    for _ in range(20_000):
        text.add("word ")
        most = max(most, sum(map(len, text._pieces)) + sum(map(len, text._blocks)))
    assert most <= 2 * max_chars + 5
    assert len(text._blocks) <= 2 + 2 * max_chars // 512
    assert len(text._pieces) <= 512
