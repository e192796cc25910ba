"""Tests of the sandbox server, over real sockets."""
