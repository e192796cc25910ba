"""Streams as their users hold them: shells over the machines of :mod:`gpo_client.streaming`."""
