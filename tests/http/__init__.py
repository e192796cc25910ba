"""Tests of the HTTP room: messages, connections and their pools, proxies and TLS."""
