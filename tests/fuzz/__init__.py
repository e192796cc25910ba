"""Whatever comes from outside, fed with what nobody would send: ``make fuzz``, and each seed as an ordinary test."""
