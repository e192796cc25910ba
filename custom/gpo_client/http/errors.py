"""What can go wrong with an exchange, in the words of the field: whatever carries it, it raises these."""

from __future__ import annotations

#: What a server is that had been waited for long enough, although it had sent something all the time.
DRIPS = "a server that sends a little now and then"


class HttpError(Exception):
    """Something went wrong in an exchange. What the system said is chained."""


class ConnectFailed(HttpError):
    """No connection came about."""


class TlsFailed(ConnectFailed):
    """The other side could be reached, but no encrypted connection to it came about."""


class LocalLimit(ConnectFailed):
    """This process may not have any more files open, and a connection is one."""


class ProxyFailed(ConnectFailed):
    """The proxy could not be reached, or got no connection to the server."""


class ProxyDenied(ProxyFailed):
    """The proxy does not let us through, and will not the next time."""


class ConnectTimeout(HttpError):
    """No connection came about in time."""


class PoolTimeout(HttpError):
    """All connections were in use for too long."""


class ReadTimeout(HttpError):
    """Nothing came, or what was sent was not taken, in time."""


class ConnectionBroken(HttpError):
    """The connection broke: it was reset, or closed on this side."""


class ConnectionCut(HttpError):
    """The connection ended before the answer did."""


class ProtocolViolation(HttpError):
    """What came is no proper HTTP, or what was to be sent would not be."""


class BodyTaken(HttpError):
    """Somebody else has read the body of the answer, and kept nothing of it."""


class WrongProcess(HttpError):
    """The exchange belongs to the process that opened it; this one was forked from that."""


class TransportClosed(HttpError):
    """The connections have been closed by their owner."""
