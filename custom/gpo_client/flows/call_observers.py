"""Those who are told of one call, and who cannot break it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from gpo_client.flows.call_details import CallDetails
from gpo_client.flows.observers import CallObserver, Observer
from gpo_client.flows.options import check_headers

_log = logging.getLogger("gpo_client.observers")


class CallObservers:
    """The observers of one call. One that fails is told no more of it; the call and the others go on."""

    def __init__(self) -> None:
        self._told: list[tuple[Observer, CallObserver]] = []

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self._told)

    def start(self, observers: Sequence[Observer], call: CallDetails, within: CallObservers | None) -> None:
        """Ask observers whom to tell of a call.

        Args:
            observers: Whom to ask.
            call: The call.
            within: Those who are told of the call within which this one is made.
        """
        for observer in observers:
            with _Guard(self, observer):
                told = observer.call_started(call, within.of(observer) if within is not None else None)
                if told is not None:
                    self._told.append((observer, told))

    def of(self, observer: Observer) -> CallObserver | None:
        """Whom this observer wants to be told."""
        return next((told for known, told in self._told if known is observer), None)

    def notify(self, news: Callable[[CallObserver], object]) -> None:
        """Tell everybody."""
        for observer, told in tuple(self._told):
            with _Guard(self, observer):
                news(told)

    def headers(self) -> dict[str, str]:
        """Return the header fields that they want to be sent."""
        fields: dict[str, str] = {}
        self.notify(lambda told: fields.update(check_headers(told.request_headers(), type(told).__name__)))
        return fields

    def clear(self) -> None:
        """There is nothing more to tell."""
        self._told = []

    def drop(self, observer: Observer) -> None:
        """Tell this one no more."""
        self._told = [(known, told) for known, told in self._told if known is not observer]


class _Guard:
    """Lets no exception of an observer out."""

    __slots__ = ("_observer", "_observers")

    def __init__(self, observers: CallObservers, observer: Observer) -> None:
        self._observers = observers
        self._observer = observer

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> bool:
        if not isinstance(error, Exception):
            return False
        self._observers.drop(self._observer)
        _complain(self._observer, error)
        return True


def interested(observers: Sequence[Observer]) -> list[Observer]:
    """Those that want to know of a call that begins now."""
    return [observer for observer in observers if _is_active(observer)]


def _is_active(observer: Observer) -> bool:
    try:
        return observer.is_active
    except Exception as error:  # noqa: BLE001 - logged
        _complain(observer, error)
        return False


def _complain(observer: Observer, error: Exception) -> None:
    _log.error("%s failed and is told no more of this call", type(observer).__name__, exc_info=error)
