from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.chat_request import ChatRequest
from ...models.chat_response import ChatResponse
from ...models.problem import Problem
from ...models.streaming_chat_request import StreamingChatRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: ChatRequest | StreamingChatRequest,
    idempotency_key: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    if not isinstance(x_request_id, Unset):
        headers["X-Request-ID"] = x_request_id

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/Chat",
    }

    if isinstance(body, ChatRequest):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChatResponse | Problem | None:
    if response.status_code == 200:
        response_200 = ChatResponse.from_dict(response.json())

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

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 410:
        response_410 = Problem.from_dict(response.json())

        return response_410

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
) -> Response[ChatResponse | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ChatRequest | StreamingChatRequest,
    idempotency_key: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> Response[ChatResponse | Problem]:
    """Ask a question

     Answers a question, as one JSON object or, when `stream` is true, as an event stream. A client goes
    on with a stream that was cut short by sending the same request again, with the same Idempotency-Key
    and with the id of the last event it saw as Last-Event-ID: the server continues with the next event
    and does not write the answer again. Closing the connection cancels: the server stops writing when
    nobody has come back for a while.

    Args:
        idempotency_key (str | Unset): A key made by the client, new for every request that is not
            a repetition.
        last_event_id (str | Unset): The id of the last event received.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (ChatRequest | StreamingChatRequest): A question, to be answered as a whole or by an
            event stream.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChatResponse | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
        last_event_id=last_event_id,
        x_request_id=x_request_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ChatRequest | StreamingChatRequest,
    idempotency_key: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> ChatResponse | Problem | None:
    """Ask a question

     Answers a question, as one JSON object or, when `stream` is true, as an event stream. A client goes
    on with a stream that was cut short by sending the same request again, with the same Idempotency-Key
    and with the id of the last event it saw as Last-Event-ID: the server continues with the next event
    and does not write the answer again. Closing the connection cancels: the server stops writing when
    nobody has come back for a while.

    Args:
        idempotency_key (str | Unset): A key made by the client, new for every request that is not
            a repetition.
        last_event_id (str | Unset): The id of the last event received.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (ChatRequest | StreamingChatRequest): A question, to be answered as a whole or by an
            event stream.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChatResponse | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
        last_event_id=last_event_id,
        x_request_id=x_request_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ChatRequest | StreamingChatRequest,
    idempotency_key: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> Response[ChatResponse | Problem]:
    """Ask a question

     Answers a question, as one JSON object or, when `stream` is true, as an event stream. A client goes
    on with a stream that was cut short by sending the same request again, with the same Idempotency-Key
    and with the id of the last event it saw as Last-Event-ID: the server continues with the next event
    and does not write the answer again. Closing the connection cancels: the server stops writing when
    nobody has come back for a while.

    Args:
        idempotency_key (str | Unset): A key made by the client, new for every request that is not
            a repetition.
        last_event_id (str | Unset): The id of the last event received.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (ChatRequest | StreamingChatRequest): A question, to be answered as a whole or by an
            event stream.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChatResponse | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
        last_event_id=last_event_id,
        x_request_id=x_request_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ChatRequest | StreamingChatRequest,
    idempotency_key: str | Unset = UNSET,
    last_event_id: str | Unset = UNSET,
    x_request_id: str | Unset = UNSET,
) -> ChatResponse | Problem | None:
    """Ask a question

     Answers a question, as one JSON object or, when `stream` is true, as an event stream. A client goes
    on with a stream that was cut short by sending the same request again, with the same Idempotency-Key
    and with the id of the last event it saw as Last-Event-ID: the server continues with the next event
    and does not write the answer again. Closing the connection cancels: the server stops writing when
    nobody has come back for a while.

    Args:
        idempotency_key (str | Unset): A key made by the client, new for every request that is not
            a repetition.
        last_event_id (str | Unset): The id of the last event received.
        x_request_id (str | Unset): An id made by the client, at most 128 visible ASCII
            characters.
        body (ChatRequest | StreamingChatRequest): A question, to be answered as a whole or by an
            event stream.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChatResponse | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
            last_event_id=last_event_id,
            x_request_id=x_request_id,
        )
    ).parsed
