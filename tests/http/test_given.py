"""Clients of httpx and httpx2 that users give: over HTTP/2, and with hooks and auth that read bodies themselves."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import aclosing
from importlib import import_module
from pathlib import Path
from queue import Queue
from typing import Any

import anyio
import attrs
import pytest
import trustme

from gpo_client import StreamInterruptedError, StreamTimeoutError, SyncGPOCoreClient, UsageError
from gpo_client.http.given import GivenAsyncExchange, GivenSyncExchange
from gpo_client.operations import chat
from tests.client.conftest import Connect, Serve
from tests.support.events import json_answer, stream_answer
from tests.support.h2_server import H2Server
from tests.support.programs import free_ports, running
from tests.support.question import AT_ONCE, CONTEXT, EVENTS, QUESTION, TEXTS, WHOLE, cut, rest, whole_answer
from tests.support.wire_script import Answer, End, Received

pytestmark = pytest.mark.parametrize("library", ["httpx", "httpx2"])


@pytest.fixture
def given(library: str, runtime: str) -> Callable[..., Any]:
    """Makes a client of the library for the test's runtime."""
    return getattr(import_module(library), "Client" if runtime == "sync" else "AsyncClient")  # type: ignore[no-any-return]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What each read of an exchange has brought."""
    seen: list[bytes] = []
    sync_read, async_read = GivenSyncExchange.read, GivenAsyncExchange.read

    def read(exchange: GivenSyncExchange, timeout: float | None) -> bytes:
        seen.append(sync_read(exchange, timeout))
        return seen[-1]

    async def aread(exchange: GivenAsyncExchange, timeout: float | None) -> bytes:
        seen.append(await async_read(exchange, timeout))
        return seen[-1]

    monkeypatch.setattr(GivenSyncExchange, "read", read)
    monkeypatch.setattr(GivenAsyncExchange, "read", aread)
    return seen


@pytest.fixture
def http2(given: Callable[..., Any], authority: trustme.CA) -> Callable[[], Any]:
    """Makes one that speaks HTTP/2."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return lambda: given(http2=True, verify=context)


async def _close(http: Any) -> None:
    await http.aclose() if hasattr(http, "aclose") else http.close()


async def test_chunks_come_in_time(
    http2: Callable[[], Any], connect_once: Connect, server_tls: ssl.SSLContext, reads: list[bytes]
) -> None:
    """Each is read before the next is sent, with one read each, and the end follows at once."""
    gates = [threading.Event() for _ in EVENTS]
    pieces = [part for gate, event in zip(gates, EVENTS, strict=True) for part in (gate, event)]
    http = http2()
    with H2Server(stream_answer(*pieces), whole_answer(), tls=server_tls) as server:
        async with connect_once(base_url=server.base_url, http_client=http) as client:
            texts = await _in_step(client, gates)
            assert (await client.chat(CONTEXT, QUESTION)).message_content == WHOLE
        await _close(http)
    assert texts == [*TEXTS, ""]
    assert len(reads) <= len(EVENTS) + 2
    assert [request.connection for request in server.requests] == [0, 0]


@pytest.mark.parametrize("end", [End.RESET, End.FIN, End.FINISH], ids=["RST_STREAM", "GOAWAY", "end"])
async def test_stream_that_breaks_is_continued(
    end: End, http2: Callable[[], Any], connect: Connect, server_tls: ssl.SSLContext
) -> None:
    """The stream alone, or the connection with it."""
    http = http2()
    with H2Server(cut(2, end), rest(2), tls=server_tls) as server:
        async with connect(base_url=server.base_url, http_client=http, **AT_ONCE) as client:
            response = await client.chat_stream(CONTEXT, QUESTION).collect()
        await _close(http)
    assert (response.content, response.resume_count) == (WHOLE, 1)
    assert server.requests[1].headers["last-event-id"] == "msg_01:2"


async def test_stream_that_is_left(http2: Callable[[], Any], connect_once: Connect, server_tls: ssl.SSLContext) -> None:
    """It goes alone: another on its connection reads on, and the next call takes that connection too."""
    gate, http = threading.Event(), http2()
    script = (stream_answer(EVENTS[0], end=End.STALL), stream_answer(EVENTS[0], gate, *EVENTS[1:]), whole_answer())
    with H2Server(*script, tls=server_tls) as server:
        async with connect_once(base_url=server.base_url, http_client=http) as client:
            left = client.chat_stream(CONTEXT, QUESTION)
            assert (await anext(aiter(left))).content == TEXTS[0]
            async with client.chat_stream(CONTEXT, QUESTION) as stream:
                assert (await anext(stream)).content == TEXTS[0]
                await left.aclose()
                gate.set()
                assert [chunk.content async for chunk in stream] == [*TEXTS[1:], None]
            await client.chat(CONTEXT, QUESTION)
        await _close(http)
    assert [request.connection for request in server.requests] == [0, 0, 0]


@pytest.mark.parametrize("runtime", ["sync"])
def test_stream_that_another_thread_closes(
    http2: Callable[[], Any], server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its read ends with the next bytes; another stream on the connection reads on, and so does the next call."""
    gates, is_reading, ends = (threading.Event(), threading.Event()), threading.Event(), Queue[Exception]()
    script = [stream_answer(EVENTS[0], gate, *EVENTS[1:]) for gate in gates]
    with (
        H2Server(*script, whole_answer(), tls=server_tls) as server,
        http2() as http,
        SyncGPOCoreClient(base_url=server.base_url, http_client=http) as client,
    ):
        closed, other = (client.chat_stream(CONTEXT, QUESTION) for _ in gates)
        assert [next(stream).content for stream in (closed, other)] == [TEXTS[0]] * 2
        real = GivenSyncExchange.read

        def read(exchange: GivenSyncExchange, timeout: float | None) -> bytes:
            is_reading.set()
            return real(exchange, timeout)

        def collect() -> None:
            try:
                closed.collect()
            except StreamInterruptedError as error:
                ends.put(error)

        monkeypatch.setattr(GivenSyncExchange, "read", read)
        thread = threading.Thread(target=collect)
        thread.start()
        assert is_reading.wait(20)
        closed.close()
        gates[0].set()
        assert "closed while it was being read" in str(ends.get(timeout=20))
        thread.join()
        gates[1].set()
        assert [chunk.content for chunk in other] == [*TEXTS[1:], None]
        assert client.chat(CONTEXT, QUESTION).message_content == WHOLE
    assert [request.connection for request in server.requests] == [0, 0, 0]


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
async def test_many_streams_on_one_connection(
    http2: Callable[[], Any], connect_once: Connect, server_tls: ssl.SSLContext
) -> None:
    """Side by side, each with its own chunks."""
    http = http2()
    with H2Server(*[stream_answer(*EVENTS)] * 20, tls=server_tls) as server:
        async with connect_once(base_url=server.base_url, http_client=http) as client:
            contents: list[str] = []

            async def read() -> None:
                contents.append((await client.chat_stream(CONTEXT, QUESTION).collect()).content)

            with anyio.fail_after(20):
                await read()
                async with anyio.create_task_group() as tasks:
                    for _ in range(19):
                        tasks.start_soon(read)
        await _close(http)
    assert contents == [WHOLE] * 20
    assert {request.connection for request in server.requests} == {0}


_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _no_content(first: bytes, then: bytes, pause: float, times: Iterator[int]) -> Iterator[bytes]:
    yield first
    for _ in times:
        time.sleep(pause)  # the server's pace
        yield then


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
@pytest.mark.parametrize(
    "pieces",
    [(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100, 0.0), (_CHUNKED + b"1;", b"x", 0.01)],
    ids=["storm", "drip"],
)
async def test_bytes_of_no_content(
    pieces: tuple[bytes, bytes, float], given: Callable[..., Any], connect: Connect, serve: Serve
) -> None:
    """They put no deadline off, neither before the head nor after it: a blocking client cannot be told to stop."""
    times = iter(range(500))
    server = serve(then=lambda _: Answer(framing="raw", pieces=_no_content(*pieces, times), end=End.FIN))
    http, limits = given(), {"stream_total_timeout": 0.2, "max_retries": 0, "max_resumes": 0}
    async with connect(base_url=server.base_url, http_client=http, **limits) as client:
        with pytest.raises(StreamTimeoutError):
            await client.chat_stream(CONTEXT, QUESTION).collect()
    await _close(http)
    assert next(times, None), "all has been read"


_NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl http2; ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.pem;
    location / {{ proxy_pass {service}; proxy_http_version 1.1; proxy_buffering off; }}
  }}
}}
"""


async def test_through_nginx(
    http2: Callable[[], Any], connect_once: Connect, serve: Serve, authority: trustme.CA, tmp_path: Path
) -> None:
    """Which speaks HTTP/2 with the client and HTTP/1.1 with the service: each chunk as it comes."""
    gates = [threading.Event() for _ in EVENTS]
    pieces = [part for gate, event in zip(gates, EVENTS, strict=True) for part in (gate, event)]
    service, (port,), http = serve(stream_answer(*pieces), whole_answer()), free_ports(1), http2()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    settings = tmp_path / "nginx.conf"
    settings.write_text(_NGINX.format(folder=tmp_path, port=port, service=service.base_url))
    with running(["nginx", "-p", tmp_path, "-c", settings, "-e", tmp_path / "log"], port, tmp_path / "words"):
        async with connect_once(base_url=f"https://127.0.0.1:{port}", http_client=http) as client:
            texts = await _in_step(client, gates)
            assert (await client.chat(CONTEXT, QUESTION)).message_content == WHOLE
        await _close(http)
    assert texts == [*TEXTS, ""]


async def _in_step(client: Any, gates: Sequence[threading.Event]) -> list[str]:
    """The texts of a stream whose server sends each event when the one before has been read."""
    texts: list[str] = []
    gates[0].set()
    async with client.chat_stream(CONTEXT, QUESTION) as stream:
        async for chunk in stream:
            texts.append(chunk.content or "")
            gates[min(len(texts), len(EVENTS) - 1)].set()
    return texts


async def _all_of(pieces: Any) -> None:
    async for _ in pieces:
        pass


async def _first_of(pieces: Any) -> None:
    async with aclosing(pieces):
        await anext(pieces)


#: Response hooks that read in the ways that httpx documents, blocking and asynchronous.
_HOOKS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "read": (lambda response: response.read(), lambda response: response.aread()),
    "iter_bytes": (lambda response: list(response.iter_bytes()), lambda response: _all_of(response.aiter_bytes())),
    "one piece": (lambda response: next(response.iter_raw()), lambda response: _first_of(response.aiter_raw())),
    "close": (lambda response: response.close(), lambda response: response.aclose()),
}


@pytest.fixture
def hooked(given: Callable[..., Any], runtime: str) -> Callable[[str], Any]:
    """Makes a client with one of these hooks."""
    return lambda name: given(event_hooks={"response": [_HOOKS[name][runtime != "sync"]]})


def _reading_auth(library: str) -> Any:
    """An auth that looks at bodies, and asks twice, as those do which get a token first."""

    class Reading(import_module(library).Auth):  # type: ignore[misc]
        requires_request_body = True
        requires_response_body = True

        def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
            assert json.loads(request.content)["query"] == QUESTION["query"]
            refused = yield request
            assert refused.json()["code"] == "who"
            request.headers["X-Proof"] = "yes"
            assert (yield request).content

    return Reading()


def _answer(request: Received) -> Any:
    return stream_answer(*EVENTS) if request.json["stream"] else whole_answer()


async def test_hook_that_reads_the_body(
    hooked: Callable[[str], Any], connect_once: Connect, serve: Serve, reads: list[bytes]
) -> None:
    """What it has read is delivered, and no read comes in vain."""
    server = serve(then=_answer)
    http = hooked("read")
    async with connect_once(base_url=server.base_url, http_client=http) as client:
        assert (await client.chat(CONTEXT, QUESTION)).message_content == WHOLE
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == WHOLE
    await _close(http)
    assert len(reads) <= 2 * 2


async def test_auth_that_reads_bodies(
    library: str, given: Callable[..., Any], connect_once: Connect, serve: Serve, reads: list[bytes]
) -> None:
    """Of requests and responses, and sends the request again."""

    def answer(request: Received) -> Any:
        return _answer(request) if "x-proof" in request.headers else json_answer({"code": "who"}, status=401)

    server = serve(then=answer)
    http = given(auth=_reading_auth(library))
    async with connect_once(base_url=server.base_url, http_client=http) as client:
        assert (await client.chat(CONTEXT, QUESTION)).message_content == WHOLE
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == WHOLE
    await _close(http)
    assert len(reads) <= 2 * 2
    assert len(server.requests) == 4


# trio warns of the generators within httpx's that such a hook leaves half-read.
@pytest.mark.filterwarnings("ignore:.*garbage collected:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("reading", ["iter_bytes", "one piece", "close"])
async def test_hook_that_keeps_nothing(
    reading: str, hooked: Callable[[str], Any], connect: Connect, serve: Serve, reads: list[bytes]
) -> None:
    """What it has taken is gone: the error says so, and asking again is no use."""
    server = serve(then=_answer)
    http = hooked(reading)
    async with connect(base_url=server.base_url, http_client=http, **AT_ONCE) as client:
        for ask in (client.chat(CONTEXT, QUESTION), client.chat_stream(CONTEXT, QUESTION).collect()):
            with pytest.raises(UsageError, match="a hook of the HTTP client has taken the body"):
                await ask
    await _close(http)
    assert len(server.requests) == 2
    assert not reads


async def test_upload_that_is_sent_twice(
    library: str, given: Callable[..., Any], connect_once: Connect, serve: Serve
) -> None:
    """A body that goes out in pieces, as its progress is told, goes out from its beginning each time."""

    class Twice(import_module(library).Auth):  # type: ignore[misc]
        def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
            yield request
            yield request

    told: list[int] = []
    server, http = serve(whole_answer(), whole_answer()), given(auth=Twice())
    call = chat.chat(CONTEXT, QUESTION)
    call = attrs.evolve(call, request=attrs.evolve(call.request, on_progress=lambda sent, _: told.append(sent)))
    async with connect_once(base_url=server.base_url, http_client=http) as client:
        assert (await client._call(call, {})).message_content == WHOLE
    await _close(http)
    size = len(server.requests[0].body)
    assert [request.body for request in server.requests] == [call.request.content] * 2
    assert told == [0, size] * 2
