"""The response that carries a stream."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

#: Where the server leaves, in the state of each request, what closes its connection.
HANG_UP = "hang_up"


class ConnectionCut(Exception):  # noqa: N818 - an event, not an error
    """Raised by the body of a response whose connection is to be cut before the response is complete."""


class StreamedResponse(Response):
    """A response whose body is generated while it is sent.

    Unlike Starlette's own, it notices at once that the client has gone, and it closes the body then: an abandoned
    generator would be left to the garbage collector and its answer would look as if somebody still listened.

    Args:
        body: The parts of the body; closed when the response ends for whatever reason. If it raises ConnectionCut,
            what it yielded before still arrives, and then the connection is closed as if the server had died.
        media_type: Content-Type.
    """

    def __init__(self, body: AsyncGenerator[bytes, None], media_type: str) -> None:
        super().__init__(media_type=media_type, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["Content-Length"]
        self._parts = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        loop = asyncio.get_running_loop()
        sending, leaving = loop.create_task(self._send(scope, send)), loop.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.wait({sending, leaving})
            await self._parts.aclose()
        if not sending.cancelled():
            sending.result()

    async def _send(self, scope: Scope, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for part in self._parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        except ConnectionCut:
            await _hang_up(scope)
        else:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hang_up(scope: Scope) -> None:
    hang_up = scope.get("state", {}).get(HANG_UP)
    # Another server than ours has no such thing, but closes the connection of a response that is left incomplete.
    if hang_up is not None:
        hang_up()
        # Until the connection is gone; ending before would be taken for a mistake and logged.
        await asyncio.Event().wait()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
