from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.user import User
from ...models.user_batch import UserBatch
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: UserBatch,
    idempotency_key: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    if not isinstance(x_request_id, Unset):
        headers["X-Request-ID"] = x_request_id

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/User",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | list[User] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = User.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | list[User]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: UserBatch,
    idempotency_key: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> Response[Problem | list[User]]:
    """Save users

     Adds users to the instance, or changes those who have the same e-mail address. Changing other users,
    giving role codes and saying who is not active take the role code ADMIN; everybody may add users and
    change themselves. What a user is saved without stays as it is. A user who is not active cannot open
    a session.

    Args:
        idempotency_key (str | Unset): A key made by the client, new for every request that is not
            a repetition.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (UserBatch): Users to add or to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[User]]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
        x_request_id=x_request_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: UserBatch,
    idempotency_key: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> Problem | list[User] | None:
    """Save users

     Adds users to the instance, or changes those who have the same e-mail address. Changing other users,
    giving role codes and saying who is not active take the role code ADMIN; everybody may add users and
    change themselves. What a user is saved without stays as it is. A user who is not active cannot open
    a session.

    Args:
        idempotency_key (str | Unset): A key made by the client, new for every request that is not
            a repetition.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (UserBatch): Users to add or to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[User]
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
        x_request_id=x_request_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: UserBatch,
    idempotency_key: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> Response[Problem | list[User]]:
    """Save users

     Adds users to the instance, or changes those who have the same e-mail address. Changing other users,
    giving role codes and saying who is not active take the role code ADMIN; everybody may add users and
    change themselves. What a user is saved without stays as it is. A user who is not active cannot open
    a session.

    Args:
        idempotency_key (str | Unset): A key made by the client, new for every request that is not
            a repetition.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (UserBatch): Users to add or to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[User]]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
        x_request_id=x_request_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: UserBatch,
    idempotency_key: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> Problem | list[User] | None:
    """Save users

     Adds users to the instance, or changes those who have the same e-mail address. Changing other users,
    giving role codes and saying who is not active take the role code ADMIN; everybody may add users and
    change themselves. What a user is saved without stays as it is. A user who is not active cannot open
    a session.

    Args:
        idempotency_key (str | Unset): A key made by the client, new for every request that is not
            a repetition.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (UserBatch): Users to add or to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[User]
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
            x_request_id=x_request_id,
        )
    ).parsed
