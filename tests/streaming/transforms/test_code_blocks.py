"""``code_blocks``: the fences of CommonMark, section 4.5."""

from __future__ import annotations

import pytest

from gpo_client.streaming import Segment, code_blocks
from tests.streaming.transforms.portions import fed, merged
from tests.support.cutting import all_ways


def text(content: str) -> Segment:
    """A piece of text."""
    return Segment(kind="text", text=content)


def code(content: str, info: str | None = None) -> Segment:
    """A whole block of code."""
    language = info.split()[0] if info else None
    return Segment(kind="code", text=content, language=language, info=info, starts=True, ends=True)


#: Most are after the examples of the specification, whose numbers (version 0.31) the names begin with.
BLOCKS: dict[str, tuple[str, list[Segment]]] = {
    "119 backticks": ("```\n<\n >\n```", [code("<\n >\n")]),
    "120 tildes": ("~~~\n<\n >\n~~~", [code("<\n >\n")]),
    "121 two are too few": ("``\nfoo\n``\n", [text("``\nfoo\n``\n")]),
    "122 tildes close no backticks": ("```\naaa\n~~~\n```", [code("aaa\n~~~\n")]),
    "123 backticks close no tildes": ("~~~\naaa\n```\n~~~", [code("aaa\n```\n")]),
    "124 the closing fence is as long at least": ("````\naaa\n```\n``````", [code("aaa\n```\n")]),
    "126 nothing follows": ("```", [code("")]),
    "127 unclosed": ("`````\n\n```\naaa", [code("\n```\naaa")]),
    "129 blank lines only": ("```\n\n  \n```", [code("\n  \n")]),
    "130 empty": ("```\n```", [code("")]),
    "131 indented fence": (" ```\n aaa\naaa\n```", [code("aaa\naaa\n")]),
    "132 indented more": ("  ```\naaa\n  aaa\naaa\n  ```", [code("aaa\naaa\naaa\n")]),
    "133 code indented further": ("   ```\n   aaa\n    aaa\n  aaa\n   ```", [code("aaa\n aaa\naaa\n")]),
    "134 four spaces are too many": ("    ```\n    aaa\n    ```", [text("    ```\n    aaa\n    ```")]),
    "135 closing fence indented": ("```\naaa\n  ```", [code("aaa\n")]),
    "137 closing fence indented too far": ("```\naaa\n    ```", [code("aaa\n    ```")]),
    "138 backticks in the info": ("``` ```\naaa", [text("``` ```\naaa")]),
    "139 closing fence with a space inside": ("~~~~~~\naaa\n~~~ ~~", [code("aaa\n~~~ ~~")]),
    "140 in the middle of a paragraph": ("foo\n```\nbar\n```\nbaz", [text("foo\n"), code("bar\n"), text("baz")]),
    "142 language": ("```ruby\ndef foo(x)\nend\n```", [code("def foo(x)\nend\n", "ruby")]),
    "143 info": ("~~~~    ruby startline=3 $%@#$\nx\n~~~~~~~", [code("x\n", "ruby startline=3 $%@#$")]),
    "144 punctuation": ("````;\n````", [code("", ";")]),
    "146 tildes with backticks in the info": ("~~~ aa ``` ~~~\nfoo\n~~~", [code("foo\n", "aa ``` ~~~")]),
    "147 closing fences have no info": ("```\n``` aaa\n```", [code("``` aaa\n")]),
    "space after the closing fence": ("```\na\n``` \t\nb", [code("a\n"), text("b")]),
    "one after the other": ("```a\n1\n```\n```b\n2\n```\n", [code("1\n", "a"), code("2\n", "b")]),
    "the same one after the other": ("```\n```\n```\n```\n", [code(""), code("")]),
    "CRLF": ("a\r\n```py\r\nx\r\n\r\n```\r\nb\r\n", [text("a\r\n"), code("x\r\n\r\n", "py"), text("b\r\n")]),
    "CR": ("a\r```py\rx\r```\rb", [text("a\r"), code("x\r", "py"), text("b")]),
    "other line ends are none": ("a\u2028```\x0b```", [text("a\u2028```\x0b```")]),
    "inline code": ("a ```b``` `c`", [text("a ```b``` `c`")]),
    "a line of inline code": ("```b``` c\nd", [text("```b``` c\nd")]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("source", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_blocks(source: str, expected: list[Segment]) -> None:
    """Are told from text, wherever the text is cut."""
    for portions in all_ways(source):
        assert fed(code_blocks, portions) == merged(expected), portions


def test_the_end_of_a_block_is_said_with_its_last_piece() -> None:
    """If both are known at once."""
    assert code_blocks().feed("```\nx\n```\n") == [Segment(kind="code", text="x\n", starts=True, ends=True)]
    assert code_blocks().feed("a\n```py  x\n```\n")[1:] == [
        Segment(kind="code", text="", language="py", info="py  x", starts=True, ends=True)
    ]


def test_code_does_not_wait() -> None:
    """The beginning of a block is said as soon as its fence is whole, and each piece of code as it comes."""
    blocks = code_blocks()
    assert blocks.feed("So:\n```py") == [text("So:\n")]
    assert blocks.feed("\n") == [Segment(kind="code", text="", language="py", info="py", starts=True)]
    assert blocks.feed("x = ") == [Segment(kind="code", text="x = ", language="py", info="py")]
    assert blocks.feed("1\n``") == [Segment(kind="code", text="1\n", language="py", info="py")]
    assert blocks.feed("`") == []
    assert blocks.feed("\nok") == [Segment(kind="code", text="", language="py", info="py", ends=True), text("ok")]
    assert blocks.close() == []


@pytest.mark.parametrize(("length", "found"), [(1000, True), (1001, False)])
@pytest.mark.parametrize("fill", ["x", " ", "`"])
def test_a_line_too_long_for_a_fence(length: int, found: bool, fill: str) -> None:
    """Is none, in one portion or in many."""
    source = "```".ljust(length, fill) + "\ntext\n"
    for portions in ([source], list(source), [source[:1001], source[1001:]]):
        assert {segment.kind for segment in fed(code_blocks, portions)} == {"code" if found else "text"}
