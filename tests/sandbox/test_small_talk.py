"""What is said rather than asked, and answers whose lines end where sentences do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_sandbox.endpoints.chat import chunked
from gpo_sandbox.knowledge.answering import compose
from gpo_sandbox.knowledge.corpus import read_corpus
from gpo_sandbox.knowledge.library import Library
from gpo_sandbox.knowledge.question import small_talk

from .visitor import Visitor

_LIBRARY = Library()
_SAID = {
    "Hello. I can answer": [
        "hi", "Hi!", "HELLO", "hey there", "good morning", "Good evening, everybody", "hi, how are you?",
    ],
    "Hola. Puedo responder": ["hola", "¡Hola!", "buenos días", "Buenas tardes", "hola, ¿qué tal?"],
    "You are welcome.": ["thanks", "Thank you very much!", "thx", "ok thanks", "Hello and thank you"],
    "De nada.": ["gracias", "¡Muchas gracias!", "mil gracias por todo"],
    "Goodbye.": ["bye", "goodbye", "ok, bye"],
    "Hasta luego.": ["adiós", "hasta luego"],
    "I can answer questions about": ["help", "What can you do?", "who are you", "Hi! What can you help me with?"],
    "Puedo responder preguntas": ["¿Qué puedes hacer?", "hola, ¿en qué puedes ayudarme?"],
}  # fmt: skip


@pytest.mark.parametrize(("begins", "said"), [(begins, said) for begins, all_ in _SAID.items() for said in all_])
def test_small_talk(begins: str, said: str) -> None:
    """It is answered as what it is, in its language, and cites nothing."""
    answer = compose(_LIBRARY, said, "http://127.0.0.1:8760")
    assert answer.content.startswith(begins), answer.content
    assert answer.sources == []


def test_greetings_by_http(visitor: Visitor) -> None:
    """A greeting tells what can be asked."""
    content = visitor.ask("hi")["message_content"]
    assert content.startswith("Hello. I can answer questions about Compliance, ")
    assert visitor.ask("How do I bake bread?")["message_content"].endswith("Value added tax.")


@pytest.mark.parametrize(
    "question", ["Hi, what is RESICO?", "Hola, ¿qué es RESICO?", "Hello, explain transfer pricing", "Thanks. And PTU?"]
)
def test_questions_with_a_greeting(question: str) -> None:
    """They are answered as questions."""
    assert compose(_LIBRARY, question, "").sources


@pytest.mark.parametrize("title", _LIBRARY.titles)
@pytest.mark.parametrize("quoted", [False, True])
def test_lines_end_where_sentences_do(title: str, quoted: bool) -> None:
    """Whatever is asked, and wherever the stream is cut."""
    content = compose(_LIBRARY, title, "", quoted=quoted).content
    assert "".join(chunked(content)) == content
    for line in filter(None, content.splitlines()):
        assert line.rstrip("”").rpartition(" [")[0].rstrip()[-1:] in ".!?:" or line.rstrip("”")[-1] in ".!?:", line


def test_no_passage_is_broken() -> None:
    """Line ends in the documents are those of their editor; in the passages only list items begin lines."""
    for document in (found for found in map(_LIBRARY.find, _ids())):
        for passage in document.passages:
            for line in passage.text.split("\n")[:-1]:
                assert line[-1] in ".!?:;", passage.text


def _ids() -> list[str]:
    from gpo_sandbox.knowledge.corpus import PACKAGED_CORPUS

    return [item.document.document_id for item in read_corpus(PACKAGED_CORPUS)]


_WORDS = ["hi", "hello", "thanks", "bye", "what", "is", "RESICO", "tax", "gracias", "hola", "?", "👋", "the", "you"]


@given(st.lists(st.sampled_from(_WORDS)).map(" ".join))
def test_something_is_always_said(question: str) -> None:
    """And a question about something is never taken for small talk."""
    assert compose(_LIBRARY, question, "").content
    if "RESICO" in question or "tax" in question:
        assert small_talk(question) is None
