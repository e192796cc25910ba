"""What can go wrong, and for which requests it does: values and decisions, without I/O."""

import enum

import attrs


class Ending(enum.Enum):
    """How a stream goes wrong for good; the values are the names in the text of a fault."""

    DROP = "drop-after"
    END = "end-after"
    STALL = "stall-after"
    HEARTBEATS = "heartbeats-after"
    ERROR = "error-after"


@attrs.frozen(kw_only=True)
class Rejection:
    """Requests that are answered with an error.

    Args:
        status: HTTP status of the answer.
        times: How many requests of the same key are refused; infinity for all.
        retry_after_s: The wait that the answer asks for, in seconds.
    """

    status: int
    times: float = 1
    retry_after_s: int | None = None


@attrs.frozen(kw_only=True)
class StreamFault:
    """What is wrong with a stream. Events are counted on their connection, from 1.

    Args:
        ending: What happens after some events, if anything does.
        after: How many events come before that.
        slow_s: Pause before each event, in seconds.
        duplicate: Which event is sent twice.
        skip: Which event is left out.
        malformed: Which event is no JSON.
        times: How many requests of the same key get such a stream; infinity for all.
    """

    ending: Ending | None = None
    after: int | None = None
    slow_s: float = 0.0
    duplicate: int | None = None
    skip: int | None = None
    malformed: int | None = None
    times: float = 1

    def copies(self, position: int) -> int:
        """Tell how often the event at a position is sent."""
        if position == self.skip:
            return 0
        return 2 if position == self.duplicate else 1

    def damaged(self, position: int, data: str) -> str:
        """Return the data that the event at a position is sent with."""
        return data[: len(data) // 2] if position == self.malformed else data


@attrs.frozen
class Fault:
    """Everything that one text asks for: first the requests that are refused, then the streams that go wrong."""

    rejection: Rejection | None = None
    stream: StreamFault | None = None

    def due(self, earlier: int) -> Rejection | StreamFault | None:
        """Return what happens to a request.

        Args:
            earlier: How many requests with the same key came before it.
        """
        refused = self.rejection.times if self.rejection else 0
        if earlier < refused:
            return self.rejection
        if self.stream is not None and earlier < refused + self.stream.times:
            return self.stream
        return None
