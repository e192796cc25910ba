"""Answers as event streams: generated into a log, and read from it by whoever is connected."""
