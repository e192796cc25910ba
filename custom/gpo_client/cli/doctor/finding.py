"""What a check found."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs
from rich.text import Text

from gpo_client.cli.exit_codes import ExitCode
from gpo_client.printable import one_line


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


_STYLES = {State.OK: "green", State.FAILED: "bold red", State.SKIPPED: "dim"}


@attrs.frozen(kw_only=True)
class Finding:
    """The outcome of one check.

    Attributes:
        check: What was checked.
        state: How it went; skipped when there was nothing to check.
        detail: What was found.
        remedy: What to do about it.
        code: The exit code that a failure stands for.
    """

    check: str
    state: State
    detail: str
    remedy: str | None = None
    code: ExitCode = ExitCode.OK

    def line(self) -> Text:
        """Return the finding in one line."""
        remedy = f" - {one_line(self.remedy)}" if self.remedy else ""
        state = (f"{self.state:<8}", _STYLES[self.state])
        return Text.assemble(state, f"{self.check:<12}", one_line(self.detail), remedy)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        return {"check": self.check, "state": self.state.value, "detail": self.detail, "remedy": self.remedy}


def ok(check: str, detail: str) -> Finding:
    """Return a check that went well."""
    return Finding(check=check, state=State.OK, detail=detail)


def skipped(check: str, reason: str) -> Finding:
    """Return a check that was not made."""
    return Finding(check=check, state=State.SKIPPED, detail=reason)


def failed(check: str, detail: str, remedy: str, code: ExitCode = ExitCode.CONNECTION) -> Finding:
    """Return a check that failed."""
    return Finding(check=check, state=State.FAILED, detail=detail, remedy=remedy, code=code)
