"""Whatever comes from outside, fed with what nobody would send: seeds that are kept, and seeds that are changed."""
