"""Recordings of a server's answers: what gets into the cassette, and what comes out of it."""

from __future__ import annotations

import base64
import gzip
import json
import sys
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import InvalidArgumentError
from gpo_client.testing import recorded, vcr_config
from gpo_client.testing.scrubbing import SCRUBBED, KnownSecrets, scrub_address, scrub_headers, scrub_text

SECRET = "k7Qe1_9yVt0b2Xo5Ws8Zr3Lm6Np4Ju-AaC"
NESTED = {"data": [{"session": {"accessToken": SECRET, "tokens": [SECRET], "user_id": "user-1"}}], "total_tokens": 12}


def _bodies() -> dict[str, tuple[str, bytes]]:
    data = json.dumps(NESTED)
    spread = json.dumps(NESTED, indent=1).replace("\n", "\ndata: ")
    return {
        "json": ("application/json", data.encode()),
        "events": ("text/event-stream", f"id: 1\ndata: {data}\n\n".encode()),
        "spread event": ("text/event-stream", f'data: {{"token":\ndata: "{SECRET}"}}\n\ndata: {{}}\n\n'.encode()),
        "pretty event": ("text/event-stream", f"data: {spread}\n\n".replace(f'"{SECRET}"\n', "1\n").encode()),
        "lines": ("application/x-ndjson", f"{data}\n{data}\n".encode()),
        "text": ("text/plain", f"Authorization: Bearer {SECRET}".encode()),
    }


def _ask(path: Path, answer: httpx.Response | None, **request: Any) -> httpx.Response:
    """Ask through a cassette; without an answer there is no server."""

    def serve(_: httpx.Request) -> httpx.Response:
        assert answer is not None, "the cassette was not used"
        return answer

    with recorded(path), httpx.Client(transport=httpx.MockTransport(serve)) as client:
        return client.post(f"http://10.0.0.8:8761/api/User?api_key={SECRET}", **request)


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", _bodies())
def test_secrets_stay_out(tmp_path: Path, kind: str, compressed: bool) -> None:
    """Out of header fields, addresses and bodies in both directions; the rest replays, and those who ask get it all."""
    media_type, body = _bodies()[kind]
    sent = gzip.compress(body) if compressed else body
    headers = {"Content-Type": media_type, **({"Content-Encoding": "gzip"} if compressed else {})}
    answer = httpx.Response(200, headers={**headers, "Set-Cookie": f"sid={SECRET}"}, content=sent)
    request = {"content": sent, "headers": {**headers, "Authorization": f"Bearer {SECRET}", "X-API-Key": SECRET}}
    path = tmp_path / "new" / "cassette.yaml"
    assert _ask(path, answer, **request).content == body
    written = path.read_text("utf-8")
    assert SECRET not in written
    assert "10.0.0.8" not in written
    replayed = _ask(path, None, **request)
    assert replayed.status_code == 200
    assert replayed.text == scrub_text(body.decode())
    assert SCRUBBED in replayed.text
    assert int(replayed.headers["Content-Length"]) == len(replayed.content)


def test_short_secrets_stay_out_by_their_names() -> None:
    """By their value they would be found in words: header fields and parameters of addresses say what they are."""
    assert scrub_headers([("X-API-Key", "k3y"), ("Accept", "k3y")], ()) == [("X-API-Key", SCRUBBED), ("Accept", "k3y")]
    address = scrub_address("https://gpo.example.com/api?api_key=k3y&page=2")
    assert address == f"http://gpo.example.com/api?api_key={SCRUBBED}&page=2"


def test_bytes_that_are_no_text() -> None:
    """What is known is found in them too, also as they would be written in a text."""
    known = KnownSecrets()
    known.learn([SECRET])
    spelled = "".join(f"%{ord(character):02x}" for character in SECRET).encode()
    assert known.mask_bytes(b"\xff\x00" + spelled) == b"\xff\x00" + SCRUBBED.encode()


def _deflated(text: str) -> bytes:
    """Without zlib's head and checksum, as some servers understand the name (RFC 9110 §8.4.1.2)."""
    return zlib.compress(text.encode())[2:-4]


def _places() -> dict[str, httpx.Response]:
    """Answers that have the secret of their request where no name gives it away."""
    encoded = base64.b64encode(f"ana:{SECRET}".encode()).decode()
    escaped = "".join(f"\\u{ord(character):04x}" for character in SECRET)
    twice = f'{{"token": "{SECRET}", "token": null}}'
    return {
        "another name": httpx.Response(200, json={"note": f"you are {SECRET}", "jwt": SECRET}),
        "text": httpx.Response(200, text=f"hello {SECRET}"),
        "another header": httpx.Response(200, headers={"X-Echo": SECRET, "X-Session": f"v1.{SECRET}"}),
        "status line": httpx.Response(200, text="hello", extensions={"reason_phrase": f"OK {SECRET}".encode()}),
        "base64": httpx.Response(200, json={"opaque": encoded}),
        "escaped": httpx.Response(200, content=f'{{"a": "{escaped}"}}'.encode()),
        "twice": httpx.Response(200, content=twice.encode()),
        "utf-16": httpx.Response(200, content=json.dumps({"a": SECRET}).encode("utf-16")),
        "with a mark": httpx.Response(200, content=b"\xef\xbb\xbf" + json.dumps({"token": SECRET}).encode()),
        "events": httpx.Response(200, content=f"event: error\ndata: no {SECRET}\n\n".encode()),
        "a file": httpx.Response(200, content=b"\x00\xff" + SECRET.encode() + bytes(range(256))),
        "x-gzip": httpx.Response(200, headers={"Content-Encoding": "x-gzip"}, content=gzip.compress(SECRET.encode())),
        "deflate": httpx.Response(200, headers={"Content-Encoding": "deflate"}, content=zlib.compress(SECRET.encode())),
        "deflate alone": httpx.Response(200, headers={"Content-Encoding": "deflate"}, content=_deflated(SECRET)),
    }


@pytest.mark.parametrize("place", _places())
def test_a_secret_is_known_by_its_value(tmp_path: Path, place: str) -> None:
    """What went out as a credential is found under any name, in any text, and in any form that hides it thinly."""
    path = tmp_path / "cassette.yaml"
    question = {"query": f"My token is {SECRET}. Why?"}
    _ask(path, _places()[place], json=question, headers={"Authorization": f"ApiKey {SECRET}"})
    written = path.read_text("utf-8")
    wide = SECRET.encode("utf-16-le")
    for form in (SECRET, SECRET.encode().hex(), base64.b64encode(f"ana:{SECRET}".encode()).decode()[8:30]):
        assert form not in written
    assert base64.b64encode(wide).decode()[:40] not in written.replace("\n", "").replace(" ", "")
    assert "scrubbed" in written
    replayed = _ask(path, None, json=question, headers={"Authorization": f"ApiKey {SECRET}"})
    assert wide not in replayed.content
    assert SECRET.encode() not in replayed.content
    with suppress(zlib.error):
        assert SECRET.encode() not in zlib.decompress(replayed.content, -zlib.MAX_WBITS)


@given(secret=st.text(min_size=6, max_size=40), before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_secrets_within_base64(secret: str, before: bytes, after: bytes) -> None:
    """Wherever the secret begins in what was encoded, its own characters are not written."""
    known = KnownSecrets()
    known.learn([secret])
    data = secret.encode("utf-8", "replace")
    encoded = base64.b64encode(before + data + after).decode()
    if len(data) >= 8 and secret.strip() == secret:
        assert known.mask(encoded) != encoded


def test_short_and_common_words_are_no_secrets() -> None:
    """Or every text that has them would be changed."""
    known = KnownSecrets()
    known.learn_headers([("Authorization", "Bearer abc"), ("Cookie", "theme=dark"), ("X-Token", "scrubbed")])
    assert known.mask("Bearer abc of the dark, scrubbed") == "Bearer abc of the dark, scrubbed"


def test_what_cannot_be_read_is_not_recorded(tmp_path: Path) -> None:
    """A body that may hold anything is an error that says what to do."""
    answer = httpx.Response(200, headers={"Content-Encoding": "x-other"}, content=SECRET.encode())
    with pytest.raises(ValueError, match="compressed with 'x-other'"):
        _ask(tmp_path / "cassette.yaml", answer)
    with pytest.raises(ValueError, match="compressed with 'x-other'"):
        _ask(tmp_path / "cassette.yaml", httpx.Response(200), headers={"Content-Encoding": "x-other"}, content=b"a")
    for encoding, body in (("gzip", gzip.compress(SECRET.encode())), ("deflate", zlib.compress(SECRET.encode()))):
        with pytest.raises(ValueError, match=f"compressed with '{encoding}'"):
            _response(body[:-3], encoding)
    assert not [path for path in tmp_path.iterdir() if SECRET in path.read_text("utf-8")]


def test_what_was_decompressed_already() -> None:
    """Some libraries hand it on so, beside the field that it no longer fits."""
    for encoding in ("gzip", "deflate"):
        assert _response(b'{"token": "s3cr3t-t0k3n"}', encoding) == b'{"token": "scrubbed"}'


def _response(body: bytes, encoding: str) -> bytes:
    headers = {"Content-Encoding": [encoding], "Content-Type": ["application/json"]}
    response = {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"string": body}}
    recorded_as: bytes = vcr_config()["before_record_response"](response)["body"]["string"]
    return recorded_as


def test_files_stay_as_they_are(tmp_path: Path) -> None:
    """Bytes that are no text replay as they were."""
    data = bytes(range(256))
    _ask(tmp_path / "cassette.yaml", httpx.Response(200, content=data))
    assert _ask(tmp_path / "cassette.yaml", None).content == data


def test_tokens_on_a_cassette_never_expire() -> None:
    """Or a client that renews tokens would ask for a session that was not recorded."""
    (session,) = json.loads(scrub_text(json.dumps([{"token": SECRET, "expires_at": "2026-11-01T12:00:00Z"}])))
    assert time.strptime(session["expires_at"], "%Y-%m-%dT%H:%M:%SZ").tm_year == 2099
    kept = json.dumps({"document": {"expires_at": "2026-11-01T12:00:00Z"}})
    assert scrub_text(kept) == kept


@pytest.mark.parametrize(
    "body",
    [
        f"grant_type=client_credentials&client_secret={SECRET}",
        f"<session><token>{SECRET}</token></session>",
        f'<session token="{SECRET}"/>',
        json.dumps({"sent": json.dumps({"sent": json.dumps({"token": SECRET})})}),
        json.dumps({"next": f"https://gpo.example.com/?access_token={SECRET}&page=2"}),
        json.dumps({"callback": f"https://ana:{SECRET}@gpo.example.com/"}),
        json.dumps({"detail": f"I was called with Authorization: ApiKey {SECRET}"}),
        f"token: {SECRET}\n",
        json.dumps([{"name": "token", "value": SECRET}]),
        json.dumps({"parameters": [{"key": "password", "val": SECRET, "scope": "all"}]}),
        json.dumps({"value": SECRET, "headerName": "X-API-Key"}),
        json.dumps({"Name": "Authorization", "Values": [SECRET, SECRET]}),
        json.dumps({"k": "client_secret", "v": {"plain": SECRET}}),
        json.dumps({"headers": [["Accept", "text/html"], ["Authorization", f"ApiKey {SECRET}"]]}),
        json.dumps({"sent": json.dumps([{"name": "token", "stringValue": SECRET}])}),
        f'data: [{{"name": "token", "in": "body",\ndata: "value": "{SECRET}"}}]\n\n',
        f"name=token&value={SECRET}&page=2",
        f"<param value='{SECRET}' name='token'/>",
        f"- name: token\n  value: {SECRET}\n",
        f"$ curl --user ana:{SECRET} https://gpo.example.com/",
    ],
)
def test_names_of_secrets_in_any_format(body: str) -> None:
    """Not in JSON alone: forms, XML, JSON in JSON, addresses, header lines and commands have such names too."""
    scrubbed = scrub_text(body)
    assert SECRET not in scrubbed
    assert SCRUBBED in scrubbed
    assert scrub_text(scrubbed) == scrubbed


def test_a_secret_in_a_form_is_known_from_there() -> None:
    """As one in JSON is."""
    known = KnownSecrets()
    scrub_text("scope=all&client_secret=pa55%2Fw0rd", known.learn)
    scrub_text(json.dumps({"sent": json.dumps({"token": SECRET})}), known.learn)
    assert known.mask(f"pa55/w0rd and {SECRET}") == f"{SCRUBBED} and {SCRUBBED}"


@pytest.mark.parametrize(
    "body",
    [
        "key=token&value=%s",
        '[{"name": "token", "value": "%s"}]',
        '[["X-API-Key", "%s"]]',
        '{"k": "token", "v": ["%s"]}',
    ],
)
def test_a_secret_that_another_value_names_is_known_from_there(body: str) -> None:
    """As one that goes under its own name."""
    known = KnownSecrets()
    scrub_text(body % SECRET, known.learn)
    assert known.mask(f"and {SECRET}") == f"and {SCRUBBED}"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "token", "reason": "it has expired"},
        {"errors": [{"field": "password", "message": "is too short"}]},
        {"title": "Reset your password", "value": "by mail"},
        {"type": "token", "content": "Mexico "},
        {"name": "page", "value": "2"},
        {"words": ["a token", "is a word"]},
    ],
    ids=str,
)
def test_what_only_speaks_of_secrets_stays(body: Any) -> None:
    """Or recordings would replay something else."""
    written = json.dumps(body)
    assert scrub_text(written) == written


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "title"]), inner),
    max_leaves=8,
)


@given(JSON, st.lists(st.sampled_from(["a", 0]), max_size=5))
def test_a_token_at_any_depth_is_found(beside: Any, way: list[object]) -> None:
    """And scrubbing twice changes nothing more, because cassettes are scrubbed when they are read, too."""
    value: Any = {"refresh-token": SECRET, "beside": beside}
    for step in way:
        value = [beside, value] if step == 0 else {"a": value, "b": beside}
    scrubbed = scrub_text(json.dumps(value))
    assert SECRET not in scrubbed
    assert scrub_text(scrubbed) == scrubbed
    assert json.dumps(json.loads(scrubbed)) == json.dumps(value).replace(SECRET, SCRUBBED)


def test_the_settings_are_yours_to_change() -> None:
    """Each call gives new ones."""
    vcr_config()["match_on"].append("headers")
    assert "headers" not in vcr_config()["match_on"]


@recorded("does-not-matter.yaml", record_mode="none")
async def _decorated() -> str:
    return "returned"


async def test_it_decorates_coroutine_functions() -> None:
    """As well as it serves `with`."""
    assert await _decorated() == "returned"


def test_unknown_modes_are_refused() -> None:
    """With the argument's name."""
    with pytest.raises(InvalidArgumentError, match="record_mode must be one of once, none") as caught:
        recorded("cassette.yaml", record_mode="never")  # type: ignore[arg-type]
    assert caught.value.field == "record_mode"


def test_without_vcrpy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings can be had all the same."""
    monkeypatch.setitem(sys.modules, "vcr", None)
    with pytest.raises(ImportError, match=r'vcrpy.*pip install "gpo-client\[testing\]"'):
        recorded("cassette.yaml")
    assert vcr_config()
