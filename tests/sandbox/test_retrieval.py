"""Answers are about what was asked, in the language it was asked in, and small talk is small talk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_sandbox.endpoints.chat import chunked
from gpo_sandbox.knowledge.answering import compose
from gpo_sandbox.knowledge.corpus import read_corpus
from gpo_sandbox.knowledge.library import Library
from gpo_sandbox.knowledge.question import small_talk

from .visitor import Visitor

_QUESTIONS = [
    ("Explain the different tax regimes in Mexico for technology companies", "doc-tax-regimes-overview"),
    ("What are the tax implications for tech startups in Mexico?", "doc-rd-startup-incentives"),
    ("Can a remote employee create a permanent establishment?", "doc-permanent-establishment"),
    ("Does VAT apply to software services exported to the US?", "doc-iva-general-exports"),
    ("stock options for employees", "doc-equity-compensation"),
    ("What is the thin capitalisation ratio?", "doc-interest-limits-dividends"),
    ("How do I cancel a CFDI?", "doc-cfdi-einvoicing"),
    ("tax treaty with the United States", "doc-treaties-residence-cfc"),
    ("¿Qué retención aplica a las regalías por software?", "doc-royalties-software-withholding"),
    ("que retencion aplica a las REGALIAS por software", "doc-royalties-software-withholding"),
    ("¿Cuál es la tasa de depreciación del equipo de cómputo?", "doc-technology-depreciation"),
    ("¿Qué documentación de precios de transferencia necesito?", "doc-transfer-pricing"),
    ("¿Qué es la PTU y quién la recibe?", "doc-ptu-profit-sharing"),
    ("impuesto sobre nominas en la ciudad de mexico", "doc-payroll-social-security-repse"),
    ("¿Qué estímulos fiscales existen para una startup?", "doc-rd-startup-incentives"),
    ("nearshoring con una maquiladora", "doc-immex-maquiladora"),
]

_OFF_TOPIC = [
    "how do I bake sourdough bread", "who won the 1998 world cup", "¿quién ganó el mundial de 1998?",
    "What is the weather in Mexico today?", "best tacos in Mexico City", "What is the VAT rate in Germany?", "?!",
    "the of and", '" OR (* ^ NOT -:',
]  # fmt: skip


@pytest.mark.parametrize(("question", "document_id"), _QUESTIONS)
def test_the_right_document_is_among_the_sources(visitor: Visitor, question: str, document_id: str) -> None:
    """In English and Spanish, with accents or without, the document that knows is cited."""
    assert document_id in [source["document_id"] for source in visitor.ask(question)["sources"]]


@pytest.mark.parametrize("question", _OFF_TOPIC)
def test_what_nobody_wrote_about_is_not_answered(visitor: Visitor, question: str) -> None:
    """A question that the documents do not cover is told so, and cites nothing."""
    answer = visitor.ask(question)
    assert answer["sources"] == []
    assert answer["message_content"].startswith(("I do not know", "No lo sé"))


@pytest.mark.parametrize(
    "question",
    ["¿Cómo se cancela un CFDI?", "¿Cómo tributan las plataformas digitales?", "¿Qué dice el tratado con Canadá?"],
)
def test_spanish_questions_are_answered_in_spanish(visitor: Visitor, question: str) -> None:
    """The frame and the passages are Spanish."""
    answer = visitor.ask(question)
    said = answer["message_content"].lower().split()
    assert sum(said.count(word) for word in ("de", "la", "los", "que", "en")) > 5
    assert sum(said.count(word) for word in ("the", "of", "and", "is", "to")) == 0


def test_an_answer_has_a_few_sources(visitor: Visitor) -> None:
    """However broad the question, only the closest passages are cited."""
    assert 3 <= len(visitor.ask("How are companies taxed in Mexico?")["sources"]) <= 5


def test_a_very_long_question_is_no_problem(visitor: Visitor) -> None:
    """The search has a limit of its own."""
    query = "tax " + " ".join(f"word{number} isr{number}" for number in range(2000))
    assert visitor.post("/api/Chat", {"query": query}).status_code == 200


# --- What is said rather than asked, and answers whose lines end where sentences do.

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
