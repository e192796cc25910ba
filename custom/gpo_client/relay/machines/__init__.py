"""The rules of the relay: what is written, kept, sent and given up. Nothing here does I/O or looks at a clock."""
