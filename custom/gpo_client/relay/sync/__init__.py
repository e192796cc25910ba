# Derived from custom/gpo_client/relay/aio/__init__.py by `make sync`: edit that file, not this one.
"""The relay's parts that wait. The folder ``aio`` beside this one is what it is derived from, by ``make sync``."""
