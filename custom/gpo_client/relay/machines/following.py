"""Pace of an answer: what one browser is sent and when, and how far the writing may be ahead of the reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from gpo_client.relay.machines.entries import Entry, ProblemCode, PublicProblem, problem_entry
from gpo_client.relay.machines.logbook import LogPage, ReaderState

#: How long what is missing in a log that outlives the process may yet come, in seconds: what a Redis loses of running
#: answers is written again by those who write them.
LOSS_S = 5.0

# How many answers are known to be missing at the same time.
_MOST_MISSING = 1000


class Following:
    """The progress of one browser through an answer. Sans-I/O: whoever calls says what time it is.

    A heartbeat comes after ``heartbeat_s`` of silence; the log is told that the browser is there every
    ``acknowledge_s``, and how far it is after ``acknowledge_entries``, if that is sooner.
    """

    def __init__(
        self,
        after: int,
        *,
        heartbeat_s: float,
        acknowledge_s: float,
        acknowledge_entries: int = 1,
        now: float,
        sentences: Mapping[str, str] | None = None,
    ) -> None:
        self.position = after
        #: Whether there is nothing more to send.
        self.ended = False
        self._heartbeat_s = heartbeat_s
        self._acknowledge_s = acknowledge_s
        self._acknowledge_entries = acknowledge_entries
        self._told = after
        self._sentences = sentences
        self._sent_at = now
        self._acknowledged_at = now
        # The response begins with what there is to say before the first entry.
        self._sending_since: float | None = now

    def wait_s(self, now: float) -> float:
        """How long to wait for entries before something else is due, in seconds."""
        due = min(self._sent_at + self._heartbeat_s, self._acknowledged_at + self._acknowledge_s)
        return max(0.0, due - now)

    def sent(self, now: float) -> bool:
        """Note that what was given has been sent; whether it is time to tell the log so. Asking counts as telling."""
        self._sending_since = None
        due = (
            now >= self._acknowledged_at + self._acknowledge_s
            or self.position >= self._told + self._acknowledge_entries
        )
        if due:
            self._acknowledged_at = now
            self._told = self.position
        return due

    def take(self, page: LogPage, now: float) -> list[Entry]:
        """Return the entries to send now."""
        entries = list(page.entries)
        if page.is_lost:
            entries = [self._problem(ProblemCode.EXPIRED)]
        elif not entries and not page.is_alive:
            entries = [self._problem(ProblemCode.INTERRUPTED)]
        if entries:
            self.giving(entries, now)
        return entries

    def giving(self, entries: Sequence[Entry], now: float) -> None:
        """Note that entries are being sent."""
        self._sending_since = self._sent_at = now
        self.position = entries[-1].position
        self.ended = entries[-1].is_last

    def stuck_s(self, now: float) -> float:
        """For how many seconds the browser has taken nothing of what is being sent to it."""
        return 0.0 if self._sending_since is None else now - self._sending_since

    def is_silent(self, now: float) -> bool:
        """Whether a heartbeat is due; asking counts as sending it."""
        due = now >= self._sent_at + self._heartbeat_s
        if due:
            self._sending_since = self._sent_at = now
        return due

    def _problem(self, code: ProblemCode) -> Entry:
        return problem_entry(PublicProblem.of(code, self._sentences))


class MissingAnswers:
    """The answers that browsers come back for and a log does not know: it may be about to be told again. Sans-I/O.

    >>> missing = MissingAnswers()
    >>> missing.is_gone("Zx81kq0-answer-01", now=0.0), missing.is_gone("Zx81kq0-answer-01", now=5.0)
    (False, True)
    """

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def is_gone(self, answer_id: str, now: float) -> bool:
        """Whether an answer has been missing for so long that it will not come any more."""
        since = self._since.setdefault(answer_id, now)
        while len(self._since) > _MOST_MISSING:
            del self._since[next(iter(self._since))]
        return now - since >= LOSS_S

    def found(self, answer_id: str) -> None:
        """Note that an answer is known, or that nobody can say."""
        self._since.pop(answer_id, None)


@attrs.define
class Window:
    """Holds back whoever reads from upstream, and says when nobody wants the answer any more. Sans-I/O.

    At most ``window`` entries may be written that no reader has had yet.

    >>> window = Window(window=2)
    >>> window.note(ReaderState(position=1, is_wanted=True))
    >>> window.end
    3
    """

    window: int
    #: How far the furthest reader has got.
    position: int = 0
    #: The last position that may be written now.
    end: int = attrs.field(init=False, default=attrs.Factory(lambda self: self.position + self.window, takes_self=True))
    #: Nobody wants the answer: stop asking upstream for it.
    is_abandoned: bool = False

    def note(self, state: ReaderState) -> None:
        """Take in what the log knows of the readers."""
        self.position = max(self.position, state.position)
        self.end = self.position + self.window
        self.is_abandoned = self.is_abandoned or not state.is_wanted
