"""The members of a model: their names on the wire, their types, which may be absent, and which it must have."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from types import CodeType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec

from gpo_client.models.plain import KEPT
from gpo_core_client.types import UNSET, Unset


@attrs.frozen(kw_only=True)
class Member:
    """A member of a model."""

    name: str
    wire: str  # its name in JSON
    hint: Any  # its type
    required: bool  # whether the contract promises it
    default: Any  # what an absent one reads as
    essential: bool  # whether there is no answer without it


@cache
def members_of(model: type[Any]) -> tuple[Member, ...]:
    """Return the members of a model: of a generated class, or of one written by hand (attrs, or a msgspec struct)."""
    hints = hints_of(model)
    defaults = dict(_defaults(model))
    required = frozenset(name for name, default in defaults.items() if default is attrs.NOTHING)
    # Where an odd value could not be kept, as in what only this client makes, none may be lost.
    otherwise = required if _is_generated(model) or takes_kept(model) else frozenset(defaults)
    essential = ESSENTIAL.get(model.__name__, otherwise)
    return tuple(
        Member(
            name=name,
            wire=wire,
            hint=hints[name],
            required=name in required,
            default=None if name in required or default is UNSET else default,
            essential=name in essential,
        )
        for (name, default), wire in zip(defaults.items(), wire_names(model), strict=True)
    )


def hints_of(model: type) -> dict[str, Any]:
    """Return the types of a model's attributes."""
    model = _as_generated(model)
    own = vars(sys.modules[model.__module__])
    if not _is_generated(model):
        return get_type_hints(model)
    import gpo_core_client.models as generated  # when it is needed: it takes longer to load than all of ours

    # The generated modules import their neighbours for type checkers only, hence the names beside their own.
    return get_type_hints(model, localns={name: value for name, value in vars(generated).items() if name not in own})


def takes_kept(model: type[Any]) -> Literal["init", "set"] | None:
    """How a model takes what it does not know: when it is made, afterwards, or not at all."""
    if issubclass(model, msgspec.Struct):
        return "init" if KEPT in model.__struct_fields__ else None
    found = attrs.fields_dict(model).get(KEPT)
    return None if found is None else "init" if found.init else "set"


def wire_names(model: type[Any]) -> tuple[str, ...]:
    """Return the names in JSON of the attributes of a model, in the order of the attributes.

    In the models written by hand they are the same. The generated package has them in one place, the body of
    ``from_dict``, which takes one member after the other out of the JSON object, by its name. Raises TypeError: the
    generator has changed what it writes; ``make check`` finds that.
    """
    model = _as_generated(model)
    attributes = tuple(name for name, _ in _defaults(model))
    if not _is_generated(model):
        return attributes
    code = model.from_dict.__func__.__code__
    names = tuple(_names_taken_out(code))
    # The order in which from_dict takes them is that of the keywords it calls the class with, not that of the class.
    constants: tuple[Any, ...] = code.co_consts
    keywords: tuple[str, ...] = next((each for each in constants if _names_all(each, attributes)), ())
    if len(names) != len(attributes) or len(keywords) != len(attributes):
        raise TypeError(f"the names of {model.__name__} in JSON cannot be told from its from_dict: {names}")
    by_attribute = dict(zip(keywords, names, strict=True))
    return tuple(by_attribute[name] for name in attributes)


def _names_all(constant: Any, attributes: tuple[str, ...]) -> bool:
    return isinstance(constant, tuple) and set(map(str, constant)) == set(attributes)  # pyright: ignore[reportUnknownArgumentType]


def _as_generated(model: type[Any]) -> type[Any]:
    """Return the class that the generator made, where this one is its subclass (:mod:`gpo_client.models.generated`)."""
    return getattr(model, "_generated", model)


def _is_generated(model: type) -> bool:
    return model.__module__.startswith("gpo_core_client.")


def _names_taken_out(code: CodeType) -> Iterator[str]:
    """Return the constants that ``pop`` is called with first."""
    instructions = list(dis.get_instructions(code))
    for instruction, following in pairwise(instructions):
        if instruction.argval == "pop" and isinstance(following.argval, str):
            yield following.argval


def _defaults(model: type[Any]) -> Iterator[tuple[str, Any]]:
    """Return the attributes that are set from JSON, with their defaults; NOTHING where there is none."""
    if issubclass(model, msgspec.Struct):
        for field in msgspec.structs.fields(model):
            if field.name != KEPT:
                yield field.name, attrs.NOTHING if field.required else field.default
    else:
        for attribute in attrs.fields(model):
            if attribute.init and attribute.name != KEPT:
                yield attribute.name, attribute.default


# Figures: one that cannot be read is not known, and takes no other with it.
_FIGURES = (
    "AverageResponseTime", "CountryTraffic", "DailyAverage", "DailyCount", "MetricTotal", "Opinion", "Resolution",
    "SentimentDistribution", "TotalTraffic",
)  # fmt: skip

#: By the name of the schema, the members without which there is no answer: its text, its ids, its token, its end.
#: They are read strictly. Any other member that is odd reads as None; its raw value is kept in
#: ``additional_properties``. Of a schema that is not listed here the required members are essential.
ESSENTIAL: dict[str, frozenset[str]] = {
    "Page": frozenset({"items"}),
    "Session": frozenset({"session_id", "token"}),
    "Conversation": frozenset({"conversation_id"}),
    "ConversationSummary": frozenset({"conversation_id"}),
    "ChatResponse": frozenset({"message_id", "conversation_id", "message_content"}),
    "SensitiveChatResponse": frozenset({"message_id", "conversation_id", "message_content"}),
    "StreamingChunk": frozenset({"content", "is_complete"}),
    # A source is never worth its answer.
    "CitationSource": frozenset(),
    "Message": frozenset({"message_id", "conversation_id", "content"}),
    "Document": frozenset({"document_id"}),
    "DocumentCategory": frozenset({"category_id"}),
    "DocumentSolution": frozenset({"solution_id"}),
    "RatedConversation": frozenset({"conversation_id"}),
    "QuestionDetail": frozenset({"question_id", "conversation_id", "question"}),
    "UserFeedback": frozenset({"message_id", "conversation_id"}),
    "Bookmark": frozenset({"conversation_id"}),
    "User": frozenset({"user_id"}),
    "Country": frozenset({"country_id"}),
    "ServiceLine": frozenset({"service_line_id"}),
    "TopSourceDocument": frozenset({"document_id"}),
    "SelectedQuestionColumns": frozenset({"columns"}),
    **dict.fromkeys(_FIGURES, frozenset[str]()),
}


@cache
def shape_of(model: type, *, closed: bool = False) -> type[msgspec.Struct]:
    """Return the msgspec type that checks data for a generated class. If ``closed``, a field that the class does not
    know is an error, being a misspelling.
    """
    shape: type[msgspec.Struct] = _Shapes(closed=closed).shape(model)
    return shape


class _Shapes:
    """The shape of a model and of those in it."""

    def __init__(self, *, closed: bool) -> None:
        self._closed = closed
        self._outer: list[type] = []

    def shape(self, model: type) -> Any:
        if model in self._outer:
            return dict[str, Any]  # it holds itself: the inner ones are left to from_dict
        self._outer.append(model)
        members = members_of(model)
        fields: list[Any] = [
            (each.name, self._checked(each.hint), *(() if each.required else (msgspec.UNSET,))) for each in members
        ]
        self._outer.pop()
        names = {each.name: each.wire for each in members}
        return msgspec.defstruct(model.__name__, fields, rename=names, forbid_unknown_fields=self._closed, kw_only=True)

    def _checked(self, hint: Any) -> Any:
        """Return the type annotation of an attribute, in msgspec's terms."""
        if get_origin(hint) in (Union, UnionType):
            return self._union(get_args(hint))
        if get_origin(hint) is list:
            return list[self._checked(get_args(hint)[0])]  # type: ignore[misc]
        if attrs.has(hint):
            # A class without fields of its own is an object with any keys, such as metadata.
            return self.shape(hint) if members_of(hint) else dict[str, Any]
        return msgspec.UnsetType if hint is Unset else hint

    def _union(self, members: tuple[Any, ...]) -> Any:
        # "One of these words, or another text" is how an open enumeration is generated: text.
        if str in members:
            members = tuple(member for member in members if get_origin(member) is not Literal)
        union: Any = Union[tuple(map(self._checked, members))]  # noqa: UP007 - the members are data
        try:
            msgspec.json.Decoder(union)
        except TypeError:  # several objects, or several kinds of text: msgspec cannot tell them apart, from_dict can
            return Any
        return union
