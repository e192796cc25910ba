"""The core of the client: settings, sending and the transport, shared by its copies; groups of its methods; pages."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from copy import copy, deepcopy
from types import TracebackType
from typing import Any, Never, Self, TypeVar, Unpack

import attrs

from gpo_client.client.connections import connection_options, fixed_key, library_client, raw_client, same_connections
from gpo_client.client.runtime import TransportHandle, async_given_client, make_runtime, same_limits
from gpo_client.concurrency.waiting import AsyncEvent, AsyncLock
from gpo_client.config import ConfigOverrides, GPOConfig
from gpo_client.drivers.aio import AsyncRun
from gpo_client.drivers.files import path_of
from gpo_client.exceptions import UsageError
from gpo_client.flows.active_call import Runtime
from gpo_client.flows.call import call_flow
from gpo_client.flows.download import download_flow
from gpo_client.flows.effects import Flow
from gpo_client.flows.observers import Hooks, Observer, ResumeDetails, RetryDetails, checked_observers
from gpo_client.flows.options import CallOptions
from gpo_client.http.aio import AsyncExchange, AsyncHttpClient, AsyncTransport
from gpo_client.http.aio.exchange import PooledAsyncTransport, async_raw_transport
from gpo_client.http.given import GivenAsyncTransport, patched_library
from gpo_client.http.request import Request
from gpo_client.models.answer import Download
from gpo_client.models.page import Page
from gpo_client.models.portable import came_with, origin_of
from gpo_client.operations.call import Call, OnProgress
from gpo_client.operations.context import Context, read_context
from gpo_client.streams.wrong_use import AsyncIterationOnly, AsyncWithOnly, silent_end
from gpo_core_client import AuthenticatedClient

T = TypeVar("T")


class ClientCore(AsyncWithOnly):
    """The part of the client that is not operations."""

    def __init__(
        self,
        config: GPOConfig | None = None,
        *,
        http_client: AsyncHttpClient | None = None,
        on_retry: Callable[[RetryDetails], object] | None = None,
        on_resume: Callable[[ResumeDetails], object] | None = None,
        observers: Iterable[Observer] = (),
        **overrides: Unpack[ConfigOverrides],
    ) -> None:
        self.config = GPOConfig.of_client(config, **overrides)
        hooks = Hooks(on_retry=on_retry, on_resume=on_resume, observers=checked_observers(observers))
        self._runtime = make_runtime(self.config, hooks, AsyncLock, AsyncEvent)
        given = async_given_client(http_client)
        self._handle = TransportHandle(lambda: async_transport(self.config, given), is_given=given is not None)
        self._is_copy = False

    def __repr__(self) -> str:
        """Show where it connects to, and whether it can be used."""
        state = "closed" if self._handle.is_closed else "open"
        return f"<{type(self).__name__} of {self.config.base_url}: {state}>"

    @classmethod
    def from_config_file(cls, path: str | os.PathLike[str], **overrides: Unpack[ConfigOverrides]) -> Self:
        """Return a client with the settings of a file; see ``GPOConfig.from_file``.

        Args:
            path: The ``.json``, ``.toml`` or (extra ``yaml``) ``.yaml`` file.
            overrides: Settings that beat file and environment.

        Raises:
            ConfigurationError: The file cannot be read, or a setting is unknown or impossible.
        """
        return cls(GPOConfig.from_file(path, **overrides))

    def with_options(self, **overrides: Unpack[ConfigOverrides]) -> Self:
        """Return a copy with other settings on the same connections and limits; only this one needs closing.

        Connections are made anew, and the copy needs closing too, if a setting of the connections themselves changes:
        proxy, TLS verification, their number, or from http to https. It has limits of its own if one of these changes:
        ``max_concurrency``, ``requests_per_second``, ``adaptive``.

        Args:
            overrides: The settings to change.

        Raises:
            ConfigurationError: A setting is unknown or impossible.
        """
        hooks = self._runtime.hooks
        other = type(self)(
            self.config.replace(**overrides),
            on_retry=hooks.on_retry,
            on_resume=hooks.on_resume,
            observers=hooks.observers,
        )
        limiters = (self if same_limits(self.config, other.config) else other)._runtime.limiters
        is_same_key = not overrides.keys() & {"api_key", "api_key_scope", "timeout"}
        other._runtime = attrs.evolve(
            other._runtime,
            tokens=self._runtime.tokens,
            secrets=self._runtime.secrets,
            keys=(self if is_same_key else other)._runtime.keys,
            limiters=limiters,
        )
        if self._handle.is_given or same_connections(self.config, other.config):
            other._handle = self._handle
            other._is_copy = True
        return other

    def _with_engine(self, runtime: Runtime) -> Self:
        """Return this client with another runtime, on the same connections; only this one needs closing."""
        view = copy(self)
        view._runtime = runtime
        view._is_copy = True
        return view

    @property
    def raw(self) -> AuthenticatedClient:
        """The generated client on the same connections, for direct use of ``gpo_core_client.api``.

        Its bearer is the configured API key; :meth:`raw_for` gives one with the bearer of a session. As generated, it
        neither checks responses nor raises the exceptions of this library.
        """
        return self._raw(fixed_key(self.config))

    def raw_for(self, context: Context) -> AuthenticatedClient:
        """Like :attr:`raw`, with the bearer of a session.

        Args:
            context: The session.
        """
        return self._raw(read_context(context).token)

    def _raw(self, token: str) -> AuthenticatedClient:
        return raw_client("AsyncClient", async_raw_transport, self._handle.get(), self.config, token)

    def __copy__(self) -> Self:
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        return view

    def __reduce__(self) -> Never:
        raise UsageError(
            "a client cannot be pickled, as it has connections: send its config, and make a client of that"
        )

    async def aclose(self) -> None:
        """Close the client's connections. Closing twice is allowed; using the client afterwards is not."""
        if not self._is_copy and (transport := self._handle.take()) is not None:
            await transport.aclose()

    close = aclose  # async only
    """The same as ``aclose``."""  # async only

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the client."""
        await self.aclose()

    async def _run(self, flow: Flow[T]) -> T:
        return await AsyncRun(self._handle, flow).finish()

    async def _call(self, call: Call[T], options: CallOptions) -> T:
        return await self._run(call_flow(self._runtime, call, options))

    async def _download(
        self,
        call: Call[None],
        to: str | os.PathLike[str] | None,
        options: CallOptions,
        *,
        on_progress: OnProgress | None = None,
        expected: str | None = None,
    ) -> Download:
        """Return the file that ``call`` asks for, in memory or where ``to`` says."""
        path = None if to is None else path_of(to, "to", "the path of a file or a folder")
        flow = download_flow(self._runtime, call, path, options, on_progress=on_progress, expected=expected)
        return await self._run(flow)

    async def _page(
        self, call: Callable[[int | None], Call[Page[T]]], page: int | None, options: CallOptions
    ) -> AsyncPage[T]:
        """Return the page that ``call`` asks for, able to fetch the ones after it in the same way."""

        async def fetch(number: int) -> AsyncPage[T]:
            return await self._page(call, number, options)

        return with_next_pages(await self._call(call(page), options), fetch, page or 1)


class Group:
    """Methods of a client that belong together.

    A group has no state: making one costs nothing, and it works as long as its client is open.

    Args:
        client: The client they belong to.
    """

    __slots__ = ("_call", "_client", "_download", "_page")

    def __init__(self, client: ClientCore) -> None:
        self._client = core = client
        self._call, self._page, self._download = core._call, core._page, core._download  # pyright: ignore[reportPrivateUsage]

    def __repr__(self) -> str:
        """Of which client."""
        return f"<{type(self).__name__} of {self._client!r}>"


def async_transport(config: GPOConfig, given: Any = None) -> AsyncTransport:
    """Return the transport that the settings ask for, or one over a given HTTP client, which is not closed with it.

    It connects when it is used. Raises ConfigurationError if the settings cannot be.
    """
    if given is not None:
        return GivenAsyncTransport(given)
    if config.transport != "own":
        return GivenAsyncTransport(library_client(config.transport, "AsyncClient", config), is_owned=True)
    return AsyncDefaultTransport(config)


class AsyncDefaultTransport:
    """Connections of our own; while a test mocks httpx or httpx2, a client of that library."""

    def __init__(self, config: GPOConfig) -> None:
        self._config = config
        self.own = PooledAsyncTransport(connection_options(config))
        self._mocked: dict[str, GivenAsyncTransport] = {}

    def exchange(self, request: Request) -> AsyncExchange:
        """Return an exchange, not open yet. Raises TransportClosed if the transport has been closed."""
        library = patched_library()
        if library is None or self.own.is_closed:
            return self.own.exchange(request)
        if library not in self._mocked:
            client = library_client(library, "AsyncClient", self._config)
            self._mocked[library] = GivenAsyncTransport(client, is_owned=True)
        return self._mocked[library].exchange(request)

    async def aclose(self) -> None:
        """Close all connections."""
        await self.own.aclose()
        while self._mocked:
            await self._mocked.popitem()[1].aclose()


@attrs.frozen(kw_only=True, repr=False)
class AsyncPage(Page[T], AsyncIterationOnly):
    """One page of a list, which iterates over the items of this page and all that follow.

    The pages that follow are fetched when the iteration comes to them::

        async for document in await client.list_documents(context):
            print(document.title)

    Thread and task safety: it may be shared by any number of tasks and event loops; an iteration belongs
    to one of them. Copies fetch in the same way; a pickle is of this page alone, and gives a ``Page``.
    """

    _fetch: Callable[[int], Awaitable[AsyncPage[T]]] = attrs.field(alias="fetch", repr=False, eq=False)
    _asked: int = attrs.field(alias="asked", repr=False, eq=False)

    def __aiter__(self) -> AsyncItems[T]:
        """Return the items of this page and of all pages after it."""
        return AsyncItems(self)

    def __copy__(self) -> Self:
        return came_with(attrs.evolve(self), origin_of(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return came_with(attrs.evolve(self, items=deepcopy(self.items, memo)), origin_of(self))

    async def next_page(self) -> AsyncPage[T] | None:
        """Return the page after this one; None when this is the last.

        Raises:
            InvalidResponseError: The service gave an earlier page again, so that there would be no end.
            GPOClientError: As for the method that gave this page.
        """
        if self.is_last:
            return None
        number = (self.page or self._asked) + 1
        page = await self._fetch(number)
        self.check_next(page, number)
        return page


class AsyncItems(AsyncIterator[T], AsyncIterationOnly):
    """The items of a page and of all pages after it."""

    def __init__(self, page: AsyncPage[T]) -> None:
        self._page: AsyncPage[T] | None = page
        self._items = iter(page.items)

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> T:
        """Return the next item."""
        while self._page is not None:
            for item in self._items:
                return item
            try:
                self._page = await self._page.next_page()
            except StopAsyncIteration as error:
                raise silent_end(error) from error
            self._items = iter(self._page.items if self._page else ())
        raise StopAsyncIteration


def with_next_pages(page: Page[T], fetch: Callable[[int], Awaitable[AsyncPage[T]]], asked: int) -> AsyncPage[T]:
    """Return the page with a way to fetch others. ``asked`` is its number, which the service may not repeat."""
    whole = AsyncPage(fetch=fetch, asked=asked, **attrs.asdict(page, recurse=False))
    return came_with(whole, origin_of(page))
