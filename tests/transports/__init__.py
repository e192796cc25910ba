"""Tests of the transports: lanes, drained reads, proxies and TLS."""
