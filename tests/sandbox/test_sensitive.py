"""Questions that may contain protected data."""

from typing import Any

import pytest

from gpo_sandbox.knowledge.question import find_sensitive, masked

from .visitor import ROYALTIES, Visitor

_PATH = "/api/Chat/SensitiveDataSupport"

_SENSITIVE = [
    ("write to ana.lopez+tax@mail.example.com today", "e-mail address", "ana.lopez+tax@mail.example.com"),
    ("call +52 55 1234 5678 today", "phone number", "+52 55 1234 5678"),
    ("call (55) 1234-5678, please", "phone number", "(55) 1234-5678"),
    ("call 5512345678.", "phone number", "5512345678"),
    ("the RFC ABC010203AB1 of the company", "RFC", "ABC010203AB1"),
    ("the RFC lopa850101-h25 of a person", "RFC", "lopa850101-h25"),
    ("CURP LOPA850101MDFRRN09 is hers", "CURP", "LOPA850101MDFRRN09"),
    ("CLABE 032180000118359719 please", "CLABE", "032180000118359719"),
    ("card 4111 1111 1111 1111 expires", "card number", "4111 1111 1111 1111"),
    ("card 378282246310005", "card number", "378282246310005"),
]

_HARMLESS = [
    "What is the rate under article 113-A of the LISR?", "We invoice 1,250,000 pesos in 2026",
    "The limit is 35 million pesos, or 3.5 million", "number 4111 1111 1111 1112 has a wrong check digit",
    "CLABE 032180000118359710 has a wrong control digit", "ABC011345AB1 has no such month",
    "from 2024-01-31 to 2025-12-31", "version 10.2.33.4",
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "part"), _SENSITIVE)
def test_what_is_found(text: str, kind: str, part: str) -> None:
    """Exactly the sensitive part is found, under its kind, and its place is taken by the kind."""
    spans = find_sensitive(text)
    assert [(span.kind, text[span.start : span.end]) for span in spans] == [(kind, part)]
    assert masked(text, spans) == text.replace(part, f"[{kind}]")


@pytest.mark.parametrize("text", _HARMLESS)
def test_what_is_left_alone(text: str) -> None:
    """Amounts, articles, dates and numbers with a wrong check digit are not personal data."""
    assert find_sensitive(text) == []


def _ask(visitor: Visitor, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = visitor.post(_PATH, body).raise_for_status().json()
    return answer


def test_the_question_is_stored_masked(visitor: Visitor) -> None:
    """What was detected is said in the answer and is nowhere in the conversation, its title included."""
    secret = "ABC010203AB1"
    answer = _ask(visitor, query=f"Does {secret} withhold tax on royalties? Write to ana@example.com")
    stored = str(visitor.messages(answer["conversation_id"])) + visitor.get("/api/Chat/history").text
    assert answer["sensitive_content_detected"] is True
    assert ["RFC" in answer["compliance_warnings"][0], "e-mail" in answer["compliance_warnings"][1]] == [True, True]
    assert secret not in stored
    assert "ana@example.com" not in stored
    assert "Does [RFC] withhold tax on royalties? Write to [e-mail address]" in stored
    assert answer["sources"]


def test_nothing_to_find(visitor: Visitor) -> None:
    """A harmless question is answered as by chat, without warnings."""
    answer = _ask(visitor, query=ROYALTIES, is_sensitive=False, data_handling_policy="mask")
    assert answer["sensitive_content_detected"] is False
    assert "compliance_warnings" not in answer
    assert answer["message_content"] == visitor.ask(ROYALTIES)["message_content"]


def test_markers_of_the_client(visitor: Visitor) -> None:
    """What the client marks is masked too, and parts that overlap become one."""
    query = "Is project Tláloc of ana@example.com exempt from IVA?"
    markers = [
        {"type": "project", "start": 11, "end": 17},
        {"type": "owner", "start": 18, "end": 24},
        {"type": "nothing new", "start": 22, "end": 26},
    ]
    answer = _ask(visitor, query=query, sensitivity_markers=markers)
    question = visitor.messages(answer["conversation_id"])[0]["content"]
    assert question == "Is project [project] [owner, e-mail address, nothing new] exempt from IVA?"
    assert len(answer["compliance_warnings"]) == 4


def test_the_chat_history_is_looked_at_and_not_kept(visitor: Visitor) -> None:
    """Protected data in earlier turns is warned of."""
    history = [{"role": "user", "content": "I am LOPA850101MDFRRN09"}, {"role": "assistant", "content": "Hello"}]
    answer = _ask(visitor, query="What is IVA?", chat_history=history)
    assert answer["sensitive_content_detected"] is True
    assert "CURP" in answer["compliance_warnings"][0]
    assert "LOPA" not in str(visitor.messages(answer["conversation_id"]))


@pytest.mark.parametrize("letters", ["0", "a", "0-", "00 ", "a@", "a.", "+52 "])
def test_long_runs(letters: str) -> None:
    """A rule that goes back and forth over what it has read would not end within anybody's patience."""
    text = letters * (200_000 // len(letters))
    assert {span.kind for span in find_sensitive(text)} <= {"phone number", "CLABE", "card number"}
