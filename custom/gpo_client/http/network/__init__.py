"""Lines: one network connection each, for asyncio, for trio, and blocking, all of one shape."""
