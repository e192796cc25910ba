"""The search finds what is planted, shrinks it and keeps it."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest

from tests.fuzz import __main__ as program
from tests.fuzz import target as target_module
from tests.fuzz.mutation import changed
from tests.fuzz.running import Hang, search
from tests.fuzz.target import Check, Target, bounded, pure

#: Far longer than it takes; the search ends when it has found something.
_LONG_S = 120.0


@pytest.fixture(autouse=True)
def _seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_module, "SEEDS", tmp_path)
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "good").write_bytes(b"data: Mexico taxes resident companies\n\n")


def _planted(check: Check) -> Target:
    return Target("planted", pure(check), [b"\xff", b"RESICO"])


def _fails_at_a_word(data: bytes) -> None:
    if b"RESICO" in data:
        raise ZeroDivisionError


def _fills_memory(data: bytes) -> None:
    assert [data] * (100_000_000 * (b"\xff" in data) // 8)


def test_a_failure_is_found_and_shrunk() -> None:
    """What is left is the seed with the word in it and little more; without shrinking it has up to 8,000 bytes."""
    outcome = search(_planted(_fails_at_a_word), _LONG_S)
    assert isinstance(outcome.error, ZeroDivisionError)
    assert b"RESICO" in outcome.data
    assert len(outcome.data) < 200


def test_what_is_found_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a seed, which fails at once the next time; the exit code says so."""
    monkeypatch.setattr(program, "TARGETS", {"planted": _planted(_fails_at_a_word)})
    monkeypatch.setenv("FUZZ_SECONDS", str(_LONG_S))
    assert program.main() == 1
    kept = [path for path in (tmp_path / "planted").iterdir() if path.name != "good"]
    assert len(kept) == 1
    assert str(kept[0]) in capsys.readouterr().err
    again = search(_planted(_fails_at_a_word), 0)
    assert isinstance(again.error, ZeroDivisionError)
    assert again.data == kept[0].read_bytes()


def test_memory_is_looked_after() -> None:
    """An input that takes more than it explains is a failure as well."""
    data = next(data for data in (b"\xff" + bytes([number]) for number in range(256)) if not crc32(data) % 8)
    with pytest.raises(AssertionError, match="bytes of memory"):
        bounded(_fills_memory)(data)


def _hangs_at_a_word(data: bytes) -> None:
    while b"RESICO" in data:
        pass


def test_what_does_not_end_is_a_failure() -> None:
    """It is not waited for, so the search is bounded whatever it finds."""
    outcome = search(_planted(_hangs_at_a_word), _LONG_S, patience_s=0.5)
    assert isinstance(outcome.error, Hang)
    assert b"RESICO" in outcome.data


def test_nothing_to_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is over, and nothing is kept."""
    monkeypatch.setattr(program, "TARGETS", {"planted": _planted(lambda _: None)})
    monkeypatch.setenv("FUZZ_SECONDS", "0.2")
    assert program.main() == 0


def test_every_change_can_be_made() -> None:
    """Each kind of change does something; without a script the seed stays as it is."""
    seeds, words = [b"abcdefgh", b"12345678"], [b"WORD"]
    assert changed(seeds, words, b"") == b"abcdefgh"
    made = [changed(seeds, words, bytes([0, kind, 0, 2, 3, 1, 128])) for kind in range(6)]
    assert made == [
        b"abWORDcdefgh",
        b"abWORDfgh",
        b"ab\x01\x80fgh",
        b"abfgh",
        b"abcdecdecdecdefgh",
        b"ab5678",
    ]
