"""What calls send besides their bodies, and under whose name."""

from __future__ import annotations

import itertools
from typing import Any

import attrs
import pytest

from gpo_client.exceptions import (
    APIStatusError,
    AuthenticationError,
    ConfigurationError,
    CredentialError,
    GPOClientError,
    InvalidArgumentError,
)
from gpo_client.flows.call import call_flow
from gpo_client.models import Secret
from gpo_client.operations import chat
from gpo_client.operations.call import Call
from gpo_client.operations.chat import create_session
from tests.support.flow_run import Run
from tests.support.flow_script import Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.question import CONTEXT, QUESTION, SESSION


def _ask(*turns: Turn, options: Any = None, **settings: Any) -> tuple[FlowSimulation, Run]:
    simulation = FlowSimulation(FlowServer(whole=turns), **settings)
    how: Any = options or {}
    return simulation, simulation.run(call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), how))


def test_header_fields() -> None:
    """Those of the client, of the settings and of the call; of two with one name, in any case, the later one."""
    options = {"headers": {"x-team": "law", "user-agent": "mine/1"}, "idempotency_key": "key-1"}
    simulation, _ = _ask(options=options, headers={"X-Team": "tax", "X-Site": "mx"})
    (asked,) = simulation.server.asked
    sent = {name.lower(): value for name, value in asked.request.headers.items()}
    assert len(sent) == len(asked.request.headers)
    names = ("x-team", "x-site", "user-agent", "idempotency-key", "x-request-id", "authorization")
    assert [sent[name] for name in names] == ["law", "mx", "mine/1", "key-1", "id-1", "Bearer t0k3n"]
    assert asked.header("Accept") == "application/json, application/problem+json"
    error = _ask(Turn(status=403), options={"headers": {"x-request-id": "mine"}})[1].error
    assert error is not None
    assert error.request_id == "mine"
    simulation, _ = _ask()
    assert simulation.server.asked[0].header("User-Agent") == simulation.runtime.config.user_agent


def test_header_fields_that_are_none() -> None:
    """The argument is named, and nothing is sent."""
    simulation, run = _ask(options={"headers": {"X A": "b"}})
    assert isinstance(run.error, InvalidArgumentError)
    assert (run.error.field, simulation.server.asked) == ("headers", [])


def test_tokens_that_are_none() -> None:
    """Found before anything is sent, and not shown."""
    simulation = FlowSimulation(FlowServer())
    context = attrs.evolve(CONTEXT, token=Secret("s3cr3t\nx"))
    error = simulation.run(call_flow(simulation.runtime, chat.chat(context, QUESTION), {})).error
    assert isinstance(error, InvalidArgumentError)
    assert (error.field, simulation.server.asked) == ("token.Authorization", [])
    assert "s3cr3t" not in f"{error!r} {error}"


@pytest.mark.parametrize(
    ("key", "field", "message"),
    [
        (5, "idempotency_key", "idempotency_key must be a text"),
        (None, "idempotency_key", "idempotency_key must be a text"),
        (
            "a\nb",
            "idempotency_key.Idempotency-Key",
            "idempotency_key: the value of Idempotency-Key must be visible ASCII text, not empty, without line ends",
        ),
    ],
    ids=ascii,
)
def test_keys_that_are_none(key: Any, field: str, message: str) -> None:
    """Found before anything is sent."""
    simulation, run = _ask(options={"idempotency_key": key})
    assert isinstance(run.error, InvalidArgumentError)
    assert (run.error.field, run.error.message, simulation.server.asked) == (field, message, [])


@pytest.mark.parametrize(
    ("secret", "headers"), [("s3cr3t-k3y", {"X-Gateway-Key": "Key mine s3cr3t-k3y"}), ("t0k3n", {}), ("s3cr3t-api", {})]
)
def test_secrets_that_are_sent_back(secret: str, headers: dict[str, str]) -> None:
    """The token of the call, however short, the client's key, and those in header fields."""
    body = b'{"detail": "%s is wrong"}' % secret.encode()
    error = _ask(Turn(status=403, body=body), options={"headers": headers}, api_key="s3cr3t-api")[1].error
    assert isinstance(error, GPOClientError)
    assert error.message == "403 Forbidden: ********** is wrong"


def test_dates_to_come_back_at() -> None:
    """Counted from now, where the service does not say what time it is there."""
    past = Turn(status=429, fields={"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"})
    simulation, run = _ask(past, past)
    assert (run.error, [retry.delay for retry in simulation.retries]) == (None, [0.0, 0.0])
    error = _ask(past, options={"max_retries": 0})[1].error
    assert isinstance(error, APIStatusError)
    assert error.retry_after == 0.0


@pytest.mark.parametrize("key", ["k3y-s3cr3t", None])
def test_the_key_of_the_settings(key: str | None) -> None:
    """It is the bearer of what goes under no token."""
    simulation = FlowSimulation(FlowServer(), api_key=key)
    asked: Call[Any]
    for asked in (chat.chat(CONTEXT, QUESTION), create_session(SESSION)):
        assert simulation.run(call_flow(simulation.runtime, asked, {})).error is None
    bearers = [sent.header("Authorization") for sent in simulation.server.asked]
    assert bearers == ["Bearer t0k3n", key and f"Bearer {key}"]


_REFUSED = Turn(status=401, code="invalid_key")


@pytest.mark.parametrize(
    ("keys", "turns", "bearers"),
    [
        (["a", "b"], [], ["a"]),
        (["a", "b"], [_REFUSED], ["a", "b"]),
        (["a", "b", "c"], [_REFUSED] * 2, ["a", "b"]),
        (["a", "a"], [_REFUSED], ["a"]),
        (["a", "b"], [Turn(status=403)], ["a"]),
        (["a", "b"], [Turn(status=503), _REFUSED], ["a", "a", "b"]),
    ],
    ids=["taken", "refused", "refused twice", "the same again", "forbidden", "busy"],
)
def test_keys_that_are_asked_for(keys: list[str], turns: list[Turn], bearers: list[str]) -> None:
    """Once for a call, and once more where it is not accepted: what is refused twice is the service's matter."""
    given = iter(keys)
    simulation = FlowSimulation(FlowServer(session=turns), api_key=lambda: next(given), random=0.0)
    run = simulation.run(call_flow(simulation.runtime, create_session(SESSION), {}))
    assert [asked.header("Authorization") for asked in simulation.server.asked] == [f"Bearer {key}" for key in bearers]
    assert (run.error is None) == (len(simulation.server.asked) > len(turns))
    assert run.error is None or isinstance(run.error, AuthenticationError) == (_REFUSED in turns)


def test_keys_that_another_call_has_asked_for() -> None:
    """A newer one than that which was not accepted is taken as it is."""
    given, turns = itertools.count(1), [attrs.evolve(_REFUSED, latency=5.0), Turn()]
    simulation = FlowSimulation(FlowServer(session=turns), api_key=lambda: f"key-{next(given)}")
    flows = [(after, call_flow(simulation.runtime, create_session(SESSION), {})) for after in (0.0, 1.0)]
    assert [run.error for run in simulation.run_all(flows)] == [None, None]
    bearers = [asked.header("Authorization") for asked in simulation.server.asked]
    assert bearers == ["Bearer key-1", "Bearer key-2", "Bearer key-2"]


_NO_KEY = "api_key must be a text of visible ASCII characters, or none, not the value given"


@pytest.mark.parametrize(
    ("given", "told", "cause"),
    [
        (5, "what was asked gave a int, not a text or an object with a token", TypeError),
        (None, "what was asked gave a NoneType, not a text or an object with a token", TypeError),
        ("", f"{_NO_KEY} (from what it was asked of)", ConfigurationError),
        ("a\nb", f"{_NO_KEY} (from what it was asked of)", ConfigurationError),
        (OSError("the vault is sealed"), "the vault is sealed", OSError),
    ],
    ids=ascii,
)
def test_what_is_no_key(given: Any, told: str, cause: type[Exception]) -> None:
    """It is told what came in its place, and nothing is sent."""
    simulation = FlowSimulation(FlowServer(), api_key=lambda: given)
    error = simulation.run(call_flow(simulation.runtime, create_session(SESSION), {})).error
    assert isinstance(error, CredentialError)
    assert error.message == f"the API key was asked for in vain: {told}"
    assert (type(error.__cause__), simulation.server.asked) == (cause, [])


def test_keys_are_not_asked_for_in_vain() -> None:
    """A call with a token needs none."""
    asked: list[str] = []
    simulation = FlowSimulation(FlowServer(whole=[_REFUSED]), api_key=lambda: asked.append("x"))
    run = simulation.run(call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {}))
    assert (type(run.error), asked) == (AuthenticationError, [])


@pytest.mark.parametrize(
    ("patience", "options", "elapsed"), [(5.0, {}, 5.0), (5.0, {"timeout": 3.0}, 3.0), (None, {"timeout": 3.0}, 9.0)]
)
def test_how_long_a_call_waits_for_its_turn(patience: float | None, options: Any, elapsed: float) -> None:
    """As long as it says, else as all do; a batch's as long as it takes."""
    simulation = FlowSimulation(FlowServer(whole=[Turn(latency=10.0)]), max_concurrency=1)
    runtime = attrs.evolve(simulation.runtime, limit_patience=patience)
    begun = [(0.0, {}), (1.0, options)]
    flows = [(after, call_flow(runtime, chat.chat(CONTEXT, QUESTION), how)) for after, how in begun]
    run = simulation.run_all(flows)[1]
    assert (run.elapsed, run.error is None) == (elapsed, patience is None)
