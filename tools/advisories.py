"""Known vulnerabilities of the dependencies that constraints.txt pins, as pip-audit finds them.

`python tools/advisories.py` fails if one has a known vulnerability, or could not be looked up though others could.
Where the database of advisories cannot be reached at all, nothing is known either way: that is said, and `--strict`
makes it a failure. pip-audit itself would report "No known vulnerabilities found" there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "constraints.txt"


@attrs.frozen
class Verdict:
    """What an audit has come to.

    Attributes:
        is_known: Whether anything could be looked up.
        lines: What to print.
        faults: How many dependencies are vulnerable, or could not be looked up though others could.
    """

    is_known: bool
    lines: list[str]
    faults: int = 0


def judge(report: dict[str, Any] | None, why: str = "") -> Verdict:
    """Return the verdict on a report of pip-audit.

    Args:
        report: What it wrote as JSON; None if it could not.
        why: What it said then.
    """
    found = [] if report is None else report["dependencies"]
    audited = [one for one in found if "skip_reason" not in one]
    if not audited:
        reasons = sorted({one["skip_reason"].partition(":")[0] for one in found if "skip_reason" in one})
        return Verdict(False, _not_audited(len(found), "; ".join(reasons) or why))
    lines = [f"{one['name']} {one['version']}: {_told(fault)}" for one in audited for fault in one["vulns"]]
    lines += [f"{one['name']}: {one['skip_reason']}" for one in found if "skip_reason" in one]
    return Verdict(True, lines or [f"{len(audited)} dependencies without a known vulnerability"], len(lines))


def _told(fault: dict[str, Any]) -> str:
    fixed = ", ".join(fault["fix_versions"]) or "no version yet"
    return f"{fault['id']} ({', '.join(fault['aliases'])}), fixed in {fixed}"


def _not_audited(number: int, why: str) -> list[str]:
    return [
        "NOT AUDITED: the database of advisories cannot be reached from here.",
        f"  {why} ({number} dependencies)",
        "  This says nothing about the dependencies. Run `make audit` again where the database can be reached.",
    ]


def look_up(pins: Path) -> Verdict:
    """Ask pip-audit about pinned dependencies.

    Args:
        pins: A file with one pin a line.
    """
    # Only what is pinned is looked up, nothing is resolved or installed.
    how = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "20", "--format", "json"]
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(pins), *how]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return judge(json.loads(done.stdout))
    except json.JSONDecodeError:
        return judge(None, (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1])


def main(arguments: list[str]) -> int:
    """Audit, tell, and return the exit code.

    Args:
        arguments: ``--strict`` or nothing.
    """
    verdict = look_up(PINS)
    print("\n".join(verdict.lines), file=sys.stdout if verdict.is_known and not verdict.faults else sys.stderr)
    return 1 if verdict.faults or ("--strict" in arguments and not verdict.is_known) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
