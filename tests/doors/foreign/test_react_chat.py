"""examples/react_chat in Chromium: loaded again in mid-answer, with two processes behind nginx and a log in Redis."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.doors.foreign.node import PACKAGES, ROOT, SCRIPTS, node, npm_packages
from tests.playground.conftest import ARTIFACTS
from tests.support.events import (
    answer_events,
    chunk,
    conversation,
    final,
    json_answer,
    numbered,
    page_of,
    problem_answer,
    session,
    source,
    stream_answer,
)
from tests.support.programs import free_ports, running
from tests.support.wire import Answer, End, Received, WireServer

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.redis]

EXAMPLE = ROOT / "examples" / "react_chat"
QUESTION = "Which tax regimes can a technology company choose?"
TEXTS = [
    "A technology company that is resident in Mexico is in the general regime [1], ",
    "or in RESICO, if its members are natural persons and it earns less than 35 million pesos a year [2].",
]
SOURCES = [source("a", title="Income Tax Act, Title II"), source("b", title="RESICO for companies")]
#: Where the picture in the documents comes from: PICTURES=1 writes it there.
PICTURE = (ROOT / "docs" / "images" if os.environ.get("PICTURES") else ARTIFACTS) / "react-chat.png"
NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{
  access_log {folder}/access.log combined;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  log_format way '$upstream_addr $request';
  # Whoever is asked for an answer is never asked to resume it.
  map $request_method $service {{ POST 127.0.0.1:{ports[0]}; default 127.0.0.1:{ports[1]}; }}
  server {{
    listen 127.0.0.1:{ports[2]}; access_log {folder}/way.log way;
    location / {{ proxy_pass http://$service; }}
  }}
}}
"""


def test_versions_are_those_that_are_tried() -> None:
    """The example asks for the packages that these tests install."""
    tried = json.loads((SCRIPTS / "package.json").read_text())["dependencies"]
    shown = json.loads((EXAMPLE / "package.json").read_text())["dependencies"]
    assert shown.items() <= tried.items()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built page."""
    built_page = tmp_path_factory.mktemp("page")
    folder = npm_packages() / "react_chat"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("dist", "node_modules", "__pycache__"))
    built = [node(), str(PACKAGES / "node_modules/vite/bin/vite.js"), "build", "--outDir", str(built_page)]
    subprocess.run([*built, "--emptyOutDir"], cwd=folder, check=True, capture_output=True, timeout=120)
    return built_page


def service(answer: Answer) -> Callable[[Received], Answer]:
    """A service with one conversation, in which one question is answered."""
    said: list[dict[str, Any]] = []

    def respond(request: Received) -> Answer:
        if request.target == "/api/Chat":
            about = {"conversation_id": "conv_01", "created_at": "2026-11-01T12:00:00Z"}
            said.append({"message_id": "msg_00", "role": "user", "content": request.json["query"], **about})
            return answer
        if request.method == "GET":
            return json_answer(page_of(*said))
        return json_answer(session() if request.target.endswith("/session") else conversation())

    return respond


def test_streamed_cited_and_resumed(
    page: Path, redis_address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The answer goes on where it is, whichever process is asked, and is there once, with its sources."""
    browser: Any = request.getfixturevalue("chromium")
    ports = free_ports(3)
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, ports=ports))
    address = f"http://127.0.0.1:{ports[2]}"
    gate = Event()
    first, *others = numbered([*map(chunk, TEXTS), final(sources=SOURCES)])
    with ExitStack() as stack:
        upstream = stack.enter_context(WireServer(then=service(stream_answer(first, gate, *others))))
        command = [sys.executable, str(EXAMPLE / "service.py"), "--page", str(page), "--redis", redis_address]
        for port in ports[:2]:
            log, told = tmp_path / f"{port}.log", {"GPO_API_BASE_URL": upstream.base_url}
            stack.enter_context(running([*command, "--port", str(port)], port, log, **told))
        nginx = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
        stack.enter_context(running(nginx, ports[2], tmp_path / "nginx.log"))
        tab = browser.new_page(viewport={"width": 900, "height": 340})
        stack.callback(tab.close)
        tab.goto(address)
        tab.get_by_label("Question").fill(QUESTION)
        tab.get_by_role("button", name="Ask").click()
        answer = tab.locator("article.assistant")
        tab.get_by_text("general regime").wait_for(timeout=60_000)
        tab.reload()
        tab.get_by_text("general regime").wait_for(timeout=60_000)
        gate.set()
        answer.get_by_text("RESICO for companies").wait_for(timeout=60_000)
        assert (answer.count(), answer.inner_text().count("".join(TEXTS))) == (1, 1)
        PICTURE.parent.mkdir(exist_ok=True)
        tab.screenshot(path=PICTURE)
    way = [line.split() for line in (tmp_path / "way.log").read_text().splitlines()]
    asked = [where for where, method, path, *_ in way if (method, path) == ("POST", "/api/chat")]
    resumed = [where for where, _, path, *_ in way if path.endswith("/stream")]
    assert asked == [f"127.0.0.1:{ports[0]}"]
    assert resumed == [f"127.0.0.1:{ports[1]}"] * 2


@contextmanager
def visiting(page: Path, folder: Path, browser: Any, answer: Answer) -> Generator[tuple[Any, WireServer]]:
    """A tab that has asked, in front of a service with this answer, and the service."""
    (port,) = free_ports(1)
    command = [sys.executable, str(EXAMPLE / "service.py"), "--page", str(page), "--port", str(port)]
    settings = {"GPO_API_MAX_RETRIES": "0", "GPO_API_MAX_RESUMES": "0"}
    with (
        WireServer(then=service(answer)) as upstream,
        running(command, port, folder / "log", GPO_API_BASE_URL=upstream.base_url, **settings),
        closing(browser.new_page()) as tab,
    ):
        tab.goto(f"http://127.0.0.1:{port}")
        tab.get_by_label("Question").fill(QUESTION)
        tab.get_by_role("button", name="Ask").click()
        yield tab, upstream


def test_cancelled(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Its button for that stops the answer at the service; what there is of it stays."""
    first, *_ = answer_events("Zero ", "one.")
    browser = request.getfixturevalue("chromium")
    with visiting(page, tmp_path, browser, stream_answer(first, end=End.STALL)) as (tab, upstream):
        tab.get_by_role("button", name="Stop").click()
        upstream.wait_closed()
        assert tab.locator("article.assistant").inner_text().strip() == "Zero"


def test_errors(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with visiting(page, tmp_path, request.getfixturevalue("chromium"), problem_answer(429)) as (tab, _):
        assert "too many questions" in tab.get_by_role("alert").inner_text(timeout=60_000)
