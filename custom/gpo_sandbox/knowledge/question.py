"""Taking a question apart: the terms it asks about, each with everything that means the same."""

from collections.abc import Iterator

import attrs

from gpo_sandbox.knowledge.glossary import COMMON_WORDS, TAX_TERMS
from gpo_sandbox.language import content_words, folded, spelled_words, stem

_LONGEST_PHRASE = 5
# Longer questions are told by how they begin; the index refuses queries without a limit.
_MOST_TERMS = 40


def _key(phrase: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(stem(word) for word in phrase)


def _by_phrase(groups: tuple[tuple[str, ...], ...]) -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    return {
        _key(tuple(phrase.split())): tuple(tuple(other.split()) for other in group)
        for group in groups
        for phrase in group
    }


_TAX_TERMS = _by_phrase(TAX_TERMS)
_GLOSSARY = _by_phrase(COMMON_WORDS) | _TAX_TERMS


@attrs.frozen
class Term:
    """One thing a question asks about.

    Args:
        words: As it was asked, folded.
        match: A query of the full-text index that finds it in all its forms.
        of_taxation: Whether it belongs to what the library is about.
        name: Whether it was written like a name.
    """

    words: tuple[str, ...]
    match: str
    of_taxation: bool
    name: bool


def terms_of(question: str) -> list[Term]:
    """Find the terms of a question: phrases of the glossary first, then the single words that carry meaning."""
    spelled = spelled_words(question)
    meaningful = set(content_words(question))
    found: dict[str, Term] = {}
    for start, phrase in _phrases([folded(word) for word in spelled]):
        if _key(phrase) in _GLOSSARY or phrase[0] in meaningful:
            match = _match(phrase)
            # every sentence begins with a capital letter, so the first word says nothing
            name = start > 0 and spelled[start][0].isupper()
            found.setdefault(match, Term(phrase, match, _key(phrase) in _TAX_TERMS, name))
    return list(found.values())[:_MOST_TERMS]


def _phrases(spoken: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Cut a question into glossary phrases, the longest first, and single words, each with its position."""
    position = 0
    while position < len(spoken):
        for length in range(min(_LONGEST_PHRASE, len(spoken) - position), 0, -1):
            phrase = tuple(spoken[position : position + length])
            if length == 1 or _key(phrase) in _GLOSSARY:
                yield position, phrase
                position += length
                break


def _match(phrase: tuple[str, ...]) -> str:
    variants = dict.fromkeys((phrase, *_GLOSSARY.get(_key(phrase), ())))
    return " OR ".join(dict.fromkeys(_quoted(variant) for variant in variants))


def _quoted(phrase: tuple[str, ...]) -> str:
    """Write a phrase for FTS5; the last word also stands for the words that begin with its stem.

    Short stems would begin too many other words, so they stand for themselves and their plural.
    """
    *before, last = phrase
    short = stem(last)
    if len(short) >= 4:
        return f'"{" ".join([*before, short])}" *'
    plural = "" if last.endswith("s") else f' OR "{" ".join([*before, last])}s"'
    return f'"{" ".join(phrase)}"{plural}'
