"""Exchanges over a pool, on event loops.

The folder ``sync`` beside this one is derived from it by ``make sync``.
"""
