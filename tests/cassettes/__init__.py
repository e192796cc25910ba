"""Recorded conversations, how they are recorded, and what they are held to."""
