"""The texts that faults are described with."""

import math

import pytest

from gpo_sandbox.faults import Ending, Fault, FaultError, Rejection, StreamFault, parse_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop-after=3", Fault(stream=StreamFault(ending=Ending.DROP, after=3))),
        ("end-after=0,times=2", Fault(stream=StreamFault(ending=Ending.END, after=0, times=2))),
        (" stall-after = 1 , times = all ", Fault(stream=StreamFault(ending=Ending.STALL, after=1, times=math.inf))),
        ("heartbeats-after=1", Fault(stream=StreamFault(ending=Ending.HEARTBEATS, after=1))),
        ("error-after=2", Fault(stream=StreamFault(ending=Ending.ERROR, after=2))),
        ("malformed=2", Fault(stream=StreamFault(malformed=2))),
        ("slow=0.5,duplicate=2,skip=4", Fault(stream=StreamFault(slow_s=0.5, duplicate=2, skip=4))),
        ("status=503", Fault(Rejection(status=503))),
        ("status=429*2,retry-after=1", Fault(Rejection(status=429, times=2, retry_after_s=1))),
        ("status=500*all", Fault(Rejection(status=500, times=math.inf))),
        ("status=503,slow=1", Fault(Rejection(status=503), StreamFault(slow_s=1))),
    ],
)
def test_texts(text: str, fault: Fault) -> None:
    """What each part means."""
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'' is not among the names of faults, which are drop-after, "),
        ("drop-after=3,", "'' is not among"),
        ("drop=3", "'drop' is not among"),
        ("drop-after", "drop-after must be a whole number"),
        ("drop-after=-1", "drop-after must be a whole number"),
        ("drop-after=1.5", "drop-after must be a whole number"),
        ("drop-after=²", "drop-after must be a whole number"),
        ("drop-after=9999999999", "drop-after must be a whole number"),
        ("drop-after=1,drop-after=2", "drop-after must be given only once"),
        ("drop-after=1,end-after=2", "drop-after and end-after must not come together"),
        ("duplicate=0", "duplicate must be at least 1"),
        ("malformed=0", "malformed must be at least 1"),
        ("error-after=1,drop-after=2", "drop-after and error-after must not come together"),
        ("skip=x", "skip must be a whole number"),
        ("slow=nan", "slow must be a number of seconds from 0 to 3600"),
        ("slow=3601", "slow must be a number of seconds from 0 to 3600"),
        ("status=200", "status must be a status from 400 to 599"),
        ("status=503*", "status must be a status from 400 to 599"),
        ("status=503*0", "the number of times after status must be a whole number from 1, or all"),
        ("status=503*some", "the number of times after status must be a whole number from 1, or all"),
        ("retry-after=1", "retry-after must come with a status"),
        ("status=503,retry-after=soon", "retry-after must be a whole number"),
        ("times=2", "times must come with a fault of the stream"),
        ("status=503,times=2", "times must come with a fault of the stream"),
        ("drop-after=1,times=0", "times must be a whole number from 1, or all"),
        ("drop-after=1,times=ever", "times must be a whole number from 1, or all"),
    ],
)
def test_texts_that_describe_nothing(text: str, told: str) -> None:
    """The message says what the text must be."""
    with pytest.raises(FaultError) as caught:
        parse_fault(text)
    assert str(caught.value).startswith(told)


def test_refusals_come_first() -> None:
    """The streams that go wrong are those of the requests that get through."""
    fault = parse_fault("status=503*2,drop-after=1,times=2")
    assert [fault.due(earlier) for earlier in range(5)] == [
        fault.rejection, fault.rejection, fault.stream, fault.stream, None,
    ]  # fmt: skip
    assert parse_fault("drop-after=1,times=all").due(1_000_000) is not None
