"""Drivers: the only code that does I/O. One blocks, one awaits; neither decides anything."""
