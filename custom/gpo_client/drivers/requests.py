"""Requests and heads of answers, between flows and transports."""

from __future__ import annotations

from gpo_client.exceptions import UsageError
from gpo_client.flows.effects import Open, Opened
from gpo_client.http.address import address_of
from gpo_client.http.exchange import Head, Limits, Request
from gpo_client.operations.bodies import urlencoded


def request_of(effect: Open) -> Request:
    """Return the request that an effect asks for.

    Raises:
        ConnectFailed: It leads nowhere.
    """
    request = effect.request
    address = address_of(request.url)
    if request.params:
        address = address._replace(target=f"{address.target}?{urlencoded(request.params)}")
    # RFC 9110 §9.2.2; with a key the service knows a request that it has seen.
    is_repeatable = request.method != "POST" or "Idempotency-Key" in request.headers
    body = request.content or b""
    return Request(request.method, address, request.headers, body, is_repeatable, request.on_progress)


def limits_of(effect: Open) -> Limits:
    """How long the steps to the head may take."""
    return Limits(connect=effect.connect_timeout, pool=effect.read_timeout, head=effect.read_timeout)


def opened(head: Head) -> Opened:
    """Return the head of an answer, as flows know it."""
    return Opened(head.status, head.headers)


def client_closed() -> UsageError:
    """Return the error of whoever uses a client that is closed."""
    return UsageError("the client is closed; make a new one, or use it inside its with block only")
