# Derived from custom/gpo_client/streams/aio/__init__.py by `make sync`: edit that file, not this one.
"""Streams as users hold them. The folder ``aio`` beside this one is what it is derived from, by ``make sync``."""
