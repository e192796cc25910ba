"""Streams as their users hold them, read ahead, joined, shared, transformed and written to files."""
