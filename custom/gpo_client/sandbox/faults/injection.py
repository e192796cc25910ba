"""Which requests a fault concerns: where it is asked for, and how often it happened."""

from typing import NoReturn

import attrs

from gpo_client.sandbox.faults.fault import Fault, Refusal, StreamFault
from gpo_client.sandbox.faults.parsing import FaultError, parse_fault
from gpo_client.sandbox.problems import Problem

FAULT_HEADER = "X-GPO-Fault"

# Far more than the requests that any test has under way; the oldest counts are forgotten first.
_MOST_COUNTS = 10_000


@attrs.define
class Faults:
    """The faults of one sandbox, counted in memory.

    Args:
        standing: What happens to the requests that do not ask for anything themselves.
        on_request: Whether requests may ask for faults.
    """

    _standing: Fault | None
    _on_request: bool
    _seen: dict[tuple[str, str, Fault], int] = attrs.field(factory=dict[tuple[str, str, Fault], int], init=False)

    @classmethod
    def of(cls, standing: str | None, *, on_request: bool) -> "Faults":
        """Make them from settings.

        Raises:
            FaultError: `standing` describes no fault.
        """
        return cls(None if standing is None else parse_fault(standing), on_request)

    def due(self, header: str | None, user_id: str, key: str | None) -> StreamFault | None:
        """Return what is to be wrong with the stream that answers a request, and count the request.

        Args:
            header: What the request asks for.
            user_id: Who sent it; keys belong to users.
            key: Its Idempotency-Key. Without one it is the first of its kind.

        Raises:
            Problem: The request is to be refused, or what it asks for is no fault.
        """
        fault = self._wanted(header)
        if fault is None:
            return None
        due = fault.due(0 if key is None else self._count((user_id, key, fault)))
        return _refuse(due) if isinstance(due, Refusal) else due

    def refuse(self, header: str | None, sender: str, call: str | None) -> None:
        """Refuse a request to an operation that does not stream, if it asks for that, and count it.

        Args:
            header: What the request asks for. A standing fault is for chat alone.
            sender: Who sent it.
            call: Its Idempotency-Key or X-Request-ID. Without either it is the first of its kind.

        Raises:
            Problem: The request is to be refused, or what it asks for is no fault.
        """
        fault = None if header is None or not self._on_request else self._wanted(header)
        if fault is None:
            return
        due = fault.due(0 if call is None else self._count((sender, call, fault)))
        if isinstance(due, Refusal):
            _refuse(due)

    def _wanted(self, header: str | None) -> Fault | None:
        if header is None or not self._on_request:
            return self._standing
        try:
            return parse_fault(header)
        except FaultError as error:
            raise Problem("invalid_header", f"{error}, but the header is {header!r}.", field=FAULT_HEADER) from None

    def _count(self, request: tuple[str, str, Fault]) -> int:
        """Count one more such request and return how many came before."""
        earlier = self._seen.pop(request, 0)
        self._seen[request] = earlier + 1
        if len(self._seen) > _MOST_COUNTS:
            del self._seen[next(iter(self._seen))]
        return earlier


def _refuse(refusal: Refusal) -> NoReturn:
    wait = refusal.retry_after_s
    headers = {} if wait is None else {"Retry-After": str(wait)}
    raise Problem("injected_fault", "This was asked for as a fault.", status=refusal.status, headers=headers)
