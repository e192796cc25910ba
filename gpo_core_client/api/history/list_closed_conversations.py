import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.conversation_page import ConversationPage
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    from_date: datetime.date | Unset = UNSET,
    to_date: datetime.date | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_request_id, Unset):
        headers["X-Request-ID"] = x_request_id

    params: dict[str, Any] = {}

    json_from_date: str | Unset = UNSET
    if not isinstance(from_date, Unset):
        json_from_date = from_date.isoformat()
    params["from_date"] = json_from_date

    json_to_date: str | Unset = UNSET
    if not isinstance(to_date, Unset):
        json_to_date = to_date.isoformat()
    params["to_date"] = json_to_date

    params["page"] = page

    params["page_size"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/Chat/ClosedConversations",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ConversationPage | Problem | None:
    if response.status_code == 200:
        response_200 = ConversationPage.from_dict(response.json())

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
) -> Response[ConversationPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    from_date: datetime.date | Unset = UNSET,
    to_date: datetime.date | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> Response[ConversationPage | Problem]:
    """List closed conversations

     Lists the closed conversations of the user, the most recently active first.

    Args:
        from_date (datetime.date | Unset): The first day.
        to_date (datetime.date | Unset): The last day.
        page (int | Unset): The number of the page, from 1. Default: 1.
        page_size (int | Unset): The largest number of items on a page, at most 100. Default: 20.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConversationPage | Problem]
    """

    kwargs = _get_kwargs(
        from_date=from_date,
        to_date=to_date,
        page=page,
        page_size=page_size,
        x_request_id=x_request_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    from_date: datetime.date | Unset = UNSET,
    to_date: datetime.date | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> ConversationPage | Problem | None:
    """List closed conversations

     Lists the closed conversations of the user, the most recently active first.

    Args:
        from_date (datetime.date | Unset): The first day.
        to_date (datetime.date | Unset): The last day.
        page (int | Unset): The number of the page, from 1. Default: 1.
        page_size (int | Unset): The largest number of items on a page, at most 100. Default: 20.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConversationPage | Problem
    """

    return sync_detailed(
        client=client,
        from_date=from_date,
        to_date=to_date,
        page=page,
        page_size=page_size,
        x_request_id=x_request_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    from_date: datetime.date | Unset = UNSET,
    to_date: datetime.date | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> Response[ConversationPage | Problem]:
    """List closed conversations

     Lists the closed conversations of the user, the most recently active first.

    Args:
        from_date (datetime.date | Unset): The first day.
        to_date (datetime.date | Unset): The last day.
        page (int | Unset): The number of the page, from 1. Default: 1.
        page_size (int | Unset): The largest number of items on a page, at most 100. Default: 20.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConversationPage | Problem]
    """

    kwargs = _get_kwargs(
        from_date=from_date,
        to_date=to_date,
        page=page,
        page_size=page_size,
        x_request_id=x_request_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    from_date: datetime.date | Unset = UNSET,
    to_date: datetime.date | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> ConversationPage | Problem | None:
    """List closed conversations

     Lists the closed conversations of the user, the most recently active first.

    Args:
        from_date (datetime.date | Unset): The first day.
        to_date (datetime.date | Unset): The last day.
        page (int | Unset): The number of the page, from 1. Default: 1.
        page_size (int | Unset): The largest number of items on a page, at most 100. Default: 20.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConversationPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            from_date=from_date,
            to_date=to_date,
            page=page,
            page_size=page_size,
            x_request_id=x_request_id,
        )
    ).parsed
