"""Answering: the passages that were found become a short text with numbered citations, and its sources."""

import re
from collections.abc import Sequence
from itertools import groupby

import attrs

from gpo_sandbox.knowledge.library import Hit, Library
from gpo_sandbox.knowledge.question import Kind, small_talk
from gpo_sandbox.language import Language, content_words, folded, language_of, spelled_words
from gpo_sandbox.responses import CitationSource

WRITTEN_BY = "sandbox-1"
QUOTED_BY = "sandbox-1-quotes"

_MOST_SOURCES = 4
_SEARCHED = 24
_PER_DOCUMENT = 2
# A passage far behind the best one adds words rather than an answer; the first few may be somewhat further behind.
_CLOSE_ENOUGH, _CLOSE_ENOUGH_FOR_A_FEW, _A_FEW = 0.5, 0.3, 3
_EXCERPT_CHARS = 300
_TOPIC_WORDS = 4
_PARAGRAPH_CHARS = 900

_LEAD = {
    "en": "Here is what the documents say on “{topic}”.",
    "es": "Esto es lo que dicen los documentos sobre su pregunta ({topic}).",
}
_UNKNOWN = {
    "en": "I do not know: none of the documents I can read says anything about this. I can answer questions about"
    " {known}.",
    "es": "No lo sé: ninguno de los documentos que puedo leer dice algo sobre esto. Puedo responder preguntas sobre"
    " {known} (los documentos están clasificados en inglés).",
}
_SMALL_TALK: dict[Kind, dict[Language, str]] = {
    "greeting": {
        "en": "Hello. I can answer questions about {known}. Ask me, for example, about “{example}”.",
        "es": "Hola. Puedo responder preguntas sobre {known} (los documentos están clasificados en inglés). Pregúnteme,"
        " por ejemplo, sobre “{example}”.",
    },
    "help": {
        "en": "I can answer questions about {known}. Ask me, for example, about “{example}”.",
        "es": "Puedo responder preguntas sobre {known} (los documentos están clasificados en inglés). Pregúnteme, por"
        " ejemplo, sobre “{example}”.",
    },
    "thanks": {"en": "You are welcome. Ask me more whenever you like.", "es": "De nada. Pregunte más cuando quiera."},
    "goodbye": {"en": "Goodbye.", "es": "Hasta luego."},
}
_HANDED_OVER = {
    "en": "I have noted that you would like to talk to a person. Someone will go on with this conversation.",
    "es": "He anotado que desea hablar con una persona. Alguien continuará esta conversación.",
}


@attrs.frozen
class Composed:
    """An answer before it is planned: its text, what it cites, and what it was made by."""

    content: str
    sources: list[CitationSource]
    model_used: str


@attrs.frozen
class _Cited:
    hit: Hit
    text: str
    heading: str


def hand_over(question: str) -> Composed:
    """Answer someone who wants to talk to a person."""
    return Composed(_HANDED_OVER[language_of(question)], [], WRITTEN_BY)


def compose(library: Library, question: str, base_url: str, *, quoted: bool = False) -> Composed:
    """Answer a question, in English or Spanish, from the library; the same one always gets the same answer.

    The passages are written as paragraphs, or `quoted` one by one; sources have links below `base_url`.
    """
    language, model = language_of(question), QUOTED_BY if quoted else WRITTEN_BY
    if (kind := small_talk(question)) is not None:
        text = _SMALL_TALK[kind][language].format(known=_known(library), example=library.titles[0])
        return Composed(text, [], model)
    cited = _cited(library, library.passages.search(question, _SEARCHED), language)
    if not cited:
        return Composed(_UNKNOWN[language].format(known=_known(library)), [], model)
    closest = library.find(cited[0].hit.passage.document_id).document
    # The titles are English, so a Spanish answer names its topic in the words of the question.
    lead = _LEAD[language].format(topic=closest.title if language == "en" else _topic(question))
    body = _quotes(cited) if quoted else _paragraphs(cited)
    sources = [_source(library, item, number, base_url) for number, item in enumerate(cited, 1)]
    return Composed("\n\n".join([lead, *body]), sources, model)


def _known(library: Library) -> str:
    """Return what the library is about: its categories, or where it has none, its documents."""
    return ", ".join([item.name for item in library.categories("Category")] or library.titles)


def _cited(library: Library, hits: Sequence[Hit], language: Language) -> list[_Cited]:
    """Choose what to cite: close to the best, few from each document, and all in the language of the question."""
    chosen: list[_Cited] = []
    for hit in hits:
        document = library.find(hit.passage.document_id)
        same = [item for item in chosen if item.hit.passage.document_id == hit.passage.document_id]
        close_enough = _CLOSE_ENOUGH if len(chosen) >= _A_FEW else _CLOSE_ENOUGH_FOR_A_FEW
        if len(chosen) == _MOST_SOURCES or hit.score < close_enough * hits[0].score:
            break
        if hit.passage.language == language and len(same) < _PER_DOCUMENT:
            chosen.append(_Cited(hit, hit.passage.text, hit.passage.heading))
        elif not same and document.summaries[language]:
            chosen.append(_Cited(hit, document.summaries[language], "Resumen" if language == "es" else "Summary"))
    return chosen


def _paragraphs(cited: list[_Cited]) -> list[str]:
    """Write the passages in the order of relevance; neighbours from the same document share a paragraph."""
    numbered = enumerate(cited, 1)
    return [
        " ".join(f"{_shortened(item.text, _PARAGRAPH_CHARS)} [{number}]" for number, item in neighbours)
        for _, neighbours in groupby(numbered, key=lambda pair: pair[1].hit.passage.document_id)
    ]


def _quotes(cited: list[_Cited]) -> list[str]:
    texts = [(item.heading, _shortened(item.text, _PARAGRAPH_CHARS)) for item in cited]
    return [f"[{number}] {heading}: “{text}”" for number, (heading, text) in enumerate(texts, 1)]


def _source(library: Library, item: _Cited, number: int, base_url: str) -> CitationSource:
    document = library.find(item.hit.passage.document_id).document
    return CitationSource(
        id=f"src_{number:02d}",
        title=document.title,
        relevance_score=item.hit.score,
        url=f"{base_url}/api/Documents/{document.document_id}/download",
        content_excerpt=_shortened(item.text, _EXCERPT_CHARS),
        document_id=document.document_id,
        metadata={"heading": item.heading, "category": document.category, "file_name": document.file_name},
    )


def _topic(question: str) -> str:
    telling, spelled = set(content_words(question)), spelled_words(question)
    return ", ".join(([word for word in spelled if folded(word) in telling] or spelled)[:_TOPIC_WORDS])


def _shortened(text: str, most: int) -> str:
    """Cut a text after the last whole sentence that fits, or after a word when not even one does."""
    if len(text) <= most:
        return text
    ends = [found.end() for found in re.finditer(r"[.!?](?=\s)", text[:most])]
    return text[: ends[-1]] if ends else text[: most - 1].rsplit(" ", 1)[0] + "…"
