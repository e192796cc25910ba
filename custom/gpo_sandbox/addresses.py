"""Listening sockets and how they are written as addresses."""

import os
import socket

# As long as uvicorn has it for sockets of its own.
_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket.

    Args:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.

    Raises:
        OSError: The address cannot be used, for example because the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is: without that, every response
    # in two writes waits some 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # On Windows this would let two servers share a port; elsewhere it lets one restart at once.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the address at which a listening socket is reached, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return http_address(host, port)


def http_address(host: str, port: int) -> str:
    """Write an address; IPv6 ones go in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
