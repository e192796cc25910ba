# Derived from custom/gpo_client/client/aio/__init__.py by `make sync`: edit that file, not this one.
"""The client. The folder ``aio`` beside this one is what it is derived from, by ``make sync``."""
