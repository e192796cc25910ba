from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.metric_filter import MetricFilter
from ...models.problem import Problem
from ...models.total_traffic import TotalTraffic
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: MetricFilter,
    x_request_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_request_id, Unset):
        headers["X-Request-ID"] = x_request_id

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/TotalTraffic",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | TotalTraffic | None:
    if response.status_code == 200:
        response_200 = TotalTraffic.from_dict(response.json())

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
) -> Response[Problem | TotalTraffic]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: MetricFilter,
    x_request_id: str | Unset = UNSET,
) -> Response[Problem | TotalTraffic]:
    """Traffic

     How many conversations, questions and answers there were, and how the questions spread over the
    hours of the day.

    Args:
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (MetricFilter): What to count: what happened in a span of time, by certain users.
            Conversations count by when they were started, questions and answers by when they were
            asked, ratings and feedback by when they were given. An empty list keeps everything.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TotalTraffic]
    """

    kwargs = _get_kwargs(
        body=body,
        x_request_id=x_request_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: MetricFilter,
    x_request_id: str | Unset = UNSET,
) -> Problem | TotalTraffic | None:
    """Traffic

     How many conversations, questions and answers there were, and how the questions spread over the
    hours of the day.

    Args:
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (MetricFilter): What to count: what happened in a span of time, by certain users.
            Conversations count by when they were started, questions and answers by when they were
            asked, ratings and feedback by when they were given. An empty list keeps everything.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TotalTraffic
    """

    return sync_detailed(
        client=client,
        body=body,
        x_request_id=x_request_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: MetricFilter,
    x_request_id: str | Unset = UNSET,
) -> Response[Problem | TotalTraffic]:
    """Traffic

     How many conversations, questions and answers there were, and how the questions spread over the
    hours of the day.

    Args:
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (MetricFilter): What to count: what happened in a span of time, by certain users.
            Conversations count by when they were started, questions and answers by when they were
            asked, ratings and feedback by when they were given. An empty list keeps everything.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TotalTraffic]
    """

    kwargs = _get_kwargs(
        body=body,
        x_request_id=x_request_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: MetricFilter,
    x_request_id: str | Unset = UNSET,
) -> Problem | TotalTraffic | None:
    """Traffic

     How many conversations, questions and answers there were, and how the questions spread over the
    hours of the day.

    Args:
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (MetricFilter): What to count: what happened in a span of time, by certain users.
            Conversations count by when they were started, questions and answers by when they were
            asked, ratings and feedback by when they were given. An empty list keeps everything.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TotalTraffic
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            x_request_id=x_request_id,
        )
    ).parsed
