"""Streams as users hold them. The folder ``sync`` beside this one is derived from it by ``make sync``."""
