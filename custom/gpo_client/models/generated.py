"""The models that the generator makes, able to do what all others can: to be handed on.

The generated package is never edited. Of each of its models this module makes a subclass when it is first asked for,
and makes what its ``from_dict`` read into one. For type checkers, which run nothing, they are declared at the end; a
test holds the two together.
"""

# pyright: reportIncompatibleMethodOverride=false
# The generated from_dict returns its own class by a type variable, ours by Self: the same, which pyright does not see.

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import cache
from inspect import getattr_static
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, Union, cast, get_args, get_origin

import attrs

from gpo_client.models.members import Member, members_of
from gpo_client.models.plain import to_plain, unknown_members
from gpo_client.models.portable import ORIGIN, Portable, WithHead
from gpo_core_client.types import UNSET, Unset

T = TypeVar("T")

_PACKAGE = "gpo_core_client.models"


class GeneratedModel(WithHead, Portable):
    """The part that subclasses add to the generated models."""

    __slots__ = ()

    #: The generated class, and the attributes of it that may hold other models.
    _generated: ClassVar[Any]
    nested_attributes: ClassVar[frozenset[str]]

    def to_dict(self) -> dict[str, Any]:
        """Return the value as the service writes it.

        JSON types, the API's names, also of what this version does not know.
        """
        # Not by the generator's to_dict, which fails at what reads as None because it was odd.
        members = {member.wire: getattr(self, member.name) for member in members_of(self._generated)}
        known = {name: value for name, value in members.items() if not isinstance(value, Unset)}
        written: dict[str, Any] = to_plain({**known, **unknown_members(self, members)})
        return written

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object, such as :meth:`to_dict` gives.

        Args:
            src_dict: The members by their names.

        Raises:
            InvalidArgumentError: An essential member is missing or of the wrong type; ``field`` has its path.
        """
        from gpo_client.models.portable import read_members

        model: Self = lifted(read_members(cls._generated, src_dict))
        for member in members_of(cls._generated):
            if member.wire not in src_dict and getattr(model, member.name) is None:
                setattr(model, member.name, UNSET)  # left out, as in a request; in answers it reads as None
        return model

    def __eq__(self, other: object) -> bool:
        if generated_class(type(other)) is not self._generated:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _field_names(self._generated))

    __hash__ = None  # type: ignore[assignment]  # they can be changed

    def __replace__(self, /, **changes: Any) -> Self:
        """For ``copy.replace``: a copy with some attributes changed. What is unknown is kept too."""
        names = _field_names(self._generated)
        if unknown := [name for name in changes if name not in names]:
            raise TypeError(f"{type(self).__name__} has no attribute {unknown[0]!r}")
        model = copy(self)
        for name, value in changes.items():
            setattr(model, name, value)
        return model

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        rebuild, (kind, values, origin) = super().__reduce__()
        # Of UNSET there is one, which a copy would not be: what is left out is made of the defaults.
        kept = {name: value for name, value in cast("dict[str, Any]", values).items() if not isinstance(value, Unset)}
        return rebuild, (kind, kept, origin)

    @classmethod
    def wire_members(cls) -> dict[str, tuple[str, Any, bool]]:
        """For pydantic: the members of the JSON, each with its attribute, its type and whether it must be there."""
        return {member.wire: (member.name, _hint_of(member), member.required) for member in members_of(cls._generated)}

    @classmethod
    def accepted(cls, value: object) -> object:
        """For pydantic: an instance of the generated class is one of this."""
        return lifted(value) if isinstance(value, cls._generated) else value


def lifted(value: T) -> T:
    """Return a generated model, or what holds some, as one that can do all that the models of this package can."""
    made: T = _lifted(value)
    return made


def _lifted(value: Any) -> Any:
    if isinstance(value, list):
        return [_lifted(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {name: _lifted(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    given = cast("Any", type(value))
    if not _is_generated(given):
        return value
    kind = lifted_class(given)
    model = object.__new__(kind)
    for name in _field_names(kind):
        setattr(model, name, getattr(value, name))
    for name in kind.nested_attributes:
        setattr(model, name, _lifted(getattr(value, name)))
    return model


@cache
def lifted_class(kind: Any) -> Any:
    """Return the subclass of a generated class."""
    nested = frozenset(member.name for member in members_of(kind) if _mentions_models(member.hint))
    own = {"__module__": __name__, "__doc__": kind.__doc__, "_generated": kind, "nested_attributes": nested}
    # A field that is called as something of ours stays a field. (Without slots, it is one in the instance.)
    slots = {name: getattr_static(kind, name, None) for name in _field_names(kind) if hasattr(GeneratedModel, name)}
    fields = {name: slot for name, slot in slots.items() if slot is not None}
    return type(kind.__name__, (GeneratedModel, kind), {**own, **fields, "__slots__": (ORIGIN,)})


def generated_class(kind: Any) -> Any:
    """Return the class that the generator made, of which this one is, or is made."""
    return getattr(kind, "_generated", kind)


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(attrs.fields_dict(kind))


@cache
def _is_generated(kind: Any) -> bool:
    return kind.__module__.startswith(_PACKAGE) and attrs.has(kind)


def _hint_of(member: Member) -> Any:
    """Return the type of a member. What only informs may be None, since it reads so when it is odd."""
    hint = _lifted_hint(member.hint)
    return hint if member.essential or not member.required else hint | None


def _lifted_hint(hint: Any) -> Any:
    """Return a type with the subclasses in the place of the generated classes, and without UNSET."""
    if get_origin(hint) in (Union, UnionType):
        members = [_lifted_hint(member) for member in get_args(hint) if member is not Unset]
        return Union[tuple(members)]  # noqa: UP007 - the members are data
    if get_origin(hint) in (list, dict):
        return get_origin(hint)[tuple(map(_lifted_hint, get_args(hint)))]
    return lifted_class(hint) if isinstance(hint, type) and _is_generated(hint) else hint


def _mentions_models(hint: Any) -> bool:
    return any(map(_mentions_models, get_args(hint))) or (isinstance(hint, type) and _is_generated(hint))


if TYPE_CHECKING:
    from gpo_core_client import models as _of

    # fmt: off
    class AverageResponseTime(GeneratedModel, _of.AverageResponseTime): ...
    class ChatHistoryEntry(GeneratedModel, _of.ChatHistoryEntry): ...
    class ChatRequest(GeneratedModel, _of.ChatRequest): ...
    class Conversation(GeneratedModel, _of.Conversation): ...
    class ConversationRating(GeneratedModel, _of.ConversationRating): ...
    class ConversationRequest(GeneratedModel, _of.ConversationRequest): ...
    class ConversationSummary(GeneratedModel, _of.ConversationSummary): ...
    class Country(GeneratedModel, _of.Country): ...
    class CountryTraffic(GeneratedModel, _of.CountryTraffic): ...
    class DailyAverage(GeneratedModel, _of.DailyAverage): ...
    class DailyCount(GeneratedModel, _of.DailyCount): ...
    class DiscoverFile(GeneratedModel, _of.DiscoverFile): ...
    class Document(GeneratedModel, _of.Document): ...
    class DocumentCategory(GeneratedModel, _of.DocumentCategory): ...
    class DocumentSearch(GeneratedModel, _of.DocumentSearch): ...
    class DocumentSolution(GeneratedModel, _of.DocumentSolution): ...
    class Feedback(GeneratedModel, _of.Feedback): ...
    class HandoffFeedback(GeneratedModel, _of.HandoffFeedback): ...
    class MessageSearch(GeneratedModel, _of.MessageSearch): ...
    class MetricFilter(GeneratedModel, _of.MetricFilter): ...
    class MetricTotal(GeneratedModel, _of.MetricTotal): ...
    class Opinion(GeneratedModel, _of.Opinion): ...
    QuestionColumn = _of.QuestionColumn
    class QuestionDetailExport(GeneratedModel, _of.QuestionDetailExport): ...
    class QuestionDetailSearch(GeneratedModel, _of.QuestionDetailSearch): ...
    class QuestionMetricFilter(GeneratedModel, _of.QuestionMetricFilter): ...
    class RatedConversation(GeneratedModel, _of.RatedConversation): ...
    class RatingExport(GeneratedModel, _of.RatingExport): ...
    class RatingFilters(GeneratedModel, _of.RatingFilters): ...
    class RatingSearch(GeneratedModel, _of.RatingSearch): ...
    class Resolution(GeneratedModel, _of.Resolution): ...
    class SelectedQuestionColumns(GeneratedModel, _of.SelectedQuestionColumns): ...
    class SensitiveChatRequest(GeneratedModel, _of.SensitiveChatRequest): ...
    class SensitivityMarker(GeneratedModel, _of.SensitivityMarker): ...
    class SentimentDistribution(GeneratedModel, _of.SentimentDistribution): ...
    class ServiceLine(GeneratedModel, _of.ServiceLine): ...
    class SessionContext(GeneratedModel, _of.SessionContext): ...
    class SourceDocumentFilter(GeneratedModel, _of.SourceDocumentFilter): ...
    class StreamingChatRequest(GeneratedModel, _of.StreamingChatRequest): ...
    class TopSourceDocument(GeneratedModel, _of.TopSourceDocument): ...
    class TotalTraffic(GeneratedModel, _of.TotalTraffic): ...
    class User(GeneratedModel, _of.User): ...
    class UserEntry(GeneratedModel, _of.UserEntry): ...
    class UserFeedback(GeneratedModel, _of.UserFeedback): ...
    class UserFeedbackSearch(GeneratedModel, _of.UserFeedbackSearch): ...
    UserType = _of.UserType
    # fmt: on

else:

    def __getattr__(name: str) -> Any:
        """Return what the generated package has under a name, a model as its subclass."""
        import gpo_core_client.models as generated

        value = getattr(generated, name)
        return lifted_class(value) if isinstance(value, type) and _is_generated(value) else value
