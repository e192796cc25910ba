"""Noticing that the service is told to shut down."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gpo_client.concurrency.background import ShutdownWatch
from gpo_client.relay import SyncRelay

pytestmark = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals arrive in the main thread only"
)


@pytest.fixture
def runtime() -> str:
    return "sync"


@pytest.fixture
def received() -> Iterator[list[int]]:
    """What the server's own handler was given."""
    numbers: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: numbers.append(number))
    yield numbers
    signal.signal(signal.SIGTERM, before)


def test_the_server_hears_of_it_too(received: list[int]) -> None:
    """A relay drains, and the handler that was there before is called; at the end that is back in its place."""
    handler = signal.getsignal(signal.SIGTERM)
    with SyncRelay() as relay:
        assert not relay.is_draining()
        signal.raise_signal(signal.SIGTERM)
        assert relay.is_draining()
        assert received == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is handler


def test_handlers_of_others_stay(received: list[int]) -> None:
    """One that was set in the meantime is not replaced at the end; beginning twice does no harm."""
    watch = ShutdownWatch(lambda: None)
    watch.begin()
    watch.begin()

    def other(*_: Any) -> None: ...

    signal.signal(signal.SIGTERM, other)
    watch.end()
    assert signal.getsignal(signal.SIGTERM) is other


def test_other_threads_have_no_signals(received: list[int]) -> None:
    """There it does nothing."""
    handler = signal.getsignal(signal.SIGTERM)

    def work() -> None:
        with SyncRelay():
            assert signal.getsignal(signal.SIGTERM) is handler

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is handler


def test_the_usual_end_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody had a handler, the signal does what it always does."""
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        watch = ShutdownWatch(lambda: None)
        watch.begin()
        handler: Any = signal.getsignal(signal.SIGTERM)
        handler(signal.SIGTERM, None)
        assert raised == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        watch.end()
    finally:
        signal.signal(signal.SIGTERM, before)
