"""Every operation in each runtime, answered with everything odd that only informs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gpo_client import InvalidResponseError
from gpo_client.models.members import ESSENTIAL
from tests.contract.calls import CALLS, NOWHERE
from tests.support.contract import resolved
from tests.support.events import json_answer
from tests.support.wire import ONE_TRY, WireServer

_ODD: list[Any] = [{"odd": [1]}, 7.5, "\ufffd", None, [None]]


def _answers(spec: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Each operation that answers with JSON: its name, the schema of its objects, and an example."""
    for item in spec["paths"].values():
        for operation in item.values():
            good = resolved(spec, operation["responses"].get("200", {}))
            media = good.get("content", {}).get("application/json")
            if media is not None:
                schema, example = media["schema"], media.get("example") or next(iter(media["examples"].values()))
                yield (
                    operation["operationId"],
                    _object_of(spec, schema),
                    example.get("value", example) if isinstance(example, dict) else example,
                )


def _object_of(spec: dict[str, Any], schema: dict[str, Any]) -> str:
    """The name of the schema of the objects that an answer is, or is a page or a list of."""
    if "items" in schema:
        return _object_of(spec, schema["items"])
    items = resolved(spec, schema).get("properties", {}).get("items")
    return _object_of(spec, items) if items else str(schema["$ref"]).rpartition("/")[2]


def _changed(example: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """An answer with its objects changed."""
    if isinstance(example, list):
        return [change(item) for item in example]
    if "items" in example:
        return {**example, "items": [change(item) for item in example["items"]]}
    return change(example)


def _objects(answer: Any) -> list[Any]:
    return list(answer) if isinstance(answer, list) else list(getattr(answer, "items", [answer]))


@contextmanager
def _service() -> Iterator[tuple[WireServer, list[Any]]]:
    """A server that answers everything with what was last put into the list."""
    bodies: list[Any] = []
    with WireServer(then=lambda _: json_answer(json.dumps(bodies[-1]).encode())) as server:
        yield server, bodies


@pytest.mark.parametrize("odd", _ODD, ids=str)
async def test_everything_odd(odd: Any, connect: Callable[..., Any], spec: dict[str, Any]) -> None:
    """No exception; what the answer is, is as it was; and what cannot be read is kept as it came."""
    with _service() as (server, bodies):
        async with connect(base_url=server.base_url, **ONE_TRY) as client:
            for operation, name, example in _answers(spec):
                essential = ESSENTIAL[name]

                def spoil(item: dict[str, Any], kept: frozenset[str] = essential) -> dict[str, Any]:
                    return {member: value if member in kept else odd for member, value in item.items()}

                bodies.append(_changed(example, spoil))
                sent = _objects(bodies[-1]) if isinstance(bodies[-1], list) else bodies[-1].get("items", [bodies[-1]])
                read = _objects(await CALLS[operation].good(client, NOWHERE))
                assert len(read) == len(sent)
                for found, raw in zip(read, sent, strict=True):
                    _check(found, raw, essential, odd)


def _check(found: Any, raw: dict[str, Any], essential: frozenset[str], odd: Any) -> None:
    for member, sent in raw.items():
        value = getattr(found, member)
        if member in essential:
            assert value == sent
        elif value is None and odd is not None:
            assert found.additional_properties[member] == odd


async def test_everything_missing(connect: Callable[..., Any], spec: dict[str, Any]) -> None:
    """The essential members alone are an answer; without one of them the error names it."""
    with _service() as (server, bodies):
        async with connect(base_url=server.base_url, **ONE_TRY) as client:
            for operation, name, example in _answers(spec):
                if not (essential := ESSENTIAL[name] - {"columns"}):
                    continue
                bodies.append(_changed(example, lambda item, kept=essential: {each: item[each] for each in kept}))  # type: ignore[misc]
                await CALLS[operation].good(client, NOWHERE)
                first = min(essential)
                bodies.append(_changed(example, lambda item, lost=first: {**item, lost: None}))  # type: ignore[misc]
                if not _is_empty(bodies[-1]):
                    with pytest.raises(InvalidResponseError) as caught:
                        await CALLS[operation].good(client, NOWHERE)
                    assert str(caught.value.path).endswith(f".{first}")


def _is_empty(answer: Any) -> bool:
    return answer == [] or (isinstance(answer, dict) and answer.get("items") == [])
