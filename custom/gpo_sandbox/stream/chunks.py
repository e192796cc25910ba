"""Cutting an answer into the chunks of its stream."""

import re

# A few words at a time, in a fixed rhythm, so that the same answer is always cut in the same places.
_WORDS_PER_CHUNK = (4, 3, 5, 4, 6, 3)
_WORD = re.compile(r"\s*\S+\s*")


def chunked(text: str) -> list[str]:
    """Cut a text into chunks of three to six words that join to the same text."""
    spoken, chunks, start = _WORD.findall(text), list[str](), 0
    while start < len(spoken):
        size = _WORDS_PER_CHUNK[len(chunks) % len(_WORDS_PER_CHUNK)]
        chunks.append("".join(spoken[start : start + size]))
        start += size
    return chunks
