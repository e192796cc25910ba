"""Signals that end a command: in good order while it runs, at once before and after."""

from __future__ import annotations

import signal
import sys
import threading
import time
from _thread import interrupt_main
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

_ENDING = (signal.SIGINT, signal.SIGTERM)
# A signal that was lost in a destructor is raised again after so many seconds, and again, until it is handled.
_AGAIN = 0.01
_Handler = Callable[[int, FrameType | None], object]


def end_at_once() -> None:
    """Let signals end the process without a word: nothing has been done yet, or all of it has.

    Those that whoever started the process wants ignored stay so.
    """
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def raised() -> Generator[None]:
    """Make signals exceptions, so that sessions are ended, files half written are removed and the cursor comes back.

    SIGINT is a KeyboardInterrupt, SIGTERM a SystemExit. Some code in C forgets what is raised while it looks something
    up; a SIGTERM that was forgotten is raised when the block is over.
    """
    hook, came = sys.unraisablehook, list[int]()

    def end(number: int, frame: FrameType | None) -> NoReturn:
        came.append(number)
        _end(number, frame)

    def lost(unraisable: Any) -> None:
        """Python prints and forgets what is raised in a destructor, wherever the signal comes; so it comes again."""
        error = unraisable.exc_value
        if not isinstance(error, KeyboardInterrupt | SystemExit):
            hook(unraisable)
            return
        number = signal.SIGINT if isinstance(error, KeyboardInterrupt) else signal.SIGTERM
        before = len(came)

        def is_over() -> bool:
            return len(came) > before or sys.unraisablehook is not lost

        threading.Thread(target=_send_until, args=(is_over, number), daemon=True).start()

    sys.unraisablehook = lost
    try:
        with handled({signal.SIGINT: end, signal.SIGTERM: end}):
            yield
            if signal.SIGTERM in came:  # SIGINT may have been dealt with: it ends an answer in a conversation
                _end(signal.SIGTERM, None)
    finally:
        sys.unraisablehook = hook


@contextmanager
def handled(handlers: dict[signal.Signals, _Handler]) -> Generator[None]:
    """Have signals handled so in the block, and as before after it; one that is ignored stays so."""
    before: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in handlers}
    try:
        for number, handler in handlers.items():
            if before[number] is not signal.SIG_IGN:
                signal.signal(number, handler)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    if number == signal.SIGINT:
        signal.default_int_handler(number, frame)
    raise SystemExit(128 + number)


def _send_until(is_over: Callable[[], bool], number: signal.Signals) -> None:
    """Send it again and again: one that comes just before the main thread waits in the system does not wake it."""
    time.sleep(_AGAIN)
    while not is_over():
        _send(number)
        time.sleep(_AGAIN)


def _send(number: signal.Signals) -> None:
    """Send it to the main thread, which may be waiting in the system."""
    main = threading.main_thread().ident
    if main is not None and hasattr(signal, "pthread_kill"):
        with suppress(ProcessLookupError):
            signal.pthread_kill(main, number)
    else:
        interrupt_main(number)
