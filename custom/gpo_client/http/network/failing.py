"""Failures to connect, told apart by whose they are."""

from __future__ import annotations

import os
import ssl
from errno import EMFILE, ENFILE

from gpo_client.http.errors import ConnectFailed, ConnectionBroken, HttpError, LocalLimit, TlsFailed

_TOO_MANY = (EMFILE, ENFILE)
# What a server says of a client's certificate, or of the lack of one. With TLS 1.3 it says so after the handshake.
_OF_OUR_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")


def not_connected(error: OSError | UnicodeError) -> ConnectFailed:
    """Return what a failure to connect is; of names too, which need a file to be looked up."""
    if not isinstance(error, ConnectionError) and (getattr(error, "errno", None) in _TOO_MANY or _is_out_of_files()):
        return LocalLimit(os.strerror(EMFILE))
    return ConnectFailed(str(error))


def broken(error: Exception) -> HttpError:
    """Return what the end of a connection is: a server that does not accept our certificate, or any other."""
    reason = str(error.reason or "") if isinstance(error, ssl.SSLError) else ""
    is_alert = "_ALERT_" in reason.upper().replace(" ", "_")
    if is_alert and any(word in reason.upper().replace(" ", "_") for word in _OF_OUR_CERTIFICATE):
        return TlsFailed(str(error))
    return ConnectionBroken(str(error))


def _is_out_of_files() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in _TOO_MANY
    return False
