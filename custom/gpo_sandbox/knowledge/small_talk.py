"""Small talk: greetings, thanks, goodbyes and "what can you do?" are answered as such, not searched for."""

from typing import Literal

from gpo_sandbox.language import words

Kind = Literal["greeting", "thanks", "goodbye", "help"]

_WORDS: dict[Kind, str] = {
    "thanks": "thanks thank thx cheers gracias agradezco agradecido agradecida",
    "goodbye": "bye goodbye adios hasta luego",
    "greeting": "hi hello hey hiya howdy greetings morning afternoon evening hola buenos buenas saludos",
}
_TELLING: dict[Kind, frozenset[str]] = {kind: frozenset(telling.split()) for kind, telling in _WORDS.items()}
# What stands beside these words without asking for anything.
_BESIDE = """
    a again all and are day days dear everybody everyone for friend good how is it lot many much now ok okay see so sir
    that the there to today very you your
    bien como de dias esta estas favor le les lo luego mil muchas muchisimas muy noches por que tal tardes te todo todos
    usted y ya pronto
"""
_KNOWN = frozenset(_BESIDE.split()).union(*_TELLING.values())
_HELP = frozenset(
    tuple(phrase.split())
    for phrase in (
        "help",
        "help me",
        "can you help me",
        "what can you do",
        "what can i ask",
        "what can i ask you",
        "what can you help me with",
        "how can you help me",
        "what do you know",
        "what do you know about",
        "who are you",
        "what are you",
        "what is this",
        "ayuda",
        "ayudame",
        "puedes ayudarme",
        "que puedes hacer",
        "que puedo preguntar",
        "en que puedes ayudarme",
        "en que me puedes ayudar",
        "como puedes ayudarme",
        "que sabes",
        "quien eres",
        "que eres",
    )
)


def small_talk(question: str) -> Kind | None:
    """Return what kind of small talk a question is; None when it asks for something.

    >>> small_talk("Hola, ¡muchas gracias!"), small_talk("Hi! What can you do?"), small_talk("Hi, what is RESICO?")
    ('thanks', 'help', None)
    """
    spoken = words(question)
    greeting = _TELLING["greeting"]
    after = next((place for place, word in enumerate(spoken) if word not in greeting), len(spoken))
    if tuple(spoken[after:]) in _HELP:
        return "help"
    if not all(word in _KNOWN for word in spoken):
        return None
    return next((kind for kind, telling in _TELLING.items() if telling.intersection(spoken)), None)
