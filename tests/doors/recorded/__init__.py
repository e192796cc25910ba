"""Exchanges of real clients with the doors, kept as files, which ``record`` makes again."""
