"""``gpo api``: any operation of the API, by its method and path."""

# pyright: reportPrivateUsage=false
# Operations that are named by their path are sent as the client's own methods send theirs.

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from cyclopts import Parameter
from cyclopts.completion import CompletionContext

from gpo_client.cli.asking import read_input
from gpo_client.cli.console import Screen
from gpo_client.cli.contract import Filled, find, operations
from gpo_client.cli.exit_codes import CommandError, usage
from gpo_client.cli.options import Common, Connection, OnScreen, connected
from gpo_client.cli.rows import json_line
from gpo_client.operations.call import Call, Request, ResponseDecoder

_STREAM = "text/event-stream"


def _methods(_: CompletionContext) -> Iterable[str]:
    return sorted({each.method for each in operations()})


def _paths(context: CompletionContext) -> Iterable[tuple[str, str]]:
    method = (context["method"].raw or "").upper()
    return [(each.path, each.summary) for each in operations() if each.method == method]


def _fields(context: CompletionContext) -> Iterable[tuple[str, str]]:
    filled = find(context["method"].raw or "", context["path"].raw or "")
    return fields_of(filled)


def fields_of(filled: Filled) -> list[tuple[str, str]]:
    """Return the fields that can be given to an operation, for completion."""
    return [(f"{name}=", kind.replace("|", ", ")) for name, kind in filled.operation.fields.items()]


def api(
    method: Annotated[str, Parameter(completer=_methods)],
    path: Annotated[str, Parameter(completer=_paths)],
    /,
    *,
    field: Annotated[
        tuple[str, ...], Parameter(name=("--field", "-f"), negative=(), show_default=False, completer=_fields)
    ] = (),
    typed_field: Annotated[
        tuple[str, ...], Parameter(name=("--typed-field", "-F"), negative=(), show_default=False)
    ] = (),
    input: Annotated[Path | None, Parameter(name="--input", allow_leading_hyphen=True)] = None,  # noqa: A002 - the option's name
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    common: Common = Common(),
    screen: OnScreen,
) -> None:
    """Call any operation of the API.

    The path is that of the contract: gpo api GET /api/Documents -f page_size=5

    Args:
        method: GET, POST or DELETE.
        path: The path, with ids in it or with their names in braces.
        field: NAME=VALUE: a parameter or a field of the body. Repeat it for more, and for the items of a list. Fields
            inside others are written filter.country_ids or filter[country_ids].
        typed_field: NAME=JSON, or NAME=@FILE for the text in a file.
        input: A file with the body as JSON, in place of fields; "-" for standard input.
        output: Write the response to this file.
    """
    filled = find(method, path)
    filled.fill(field, typed_field)
    body: Any = filled.body if input is None else _json_in(input, filled)
    url = filled.url
    with connected(common, screen) as connection:
        if _STREAM in filled.operation.media and isinstance(body, dict) and cast("Any", body).get("stream"):
            return _stream(connection, cast("Any", body), screen)
        request = Request(
            method=filled.operation.method,
            url=url,
            params=filled.query,
            content=None if body is None else msgspec.json.encode(body),
            headers={} if body is None else {"Content-Type": "application/json"},
            template=filled.operation.path,
        )
        return _send(connection, filled, request, output, screen)


def _send(connection: Connection, filled: Filled, request: Request, output: Path | None, screen: Screen) -> None:
    operation, client = filled.operation, connection.client
    token = None if operation.with_key else connection.session.token
    is_json = "application/json" in operation.media
    answer = ResponseDecoder[Any](object, lambda raw: raw) if is_json else None
    call = Call(operation.name, request, answer, token=token, creates=operation.creates)
    if not operation.media:
        client._call(call, {})
        return None
    if is_json:
        value = client._call(call, {})
        return screen.put(output, f"{json_line(value, 2 if screen.is_terminal and output is None else None)}\n")
    done = client._download(call, output, {})
    return screen.write_bytes(done.content) if done.path is None else screen.note(f"wrote {done.path}")


def _stream(connection: Connection, body: dict[str, Any], screen: Screen) -> None:
    """One chunk a line, as ``gpo chat --json`` prints them."""
    context = connection.session.chat_context(body.get("conversation_id"))
    with connection.client.chat_stream(context, body) as stream:
        for chunk in stream:
            screen.write_json(chunk.to_dict())


def _json_in(path: Path, filled: Filled) -> Any:
    if filled.body is not None:
        raise usage("--input is the whole body: it goes with fields of the path and the query only")
    try:
        return msgspec.json.decode(read_input(path))
    except msgspec.DecodeError as error:
        where = "standard input" if str(path) == "-" else path
        raise CommandError(f"{where} holds no JSON: {error}") from error
