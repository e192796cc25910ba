"""``Pipeline``: transforms one after the other."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gpo_client import InvalidArgumentError, UsageError
from gpo_client.streaming import Pipeline, Segment, code_blocks, escape_html, highlight, lines, redact, sentences
from tests.streaming.transforms.portions import fed
from tests.support.cutting import all_ways


class Shout:
    """A transform of a user's own, that holds back every second letter and has something to say at the end."""

    def __init__(self) -> None:
        self.rest = ""

    def feed(self, text: str) -> str:
        """In pairs, in capitals."""
        text = self.rest + text.upper()
        even = len(text) // 2 * 2
        self.rest = text[even:]
        return text[:even]

    def close(self) -> str:
        """What is left, and a mark."""
        return self.rest + "!"


class Fails(Shout):
    """A transform that raises at a certain letter, or at the end."""

    def feed(self, text: str) -> str:
        """Pass on all but x."""
        if "x" in text:
            raise KeyError("my own error")
        return text

    def close(self) -> str:
        """Fail."""
        raise ZeroDivisionError("at the end")


class Gives:
    """Gives the same, whatever it is fed."""

    def __init__(self, *results: Any) -> None:
        self.results = [*results]

    def feed(self, text: str) -> Any:
        """The next result."""
        return self.results.pop(0)

    def close(self) -> Any:
        """The next one."""
        return self.results.pop(0)


def test_text_goes_through_all_in_order() -> None:
    """What one holds back at the end goes through those after it."""
    for portions in all_ways("tax <b> tax"):
        pieces = fed(lambda: Pipeline(highlight(["tax"], "[", "]"), Shout(), escape_html()), portions)
        assert "".join(pieces) == "[TAX] &lt;B&gt; [TAX]!"
        assert all(pieces)


def test_order_matters() -> None:
    """HTML that is added after escaping stays."""
    marked = Pipeline(highlight(["tax"], "<b>", "</b>"), escape_html())
    escaped = Pipeline(escape_html(), highlight(["tax"], "<b>", "</b>"))
    assert "".join([*marked.feed("tax"), *marked.close()]) == "&lt;b&gt;tax&lt;/b&gt;"
    assert "".join([*escaped.feed("tax"), *escaped.close()]) == "<b>tax</b>"


def test_a_splitter_at_the_end() -> None:
    """Gives its items; a pipeline can be one, too."""
    for portions in all_ways("One tax. Two\n```\nx\n```"):
        items = fed(lambda: Pipeline(highlight(["tax"]), redact("Two", "2", max_length=9), sentences()), portions)
        assert items == ["One **tax**.", "2", "```\nx", "```"]
        blocks = fed(lambda: Pipeline(Shout(), Pipeline(code_blocks())), portions)
        assert blocks == [
            Segment(kind="text", text="ONE TAX. TWO\n"),
            Segment(kind="code", text="X\n```!", starts=True, ends=True),
        ]
    # In whatever sequences it gives them.
    assert Pipeline(Shout(), Gives([], ("one",), ["two"])).close() == ["one", "two"]


@pytest.mark.parametrize(
    ("transforms", "message"),
    [
        ([], "name one transform at least"),
        ([None], r"transform 1 is no object with feed\(text\) and close\(\): None"),
        (["tax"], r"transform 1 is no object with feed\(text\) and close\(\): 'tax'"),
        (
            [escape_html(), highlight],
            r"transform 2 is no object with feed\(text\) and close\(\): .*; call it to make one",
        ),
        ([Shout], r"transform 1 is no object with .*\.Shout'>; call it to make one"),
        ([lines(), escape_html()], r"transform 1 \(_Lines\) is a splitter: it must be the last one, as .* no text"),
        ([sentences(), lines()], r"transform 1 \(_Sentences\) is a splitter: it must be the last one, as .* no text"),
        ([Pipeline(escape_html()), lines()], r"transform 1 \(Pipeline\) is a splitter: .*"),
        ([Gives(None, None)], r"transform 1 \(Gives\) must give text, or a list of items, from feed\(''\), not None"),
        ([Gives(b"", b"")], r"transform 1 \(Gives\) must give text, or a list of items, from feed\(''\), not b''"),
    ],
)
def test_what_cannot_be_put_together(transforms: list[Any], message: str) -> None:
    """Is refused at once, before anything is sent."""
    with pytest.raises(InvalidArgumentError) as caught:
        Pipeline(*transforms)
    assert re.fullmatch(message, str(caught.value))
    assert caught.value.field == "transforms"


def test_it_serves_one_text() -> None:
    """And asks nobody anything more once it has ended; pieces of text are none if they are empty."""
    pipeline = Pipeline(Shout())
    assert (pipeline.feed(""), pipeline.feed("ab"), pipeline.close()) == ([], ["AB"], ["!"])
    assert pipeline.close() == pipeline.cut() == []
    with pytest.raises(UsageError, match=r"^the pipeline is closed: it serves one text, make a new one for the next$"):
        pipeline.feed("more")
    assert Pipeline(escape_html()).close() == Pipeline(escape_html()).cut() == []


def test_a_text_that_breaks_off() -> None:
    """Is told as such to a transform that may be told, and ends the others."""
    for end, shown in ((Pipeline.cut, ["#!"]), (Pipeline.close, ["MY TA!"])):
        pipeline = Pipeline(redact("tax", "#", max_length=9), Shout())
        assert pipeline.feed("my ta") == []
        assert end(pipeline) == shown


def test_the_same_transform_twice() -> None:
    """Would mix its two texts."""
    same = escape_html()
    with pytest.raises(InvalidArgumentError, match=r"transform 2 \(_Escaper\) stands in the pipeline twice"):
        Pipeline(same, same)


def test_a_transform_that_has_served() -> None:
    """Serves no second text."""
    used = escape_html()
    used.close()
    with pytest.raises(UsageError, match="closed: it serves one text"):
        Pipeline(used)


def test_a_transform_that_raises() -> None:
    """Its error comes out as it is, with a note on where it comes from; nothing goes through afterwards."""
    pipeline = Pipeline(escape_html(), Fails(), lines())
    assert pipeline.feed("one\n") == ["one"]
    with pytest.raises(KeyError, match="my own error") as caught:
        pipeline.feed("x")
    assert caught.value.__notes__ == ["raised by transform 2 (Fails) of a pipeline"]
    with pytest.raises(UsageError, match="closed"):
        pipeline.feed("more")
    assert pipeline.close() == []


def test_a_transform_that_raises_at_the_end() -> None:
    """Likewise."""
    pipeline = Pipeline(Fails())
    with pytest.raises(ZeroDivisionError):
        pipeline.close()
    assert pipeline.close() == []


@pytest.mark.parametrize(
    ("first", "later", "expected"), [("", None, "text"), ("", [], "text"), ([], "", "a list of items")]
)
def test_a_transform_that_changes_its_mind(first: Any, later: Any, expected: str) -> None:
    """Text at first, then something else, or the other way round: an error, not a guess."""
    pipeline = Pipeline(Gives(first, later))
    with pytest.raises(InvalidArgumentError, match=rf"transform 1 \(Gives\) must give {expected} from feed and close"):
        pipeline.feed("text")
    with pytest.raises(UsageError, match="closed"):
        pipeline.feed("more")
    assert pipeline.close() == []


def test_chunks_without_content() -> None:
    """None is no text: whoever feeds contents of chunks is told so."""
    nothing: Any = None
    with pytest.raises(InvalidArgumentError, match="a pipeline is fed with text, not None"):
        Pipeline(escape_html()).feed(nothing)
