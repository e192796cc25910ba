"""Answers as they come in: rendered on a terminal, as plain text, or as JSON."""
