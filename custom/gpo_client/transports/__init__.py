"""Transports: sockets, TLS and connection pools, as our clients need them."""
