"""Passages that must not be seen, replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.text.transforms.machine import Machine, TextTransform, check_list, check_size, check_text

# Patterns are searched in steps of a part of max_length. Smaller steps hold back less, larger ones search less twice.
_STEPS = 4


def redact(
    patterns: str | re.Pattern[str] | Iterable[str | re.Pattern[str]],
    replacement: str = "[redacted]",
    *,
    max_length: int = 128,
) -> TextTransform:
    r"""Replace all that matches one of some regular expressions, wherever the text is cut.

    A match of up to ``max_length`` characters is always found and replaced as a whole. Nobody can tell from a regular
    expression alone what may still become a match, so text is held back until ``max_length`` more characters have
    come, a quarter more at most. What overlaps is replaced as one, by one replacement.

    When the text breaks off (a stream that fails), its last ``max_length`` characters may be the beginning of a match.
    They are not shown: one replacement stands for them. At the honest end of a text they are.

    A longer match is cut: a pattern sees ``max_length`` characters from where it begins (up to a quarter more), and
    then what looks like the end of the text. What it matches of those is replaced; if it needs more it does not match.
    So let ``max_length`` be more than the longest thing that must not be seen. Look-behinds see as far back as well.
    Empty matches are no matches.

    Args:
        patterns: One regular expression or several, as for :mod:`re`, compiled or not; ``(?i)`` ignores case.
        replacement: What to put for each match, literally.
        max_length: The longest match, in characters. Default: 128.

    Raises:
        InvalidArgumentError: There are no patterns, one is no valid regular expression for texts or matches the empty
            text, or ``max_length`` is less than 1.

    >>> card = redact(r"\b\d{4}( ?\d{4}){3}\b", "[card]", max_length=20)
    >>> card.feed("Your card 4111 11") + card.feed("11 1111 1111 is valid.") + card.close()
    'Your card [card] is valid.'
    """
    items = [patterns] if isinstance(patterns, (str, re.Pattern)) else check_list("patterns", patterns, "patterns")
    compiled = [_compiled(item) for item in items]
    return _Redactor(compiled, check_text("replacement", replacement), check_size("max_length", max_length))


def _compiled(pattern: object) -> re.Pattern[str]:
    if not isinstance(pattern, (str, re.Pattern)):
        raise InvalidArgumentError(f"patterns must be regular expressions, not {pattern!r}", field="patterns")
    try:
        compiled: re.Pattern[str] = re.compile(pattern)  # pyright: ignore[reportUnknownArgumentType]
        matches_nothing = compiled.search("") is not None
    except (re.error, OverflowError, RecursionError) as error:
        message = f"patterns must be regular expressions; {pattern!r} is none: {error}"
        raise InvalidArgumentError(message, field="patterns") from error
    except TypeError as error:
        raise InvalidArgumentError(f"patterns must be for texts, not bytes: {pattern!r}", field="patterns") from error
    if matches_nothing:
        message = f"patterns must not match the empty text, which is everywhere; {compiled.pattern!r} does"
        raise InvalidArgumentError(message, field="patterns")
    return compiled


class _Redactor(Machine[str]):
    """Searches a text step by step.

    What a step sees of the text depends on where it is alone, so that the result does not depend on the portions. All
    positions count from the beginning of the text.
    """

    def __init__(self, patterns: list[re.Pattern[str]], replacement: str, max_length: int) -> None:
        self._patterns = patterns
        self._replacement = replacement
        self._reach = max_length
        self._step = max(max_length // _STEPS, 1)
        self._portions: list[str] = []  # not looked at yet
        self._text = ""  # what the steps to come may look at
        self._offset = 0  # where it begins
        self._size = 0  # where the text ends, as far as it has come
        self._searched = 0  # up to where it is searched
        self._done = 0  # up to where it is handed out or replaced
        self._next = [0] * len(patterns)  # where each pattern may match again

    def _take(self, text: str) -> str:
        self._portions.append(text)
        self._size += len(text)
        return self._redacted(is_end=False)

    def _finish(self) -> str:
        return self._redacted(is_end=True)

    def _break_off(self) -> str:
        """All but what may be the beginning of a match, for which there is a replacement."""
        out: list[str] = []
        certain = self._size - self._reach + 1  # what matches from before here is there as a whole
        self._text = "".join((self._text, *self._portions))
        self._portions.clear()
        if certain > self._searched:
            self._search(out, certain)
        if self._done < self._size:
            out.append(self._replacement)
        self._searched = self._done = self._size
        return "".join(out)

    def _redacted(self, *, is_end: bool) -> str:
        ahead = 1 if is_end else self._step + self._reach
        out: list[str] = []
        if self._searched + ahead <= self._size:
            self._text = "".join((self._text, *self._portions))
            self._portions.clear()
        while self._searched + ahead <= self._size:
            self._search(out, min(self._searched + self._step, self._size))
        return "".join(out)

    def _search(self, out: list[str], last: int) -> None:
        """Search one step, and hand out the text up to its end."""
        first = max(self._searched - self._reach, 0)
        view = self._text[first - self._offset : last + self._reach - self._offset]
        for start, end in sorted(self._matches(view, first, last)):
            if start >= self._done:
                out += (self._between(self._done, start), self._replacement)
            self._done = max(self._done, end)
        out.append(self._between(self._done, last))
        self._done = max(self._done, last)
        self._searched = last
        self._forget()

    def _matches(self, view: str, first: int, last: int) -> list[tuple[int, int]]:
        """Return where the patterns match from this step on."""
        found: list[tuple[int, int]] = []
        for number, pattern in enumerate(self._patterns):
            position = max(self._next[number], self._searched)
            while position < last and (match := pattern.search(view, position - first)):
                start, end = match.start() + first, match.end() + first
                if start >= last:
                    break
                if end > start:
                    found.append((start, end))
                position = max(end, start + 1)
            self._next[number] = max(self._next[number], position)
        return found

    def _between(self, start: int, end: int) -> str:
        return self._text[start - self._offset : end - self._offset]

    def _forget(self) -> None:
        # Not at every step, so that a long portion is not copied again for each of its steps.
        seen = self._searched - self._reach - self._offset
        if 2 * seen > len(self._text):
            self._text = self._text[seen:]
            self._offset += seen
