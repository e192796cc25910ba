"""Flows: what to send, when to give up, what to raise. Generators that do no I/O; drivers run them."""
