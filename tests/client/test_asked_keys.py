"""API keys that are asked for: an hourly key outlives itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import attrs
import pytest

from gpo_client import AuthenticationError, ConfigurationError, CredentialError, SyncGPOCoreClient, UsageError
from gpo_client.flows.credentials import KeySource
from gpo_client.flows.effects import Acquire, Ask, Release
from gpo_client.models import Secret
from tests.client.conftest import Connect, Serve
from tests.support.events import json_answer, problem_answer, session
from tests.support.question import SESSION
from tests.support.wire import Answer, Received, WireServer

_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])


@attrs.define
class Keys:
    """A place that gives a new key each time."""

    times: int = 0

    def __call__(self) -> str:
        self.times += 1
        return f"key-{self.times}"


def _accepting(*keys: str) -> Callable[[Received], Answer]:
    def answer(request: Received) -> Answer:
        bearer = request.headers["authorization"].removeprefix("Bearer ")
        return json_answer(session(f"t-{bearer}")) if bearer in keys else problem_answer(401, f"not {bearer}")

    return answer


def _bearers(server: WireServer) -> list[str]:
    return [request.headers["authorization"].removeprefix("Bearer ") for request in server.requests]


def _in(runtime: str, ask: Callable[[], Any]) -> list[Any]:
    """What may be asked in a runtime: a function, and on event loops one that is awaited."""

    async def awaited() -> Any:
        await anyio.lowlevel.checkpoint()
        return ask()

    class Function:
        async def __call__(self) -> Any:
            return await awaited()

    return [ask] if runtime == "sync" else [ask, awaited, lambda: awaited(), Function()]


async def test_asked_whenever_a_session_is_opened(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """In whatever way the function gives it; nobody shows it."""
    for ask in _in(runtime, Keys()):
        server = serve(then=_accepting(*(f"key-{n}" for n in range(9))))
        async with connect_once(base_url=server.base_url, api_key=ask) as client:
            for _ in range(2):
                await client.session(SESSION)
            assert "key-" not in f"{client.config!r} {client.config.to_dict()}"
        assert len(set(_bearers(server))) == 2


async def test_asked_again_after_a_401(connect_once: Connect, serve: Serve) -> None:
    """Once; the second answer counts, with ``max_retries=0`` too."""
    keys = Keys()
    server = serve(then=_accepting("key-2"))
    async with connect_once(base_url=server.base_url, api_key=keys) as client:
        assert (await client.session(SESSION)).token == "t-key-2"
        with pytest.raises(AuthenticationError, match=r"not \*+") as caught:
            await client.session(SESSION)
    assert _bearers(server) == ["key-1", "key-2", "key-3", "key-4"]
    assert "key-" not in f"{caught.value!r} {caught.value}"


async def test_the_same_key_is_not_sent_again(connect_once: Connect, serve: Serve) -> None:
    """It would be of no use."""
    server = serve(then=_accepting())
    async with connect_once(base_url=server.base_url, api_key=lambda: "key-1") as client:
        with pytest.raises(AuthenticationError):
            await client.session(SESSION)
    assert _bearers(server) == ["key-1"]


async def test_renewed_sessions_ask(connect: Connect, serve: Serve) -> None:
    """A token that has expired is renewed under a new key."""
    keys, tokens = Keys(), iter(["t0k3n-1", "t0k3n-2"])

    def answer(request: Received) -> Answer:
        if request.target.endswith("/session"):
            return json_answer(session(next(tokens)))
        if request.headers["authorization"] == "Bearer t0k3n-1":
            return problem_answer(401, "token_expired")
        return Answer(status=204)

    server = serve(then=answer)
    async with connect(base_url=server.base_url, api_key=keys, auto_renew_token=True) as client:
        await client.logout(await client.session(SESSION))
    assert _bearers(server) == ["key-1", "t0k3n-1", "key-2", "t0k3n-2"]


@_ASYNC
async def test_tasks_share_one_asking(connect_once: Connect, serve: Serve) -> None:
    """And after a 401, those that the old key has failed share the next."""
    keys, may_go = Keys(), anyio.Event()

    async def ask() -> str:
        key = keys()
        if keys.times == 1:
            await may_go.wait()
        return key

    server = serve(then=_accepting("key-2"))
    async with connect_once(base_url=server.base_url, api_key=ask) as client, anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(client.session, SESSION)
        await anyio.wait_all_tasks_blocked()
        may_go.set()
    assert sorted(_bearers(server)) == ["key-1"] * 20 + ["key-2"] * 20
    assert keys.times == 2


@pytest.mark.parametrize("given", ["key-2", ValueError("nothing there")])
def test_flows_share_one_asking(given: Any) -> None:
    """Whoever comes while it is under way takes its outcome; whoever comes later asks again."""
    keys = KeySource(Keys(), object, None)
    first, second, later = (keys.key() for _ in range(3))
    assert [type(next(flow)) for flow in (first, second)] == [Acquire, Acquire]
    assert isinstance(first.send(None), Ask)
    assert isinstance(first.send(given), Release)
    assert isinstance(second.send(None), Release)
    for flow in (first, second):
        with pytest.raises(CredentialError if isinstance(given, Exception) else StopIteration) as caught:
            flow.send(None)
        assert getattr(caught.value, "value", given) == given
    assert isinstance(next(later), Acquire)
    assert isinstance(later.send(None), Ask)


def test_event_loops_side_by_side(serve: Serve) -> None:
    """Each asks for itself: no loop wakes the tasks of another."""
    from gpo_client import GPOCoreClient

    server = serve(then=_accepting(*(f"key-{n}" for n in range(99))))
    client = GPOCoreClient(base_url=server.base_url, api_key=Keys())

    async def many() -> None:
        await asyncio.gather(*(client.session(SESSION) for _ in range(10)))

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(asyncio.run, many()) for _ in range(4)]:
            each.result(30)
    asyncio.run(client.aclose())
    assert len(server.requests) == 40


async def test_credential_of_an_identity_platform(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """An object with ``get_token``, blocking or asynchronous, is told the scope and gives an object with a token."""
    asked: list[tuple[str, ...]] = []

    @attrs.frozen
    class AccessToken:
        token: str
        expires_on: int

    class Credential:
        def get_token(self, *scopes: str, **_: Any) -> AccessToken:
            asked.append(scopes)
            return AccessToken(f"key-{len(asked)}", 0)

    class AsyncCredential:
        async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
            return Credential().get_token(*scopes)

    server = serve(then=_accepting("key-2", "key-3"))
    kinds: list[Any] = [Credential] if runtime == "sync" else [Credential, AsyncCredential]
    for kind in kinds:
        settings = {"api_key": kind(), "api_key_scope": "api://gpo/.default offline"}
        async with connect_once(base_url=server.base_url, **settings) as client:
            await client.session(SESSION)
    assert set(asked) == {("api://gpo/.default", "offline")}
    with pytest.raises(ConfigurationError, match="say what for with api_key_scope"):
        connect_once(api_key=Credential())


@pytest.mark.parametrize("gives", [None, 5, "", "two\nlines", Secret("**********"), ValueError("no s3cr3t-keyring")])
async def test_asked_in_vain(gives: Any, connect_once: Connect, serve: Serve) -> None:
    """Nothing is sent; the error is ours, with what was raised behind it."""

    def ask() -> Any:
        if isinstance(gives, Exception):
            raise gives
        return gives

    server = serve()
    async with connect_once(base_url=server.base_url, api_key=ask) as client:
        with pytest.raises(CredentialError, match="the API key was asked for in vain") as caught:
            await client.session(SESSION)
        with pytest.raises(UsageError, match="raw_for"):
            _ = client.raw
    assert caught.value.__cause__ is not None
    assert server.requests == []


def test_asynchronous_function_on_the_blocking_client(serve: Serve) -> None:
    """It says which client waits for such; no warning of what was never awaited."""

    async def ask() -> str:
        return "key-1"

    client = SyncGPOCoreClient(base_url=serve().base_url, api_key=ask)
    with client, pytest.raises(CredentialError, match="GPOCoreClient waits for"):
        client.session(SESSION)


async def test_function_that_takes_too_long(connect: Connect, serve: Serve, runtime: str) -> None:
    """A call's time is a limit for it too, where it can be left."""
    if runtime == "sync":
        pytest.skip("a thread cannot be left")
    async with connect(base_url=serve().base_url, api_key=anyio.sleep_forever, timeout=0.05) as client:
        with pytest.raises(CredentialError):
            await client.session(SESSION)


_SCOPE = "api://gpo/.default"


async def test_token_providers(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """A provider made of a credential, and the credential itself."""
    identity = pytest.importorskip("azure.identity")
    credentials = pytest.importorskip("azure.core.credentials")

    class Credential:
        def get_token(self, *scopes: str, **_: Any) -> Any:
            assert scopes == (_SCOPE,)
            return credentials.AccessToken("k3y", int(time.time()) + 3600)

    providers: list[Any] = [identity.get_bearer_token_provider(Credential(), _SCOPE), Credential()]
    if runtime == "asyncio":
        identity_aio = pytest.importorskip("azure.identity.aio")

        class AsyncCredential:
            async def get_token(self, *scopes: str, **_: Any) -> Any:
                return Credential().get_token(*scopes)

        providers += [identity_aio.get_bearer_token_provider(AsyncCredential(), _SCOPE), AsyncCredential()]
    server = serve(then=lambda _: json_answer(session()))
    for provider in providers:
        async with connect_once(base_url=server.base_url, api_key=provider, api_key_scope=_SCOPE) as client:
            await client.session(SESSION)
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer k3y"}
