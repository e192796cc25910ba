"""Answers are about what was asked, in the language it was asked in."""

import pytest

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
