"""The version of the distribution, told once: pyproject.toml reads it from here."""

VERSION = "0.2.0"
