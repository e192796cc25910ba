from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.sort_order import SortOrder
from ...models.user_page import UserPage
from ...models.user_sort_column import UserSortColumn
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    role_codes: list[str] | Unset = UNSET,
    is_active: bool | Unset = UNSET,
    search_text: str | Unset = UNSET,
    sort_column: UserSortColumn | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_request_id, Unset):
        headers["X-Request-ID"] = x_request_id

    params: dict[str, Any] = {}

    json_role_codes: list[str] | Unset = UNSET
    if not isinstance(role_codes, Unset):
        json_role_codes = role_codes

    params["role_codes"] = json_role_codes

    params["is_active"] = is_active

    params["search_text"] = search_text

    json_sort_column: str | Unset = UNSET
    if not isinstance(sort_column, Unset):
        json_sort_column = sort_column

    params["sort_column"] = json_sort_column

    json_sort_order: str | Unset = UNSET
    if not isinstance(sort_order, Unset):
        json_sort_order = sort_order

    params["sort_order"] = json_sort_order

    params["page"] = page

    params["page_size"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/User",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | UserPage | None:
    if response.status_code == 200:
        response_200 = UserPage.from_dict(response.json())

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
) -> Response[Problem | UserPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    role_codes: list[str] | Unset = UNSET,
    is_active: bool | Unset = UNSET,
    search_text: str | Unset = UNSET,
    sort_column: UserSortColumn | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> Response[Problem | UserPage]:
    """List users

     Finds and sorts the users of the instance, those who opened a session or were saved; without the
    role code ADMIN, only the user who asks. Without conditions, all of them, sorted by id.

    Args:
        role_codes (list[str] | Unset): Role codes.
        is_active (bool | Unset): Whether a user is active.
        search_text (str | Unset): The text to look for.
        sort_column (UserSortColumn | Unset): What users are sorted by.
        sort_order (SortOrder | Unset): The direction of sorting.
        page (int | Unset): The number of the page, from 1. Default: 1.
        page_size (int | Unset): The largest number of items on a page, at most 100. Default: 20.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | UserPage]
    """

    kwargs = _get_kwargs(
        role_codes=role_codes,
        is_active=is_active,
        search_text=search_text,
        sort_column=sort_column,
        sort_order=sort_order,
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
    role_codes: list[str] | Unset = UNSET,
    is_active: bool | Unset = UNSET,
    search_text: str | Unset = UNSET,
    sort_column: UserSortColumn | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> Problem | UserPage | None:
    """List users

     Finds and sorts the users of the instance, those who opened a session or were saved; without the
    role code ADMIN, only the user who asks. Without conditions, all of them, sorted by id.

    Args:
        role_codes (list[str] | Unset): Role codes.
        is_active (bool | Unset): Whether a user is active.
        search_text (str | Unset): The text to look for.
        sort_column (UserSortColumn | Unset): What users are sorted by.
        sort_order (SortOrder | Unset): The direction of sorting.
        page (int | Unset): The number of the page, from 1. Default: 1.
        page_size (int | Unset): The largest number of items on a page, at most 100. Default: 20.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | UserPage
    """

    return sync_detailed(
        client=client,
        role_codes=role_codes,
        is_active=is_active,
        search_text=search_text,
        sort_column=sort_column,
        sort_order=sort_order,
        page=page,
        page_size=page_size,
        x_request_id=x_request_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    role_codes: list[str] | Unset = UNSET,
    is_active: bool | Unset = UNSET,
    search_text: str | Unset = UNSET,
    sort_column: UserSortColumn | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> Response[Problem | UserPage]:
    """List users

     Finds and sorts the users of the instance, those who opened a session or were saved; without the
    role code ADMIN, only the user who asks. Without conditions, all of them, sorted by id.

    Args:
        role_codes (list[str] | Unset): Role codes.
        is_active (bool | Unset): Whether a user is active.
        search_text (str | Unset): The text to look for.
        sort_column (UserSortColumn | Unset): What users are sorted by.
        sort_order (SortOrder | Unset): The direction of sorting.
        page (int | Unset): The number of the page, from 1. Default: 1.
        page_size (int | Unset): The largest number of items on a page, at most 100. Default: 20.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | UserPage]
    """

    kwargs = _get_kwargs(
        role_codes=role_codes,
        is_active=is_active,
        search_text=search_text,
        sort_column=sort_column,
        sort_order=sort_order,
        page=page,
        page_size=page_size,
        x_request_id=x_request_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    role_codes: list[str] | Unset = UNSET,
    is_active: bool | Unset = UNSET,
    search_text: str | Unset = UNSET,
    sort_column: UserSortColumn | Unset = UNSET,
    sort_order: SortOrder | Unset = UNSET,
    page: int | Unset = 1,
    page_size: int | Unset = 20,
    x_request_id: str | Unset = UNSET,
) -> Problem | UserPage | None:
    """List users

     Finds and sorts the users of the instance, those who opened a session or were saved; without the
    role code ADMIN, only the user who asks. Without conditions, all of them, sorted by id.

    Args:
        role_codes (list[str] | Unset): Role codes.
        is_active (bool | Unset): Whether a user is active.
        search_text (str | Unset): The text to look for.
        sort_column (UserSortColumn | Unset): What users are sorted by.
        sort_order (SortOrder | Unset): The direction of sorting.
        page (int | Unset): The number of the page, from 1. Default: 1.
        page_size (int | Unset): The largest number of items on a page, at most 100. Default: 20.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | UserPage
    """

    return (
        await asyncio_detailed(
            client=client,
            role_codes=role_codes,
            is_active=is_active,
            search_text=search_text,
            sort_column=sort_column,
            sort_order=sort_order,
            page=page,
            page_size=page_size,
            x_request_id=x_request_id,
        )
    ).parsed
