"""For each operation: every status of the contract is really answered, and becomes the right exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import attrs
import pytest

from gpo_client import (
    APIStatusError,
    AuthenticationError,
    ChatContext,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    ServiceUnavailableError,
)
from gpo_sandbox import running_sandbox
from tests.contract.calls import CALLS, CallIt, World

ERRORS: dict[str, type[APIStatusError]] = {
    "400": InvalidRequestError,
    "401": AuthenticationError,
    "403": PermissionDeniedError,
    "404": NotFoundError,
    "409": ConflictError,
    "410": APIStatusError,
    "415": APIStatusError,
    "422": InvalidRequestError,
    "429": RateLimitError,
    "500": ServerError,
    "503": ServiceUnavailableError,
}
#: What no request can provoke is asked for: these depend on the state of a service, not on what it is sent, and what is
#: no JSON a client does not send.
ON_DEMAND = {"400", "429", "500", "503"}


@pytest.fixture(scope="module")
def wary() -> Iterator[Any]:
    """A sandbox that demands an API key, forgets streams at once, and fails on demand."""
    with running_sandbox(chunk_delay_s=0, faults=True, api_key="key", stream_retention_s=1e-6, admins="*") as sandbox:
        yield sandbox


async def open_world(client: Any) -> World:
    """A world of its own for each operation."""
    name = uuid4().hex[:8]
    user = {"instance_id": f"instance-{name}", "user_id": f"user-{name}"}
    conversation = await client.open_conversation(user)
    answer = await conversation.ask("What is IVA?")
    return World(conversation.context, answer.message_id, user)


async def _refused(act: Any, status: str) -> APIStatusError:
    with pytest.raises(APIStatusError) as caught:
        await act
    assert (type(caught.value), caught.value.status_code) == (ERRORS[status], int(status))
    assert caught.value.problem is not None
    return caught.value


async def provoke(  # noqa: PLR0911 - one for each status
    client: Any, world: World, operation: str, status: str
) -> APIStatusError:
    """Have an operation answer with a status by a rule of the sandbox if there is one, else on demand."""
    calls, options = CALLS[operation], {"max_retries": 0}
    stranger = attrs.evolve(world, context=attrs.evolve(world.context, token="nobody"))
    match status:
        case "401" if operation == "createSession":
            return await _refused(calls.good(client, world, headers={"Authorization": "Bearer wrong"}), status)
        case "401":
            return await _refused(calls.good(client, stranger, **options), status)
        case "404" if calls.missing is not None:
            return await _refused(calls.missing(client, world, **options), status)
        case "409":
            await _use_up(client, world, operation)
            return await _refused(calls.good(client, world, idempotency_key=world.message_id), status)
        case "410":
            await client.chat(world.context, {"query": "?"}, idempotency_key="old")
            again = client.chat_stream(world.context, {"query": "?"}, idempotency_key="old")
            return await _refused(again.collect(), status)
        case "422":
            assert calls.bad is not None
            return await _refused(calls.bad(client, world, **options), status)
        case "403" if operation == "createSession":
            entry = {"email": "a@example.com", "user_id": "inactive", "is_active": False}
            await client.users.save(world.context, [entry])
            return await _refused(client.session({**world.user, "user_id": "inactive"}), status)
        case "403" if operation in ("startConversation", "chat", "chatSensitive"):
            foreign = ChatContext(session_id="nobody", token=world.context.token)
            return await _refused(calls.good(client, attrs.evolve(world, context=foreign), **options), status)
        case "415":
            return await _refused(calls.good(client, world, headers={"Content-Type": "text/plain"}), status)
        case _:
            headers = {"X-GPO-Fault": f"status={status},retry-after=3"}
            error = await _refused(calls.good(client, world, headers=headers, **options), status)
            assert error.code == "injected_fault"
            assert error.retry_after == 3
            return error


async def _use_up(client: Any, world: World, operation: str) -> None:
    """Use a key for something else."""
    other = {"createSession": "createSession", "startConversation": "chat"}.get(operation, "startConversation")
    elsewhere = attrs.evolve(world, user={**world.user, "user_id": "other"})
    use: CallIt = CALLS[other].good
    await use(client, elsewhere, idempotency_key=world.message_id)


def test_every_operation_is_called(spec: dict[str, Any]) -> None:
    """The table of calls has all operations of the contract, and no others."""
    named = [operation["operationId"] for path in spec["paths"].values() for operation in path.values()]
    assert sorted(named) == sorted(CALLS)


@pytest.mark.parametrize("operation", CALLS)
async def test_statuses(operation: str, spec: dict[str, Any], connect: Callable[..., Any], wary: Any) -> None:
    """Success, and each documented error."""
    documented = next(
        set(item["responses"])
        for path in spec["paths"].values()
        for item in path.values()
        if item["operationId"] == operation
    )
    async with connect(base_url=wary.base_url, api_key="key") as client:
        world = await open_world(client)
        # Logging out and deleting come last: nothing works after them.
        for status in sorted(documented & set(ERRORS)):
            error = await provoke(client, world, operation, status)
            assert (error.code == "injected_fault") == _on_demand(operation, status), (status, error.code)
        await CALLS[operation].good(client, world)
    assert documented - set(ERRORS) <= {"200", "204"}


def _on_demand(operation: str, status: str) -> bool:
    if status == "403":
        return operation not in ("createSession", "startConversation", "chat", "chatSensitive")
    if status == "404":
        return CALLS[operation].missing is None
    return status in ON_DEMAND
