"""Answer bodies to models: checked against the contract, absent values read as None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import attrs
import msgspec

from gpo_client.exceptions import InvalidResponseError
from gpo_client.flows.generated import GeneratedModel
from gpo_client.models.page import Page
from gpo_client.models.secret import Secret
from gpo_client.models.shapes import shape_of
from gpo_client.models.unknown import keep_unknown
from gpo_core_client.types import UNSET

T = TypeVar("T")
M = TypeVar("M", bound=GeneratedModel)


@attrs.frozen
class AnswerType(Generic[T]):
    """How to read one kind of body.

    Attributes:
        shape: The msgspec type that the JSON must have.
        build: Makes the model from the raw JSON and from the same checked against ``shape``.
    """

    shape: Any
    build: Callable[[Any, Any], T]


def typed(model: type[T]) -> AnswerType[T]:
    """A model written by hand: msgspec makes it."""
    return AnswerType(model, lambda raw, checked: keep_unknown(checked, raw))


def generated(model: type[M]) -> AnswerType[M]:
    """A generated model: its own ``from_dict`` makes it."""

    def build(raw: Any, _: Any) -> M:
        try:
            return _absent_is_none(model.from_dict(raw))
        except (TypeError, ValueError) as error:  # a form of time that msgspec reads and Python does not
            raise InvalidResponseError(f"the answer breaks the contract: {error}") from _without_frames(error)

    return AnswerType(shape_of(model), build)


def list_of(item: AnswerType[T]) -> AnswerType[list[T]]:
    """A bare list."""
    return AnswerType(list[item.shape], lambda raw, checked: _build_all(item, raw, checked))  # type: ignore[name-defined]


def page_of(item: AnswerType[T]) -> AnswerType[Page[T]]:
    """A page of a list."""
    shape = msgspec.defstruct(
        "Page",
        [("items", list[item.shape]), ("page", int), ("page_size", int), ("total_count", int)],  # type: ignore[name-defined]
    )

    def build(raw: Any, checked: Any) -> Page[T]:
        return Page(
            items=_build_all(item, raw["items"], checked.items),
            page=checked.page,
            page_size=checked.page_size,
            total_count=checked.total_count,
        )

    return AnswerType(shape, build)


def read_answer(answer: AnswerType[T], body: bytes) -> T:
    """The model in a JSON body.

    Raises:
        InvalidResponseError: The body is no JSON, or not what the contract says; ``path`` tells where.
    """
    try:
        return _build(answer, body)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        where = path.strip("`") or "$"
        raise InvalidResponseError(
            f"the answer breaks the contract at {where}: {message}", path=where
        ) from _without_frames(error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidResponseError(f"the answer is no JSON: {error}") from _without_frames(error)


def _build(answer: AnswerType[T], body: bytes) -> T:
    raw = msgspec.json.decode(body)
    return answer.build(raw, msgspec.convert(raw, answer.shape, dec_hook=_custom))


def _without_frames(error: Exception) -> Exception:
    """The cause of an error without the frames that hold the answer, for tracebacks that show variables."""
    return error.with_traceback(None)


def _build_all(item: AnswerType[T], raw: list[Any], checked: list[Any]) -> list[T]:
    return [item.build(*pair) for pair in zip(raw, checked, strict=True)]


def _absent_is_none(model: M) -> M:
    """Optional fields of answers are nullable in the contract, so that absent can read as null."""
    for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(model))):
        if getattr(model, field.name) is UNSET:
            setattr(model, field.name, None)
    return model


def _custom(kind: type, value: Any) -> Any:
    if kind is not Secret:
        raise NotImplementedError(kind)
    if not isinstance(value, str):
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")  # msgspec adds the path
    return Secret(value)
