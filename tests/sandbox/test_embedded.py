"""Sandboxes inside a program."""

import gc
import importlib
import socket
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

import gpo_sandbox
from gpo_sandbox import SandboxSettings, SettingsError, running_sandbox

from .conftest import Opener
from .visitor import ROYALTIES, Visitor


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "gpo-sandbox"]


def test_several_at_once_and_one_after_the_other() -> None:
    """Each has a port and data of its own, and none leaves anything behind."""
    before = _threads()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with ExitStack() as stack:
                running = [stack.enter_context(running_sandbox()) for _ in range(3)]
                assert len({sandbox.base_url for sandbox in running}) == 3
                assert len(_threads()) == len(before) + 3
                for sandbox in running:
                    assert httpx.get(sandbox.base_url, trust_env=False).status_code == 404
                    assert sandbox.base_url == f"http://127.0.0.1:{sandbox.settings.port}"
    assert _threads() == before


def test_settings_and_changes(visit: Opener) -> None:
    """Changes beat settings; the port is a free one unless it is asked for."""
    settings = SandboxSettings(chunk_delay_s=0, token_ttl_s=60)
    with running_sandbox(settings, token_ttl_s=1e-6) as sandbox:
        assert (sandbox.settings.chunk_delay_s, sandbox.settings.token_ttl_s) == (0, 1e-6)
        port = sandbox.settings.port
        assert port != settings.port
    with running_sandbox(port=port) as again:
        assert again.settings.port == port
        assert visit(again).get("/api/Documents").status_code == 200


def test_what_cannot_start_says_why() -> None:
    """Errors come to the caller, and nothing stays open."""
    with pytest.raises(SettingsError, match="port"), running_sandbox(port=-1):
        pass
    with pytest.raises(SettingsError, match="db"), running_sandbox(db="no-such-folder/x.db"):
        pass
    with running_sandbox() as sandbox, pytest.raises(OSError, match=r".+"), running_sandbox(port=sandbox.settings.port):
        pass


def test_an_error_in_the_block_stops_it_too() -> None:
    """The sandbox ends with its block, however that ends."""
    before = _threads()
    with pytest.raises(KeyError), running_sandbox():
        raise KeyError
    assert _threads() == before


def test_stopping_ends_open_streams() -> None:
    """A stream that would take hours ends, cut short but cleanly, when the sandbox stops."""
    with ExitStack() as stack:
        with running_sandbox(chunk_delay_s=3600) as sandbox:
            visitor = Visitor(sandbox.base_url)
            stack.callback(visitor.http.close)
            received = stack.enter_context(visitor.opened(ROYALTIES)).iter_text()
            assert next(received) == "retry: 1000\n\n"
        assert list(received) == []


def test_a_stopped_clock_does_not_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests freeze the time; the sandbox answers all the same, pauses included, and ends."""

    def serve() -> None:
        with running_sandbox(chunk_delay_s=0.001) as sandbox:
            visitor = Visitor(sandbox.base_url)
            assert visitor.stream(ROYALTIES)[-1].data["is_complete"]
            visitor.http.close()
        ended.set()

    ended = threading.Event()
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    threading.Thread(target=serve, daemon=True).start()
    assert ended.wait(30)


def test_a_client_that_does_not_finish_does_not_hold_it_up() -> None:
    """Connections that are stuck in the middle of a request are hung up on."""
    head = b"POST /api/User/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n"
    head += b"Content-Type: application/json\r\n\r\n"
    with ExitStack() as stack:
        with running_sandbox() as sandbox:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", sandbox.settings.port)))
            connection.sendall(head)
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        assert connection.recv(100) == b""


def test_a_client_that_does_not_read_does_not_hold_it_up(visit: Opener) -> None:
    """Answers that nobody takes are dropped."""
    with running_sandbox() as sandbox:
        token = visit(sandbox).session["token"]
        head = f"GET /api/Documents?page_size=100 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        connection = socket.create_connection(("127.0.0.1", sandbox.settings.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(head.encode() * 400)
        connection.recv(1)
    connection.close()


def test_a_visitor_who_comes_as_it_stops() -> None:
    """A connection that was just taken is closed like any other; from 3.12 on, asyncio would leave it open."""
    for _ in range(10):
        with running_sandbox() as sandbox:
            visitor = socket.create_connection(("127.0.0.1", sandbox.settings.port))
        visitor.close()
    gc.collect()


def test_many_visitors_at_once(visit: Opener) -> None:
    """Requests in parallel do not get into each other's way."""
    with running_sandbox(chunk_delay_s=0.001) as sandbox, ThreadPoolExecutor(8) as pool:
        visitors = [visit(sandbox) for _ in range(8)]
        streams = list(pool.map(lambda visitor: visitor.stream(ROYALTIES), visitors))
    contents = {tuple(event.data["content"] for event in stream) for stream in streams}
    assert len(contents) == 1
    assert len({stream[0].id for stream in streams}) == 8


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its packages, importing the sandbox says what to install."""
    for name in list(sys.modules):
        if name.partition(".")[0] in ("starlette", "uvicorn") or name.startswith("gpo_sandbox"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    with pytest.raises(ImportError, match=r'pip install "gpo-client\[sandbox\]"'):
        importlib.import_module("gpo_sandbox")


def test_public_names() -> None:
    """What the package hands out."""
    assert set(gpo_sandbox.__all__) == {
        "RunningSandbox", "SandboxSettings", "SettingsError", "create_app", "running_sandbox",
    }  # fmt: skip
