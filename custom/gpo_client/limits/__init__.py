"""Limits on calls: how many may be under way, how often one may begin, and pauses that the service asks for."""
