"""Dates in people's words."""
