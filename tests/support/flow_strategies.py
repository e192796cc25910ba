"""Schedules for the simulated service, for hypothesis to choose from."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from gpo_client.flows.effects import FailureKind
from tests.support.flow_script import Stop, Turn
from tests.support.parts import examples

#: How hard to try; no deadline, for a busy machine is no failure. `make test-all` tries four times as hard.
THOROUGHLY = settings(deadline=None, max_examples=examples(150))
VERY_THOROUGHLY = settings(deadline=None, max_examples=examples(400))

#: All characters that JSON can carry: line ends of every kind, and of one to four bytes.
TEXTS = st.text(
    st.one_of(st.sampled_from("a \n\r\u2028é€🧾\x85"), st.characters(exclude_categories=["Cs"])), max_size=8
)
ANSWERS = st.lists(TEXTS, max_size=5) | st.lists(TEXTS, min_size=4, max_size=8)
CHANCES = st.sampled_from([0.0, 0.25, 0.5, 1.0])

_SIZES = st.one_of(st.just((65_536,)), st.lists(st.integers(1, 40), min_size=1, max_size=4))
_KEEP = st.one_of(st.none(), st.integers(0, 700))
_EVENTS = st.sampled_from([None, None, 0, 1, 1, 2])
_CUTS = st.sampled_from([Stop.END, Stop.CUT, Stop.RESET, Stop.STALL])
_EOLS = st.sampled_from([b"\n", b"\r\n", b"\r"])
_CODES = st.sampled_from(["unavailable", "stream_expired"])

#: Streams that may break, but tell the truth.
STREAMS = st.builds(
    Turn,
    restart=st.booleans(),
    retry_ms=st.sampled_from([None, None, 0, 2000, 60_000]),
    replay=st.integers(0, 3),
    doubled=st.frozensets(st.integers(1, 5), max_size=2),
    gap=st.sampled_from([None, None, None, None, 1, 2, 3]),
    events=_EVENTS,
    keep=_KEEP,
    stop=_CUTS,
    sizes=_SIZES,
    beats=st.integers(0, 2),
    eol=_EOLS,
)
#: Streams that break by nothing but their connection.
CUT_STREAMS = st.builds(Turn, replay=st.integers(0, 3), events=_EVENTS, keep=_KEEP, stop=_CUTS, sizes=_SIZES, eol=_EOLS)
HEARTBEATS = st.builds(Turn, events=st.integers(0, 3), stop=st.just(Stop.HEARTBEATS), beat_every=st.just(5.0))
BUSY = st.builds(
    Turn,
    status=st.just(503),
    retry_after=st.sampled_from([None, None, 0, 3, 31]),
    keep=st.one_of(st.none(), st.integers(0, 80)),
    stop=_CUTS,
    sizes=_SIZES,
)
RESTARTS = st.builds(Turn, restart=st.just(True), status=st.just(503), retry_after=st.just(0))
REFUSALS = st.builds(Turn, status=st.sampled_from([401, 404, 409, 410]), code=_CODES)
FAILURES = st.builds(Turn, failure=st.sampled_from(FailureKind))
TURNS = st.one_of(STREAMS, CUT_STREAMS, CUT_STREAMS, BUSY, FAILURES, REFUSALS, RESTARTS, HEARTBEATS)
#: Schedules of streams that come a little further each time, and of little else.
_DRIPS = st.lists(
    st.one_of(st.builds(Turn, replay=st.integers(0, 1), events=st.integers(1, 2), stop=_CUTS), BUSY, FAILURES),
    max_size=8,
)
SCHEDULES = st.lists(TURNS, max_size=8) | _DRIPS

#: Schedules that are over by and by: nothing in them is final.
PASSING = st.lists(
    st.one_of(
        CUT_STREAMS,
        BUSY.filter(lambda turn: turn.retry_after != 31),
        st.builds(Turn, failure=st.just(FailureKind.RESET)),
    ),
    max_size=8,
)
