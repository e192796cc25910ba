"""Markdown on the page: linear, incremental, and text whatever it holds, in a Chromium under the page's policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from gpo_sandbox import RunningSandbox

pytestmark = pytest.mark.browser

# Renders a text in pieces, and returns the DOM; without pieces, as a whole.
RENDER = """([text, cuts]) => {
    const body = document.createElement("div"), view = new markdown.View(body, n => markdown.element("button", `${n}`));
    document.getElementById("log").append(body);
    let done = 0;
    for (const cut of [...cuts, text.length]) { view.add(text.slice(done, cut)); done = cut; }
    view.end();
    body.normalize();
    const html = body.innerHTML;
    body.remove();
    return html;
}"""
# Renders a text in pieces, and returns how many characters were looked at for it.
WORK = """([text, size]) => {
    const body = document.createElement("div"), view = new markdown.View(body, n => `[${n}]`);
    const before = markdown.work.characters;
    for (let done = 0; done < text.length; done += size) view.add(text.slice(done, done + size));
    view.end();
    if (body.textContent.length > text.length) throw new Error("more than was written");
    return markdown.work.characters - before;
}"""


@pytest.fixture(scope="module")
def blank(chromium: Any, playground: RunningSandbox) -> Iterator[Any]:
    """A page that nothing is asked on."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{playground.base_url}/")
    yield page
    context.close()


def render(page: Any, text: str, cuts: list[int] | None = None) -> str:
    html: str = page.evaluate(RENDER, [text, cuts or []])
    return html


ROW = "<tr><td><em>2</em></td></tr>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\nc", "<p>a\nb</p><p>c</p>"),
        ("# One ##\n###### Six\n# C#", "<h3>One</h3><h5>Six</h5><h3>C#</h3>"),
        ("**b** *i* __b__", "<p><strong>b</strong> <em>i</em> <strong>b</strong></p>"),
        ("`c` ``c`d`` `", "<p><code>c</code> <code>c`d</code> `</p>"),
        ("2 * 3 * 4, a_b_c, **, * x", "<p>2 * 3 * 4, a_b_c, **, * x</p>"),
        ("see [1], [12] and [1](2)", "<p>see <button>1</button>, <button>12</button> and [1](2)</p>"),
        ("- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("3. a\n4. b\nmore", '<ol start="3"><li>a</li><li>b\nmore</li></ol>'),
        ("a\n- b\n\n---", "<p>a</p><ul><li>b</li></ul><hr>"),
        ("> q\n> r\n>\n> s", "<blockquote><p>q\nr</p><p>s</p></blockquote>"),
        ("```py\n<b>\n\n*x*\n```\nz", "<pre><code>&lt;b&gt;\n\n*x*</code></pre><p>z</p>"),
        ("````\n```\nin\n```\n````\nout", "<pre><code>```\nin\n```</code></pre><p>out</p>"),
        ("~~~\nnever closed", "<pre><code>never closed</code></pre>"),
        ("|a|\n|:-:|\n| *2* |\n\nx", f"<table><thead><tr><th>a</th></tr></thead><tbody>{ROW}</tbody></table><p>x</p>"),
        ("a | b\nc", "<p>a | b\nc</p>"),
        ("one\r\ntwo\rthree", "<p>one\ntwo\nthree</p>"),
        ("-", "<p>-</p>"),
    ],
)  # fmt: skip
def test_what_is_understood(blank: Any, text: str, html: str) -> None:
    """Each construct, as a whole and character by character."""
    assert render(blank, text) == html
    assert render(blank, text, list(range(1, len(text)))) == html


def test_links(blank: Any) -> None:
    """They say where they lead, and lead to other pages only."""
    html = render(blank, "[a bank](https://example.com/x)")
    assert html == (
        '<p><a title="https://example.com/x" href="https://example.com/x" target="_blank"'
        ' rel="noopener noreferrer nofollow">a bank</a></p>'
    )


PARTS = [
    "a", "b c", " ", "  ", "\n", "\n\n", "\r\n", "*", "**", "_", "__", "`", "``", "```", "~~~", "# ", "#", "- ",
    "* ", "1. ", "> ", ">", "[", "]", "(", ")", "[1]",
    "[x](https://example.com)", "](", "|", "a | b\n--|--\n", "---", "\\", "<b>", "\t", "é", "🦓",
]  # fmt: skip


def test_cuts_make_no_difference(blank: Any) -> None:
    """However a text arrives, the same nodes come of it."""
    random = Random(7)
    for _ in range(400):
        text = "".join(random.choices(PARTS, k=random.randint(1, 14)))
        units = len(text.encode("utf-16-le")) // 2
        cuts = sorted(random.sample(range(units), min(units, random.randint(1, 10))))
        assert render(blank, text, cuts) == render(blank, text), (text, cuts)


GROWING: dict[str, Callable[[int], str]] = {
    "a heading of spaces": lambda n: "# a" + " " * n + "x",
    "a heading of number signs": lambda n: "# a " + "#" * n + "x",
    "spaces": lambda n: " " * n + "x",
    "one line": lambda n: "word " * (n // 5),
    "stars": lambda n: "*" * n,
    "open emphasis": lambda n: "*a " * (n // 3),
    "open strong": lambda n: "**a " * (n // 4),
    "one open strong": lambda n: "**" + "a " * (n // 2),
    "backticks": lambda n: "".join("`" * (k % 40 + 1) + "a" for k in range(n // 20)),
    "one run of backticks": lambda n: "x" + "`" * n,
    "open brackets": lambda n: "[" * n,
    "open brackets before one address": lambda n: "[" * (n // 2) + "](" + "x" * (n // 2),
    "open links": lambda n: "[a](b" * (n // 5),
    "underscores": lambda n: "_" * n + "a",
    "quotes": lambda n: "> " * (n // 2) + "x",
    "lines of quotes": lambda n: "> x\n" * (n // 4),
    "nested lists": lambda n: "".join(" " * (2 * k) + "- x\n" for k in range(int(n**0.5))),
    "a long list": lambda n: "- **x**\n" * (n // 8),
    "a list marker of spaces": lambda n: "-" + " " * n + "x",
    "rules that are none": lambda n: "- " * (n // 2) + "x",
    "a wide table": lambda n: "a|b\n-|-\n" + "|x" * (n // 2),
    "a long table": lambda n: "a|b\n-|-\n" + "x|y\n" * (n // 4),
    "a delimiter of spaces": lambda n: "a|b\n|" + " " * n + "-x",
    "a table that is none": lambda n: "|" * n + "\n" + "-" * n,
    "a fence": lambda n: "```\n" + "code\n" * (n // 5),
    "fences in fences": lambda n: "````\n" + "```\n" * (n // 4),
    "carriage returns": lambda n: "\r" * n,
    "paragraphs": lambda n: "a *b* [1]\n\n" * (n // 11),
}


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_with_the_text(blank: Any, name: str) -> None:
    """Twice as much text is twice the work, whole or in pieces: what is looked at is counted, not timed."""
    for size in (10**6, 500):
        text, twice = GROWING[name](16_000), GROWING[name](32_000)
        once, again = blank.evaluate(WORK, [text, size]), blank.evaluate(WORK, [twice, size])
        assert again <= 2.5 * once + 10_000
        # Of what is not settled yet, no more than a mark reaches is looked at again with each piece.
        assert once <= 12 * len(text) + (len(text) // size) * 10_000


HELD = ["- " * 4000, "* " * 4000 + "x", "~" * 8000, "a|b\n" + "- |" * 4000, "```\n" + "`" * 8000]


@pytest.mark.parametrize("text", HELD)
def test_lines_are_held_back_for_a_while_only(blank: Any, text: str) -> None:
    """What may still become something else is looked at again with each piece, but not for as long as the line is."""
    work = blank.evaluate(WORK, [text, 10])
    assert work <= (len(text) // 10) * 6000
    assert blank.evaluate(WORK, [text * 2, 10]) <= 2.5 * work + 10_000


def test_lists_have_a_depth(blank: Any) -> None:
    """However far items are indented: browsers have limits of their own for nested elements."""
    html = render(blank, "".join(" " * (2 * level) + "- x\n" for level in range(40)))
    assert html.count("<li>") == 40
    depth, deepest = 0, 0
    for step in re.findall("</?ul>", html):
        depth += -1 if "/" in step else 1
        deepest = max(deepest, depth)
    assert deepest == 8


def test_long_hostile_texts_end(blank: Any) -> None:
    """100,000 characters of the worst kinds, all of which are there afterwards."""
    for name in ("a heading of spaces", "one line", "open brackets before one address", "a wide table", "backticks"):
        text = GROWING[name](100_000)
        shown = blank.evaluate(RENDER.replace("body.innerHTML", "body.textContent"), [text, []])
        assert shown.count("x") == text.count("x")


# Watches which nodes change while a text arrives piece by piece: none that is in a block with another one behind it.
SETTLED = """([text, size]) => {
    const body = document.createElement("div"), view = new markdown.View(body, n => `[${n}]`), wrong = [];
    document.getElementById("log").append(body);
    const observer = new MutationObserver(() => {});
    observer.observe(body, { subtree: true, childList: true, characterData: true });
    let count = 0;
    for (let done = 0; done < text.length; done += size) {
        const settled = [...body.children].slice(0, -1);
        view.add(text.slice(done, done + size));
        for (const { target, removedNodes } of observer.takeRecords()) {
            count++;
            if (settled.some(block => block.contains(target))) wrong.push(target.textContent);
            for (const node of removedNodes) if (settled.includes(node)) wrong.push(node.textContent);
        }
    }
    view.end();
    body.remove();
    return { wrong, count };
}"""


def test_what_is_settled_is_not_touched_again(blank: Any) -> None:
    """Nodes of earlier blocks are neither changed nor replaced, so a selection in them stays."""
    text = "# Head\n\nOne **two** [1].\n\n- a\n- b *c*\n\n```\ncode\n```\n\na | b\n--|--\n1 | 2\n\n> quote\n\nend\n" * 5
    found = blank.evaluate(SETTLED, [text, 3])
    assert found["wrong"] == []
    assert found["count"] > 100


HOSTILE = [
    "<script>document.title='hacked'</script>",
    "<img src=x onerror=\"document.title='hacked'\">",
    "<svg onload=document.title='hacked'><style>*{display:none}</style>",
    "</article></div><iframe srcdoc='<script>parent.document.title=1</script>'>",
    "[a](javascript:document.title='hacked')",
    "[a](JaVaScRiPt:document.title=1) [b](java\tscript:x) [c]( javascript:x) [d](&#106;avascript:x)",
    "[a](data:text/html,<script>alert(1)</script>) [b](vbscript:x)",
    "[a](data:text/html,x) [b](data:text/html;base64,PHNjcmlwdD4=) [c](blob:https://example.com/x) [d](filesystem:x)",
    "[c](file:///etc/passwd) [d](blob:x) [e](//example.com) [f](/playground/ask)",
    "[<img src=x onerror=alert(1)>](javascript:alert(1))",
    '**<b onmouseover="x">** `<script>` [1]<button onclick=alert(1)>',
    "````\n```html\n<script>document.title='hacked'</script>\n```\n<img src=x onerror=alert(1)>\n````",
    "~~~\n</code></pre><script>document.title='hacked'</script>\n~~~",
    "\u202egpj.exe\u202c and \u2066isolated\u2069 \u200f",
    "a | <img src=x onerror=alert(1)>\n--|--\n<script>alert(1)</script> | [x](javascript:alert(1))",
    "> <form action=https://example.com><input name=x>\n- <a href=javascript:alert(1)>x</a>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} <!-- <![CDATA[ ]]> -->",
    "\x00\x01\x1b[31m\ufffe\ufeff",
    "- " * 100 + "<script>x</script>",
    "".join(" " * (2 * k) + "- <b>\n" for k in range(60)),
]  # fmt: skip
ALLOWED = {"p", "h3", "h4", "h5", "ul", "ol", "li", "pre", "code", "blockquote", "hr", "strong", "em", "a", "button"}
ALLOWED |= {"table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_answers_are_shown_as_text(blank: Any, text: str) -> None:
    """Nothing of an answer comes alive: no elements but those of Markdown, no attributes of its own."""
    blank.evaluate(
        """text => {
        const turn = new Turn("Why?");
        document.getElementById("log").append(turn.node);
        turn.add(text);
        turn.end();
    }""",
        text,
    )
    body = blank.locator(".text").last
    names = set(body.evaluate("body => [...body.querySelectorAll('*')].map(node => node.localName)"))
    assert names <= ALLOWED
    attributes = body.evaluate(
        """body => [...body.querySelectorAll("*")].flatMap(
            node => node.getAttributeNames().map(name => `${node.localName} ${name}`))"""
    )
    expected = {f"a {name}" for name in ("href", "title", "target", "rel")} | {"ol start"}
    expected |= {f"button {name}" for name in ("type", "class", "aria-label", "aria-expanded")}
    assert set(attributes) <= expected
    links = body.locator("a").evaluate_all("links => links.map(link => link.href)")
    assert all(link.startswith("https:") for link in links)
    shown = body.text_content()
    for word in ("<script>", "onerror=", "javascript:", "\u202e", "<form", "</article>"):
        assert (word in shown) == (word in text), word
    assert blank.title() == "GPO playground"
    assert blank.evaluate("frames.length") == 0


def test_the_policy_stops_what_would_come_alive(blank: Any) -> None:
    """Whatever should get around that: no markup from text, no script, no style, no address of elsewhere."""
    refused = """() => {
        try { document.createElement("div").innerHTML = "<b>"; } catch (error) { return error.name; }
        return "rendered";
    }"""
    assert blank.evaluate(refused) == "TypeError"
    loaded = """() => new Promise(resolve => {
        document.addEventListener("securitypolicyviolation", event => resolve(event.effectiveDirective));
        const image = document.createElement("img");
        image.src = "https://example.com/x.png";
        document.body.append(image);
    })"""
    assert blank.evaluate(loaded) == "img-src"


def test_directions_stay_in_their_place(blank: Any) -> None:
    """An override of the direction turns what it is in, and nothing beside it."""
    style = "selector => getComputedStyle(document.querySelector(selector)).unicodeBidi"
    blank.evaluate("() => document.getElementById('log').append(markdown.element('div'))")
    blank.evaluate(
        """() => {
        const turn = new Turn("Why?");
        turn.node.id = "turned";
        document.getElementById("log").append(turn.node);
        turn.add("[\\u202emoc](https://example.com) `\\u202ex` **\\u202ey** plain");
        turn.end();
    }"""
    )
    for selector in ("#turned a", "#turned code", "#turned strong", "#turned .text p"):
        assert blank.evaluate(style, selector) in ("isolate", "plaintext"), selector
