"""The service behind the page, without a browser."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gpo_client import SyncGPOCoreClient
from gpo_sandbox import RunningSandbox
from gpo_sandbox.playground import running_playground
from gpo_sandbox.playground.__main__ import main
from tests.relay.browser import Page
from tests.support.services import connected, running_service


@pytest.fixture(scope="module")
def fast() -> Iterator[RunningSandbox]:
    with running_playground(chunk_delay_s=0) as running:
        yield running


@pytest.fixture
def visitor(fast: RunningSandbox) -> Iterator[httpx.Client]:
    """A visitor who has opened the page."""
    with httpx.Client(base_url=fast.base_url, trust_env=False, timeout=30) as http:
        http.get("/")
        yield http


#: What else the page may do.
_POLICY = {
    **dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors", "trusted-types"), "'none'"),
    "connect-src": "'self'",
    "img-src": "data:",
    "require-trusted-types-for": "'script'",
}


def test_page_needs_nothing_else(fast: RunningSandbox) -> None:
    """One document: nothing in it is loaded from anywhere, and its policy forbids it anyway."""
    page = httpx.get(fast.base_url, trust_env=False)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    for own in ("script-src", "style-src"):
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", policy.pop(own)), own
    assert policy == _POLICY
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    assert "innerHTML" not in page.text
    assert "/*script*/" not in page.text
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_sandbox_is_served_beside_it(fast: RunningSandbox) -> None:
    """A client uses the same address as ever, and unknown paths are problems as ever."""
    with SyncGPOCoreClient(base_url=fast.base_url) as client:
        conversation = client.open_conversation({"instance_id": "i", "user_id": "u"})
        assert conversation.stream("What is RESICO?").collect().is_complete
    unknown = httpx.get(f"{fast.base_url}/unknown", trust_env=False)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert unknown.headers["x-request-id"]


def test_only_the_page_is_served(fast: RunningSandbox) -> None:
    """Whoever brings no cookie of ours has not come from the page; other sites' pages are refused."""
    bare = httpx.get(f"{fast.base_url}/playground/conversations", trust_env=False)
    assert (bare.status_code, bare.json()["code"]) == (403, "not_authorized")
    cookies = {"gpo_playground": "x" * 100}
    assert httpx.get(f"{fast.base_url}/playground/ask?query=x", cookies=cookies, trust_env=False).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://example.com"}, 403), ({"Origin": "http://127.0.0.1:1"}, 403), ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 421), ({"Host": "evil.example"}, 421),
    ],
)  # fmt: skip
def test_other_sites_are_refused(visitor: httpx.Client, headers: dict[str, str], status: int) -> None:
    """Even with the cookie, whatever they ask for; and nothing is done."""
    for path in ("/playground/ask?query=x", "/playground/conversations", "/playground/conversations/x", "/"):
        refused = visitor.get(path, headers=headers)
        assert (refused.status_code, refused.headers["x-request-id"]) == (status, refused.json()["request_id"])
        assert "set-cookie" not in refused.headers
    for path in ("/playground/conversations", "/playground/stop", "/playground/cut"):
        assert visitor.post(path, json={"title": "theirs"}, headers=headers).status_code == status
    assert visitor.get("/playground/conversations").json() == []


@pytest.mark.parametrize("given", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_only_json_changes_anything(visitor: httpx.Client, given: str | None) -> None:
    """A form of another page could send the rest."""
    headers = {"Content-Type": given} if given else {}
    refused = visitor.post("/playground/conversations", content=b'{"title": "theirs"}', headers=headers)
    assert refused.status_code == 415
    assert visitor.get("/playground/conversations").json() == []


def test_cookies_that_were_not_given_out(fast: RunningSandbox) -> None:
    """Are nobody's, and the page replaces them."""
    for made_up in ("AAAA", "x" * 43, "visitor-1", ""):
        headers = {"Cookie": f"gpo_playground={made_up}"}
        with httpx.Client(base_url=fast.base_url, trust_env=False, headers=headers) as http:
            assert http.get("/playground/conversations").status_code == 403
            assert http.post("/playground/conversations", json={"title": "x"}).status_code == 403
            given = http.get("/").cookies["gpo_playground"]
        assert given != made_up
        with httpx.Client(base_url=fast.base_url, trust_env=False, cookies={"gpo_playground": given}) as http:
            assert http.get("/playground/conversations").status_code == 200
            assert "set-cookie" not in http.get("/").headers


def test_links_from_elsewhere_replace_no_cookie(fast: RunningSandbox) -> None:
    """The browser keeps the cookie back then, so the page is loaded once more; only that may give out another."""
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    first = httpx.get(fast.base_url, headers=followed, trust_env=False)
    assert (first.status_code, first.headers["refresh"]) == (200, "0; url=/?here")
    assert "set-cookie" not in first.headers
    again = httpx.get(f"{fast.base_url}/?here", headers=followed, trust_env=False)
    assert "refresh" not in again.headers
    assert "set-cookie" in again.headers


def test_nobody_becomes_a_visitor(visitor: httpx.Client, fast: RunningSandbox) -> None:
    """Neither what a visitor asked nor the cookie is to be had through the API, whoever one says to be."""
    cookie = visitor.cookies["gpo_playground"]
    conversation = visitor.post("/playground/conversations", json={"title": "quetzal"}).json()["id"]
    visitor.get("/playground/ask", params={"query": "What is RESICO?", "conversation": conversation})
    for instance_id in ("playground", f"playground-{cookie}", "i"):
        for user_id in ("mallory", f"playground-{cookie}", f"visitor-{cookie}", cookie):
            context = {"instance_id": instance_id, "user_id": user_id}
            token = httpx.post(f"{fast.base_url}/api/User/session", json=context, trust_env=False).json()["token"]
            with httpx.Client(base_url=fast.base_url, headers={"Authorization": f"Bearer {token}"}) as http:
                seen = [http.get("/api/Chat/history"), http.get("/api/User")]
                seen += [http.post(f"/api/{name}", json={}) for name in ("QuestionDetails", "TopSourceDocuments")]
            told = "".join(answer.raise_for_status().text for answer in seen).replace(user_id, "")
            assert not any(secret in told for secret in ("quetzal", "RESICO", conversation, cookie))


def test_faults_are_not_switched_on(visitor: httpx.Client, fast: RunningSandbox) -> None:
    """Slow motion is for the page's visitors: nobody else asks for faults unless the setting says so."""
    with SyncGPOCoreClient(base_url=fast.base_url, max_retries=0) as client:
        context = client.session({"instance_id": "i", "user_id": "u"})
        assert client.chat(context, {"query": "?"}, headers={"X-GPO-Fault": "status=500"}).message_content
    asked = visitor.get("/playground/ask", params={"query": "?"}, headers={"X-GPO-Fault": "status=500*all"})
    assert '"is_complete":true' in asked.text


@pytest.mark.parametrize("query", ["", "   ", "x" * 4001])
def test_impossible_questions(visitor: httpx.Client, query: str) -> None:
    """They are refused before anybody is asked."""
    answer = visitor.get("/playground/ask", params={"query": query})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_question")


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id": 5}', b'{"id": "unknown"}', b"x" * 10_000, b"\xff"])
def test_wishes_that_mean_nothing(visitor: httpx.Client, body: bytes) -> None:
    """They change nothing."""
    for what in ("stop", "cut"):
        assert visitor.post(f"/playground/{what}", content=body, headers=JSON).status_code == 404


def test_connections_are_cut_by_their_visitor_alone(visitor: httpx.Client, fast: RunningSandbox) -> None:
    """Whoever knows or guesses the id that another's page made up for itself does nothing to its connection."""
    asked, wish = {"query": "What is RESICO?", "page": "p", "slow": "1"}, {"page": "p"}
    with httpx.Client(base_url=fast.base_url, trust_env=False, timeout=30) as other:
        other.get("/")
        with visitor.stream("GET", "/playground/ask", params=asked) as answer:
            next(answer.iter_raw())
            assert other.post("/playground/cut", json=wish).status_code == 404
            with other.stream("GET", "/playground/ask", params=asked) as others_answer:
                next(others_answer.iter_raw())
                assert visitor.post("/playground/cut", json=wish).status_code == 204
                assert other.post("/playground/cut", json=wish).status_code == 204


def test_answers_are_stopped_by_their_visitor_alone(visitor: httpx.Client, fast: RunningSandbox) -> None:
    """Whoever has seen the ids of an answer's events does nothing to it."""
    with httpx.Client(base_url=fast.base_url, trust_env=False, timeout=30) as other:
        other.get("/")
        with visitor.stream("GET", "/playground/ask", params={"query": "What is RESICO?", "slow": "1"}) as answer:
            event_id = re.search(rb"id: (\S+)", next(answer.iter_raw()))
            assert event_id is not None
            wish = {"id": event_id[1].decode()}
            assert other.post("/playground/stop", json=wish).status_code == 404
            assert visitor.post("/playground/stop", json=wish).status_code == 204


def test_cookies_say_nothing(tmp_path: Path) -> None:
    """They are random, and nothing that is kept of a visitor has them in it, or is made of them."""
    with running_playground(db=str(tmp_path / "sandbox.db"), chunk_delay_s=0) as running:
        cookies: list[str] = []
        for _ in range(2):
            with httpx.Client(base_url=running.base_url, trust_env=False, timeout=30) as http:
                cookies.append(http.get("/").cookies["gpo_playground"])
                assert "is_complete" in http.get("/playground/ask", params={"query": "What is RESICO?"}).text
        kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"visitor-" in kept
    assert not [cookie for cookie in cookies if cookie.encode() in kept]
    assert [len(base64.urlsafe_b64decode(f"{cookie}=")) for cookie in {*cookies}] == [32, 32]


def test_connections_end_with_their_answers(visitor: httpx.Client, fast: RunningSandbox) -> None:
    """Then there is nothing to cut: the connection may serve another request by now."""
    codes, asked = list[int](), {"query": "What is RESICO?", "page": "p"}
    while 404 not in codes and len(codes) < 20:  # the end is here a moment before the service has taken note of it
        with httpx.Client(base_url=fast.base_url, trust_env=False, cookies=visitor.cookies) as other:
            other.get("/playground/ask", params=asked)
            codes.append(visitor.post("/playground/cut", json={"page": "p"}).status_code)
    assert 404 in codes


def test_unknown_conversations(visitor: httpx.Client) -> None:
    """Reading one is refused; a question in one is answered with an event that says so."""
    answer = visitor.get("/playground/conversations/unknown")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    asked = visitor.get("/playground/ask", params={"query": "x", "conversation": "unknown"})
    assert (asked.status_code, '"code":"not_found"' in asked.text) == (200, True)


def test_command_serves_and_ends(tmp_path: Any) -> None:
    """One command; told to stop in the middle of an answer, it ends at once and without a complaint."""
    command = ("-m", "gpo_sandbox.playground", "--port", "0", "--chunk-delay-s", "10")
    with running_service(*command, announced=r"playground on (http://\S+)/") as service:
        with httpx.Client(base_url=service.base_url, trust_env=False) as http:
            cookie = http.get("/").cookies["gpo_playground"]
        page = Page()
        headers = {"Cookie": f"gpo_playground={cookie}"}
        with connected(f"{service.base_url}/playground/ask?query=RESICO", page, headers) as parts:
            next(parts)
            service.interrupt()
            list(parts)
        assert not page.is_complete
        assert service.ended() == 0


def test_command_can_have_another_name(capsys: pytest.CaptureFixture[str]) -> None:
    """As a part of a larger command; the help has every setting of the sandbox."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"], prog="gpo sandbox")
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert shown.startswith("usage: gpo sandbox ")
    assert "--token-ttl-s" in shown


def test_command_refuses_bad_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """As the sandbox does."""
    assert main(["--port", "x"]) == 2
    assert "--port" in capsys.readouterr().err
