"""Tests of the client in processes, event loops and at the end of programs."""
