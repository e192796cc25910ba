"""What generated code describes is sent: files, forms, bytes and cookies, with progress, on every transport."""

from __future__ import annotations

import io
from collections.abc import Callable
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import InvalidArgumentError
from gpo_client.operations.call import Call, Request, generated
from gpo_client.operations.generated import request_from, urlencoded
from gpo_core_client.models import Country
from tests.support.events import json_answer
from tests.support.wire import Answer, Received, WireServer

_COUNTRY = json_answer({"country_id": "MX", "name": "Mexico"})


def _kwargs(**more: Any) -> dict[str, Any]:
    return {"method": "post", "url": "/api/Try", **more}


def _files(*files: tuple[str, tuple[Any, ...]]) -> dict[str, Any]:
    headers = {"Content-Type": "multipart/form-data; boundary=+++"}  # as the generator writes it
    return _kwargs(files=list(files), headers=headers)


def _call(request: Request) -> Call[Any]:
    return Call("tryIt", request, generated(Country), creates=True)


def _parts(request: Request | Received) -> list[tuple[str, str | None, str, Any]]:
    """Name, file name, media type and content of each part, as the standard library reads them."""
    body = request.content if isinstance(request, Request) else request.body
    media = {name.lower(): value for name, value in request.headers.items()}["content-type"]
    message = BytesParser().parsebytes(b"Content-Type: " + media.encode() + b"\r\n\r\n" + (body or b""))
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.walk()
        if not part.is_multipart()
    ]


@pytest.mark.parametrize("transport", ["own", "httpx", "httpx2"])
async def test_upload(connect: Callable[..., Any], transport: str, tmp_path: Path) -> None:
    """Every byte arrives, also at the second attempt, and progress goes from nothing to all of it each time."""
    if transport == "httpx2":
        pytest.importorskip("httpx2")
    file = tmp_path / "notes.txt"
    file.write_bytes(b"n" * 200_000)
    told: list[tuple[int, int | None]] = []
    with file.open("rb") as opened, WireServer(Answer(status=503, headers={"Retry-After": "0"}), _COUNTRY) as server:
        request = request_from(
            _files(("note", (None, b"see", "text/plain")), ("file", (None, opened, None))),
            on_progress=lambda *progress: told.append(progress),
        )
        async with connect(base_url=server.base_url, transport=transport) as client:
            assert (await client._call(_call(request), {})).name == "Mexico"
        first, second = server.requests
    assert first.body == second.body == request.content
    assert _parts(second) == [("note", None, "text/plain", b"see"), ("file", "notes.txt", "text/plain", b"n" * 200_000)]
    total = len(request.content or b"")
    half = len(told) // 2
    assert half > 3
    assert told[:half] == told[half:]
    assert (told[0], told[half - 1]) == ((0, total), (total, total))
    assert sorted(told[:half]) == told[:half]


@pytest.mark.parametrize("transport", ["own", "httpx"])
async def test_progress_that_raises(connect: Callable[..., Any], transport: str) -> None:
    """What it raises ends the upload and comes out as it is."""

    def enough(size: int, total: int | None) -> None:
        raise KeyError("enough")

    request = request_from(_files(("file", ("a", b"x" * 100, None))), on_progress=enough)
    with WireServer(_COUNTRY) as server:
        async with connect(base_url=server.base_url, transport=transport) as client:
            with pytest.raises(KeyError, match="enough"):
                await client._call(_call(request), {})


async def test_other_bodies(connect: Callable[..., Any]) -> None:
    """Forms, bytes, files as bytes and cookies go out as they should."""
    bodies = [
        (_kwargs(data={"a": [1, True], "b": None, "c": "ä&"}), b"a=1&a=true&b=&c=%C3%A4%26"),
        (_kwargs(content=b"raw"), b"raw"),
        (_kwargs(content=io.BytesIO(b"file")), b"file"),
        (_kwargs(json={"a": 1}), b'{"a":1}'),
        (_kwargs(cookies={"sid": "s", "lang": "es"}), b""),
    ]
    with WireServer(then=lambda _: _COUNTRY) as server:
        async with connect(base_url=server.base_url) as client:
            for kwargs, _ in bodies:
                await client._call(_call(request_from(kwargs)), {})
    assert [request.body for request in server.requests] == [body for _, body in bodies]
    assert server.requests[-1].headers["cookie"] == "sid=s; lang=es"


class _Odd(io.BytesIO):
    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("kwargs", "word"),
    [
        (_files(("f", ("n", io.StringIO("text"), None))), "opened as text"),
        (_files(("f", ("n", 5, None))), "f cannot be read"),
        (_files(("f", ("n", b"", "text/plain\r\nX: y"))), "line break"),
        (_kwargs(json=object()), "JSON"),
        (_kwargs(cookies={"sid": "a;b"}), "cookie sid"),
        (_kwargs(cookies={"sid": 3}), "cookie sid"),
        (_kwargs(extensions={}), "cannot send extensions"),
    ],
)
def test_what_cannot_be_sent(kwargs: dict[str, Any], word: str) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(InvalidArgumentError, match=word):
        request_from(kwargs)
    closed = io.BytesIO()
    closed.close()
    with pytest.raises(InvalidArgumentError, match="closed"):
        request_from(_kwargs(content=closed))


def test_files_are_sent_whole() -> None:
    """A file that was read before is sent from its beginning; one without a name is given one."""
    file, pipe = io.BytesIO(b"whole"), _Odd(b"rest")
    file.read()
    request = request_from(_files(("a", (None, file, None)), ("b", ('x"\r\n.csv', pipe, None))))
    assert [part[1:] for part in _parts(request)] == [
        ("upload", "application/octet-stream", b"whole"),
        ("x%22%0D%0A.csv", "text/csv", b"rest"),
    ]
    assert request_from(_files(("a", (None, file, None)))).headers["Content-Type"].startswith("multipart/form-data; ")


_NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\"'\\"), min_size=1, max_size=9
)


@given(st.lists(st.tuples(_NAMES, st.binary(max_size=40)), min_size=1, max_size=4))
def test_parts_as_httpx_has_them(fields: list[tuple[str, bytes]]) -> None:
    """Whatever the bytes, the parts are those that httpx writes, and no boundary is inside one."""
    files = [(name, ("n.bin", content, "application/x")) for name, content in fields]
    request = request_from(_files(*files))
    media = request.headers["Content-Type"]
    theirs = httpx.Request("POST", "http://x", files=files, headers={"Content-Type": media}).read()
    assert request.content == theirs
    assert all(media.rpartition("=")[2].encode() not in content for _, content in fields)


@given(
    st.dictionaries(_NAMES, st.one_of(st.text(st.characters(codec="utf-8")), st.integers(), st.booleans(), st.none()))
)
def test_forms_as_httpx_has_them(fields: dict[str, Any]) -> None:
    """A form is read as the one that httpx writes."""
    theirs = httpx.Request("POST", "http://x", data=fields).read()
    assert httpx.QueryParams(urlencoded(fields)) == httpx.QueryParams(theirs.decode())
