"""Server-sent events: bytes to events, events to chunks, each exactly once. Machines without I/O."""
