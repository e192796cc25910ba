"""What the filter takes out of a text: the secret, all of it, and nothing else."""

from __future__ import annotations

import re
from itertools import product

import pytest

from gpo_client.logs import RedactionFilter

_S = "s3cr3t-t0k3n.x_y~z"
_WIDE = " " * 8

# In ⟦ ⟧ is what is to be masked.
_TEXTS: dict[str, list[str]] = {
    "names and values": [
        *(f"token=⟦{_S}⟧{stop}rest" for stop in " \n,;&\"'<>)}]"),
        *(
            f"{name}=⟦{_S}⟧"
            for name in (
                "token", "secret", "password", "passphrase", "api_key", "apikey", "api-key", "private_key",
                "credential", "tokens", "my-credentials", "X_Token_2", "x" * 40 + "token", "token-1234567", "TOKEN",
            )
        ),
        *(f"a token{_WIDE[:n]}:{_WIDE[:m]}⟦{_S}⟧" for n, m in product((0, 1, 8), repeat=2)),
        *(f"'token'{_WIDE[:n]}={_WIDE[:m]}'⟦{_S}⟧'" for n, m in product((0, 1, 8), repeat=2)),
        f"token='⟦a\\'{_S}⟧'rest",
        f'token="⟦a\\"{_S}⟧"rest',
        f'token="⟦a\\\\⟧"{_S}',
        "token='⟦⟧' rest",
        'token="⟦⟧" rest',
        f"('token', '⟦{_S}⟧')",
        f'("token", "⟦{_S}⟧")',
        f"(b'token', b'⟦{_S}⟧')",
        f'["token","⟦{_S}⟧"]',
        f"token, {_S}",
        f"{{'token': b'⟦{_S}⟧'}}",
        *(f"token: ⟦{scheme} {_S}⟧" for scheme in ("Basic", "Bearer", "Digest", "Negotiate", "Token")),
        *(f"{name}=⟦{_S}⟧ a=b" for name in ("cookie", "session-cookies", "s_cookie")),
        "token=false; secret=FALSE",
        f'{{\\"token\\": \\"⟦{_S}⟧\\", \\"a\\": 1}}',
        f'{{\\\\"token\\\\":\\\\"⟦a\\\\\\"{_S}⟧\\\\"}}',
        "token=123456",
        "token=⟦1234567⟧",
        "token=true",
        "token: None",
        "token=NULL",
        "token='⟦false⟧'",
        "token=⟦true1⟧",
        f"my{_S} tokenize={_S} tokens_per_second=12.5",
        'tokenss=abc',
        'token=b"⟦a b⟧" c',
        '{\\\\\\"token\\\\\\" : \\\\\\"⟦a \\" b \\\\ c⟧\\\\\\", d',
        '{\\"a\\": \\"token\\", \\"page\\": \\"b\\"}',
        "{'a': 'token', 'page' : 'b'}",
        'token=5 a',
        'token=⟦Xabc⟧',
    ],
    "names beside values": [
        *(
            f'{{"{naming}": "token", "value": "⟦{_S}⟧"}}'
            for naming in [
                "name",
                "key",
                "field",
                "header",
                "param",
                "parameter",
                "property",
                "attribute",
                "variable",
                "option",
                "setting",
                "label",
                "type",
                "kind",
                "k",
                "n",
                "headerName",
                "HEADER_NAME",
            ]
        ),
        *(f"name=token {holding}=⟦{_S}⟧" for holding in ["value", "values", "val", "vals", "v", "headerValue"]),
        *(f"{holding}=⟦{_S}⟧ name=token" for holding in ["value", "values", "val", "vals", "v", "headerValue"]),
        f"name=token  , page=2 ; value = ⟦{_S}⟧",
        f"value : ⟦{_S}⟧ & page=2 name = token",
        f"'value': '⟦{_S}⟧', 'name': 'token'",
        f"<a name='token' value='⟦{_S}⟧'/>",
        f"<a name='token'/><b value='{_S}'/>",
        f"{{name: token}} {{value: {_S}}}",
        f"name=token{' ' * 64}value=⟦{_S}⟧",
        f"name=title value={_S}",
        f"name=tokenizer value={_S}",
        f"value={_S} name=tokenizer",
        f"name=(b'token', ⟦value={_S}⟧)",
        f"rename-token ⟦value={_S}⟧",
        "{'name': b'password', 'value': b'⟦c d⟧'}",
        'value=⟦abc⟧;name=password',
        'value=⟦abc⟧&name=password',
        'value=⟦abc⟧,name=password',
        '{"name": "password", "a": "b", "value": "⟦c d⟧"}',
        'x-name=password value=⟦abc⟧ d',
        'name=password x-value=⟦abc⟧ d',
        *(f"name=password {end} value=abc" for end in "<>{}"),
        *(f"value=a{end}b name=password" for end in "\"'<>"),
    ],
    "addresses": [
        *(f"{scheme}://⟦{_S}⟧@host/p" for scheme in ("https", "redis", "postgresql+psycopg")),
        f"https://⟦ana:{_S}⟧@host",
        f"https://⟦:{_S}⟧@host/",
        "https://⟦ana:⟧@host/",
        "https://⟦a⟧@host",
        f"https://⟦ana:a/{_S}⟧@host/p@q",
        f"https://⟦ana:a@{_S}⟧@host/p",
        f"https://⟦ana:a?b#{_S}⟧@host",
        f"https://⟦ana:12/{_S}⟧@host",
        "http://host:8760/@p",
        "http://⟦host:8760/a⟧@b",
        "https://host?to=a@b",
        "https://host/a@b",
        "https://host#a@b",
        *(f"http://host:8760{stop}a@b" for stop in "?#"),
        *(f"http://a{stop}host:8760/a@b" for stop in " \n\"'<>/?#.[]"),
        *(f"http://host:8760/a{stop}b@c" for stop in " \n\"'<>/?#="),
        *(f"http://a{stop}na:p/a@b" for stop in " \n\"'<>/?#"),
        *(f"http://⟦ana:a⟧@{stop}x@host" for stop in " \n\"'<>/?#"),
        *(f"http://⟦ana:a⟧@b{stop}x@host" for stop in " \n\"'<>/?#"),
        f"http://⟦ana:123456/{_S}⟧@b",
        f"http://⟦ana:a{'@b' * 8}⟧@host",
        *(f"https://ana{stop}{_S}@host" for stop in " \n\"'<>"),
        *(f"https://ana:{stop}{_S}@host" for stop in " \n\"'<>"),
        'https://⟦ana:p/w@x@y⟧@h/z',
        'https://⟦:p/w⟧@h',
        'https://⟦ana:p/w⟧@h?c@d',
        'https://⟦ana:p/w⟧@h#c@d',
    ],
    "arguments of programs": [
        *(f"curl {flag}{between}⟦ana:{_S}⟧ rest" for flag in ("-u", "-U") for between in ("", " ", _WIDE, "=")),
        *(
            f"curl {flag}{between}⟦ana:{_S}⟧ rest"
            for flag in ("--user", "--proxy-user")
            for between in (" ", _WIDE, "=")
        ),
        f'curl -u ⟦"ana:with space {_S}"⟧ rest',
        f"curl -u ⟦':with space {_S}'⟧ rest",
        f'curl -u ⟦":{_S}"⟧ rest',
        "git-u a:b",
        "a-u a:b --users a:b",
        "-u a b:c",
        *(f"-u ⟦ana:b⟧{stop}rest" for stop in " \n\"'"),
        *(f"-u a{stop}na:b" for stop in " \n\"'"),
        f"-u ⟦\"ana:'{_S}\"⟧ rest",
        f"-u ⟦'ana:\"{_S}'⟧ rest",
        "(-u ⟦a:b)⟧",
        *(f"--token{_WIDE[:n]}{quote}⟦{_S}⟧{quote} rest" for n, quote in product((1, 8), ("", "'", '"'))),
        "--token --rest",
        f"--token {_S[:3]}"[:-3] + "⟦abc⟧ rest",
        *(f"curl -u {pair} x" for pair in ('"ana"', "'ana'", ":pw", "ana:")),
        'curl --u ana:pw',
        'gpo x--token abc',
        'gpo --api-key "⟦abc⟧" d',
        "gpo --api-key '⟦abc⟧' d",
    ],
    "a token beside its name": [
        *(f"the token{_WIDE[:n]}⟦{_S}⟧ rest" for n in (1, 8)),
        *(f"token {verb}{_WIDE[:n]}⟦{_S}⟧" for verb in ("is", "was") for n in (1, 8)),
        *(f"token {quote}⟦{_S}⟧{quote}, rest" for quote in "'\"`"),
        "the token abcdefghijklmno",
        "the token 123456789012345",
        "the token a1b2c3d4e5f",
        "the token ⟦a1b2c3d4e5f6⟧",
        "the token ⟦A+/=~._-b2c3⟧",
        "token 2026-11-01T12:00:00Z",
        "the token ⟦2026a11-01T12⟧",
        f"a-token-b {_S}",
        'token abcdefghijkl 1',
        'token 123456789012 a',
    ],
    "Authorization and cookies": [
        *(f"Authorization{_WIDE[:n]}:{_WIDE[:m]}⟦Basic{_WIDE}{_S}⟧ rest" for n, m in product((0, 1, 8), repeat=2)),
        *(f"Authorization: ⟦Basic {_S}⟧{stop}rest" for stop in "\n,;&\"'<>)}]"),
        *(f"Authorization: ⟦{_S}⟧{stop}rest" for stop in ",;&\"'<>)}]"),
        f'Authorization: ⟦Digest user="a, b", response={_S} , nc="1"⟧, rest',
        f"Proxy-authorization=⟦x a={_S},b-c={_S}⟧; rest",
        f"'Authorization' : ⟦x {_S}⟧",
        *(f"Authorization: ⟦x a={_S}⟧{stop}rest" for stop in " \n;\"'<>)}]"),
        *(f'Authorization: ⟦x a="{_S} ", b={_S}⟧{stop}rest' for stop in " \n;\"'<>)}]"),
        f'Authorization: ⟦Digest a="b", response="{_S} cut off⟧\nrest',
        *(f"a{before}authorization: ⟦{_S}⟧" for before in "./ "),
        f"reauthorization: ⟦{_S}⟧",
        *(
            f"{name}{_WIDE[:n]}:{_WIDE[:m]}⟦a=b; c={_S}⟧\nrest"
            for name in ("Cookie", "Set-Cookie", "cookie")
            for n, m in ((0, 0), (1, 1), (8, 8))
        ),
        f"'Cookie': '⟦a=b; c={_S}⟧', rest",
        f'"Cookie": "⟦a=b; c={_S}⟧", rest',
        f"Cookie: ⟦a={_S}⟧\rrest",
        'authorization: **********, abc',
        'authorization: ⟦Custom a="b⟧\n" c',
    ],
    "looks": [
        f"Bearer ⟦{_S}==⟧ rest",
        "bearer ⟦abcdef⟧ rest",
        "Bearer abcde rest",
        "forbearer abcdefgh",
        "Bearer ⟦a.b_c~d+e/f-g⟧, rest",
        "x ⟦eyJabcde.abcde.⟧ y",
        "⟦eyJ-_Z09.-_Z09.-_Z09⟧.",
        "eyJabcd.abcde.x",
        "eyJabcde.abcd.x",
        "xeyJabcde.abcde.x",
        'Bearerabcdef',
        'see ⟦eyJabcde.abcde.a-_9B⟧=',
    ],
    "elements": [
        *(f"<{name}>⟦{_S}⟧</{name}>" for name in ("token", "s:token", "a.b-c:api-key", "clientSecret")),
        f"<token a='b'>⟦ {_S} ⟧</token>",
        f"<token >⟦{_S}⟧<",
        f"<token>{_WIDE}<![CDATA[⟦{_S}]]>⟧</token>",
        "<token> 12 </token>",
        "<token> </token>",
        "<token>true</token>",
        f"<tokenizer>{_S}</tokenizer>",
        f"<a>token</a><b>{_S}</b>",
        '<token a<b>c',
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", _TEXTS)
def test_the_secret_and_nothing_else(kind: str) -> None:
    """From its first character to its last, in every spelling of what is around it."""
    redact = RedactionFilter().redact
    for text in _TEXTS[kind]:
        given = text.replace("⟦", "").replace("⟧", "")
        assert redact(given) == re.sub("⟦.*?⟧", "**********", text, flags=re.DOTALL), given


def test_what_is_written_anew() -> None:
    """Where nothing closes a quote, the mask does; space before a bearer token is one."""
    redact = RedactionFilter().redact
    for quote in "'\"":
        assert redact(f"token={quote}cut off {_S}\nrest") == f"token={quote}**********{quote}\nrest"
    assert redact(f"Bearer{_WIDE}{_S} rest") == "Bearer ********** rest"
