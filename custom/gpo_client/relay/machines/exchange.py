"""Exchange of answers with a log in Redis: which commands go out together, and what their replies mean. Sans-I/O.

Every process keeps in memory the answers that it writes, and those that its browsers read. What is written here goes
out, what others write comes in, all of it in one pipeline for the whole process. The keys of an answer:

- ``events``, a stream. An entry ``0-<position>`` holds what one exchange brought: the data of several events, a line
  each, of which the last has that position. Its id makes writing idempotent.
- ``head``, a hash: the ``owner``, and whether somebody has ``stopped`` it.
- ``writer``, a sign of life of the process that writes it.
- ``reader``, the position of the furthest reader of another process, as long as there is one.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.logbook import AnswerLog, LogBook
from gpo_client.relay.machines.redis_commands import (
    Command,
    MirroredAnswer,
    OwnAnswer,
    Request,
    entries_of,
    is_repeated,
    key_of,
    milliseconds,
    streams_of,
    text_of,
    without_gap,
)

_LOG = logging.getLogger("gpo_client.relay")

Handler = Callable[[Any, float], None]

#: How long a command that somebody waits for is tried, in seconds.
ASK_S = 2.0
# From one exchange to the next, in seconds: what comes meanwhile goes together. Only browsers elsewhere wait for it.
_PERIOD_S = 0.02
_UNREAD_PERIOD_S = 0.1
_SIGN_S = 1.0
_WRITER_ALIVE_S = 5.0
_READER_ALIVE_S = 10.0
# How far a writer may be ahead of its readers before it is looked more often than once a sign whether other processes
# have some, for which it will have to wait. Readers of this one say how far they are before that.
_AHEAD = 40
_MOST_ENTRIES = 1000
# How long Redis keeps an answer at least, in seconds: none may expire between two signs of who writes it.
_KEPT_S = 10.0
# How long an answer of another process is brought here for somebody who has yet to begin to read, in seconds.
_COMING_S = 5.0


class RedisExchange:
    """The exchange between the answers in memory and a Redis. Whoever calls says what time it is. Answers that have
    ended are kept for writing for ``retry_s`` seconds when Redis does not take them; in a cluster commands may not
    touch keys of several answers.
    """

    def __init__(self, book: LogBook, prefix: str, *, retry_s: float, is_cluster: bool) -> None:
        self._book = book
        self._prefix = prefix
        self._retention_ms = milliseconds(max(_KEPT_S, book.limits.retention_s))
        self._retry_s = retry_s
        self._is_cluster = is_cluster
        self._own: dict[str, OwnAnswer] = {}
        self._mirrors: dict[str, MirroredAnswer] = {}
        self._unwritten: set[str] = set()
        self._ahead: set[str] = set()
        self._read_elsewhere: set[str] = set()
        self._requests: list[Request] = []
        self._handlers: list[Handler] = []
        self._next_at = -math.inf
        self._sign_at = -math.inf
        self._exchanged_at = -math.inf
        self._lived_s = 0.0
        self._away_since: float | None = None
        self._delay_s = 0.0
        #: The answers whose readers, and whose writer, have something new; whoever wakes them empties it.
        self.woken: set[str] = set()

    # what the log says

    def begin(self, answer_id: str, owner: str) -> list[Command]:
        """Write an answer from here; returns the commands that open it."""
        self._own[answer_id] = OwnAnswer(owner, self._lived_s)
        return self._sign(answer_id, owner)

    def give_up(self, answer_id: str) -> None:
        """Write an answer no more: it was not begun, or is written."""
        self._own.pop(answer_id, None)
        self._unwritten.discard(answer_id)
        self._read_elsewhere.discard(answer_id)

    def lives(self, answer_id: str) -> None:
        """Note that the one who writes an answer has been seen."""
        if (own := self._own.get(answer_id)) is not None:
            own.seen_at = self._lived_s

    def wrote(self, answer_id: str, now: float) -> None:
        """Entries were added to an answer in memory."""
        if answer_id in self._own and (log := self._book.find(answer_id, now)) is not None:
            self._unwritten.add(answer_id)
            if self._is_ahead(answer_id, log):
                self._ahead.add(answer_id)

    def mirror(self, answer_id: str, owner: str, now: float) -> None:
        """Bring an answer here that another process writes, for somebody who is about to read it; once for all who do.

        Raises LogFull if there is no room for another.
        """
        # Its entries and how far they were brought begin together, or what was brought before would be missing.
        if self._book.find(answer_id, now) is None:
            self._book.begin(answer_id, owner, _COMING_S, now)
            self._mirrors[answer_id] = MirroredAnswer()

    def ask(self, request: Request) -> None:
        """Send commands with the next exchange, which is now."""
        self._requests.append(request)

    def forget(self, request: Request) -> None:
        """Nobody waits for it any more."""
        if request in self._requests:
            self._requests.remove(request)

    def is_away(self, now: float) -> bool:
        """Whether Redis has not been reached for so long that nobody should wait for it."""
        return self._away_since is not None and now - self._away_since >= ASK_S

    def is_cut_off(self, answer_id: str, now: float) -> bool:
        """Whether nothing more of an answer can come at the moment, because another process writes it."""
        return answer_id in self._mirrors and self.is_away(now)

    @property
    def is_written(self) -> bool:
        """Whether Redis has everything that was added."""
        return not self._unwritten

    # the exchange

    def wait_s(self, now: float) -> float:
        """How long until the next exchange, in seconds; endless when there is nothing to exchange."""
        if self._delay_s:
            return max(0.0, self._next_at - now) if self._has_work else math.inf
        if self._requests:
            return 0.0
        due = self._next_at if self._unwritten or self._mirrors or self._ahead else math.inf
        if self._own:
            due = min(due, self._sign_at)
        return max(0.0, due - now)

    def commands(self, now: float) -> list[Command]:
        """Return the commands of the next exchange."""
        # A process that was stopped has seen nobody meanwhile, and heard of nobody.
        self._lived_s += min(_SIGN_S, now - self._exchanged_at)
        self._exchanged_at = now
        sent: list[tuple[Command, Handler]] = []
        for request in self._requests:
            sent += [(command, partial(self._replied, request)) for command in request.commands]
        for answer_id in self._unwritten:
            sent += self._writing(answer_id, now)
        is_sign = now >= self._sign_at
        if is_sign:
            self._sign_at = now + _SIGN_S
            for answer_id, own in list(self._own.items()):
                sent += self._signs(answer_id, own, now)
        for answer_id in list(self._ahead):
            sent += self._looks(answer_id, now)
        sent += self._reading()
        for answer_id, mirror in list(self._mirrors.items()):
            sent += self._following(answer_id, mirror, now, is_sign=is_sign)
        is_read = self._mirrors or self._ahead or self._read_elsewhere
        self._next_at = now + (_PERIOD_S if is_read else _UNREAD_PERIOD_S)
        self._handlers = [handler for _, handler in sent]
        return [command for command, _ in sent]

    def take(self, replies: Sequence[Any], now: float) -> None:
        """Take in the replies, of which any may be an exception."""
        handlers, self._handlers = self._handlers, []
        failure = None
        for handler, reply in zip(handlers, replies, strict=True):
            if isinstance(reply, Exception) and not is_repeated(reply):
                failure = failure or reply
                request = handler.args[0] if isinstance(handler, partial) and handler.args else None
                if isinstance(request, Request):
                    request.failure = reply
            else:
                handler(reply, now)
        self._requests = [request for request in self._requests if not request.is_done]
        if failure is not None:
            self.failed(failure, now)
        elif self._away_since is not None:
            _LOG.warning("Redis takes the relay's log again, after %.1f s", now - self._away_since)
            self._away_since, self._delay_s = None, 0.0

    def failed(self, error: Exception, now: float) -> None:
        """Try again: the exchange failed, or Redis refused a part of it."""
        if self._away_since is None:
            self._away_since = now
            _LOG.warning(
                "Redis does not take the relay's log, which is tried again: %s: %s", type(error).__name__, error
            )
        for request in self._requests:
            request.replies.clear()
        self._delay_s = min(1.0, max(0.05, self._delay_s * 2))
        self._next_at = now + self._delay_s
        self._sign_at = -math.inf  # they come first when Redis is back, for it may have lost what they are about
        if now - self._away_since > self._retry_s:
            self._give_up_ended(now)
        for mirror in self._mirrors.values():
            mirror.cannot_be_asked_for()
        self.woken.update(self._mirrors)

    # parts

    @property
    def _has_work(self) -> bool:
        return bool(self._requests or self._unwritten or self._own or self._mirrors)

    def _writing(self, answer_id: str, now: float) -> list[tuple[Command, Handler]]:
        if (log := self._book.find(answer_id, now)) is None:
            return []
        own = self._own[answer_id]
        entries = log.after(max(own.written, log.first - 1), _MOST_ENTRIES).entries
        if repeated := [entry for entry in entries if entry.position <= own.sent]:
            entries = repeated  # a piece whose reply was lost goes again as it was, and is one piece
        events = self._key(answer_id, "events")
        written: list[tuple[Command, Handler]] = []
        if entries:
            # What may be there already, from an attempt whose reply was lost or before Redis lost the rest, goes first.
            written = [] if own.written else [(("DEL", events), _ignore)]
            written.append(self._added(answer_id, own, entries))
        if own.written and not log.ended:
            return written
        return [*written, (("PEXPIRE", events, self._retention_ms), _ignore), self._counting(answer_id, own)]

    def _added(self, answer_id: str, own: OwnAnswer, entries: Sequence[Entry]) -> tuple[Command, Handler]:
        position = own.sent = entries[-1].position
        fields = ("data", "\n".join([entry.data for entry in entries]), "last", int(entries[-1].is_last))
        limit = ("MAXLEN", self._book.limits.max_events)
        command = ("XADD", self._key(answer_id, "events"), *limit, f"0-{position}", *fields)
        return command, partial(self._written, answer_id, own, position)

    def _written(self, answer_id: str, own: OwnAnswer, position: int, reply: Any, now: float) -> None:  # noqa: ARG002 - as handlers are
        own.written = max(own.written, position)
        own.pieces += 1
        log = self._book.find(answer_id, now)
        # An end is written when it has been counted.
        if log is None or (own.written >= log.written and not log.ended):
            self._unwritten.discard(answer_id)

    def _counting(self, answer_id: str, own: OwnAnswer) -> tuple[Command, Handler]:
        return ("XLEN", self._key(answer_id, "events")), partial(self._counted, answer_id, own)

    def _counted(self, answer_id: str, own: OwnAnswer, reply: Any, now: float) -> None:
        log = self._book.find(answer_id, now)
        if int(reply) < min(own.pieces, self._book.limits.max_events):
            self._write_again(answer_id, own)
        elif log is None or (log.ended and own.written >= log.written):
            self.give_up(answer_id)

    def _signs(self, answer_id: str, own: OwnAnswer, now: float) -> list[tuple[Command, Handler]]:
        """Return what is said and asked once a second of an answer that is written here."""
        unseen_s = 0.0 if answer_id in self._unwritten else self._lived_s - own.seen_at
        if self._book.find(answer_id, now) is None or unseen_s > max(_WRITER_ALIVE_S, self._retry_s):
            self.give_up(answer_id)
            return []
        if unseen_s > _WRITER_ALIVE_S:
            return []  # who is not seen is not said to live, but may be back
        head = self._key(answer_id, "head")
        named, *others = self._sign(answer_id, own.owner)
        return [
            (named, partial(self._named, answer_id, own)),
            *((command, _ignore) for command in others),
            (("PEXPIRE", self._key(answer_id, "events"), self._retention_ms), _ignore),
            self._counting(answer_id, own),
            (("HGET", head, "stopped"), partial(self._stopped, answer_id)),
            (("GET", self._key(answer_id, "reader")), partial(self._reader, answer_id)),
        ]

    def _looks(self, answer_id: str, now: float) -> list[tuple[Command, Handler]]:
        log = self._book.find(answer_id, now)
        if log is None or not self._is_ahead(answer_id, log) or answer_id not in self._own:
            self._ahead.discard(answer_id)
            return []
        return [(("GET", self._key(answer_id, "reader")), partial(self._reader, answer_id))]

    def _is_ahead(self, answer_id: str, log: AnswerLog) -> bool:
        """Whether its writer may soon have to wait for a reader of another process, if there is one."""
        return log.written - log.position >= (1 if answer_id in self._read_elsewhere else _AHEAD)

    def _named(self, answer_id: str, own: OwnAnswer, reply: Any, _: float) -> None:
        if int(reply):  # the owner was new to it
            self._write_again(answer_id, own)

    def _write_again(self, answer_id: str, own: OwnAnswer) -> None:
        """Write what Redis has lost, by a restart or a failover: all of the answer, or the last of it."""
        if own.written and answer_id in self._own:
            own.written = own.pieces = own.sent = 0
            self._unwritten.add(answer_id)

    def _stopped(self, answer_id: str, reply: Any, now: float) -> None:
        log = self._book.find(answer_id, now)
        if reply is not None and log is not None:
            log.stopped = True
            self.woken.add(answer_id)

    def _reader(self, answer_id: str, reply: Any, now: float) -> None:
        if reply is None:
            self._read_elsewhere.discard(answer_id)
        elif answer_id in self._own:
            self._read_elsewhere.add(answer_id)
            self._book.acknowledge(answer_id, int(reply), _READER_ALIVE_S, now)
            self.woken.add(answer_id)

    def _reading(self) -> list[tuple[Command, Handler]]:
        keys = {self._key(each, "events"): (each, f"0-{mirror.written}") for each, mirror in self._mirrors.items()}
        if not keys:
            return []
        one_by_one = [{key: value} for key, value in keys.items()] if self._is_cluster else [keys]
        return [
            (
                ("XREAD", "COUNT", _MOST_ENTRIES, "STREAMS", *part, *(position for _, position in part.values())),
                partial(self._read, {key: answer_id for key, (answer_id, _) in part.items()}),
            )
            for part in one_by_one
        ]

    def _read(self, answers: dict[str, str], reply: Any, now: float) -> None:
        for key, events in streams_of(reply):
            answer_id = answers[text_of(key)]
            log, mirror = self._book.find(answer_id, now), self._mirrors.get(answer_id)
            if log is None or mirror is None:
                continue
            entries = without_gap(entry for entry in entries_of(events) if entry.position > mirror.written)
            if entries and mirror.waits_for(entries[0].position, self._lived_s):
                continue
            log.is_lost = bool(entries and mirror.written) and entries[0].position != mirror.written + 1
            if entries and not log.is_lost:
                self._book.append(answer_id, entries, now)
                mirror.written, mirror.silent_since, log.is_alive = entries[-1].position, None, True
            self.woken.add(answer_id)
            if log.ended or log.is_lost:
                del self._mirrors[answer_id]

    def _following(
        self, answer_id: str, mirror: MirroredAnswer, now: float, *, is_sign: bool
    ) -> Iterable[tuple[Command, Handler]]:
        """Return what is said of the readers of an answer that another process writes, and asked about that process."""
        log = self._book.find(answer_id, now)
        if log is None or not log.is_wanted(now):
            self._book.forget(answer_id)
            del self._mirrors[answer_id]
            return
        if is_sign or log.position > mirror.told:
            mirror.told = log.position
            lasts = ("PX", milliseconds(_READER_ALIVE_S))
            yield ("SET", self._key(answer_id, "reader"), log.position, *lasts), _ignore
        if is_sign:
            yield ("EXISTS", self._key(answer_id, "writer")), partial(self._alive, answer_id)

    def _alive(self, answer_id: str, reply: Any, now: float) -> None:
        log, mirror = self._book.find(answer_id, now), self._mirrors.get(answer_id)
        if log is None or mirror is None:
            return
        # One that stood still is not told so, and may be back.
        log.is_alive = not mirror.is_given_up(self._lived_s, is_alive=bool(int(reply)))
        if not log.is_alive:
            self.woken.add(answer_id)

    def _replied(self, request: Request, reply: Any, _: float) -> None:
        request.replies.append(reply)

    def _give_up_ended(self, now: float) -> None:
        for answer_id, own in list(self._own.items()):
            log = self._book.find(answer_id, now)
            if log is None or log.ended or self._lived_s - own.seen_at > self._retry_s:
                _LOG.warning("answer %s: Redis was away for too long, its end is not written there", answer_id)
                self.give_up(answer_id)

    def _sign(self, answer_id: str, owner: str) -> list[Command]:
        """Return that an answer is there, and that somebody writes it."""
        head = self._key(answer_id, "head")
        return [
            ("HSET", head, "owner", owner),
            ("PEXPIRE", head, self._retention_ms),
            ("SET", self._key(answer_id, "writer"), 1, "PX", milliseconds(_WRITER_ALIVE_S)),
        ]

    def _key(self, answer_id: str, part: str) -> str:
        return key_of(self._prefix, answer_id, part)


def _ignore(*_: Any) -> None:
    pass
