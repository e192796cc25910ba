# Derived from custom/gpo_client/http/aio/__init__.py by `make sync`: edit that file, not this one.
"""Exchanges over a pool, on event loops.

The folder ``aio`` beside this one is what it is derived from, by ``make sync``.
"""
