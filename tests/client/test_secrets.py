"""Tokens, keys and passwords show up nowhere but in the requests."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest

from gpo_client import (
    ChatContext,
    GPOClientError,
    GPOConfig,
    Secret,
    Session,
    SyncGPOCoreClient,
)
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import (
    answer_events,
    chunk,
    conversation,
    json_answer,
    page_of,
    problem_answer,
    session,
    sse,
    stream_answer,
)
from tests.support.question import QUESTION
from tests.support.wire import Answer, End

_SECRETS = ("t0k3n-s3cr3t", "k3y-s3cr3t", "pr0xy-s3cr3t")
_TOKEN, _KEY, _PASSWORD = _SECRETS
_CONTEXT = ChatContext(session_id="session-1", token=Secret(_TOKEN))


def _shown(*things: object) -> str:
    """Everything that prints show of some objects, and of what holds them."""
    texts = [f"{thing!r} {thing!s} {thing} {[thing]} {getattr(thing, '__dict__', '')}" for thing in things]
    return "\n".join(texts)


def _assert_hidden(text: str) -> None:
    assert [secret for secret in _SECRETS if secret in text] == []


def test_refused_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do the errors about them show what was given."""
    from gpo_client import ConfigurationError

    attempts: list[dict[str, Any]] = [
        {"api_key": f"{_KEY}\n"},
        {"proxy": f"ftp://user:{_PASSWORD}@proxy.example.com"},
        {"base_url": f"http://user:{_PASSWORD}@gpo.example.com"},
        {"base_url": f"user:{_PASSWORD}@gpo.example.com"},
        {"base_url": f"https://{_PASSWORD}@gpo.example.com"},
        {"base_url": f"https://:{_PASSWORD}@gpo.example.com"},
    ]
    for settings in attempts:
        with pytest.raises(ConfigurationError) as caught:
            GPOConfig(**settings)
        _assert_hidden("".join(traceback.format_exception(caught.value, chain=False)[-1:]) + _shown(caught.value))
    monkeypatch.setenv("GPO_API_API_KEY", f"{_KEY}\u00e9")
    with pytest.raises(ConfigurationError, match="GPO_API_API_KEY") as caught:
        GPOConfig.from_env()
    _assert_hidden(_shown(caught.value))


def test_context_and_session() -> None:
    """Contexts and sessions mask the token."""
    from datetime import UTC, datetime

    expiry = datetime(2026, 11, 1, tzinfo=UTC)
    opened = Session(session_id="s", token=_CONTEXT.token, expires_at=expiry, user_id="u")
    _assert_hidden(_shown(_CONTEXT, opened, opened.chat_context(), {"context": _CONTEXT}))
    plain = str(_CONTEXT.token)
    assert type(plain) is str
    context = ChatContext(session_id="s", token=plain)
    _assert_hidden(_shown(context, Session(session_id="s", token=plain, expires_at=expiry, user_id="u")))


async def test_clients_and_streams(connect_once: Connect, serve: Serve) -> None:
    """Clients, raw clients, handles, pages and streams show no token."""
    server = serve(
        json_answer(session(_TOKEN)),
        json_answer(conversation()),
        json_answer(page_of()),
        stream_answer(*answer_events("a")),
    )
    async with connect_once(base_url=server.base_url, api_key=_KEY) as client:
        handle = await client.open_conversation({"instance_id": "i", "user_id": "u"})
        page = await handle.messages()
        async with handle.stream("What is RESICO?") as stream:
            answer = await stream.collect()
            things = [handle.context, page, stream, stream.partial, answer, client.config, client.raw]
            _assert_hidden(_shown(*things) + repr(client.raw_for(handle.context)))
    assert [request.headers["authorization"] for request in server.requests] == [
        f"Bearer {_KEY}",
        *[f"Bearer {_TOKEN}"] * 3,
    ]


def test_blocking_objects_themselves(serve: Serve) -> None:
    """The same without the facade of these tests in between."""
    with SyncGPOCoreClient(base_url="https://gpo.example.com", api_key=_KEY) as client:
        stream = client.chat_stream(_CONTEXT, QUESTION)
        _assert_hidden(_shown(client, client.raw, stream, stream.text()))


_FAILURES = {
    "refused": problem_answer(401, "token_expired"),
    "echo": json_answer({"title": f"no {_TOKEN}", "detail": f"{_TOKEN} is not valid", "code": _TOKEN}, 403),
    "echo in an event": stream_answer(sse({"title": "no", "detail": f"{_TOKEN} is not valid"}, event="error")),
    "html": Answer(status=500, headers={"Content-Type": "text/html"}, pieces=[b"<html>"]),
    "redirect": Answer(status=302, headers={"Location": "https://gpo.example.com/"}),
    "broken": stream_answer(sse(chunk("a")), sse("{")),
    "cut": stream_answer(sse(chunk("a")), end=End.FIN),
    "reset": stream_answer(end=End.RESET),
    "no answer": Answer(framing="raw", end=End.FIN),
    "reset before an answer": Answer(framing="raw", end=End.RESET),
    "no HTTP": Answer(framing="raw", pieces=[b"no HTTP\r\n\r\n"]),
}


@pytest.mark.parametrize("failure", _FAILURES)
async def test_errors_and_logs(failure: str, connect: Connect, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Errors, their tracebacks with all causes, and what the library logs at its most talkative."""
    caplog.set_level(logging.DEBUG, logger="gpo_client")
    server = serve(then=lambda _: _FAILURES[failure])
    again = {"max_retries": 1, "max_resumes": 1, "retry_backoff_factor": 0.0}
    async with connect(base_url=server.base_url, api_key=_KEY, **again) as client:
        streamed = (await outcome_of(client.chat_stream(_CONTEXT, QUESTION))).error
        with pytest.raises(GPOClientError) as called:
            await client.chat(_CONTEXT, QUESTION)
    assert streamed is not None
    for error in (streamed, called.value):
        _assert_hidden(_shown(error, error.args, error.__cause__) + _with_variables(error))
    records = [record for record in caplog.records if record.name.startswith("gpo_client")]
    again_and_again = [record for record in records if record.levelno >= logging.INFO]
    assert bool(again_and_again) == (len(server.requests) > 2), "sending again is logged"
    assert records, "every request is, for debugging"
    _assert_hidden("\n".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in records))


@pytest.mark.parametrize(
    "body",
    [
        session(_TOKEN) | {"session_id": None},
        session(_TOKEN) | {"session_id": [5]},
        [session(_TOKEN)],
        f'{{"token": "{_TOKEN}"',
    ],
    ids=["no id", "wrong type", "list", "no JSON"],
)
async def test_sessions_that_cannot_be_read(body: Any, connect_once: Connect, serve: Serve) -> None:
    """An answer that breaks the contract may hold a token all the same."""
    server = serve(json_answer(body if not isinstance(body, str) else body.encode()))
    async with connect_once(base_url=server.base_url, api_key=_KEY) as client:
        with pytest.raises(GPOClientError) as caught:
            await client.session({"instance_id": "i", "user_id": "u"})
    del body  # a variable of this test
    _assert_hidden(_shown(caught.value, caught.value.__cause__) + _with_variables(caught.value))


def _with_variables(error: BaseException) -> str:
    """The traceback as tools print it that show the variables of every frame but those of these tests."""
    texts: list[str] = []
    modules: set[str] = set()
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        todo += [one.__cause__, one.__context__]
        texts.append("".join(traceback.format_exception(one)))
        for frame, _ in traceback.walk_tb(one.__traceback__):
            modules.add(frame.f_globals.get("__name__", ""))
            if not frame.f_globals.get("__name__", "").startswith("tests."):
                texts += [f"{frame.f_code.co_qualname}: {frame.f_locals!r}"]
    assert any(module.startswith("gpo_client.") for module in modules)
    return "\n".join(texts)
