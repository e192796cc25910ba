"""Faults on demand: streams that break and requests that are refused, for the tests of those who use the API."""
