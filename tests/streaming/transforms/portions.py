"""Texts cut into portions, and transforms fed with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs
from hypothesis import strategies as st

from gpo_client.streaming import Pipeline, Segment, code_blocks, escape_html, highlight, lines, redact, sentences

#: Makes a transform of whichever kind.
Make = Callable[[], Any]

#: What the machines look for, whole and in parts, so that random texts are full of near misses.
BITS = [
    "tax", "income tax", "Tax", "taxes", "t", "x", "_", "ß", "ss", "straße", "É", "é", "e\u0301", "İ", "C++", "+",
    "`", "``", "```", "~~~", "````", "\\", "py", " ", "   ", "    ", "\t", "\n", "\r", "\r\n", "\n\n", "~", "-", "- ",
    ".", "...", "…", "?", "!", "¿", "。", "」", '"', ")", "[1]", "[1, 2]", " [", "Dr.", "3.5", "1. ", "art. 5", "J.",
    "# ", "> ", "|", "*", "a", "B", "año", "中", "4111 1111", "1234", "0", "a@b.mx", "&", "<b>", "\u200d",
    "\U0001f600",
]  # fmt: skip
texts = st.lists(st.sampled_from(BITS) | st.characters(), max_size=40).map("".join)
#: Where to cut; positions beyond the end cut nothing off, equal ones give an empty portion.
cuts = st.lists(st.integers(0, 120), max_size=12)

#: Every transform, with options that make it meet its limits.
MACHINES: dict[str, Make] = {
    "highlight": lambda: highlight(["tax", "income tax", "straße", "C++", "é", "3.5"]),
    "highlight with case": lambda: highlight(["tax", "Tax", "e\u0301"], "<", ">", ignore_case=False),
    "highlight in code": lambda: highlight(["tax", "income tax", "ß", "``"], inside_code=True),
    "escape_html": escape_html,
    "redact": lambda: redact([r"\d{4}", r"(?<=1)1+", r"\S+@\S+", r"(?!a)\w\b", r"^t"], "#", max_length=9),
    "redact one": lambda: redact("tax", max_length=1),
    "code_blocks": code_blocks,
    "sentences": sentences,
    "short sentences": lambda: sentences(max_chars=12),
    "lines": lines,
    "short lines": lambda: lines(max_chars=3),
    "pipeline": lambda: Pipeline(escape_html(), highlight(["tax"]), redact("1+", max_length=3), sentences(9)),
}

#: Transforms that change nothing, and the most that each may hold back: what its docstring promises.
HOLDING: dict[str, tuple[Make, int]] = {
    "highlight": (lambda: highlight(["tax", "income tax"], "", ""), len("income tax") + 1000),
    "highlight in code": (lambda: highlight(["tax", "income tax", "ßß"], "", "", inside_code=True), len("income tax")),
    "highlight that folds": (lambda: highlight(["tßß"], "", "", inside_code=True), len("tssss")),
    "redact": (lambda: redact("(?!)", max_length=16), 16 + 4),  # a pattern that matches nothing
    "code_blocks": (code_blocks, 1000),
    "sentences": (lambda: sentences(max_chars=12), 12 + 500),
    "lines": (lambda: lines(max_chars=3), 3),
}


def fed(make: Make, portions: Iterable[str]) -> Any:
    """What a new transform makes of ``portions``: joined text, or its items with the segments of a block joined."""
    machine = make()
    results = [*(machine.feed(portion) for portion in portions), machine.close()]
    if isinstance(results[0], str):
        return "".join(results)
    return merged([item for result in results for item in result])


def merged(items: list[Any]) -> list[Any]:
    """Neighbouring segments of one text or one block joined; other items as they are."""
    joined: list[Any] = []
    for item in items:
        last = joined[-1] if joined else None
        if isinstance(item, Segment) and isinstance(last, Segment) and _belong_together(last, item):
            joined[-1] = attrs.evolve(last, text=last.text + item.text, ends=item.ends)
        else:
            joined.append(item)
    return joined


def _belong_together(one: Segment, other: Segment) -> bool:
    same = (one.kind, one.language, one.info) == (other.kind, other.language, other.info)
    return same and not one.ends and not other.starts
