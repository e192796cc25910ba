"""Keys that are asked for and sessions that are renewed, step by step."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from gpo_client.flows.credentials import KeySource, Lease, TokenStore
from gpo_client.flows.effects import Acquire, Ask, Flow, Release
from gpo_client.models import Secret
from tests.support.flow_server import EPOCH


def _done(flow: Flow[Any]) -> tuple[list[type], Any]:
    """What a flow asks for until its end, with nobody in its way, and its result."""
    effects, outcome = list[type](), None
    while True:
        try:
            effect = flow.send(outcome)
        except StopIteration as stop:
            return effects, stop.value
        effects.append(type(effect))
        outcome = effect.ask() if isinstance(effect, Ask) else None


def test_keys_after_a_fork() -> None:
    """Nobody in the child gives the parent's lock back."""
    source = KeySource(lambda: "key", object, 3.0)
    before = next(source.key())
    source.after_fork()
    after = next(source.key())
    assert isinstance(before, Acquire)
    assert isinstance(after, Acquire)
    assert after.lock is not None
    assert after.lock is not before.lock


_ASKED, _KNOWN = [Acquire, Ask, Release], [Acquire, Release]


def test_keys() -> None:
    """Asked for by each call; after a refusal, once for all that were refused the same one."""
    numbers = count(1)
    source = KeySource(lambda: f"key-{next(numbers)}", object, 3.0)
    assert _done(source.key()) == (_ASKED, "key-1")
    assert _done(source.key()) == (_ASKED, "key-2")
    assert _done(source.key(Secret("key-1"))) == (_KNOWN, "key-2")
    assert _done(source.key(Secret("key-2"))) == (_ASKED, "key-3")
    assert _done(source.key(Secret("key-2"))) == (_KNOWN, "key-3")


def test_keys_that_are_shared() -> None:
    """Who asks while another one waits for an answer has asked for that one, time and again."""
    numbers = count(1)
    source = KeySource(lambda: f"key-{next(numbers)}", object, 3.0)
    for number in range(1, 4):
        waiting = source.key()
        assert isinstance(next(waiting), Acquire)
        first = source.key()
        next(first)
        asked = first.send(None)
        assert isinstance(asked, Ask)
        assert asked.timeout == 3.0
        first.send(asked.ask())
        assert isinstance(waiting.send(None), Release)
        with pytest.raises(StopIteration) as stop:
            waiting.send(None)
        assert stop.value.value == f"key-{number}"


def _session(token: str, lifetime: float | None = None) -> Any:
    return SimpleNamespace(token=Secret(token), expires_at=lifetime and EPOCH + timedelta(seconds=lifetime))


def test_sessions() -> None:
    """Found under each token that they had; renewed by the first of those who sent the last one."""
    store = TokenStore(object, lambda: EPOCH, 5.0)
    tokens = (_session(f"token-{number}") for number in count(2))

    def reopen(_: object) -> Flow[Any]:
        return next(tokens)
        yield

    store.remember(_session("token-1"), reopen)
    lease = store.find(Secret("token-1"))
    assert lease is not None
    for _ in range(2):
        _done(store.renew(lease, Secret("token-1"), None))
        assert lease.session.token == "token-2"
    assert store.find(Secret("token-2")) is store.find(Secret("token-1")) is lease
    assert store.find(Secret("token-3")) is store.find(None) is None
    store.forget(Secret("token-1"))
    assert store.find(Secret("token-2")) is store.find(Secret("token-1")) is None


@pytest.mark.parametrize(("lifetime", "is_due"), [(None, False), (4.0, True), (5.0, True), (5.5, False)])
def test_sessions_that_are_due(lifetime: float | None, is_due: bool) -> None:
    """So many seconds before their end, and never if nobody knows it."""
    lease: Lease[Any] = Lease(lambda _: iter(()), _session("t", lifetime), object())  # type: ignore[arg-type, return-value]
    assert TokenStore(object, lambda: EPOCH, 5.0).is_due(lease) == is_due


def test_locks_after_a_fork() -> None:
    """New ones: a thread that held one is not there to give it back."""
    source, store = KeySource(str, object, None), TokenStore(object, lambda: EPOCH, 0.0)
    store.remember(_session("t"), lambda _: iter(()))  # type: ignore[arg-type, return-value]
    lease = store.find(Secret("t"))
    assert lease is not None
    before = [next(source.key()), lease.lock]
    source.after_fork()
    store.after_fork()
    after = [next(source.key()), lease.lock]
    assert None not in after
    assert before[0] != after[0]
    assert before[1] is not after[1]
