"""Concurrency: what differs between threads and event loops, for either. All other code is written in these terms."""
