"""Retry, resume, deadlines, token renewal and fallback."""
