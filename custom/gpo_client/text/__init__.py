"""Chunks to text and whole answers: aggregation, sources, batches, transforms. Machines without I/O."""
