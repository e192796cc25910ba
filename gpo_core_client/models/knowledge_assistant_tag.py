from typing import Literal

KnowledgeAssistantTag = Literal["CE", "DE", "SAT", "TD"]

KNOWLEDGE_ASSISTANT_TAG_VALUES: set[KnowledgeAssistantTag] = {
    "CE",
    "DE",
    "SAT",
    "TD",
}


def check_knowledge_assistant_tag(value: str) -> KnowledgeAssistantTag:
    if value in KNOWLEDGE_ASSISTANT_TAG_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {KNOWLEDGE_ASSISTANT_TAG_VALUES!r}"
    )
