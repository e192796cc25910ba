"""Telemetry that nobody uses costs nothing: it is not imported, and no chunk of a stream passes through it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from gpo_client import SyncGPOCoreClient
from gpo_client.flows.effects import Close, Deliver, Effect, Open, Opened, Pause, Pump
from tests.client.conftest import Serve
from tests.support.counting import without_collector
from tests.support.events import TEXT_EVENT_STREAM, answer_events, stream_answer
from tests.support.flow_checks import streaming
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.observing import Recorder
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import ONE_TRY
from tests.telemetry.conftest import Telemetry

_PROGRAM = """
import sys
from gpo_client import SyncGPOCoreClient
with SyncGPOCoreClient() as client:
    conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    assert conversation.stream("What is RESICO?").collect().is_complete
    assert conversation.ask("What is RESICO?").message_content
print(sorted(name for name in sys.modules if name.startswith(("opentelemetry", "gpo_client.otel"))))
"""


_TELLING = (
    *("gpo_client.flows.call_reporter", "gpo_client.flows.observers", "gpo_client.logs", "gpo_client.otel"),
    *("opentelemetry", "tests.support.observing"),
)


def test_it_is_not_imported(sandbox: Any) -> None:
    """Not even by a client that is used."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"GPO_API_BASE_URL": sandbox.base_url},
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_the_extra() -> None:
    """The error says what to install."""
    program = "import sys; sys.modules['opentelemetry'] = None; import gpo_client.otel"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "ImportError: gpo_client.otel needs opentelemetry-api" in done.stderr
    assert 'pip install "gpo-client[otel]"' in done.stderr


def _calls(serve: Serve, count: int, **options: Any) -> tuple[int, int]:
    """How many functions are called between the second chunk of a stream and its end: of all, and of those that tell.

    Every event comes in a piece of its own, and is waited for: no two are read together.
    """
    from threading import Event

    events = answer_events(*["word "] * count)
    asked = [Event() for _ in events]
    pieces = [piece for pair in zip(events, asked, strict=True) for piece in pair]
    server = serve(stream_answer(*pieces))
    counted = _Counter()
    with SyncGPOCoreClient(base_url=server.base_url, **ONE_TRY, **options) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        assert next(stream).content
        asked[0].set()
        next(stream)
        with without_collector(), counted:
            for number in range(1, count - 1):
                asked[number].set()
                next(stream)
        for event in asked:
            event.set()
        assert stream.collect().is_complete
    return counted.calls, counted.telling


class _Counter:
    """Counts calls of Python functions."""

    def __init__(self) -> None:
        self.calls = self.telling = 0
        self._before: Callable[..., Any] | None = None

    def __enter__(self) -> None:
        self._before = sys.getprofile()
        sys.setprofile(self._note)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)

    def _note(self, frame: FrameType, event: str, _arg: object) -> None:
        if event == "call":
            name = str(frame.f_globals.get("__name__"))
            self.calls += name.startswith(("gpo_client.", "httpx", "httpcore", "h11"))
            self.telling += name.startswith(_TELLING)


def test_no_call_for_any_chunk(telemetry: Telemetry, serve: Serve) -> None:
    """Of a chunk, nothing is told, whoever watches; so it takes as many calls watched as unwatched."""
    unwatched, told = _calls(serve, 40)
    watched, told_then = _calls(serve, 40, observers=[Recorder(), telemetry.observer()], trace_requests=True)
    assert (told, told_then) == (0, 0)
    assert unwatched == watched
    assert unwatched > 40


@pytest.mark.parametrize("count", [2, 2_000])
def test_effects(count: int) -> None:
    """Watched, a stream takes one effect more, to its first chunk; unwatched, none."""
    opened, delivered, pumped, *others = _effects(count, observed=False)
    assert [opened, delivered, pumped, *others[-2:]] == [Open, Deliver, Pump, Close, Deliver]
    # What is long is read in steps, with a pause after each; what is short needs none.
    assert set(others[:-2]) == ({Deliver, Pause, Pump} if count > 600 else set())
    assert _effects(count, observed=True) == [opened, delivered, Pump, pumped, *others]


def _effects(count: int, *, observed: bool) -> list[type[Effect[Any]]]:
    """The kinds of effects of a stream whose first chunk comes alone, and all others together."""
    simulation = FlowSimulation(FlowServer(), observers=[Recorder()] if observed else [])
    flow, record = streaming(simulation)
    first, *others = answer_events(*["word "] * count)
    portions = iter([first, b"".join(others)])
    effects: list[Effect[Any]] = []
    outcome = None
    try:
        while True:
            effects.append(flow.send(outcome))
            head = {name.lower(): value for name, value in TEXT_EVENT_STREAM.items()}
            outcome = Opened(200, head) if isinstance(effects[-1], Open) else None
            if isinstance(effects[-1], Pump):
                while effects[-1].reader.wait() != 0:
                    effects[-1].reader.feed(next(portions))
    except StopIteration:
        pass
    assert record.chunk_count == count + 1
    return [type(effect) for effect in effects]
