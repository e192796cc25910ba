"""Every measurement runs, on tiny sizes and in its own process, as in a full run; and so does the soak."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bench.__main__ import main
from bench.machine import ROOT
from bench.measures import loops
from bench.measures.base import Numbers, Scale, least_cpu, middle, worst
from bench.measures.parts import PARTS
from bench.runner import MeasurementError, run

TINY = Scale(
    repeat=1,
    burst_events=100,
    segment_events=20,
    paced_events=20,
    streams=(5,),
    memory_events=6000,
    collect_chars=10,
    idle_streams=3,
    imports=1,
    constructions=2,
    first_chunks=2,
    calls=2,
    huge_chars=4096,
    many_events=50,
    batch_questions=20,
    outage_ms=100,
    sequential=3,
)


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_parts(part: str) -> None:
    """Every job gives numbers."""
    if not PARTS[part].jobs(TINY):
        pytest.skip("the extra bench is not installed")
    results = run(TINY, [part], ["ours"], lambda _: None)
    assert results.parts[part]
    assert all(numbers for numbers in results.parts[part].values())


@pytest.mark.slow
def test_one_measurement_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A part is printed and not kept."""
    assert main(["--quick", "--only", "first_chunk", "--clients", "ours", "--repeat", "1"]) == 0
    assert "time to first chunk, async" in capsys.readouterr().out


def test_unknown_names(capsys: pytest.CaptureFixture[str]) -> None:
    """They are refused, with those that there are."""
    with pytest.raises(SystemExit):
        main(["--only", "speed"])
    assert "there is no 'speed'; there are bursts, segments" in capsys.readouterr().err


def test_a_measurement_that_fails() -> None:
    """It is an error with what it wrote, not a missing number."""
    with pytest.raises(MeasurementError, match=r"(?s)concurrency 0/ours/async: .*ZeroDivisionError"):
        run(Scale(repeat=1, streams=(0,)), ["concurrency"], ["ours"], lambda _: None)


def test_without_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured on it is left out, with a note."""
    monkeypatch.setattr(loops, "is_missing", lambda: True)
    results = run(TINY, ["uvloop"], [], lambda _: None)
    assert results.parts["uvloop"] == {}
    assert any(note.startswith("uvloop: it is not installed") for note in results.notes)


def test_picking() -> None:
    """The best, the middle or the worst of the samples."""
    samples: list[Numbers] = [{"cpu_us": 3, "mb": 1}, {"cpu_us": 1, "mb": 2}, {"cpu_us": 2, "mb": 9}]
    assert least_cpu(samples) == {"cpu_us": 1, "mb": 2}
    assert middle(samples) == {"cpu_us": 2, "mb": 2}
    assert worst(samples) == {"cpu_us": 3, "mb": 9}


@pytest.mark.alone
@pytest.mark.parametrize("processes", [1, 3])
def test_no_stream_loses_anything(processes: int) -> None:
    """Two hundred streams through both clients, most of them broken on the way; in forked processes too."""
    command = [sys.executable, "-W", "error", "bench/soak.py", "--streams", "200", "--processes", str(processes)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    told = re.fullmatch(r"200 streams, (\d+) resumes, 0 lost, 0 duplicated, 0 sockets leaked, .*\n", done.stdout)
    assert told is not None
    assert int(told[1]) > 100
