# SPDX-License-Identifier: Apache-2.0
"""One WebSocket to msgd: opened, greeted, read. What comes after its end is decided elsewhere."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
from websockets.typing import Subprotocol

from ...errors import Error, Overloaded, Timeout, Unauthenticated, Unavailable, error_of
from .. import _problems as problems
from .._encode import given, maybe_text_of, texts_of

PROTOCOL = "msg.v1.json"
OPEN_S = 10.0
CLOSE_S = 1.0
#: The connection is given up when a ping was not answered for so long.
PING_S = 20.0
FRAME_BYTES_MAX = 16 << 20
#: Frames that were received and not yet asked for; behind them the server waits.
FRAMES_MAX = 16
HELLO, PRESENCE = 1, 2

_websockets: Any = websockets  # its `connect` is of one class or another, as the version is
_UNAUTHENTICATED, _TOO_MANY = 4401, 4503
_OUR_FAULT = frozenset({1002, 1003, 1007, 1008, 1009})


class Lost(Exception):
    """There is no connection any more, or yet; it is worth trying again after a while."""

    def __init__(self, error: Error) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Address:
    """Where to, and as whom."""

    url: str
    ssl: ssl.SSLContext | None
    token: str | None
    act_as: int | None


class Socket:
    """Raises Lost when it ends in a way that passes, else an Error."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.greeting: dict[str, Any] = {}

    @classmethod
    async def open(cls, address: Address, cursor: str | None, presence: Iterable[int]) -> Socket:
        url = "ws" + address.url.removeprefix("http") + "/api/v1/ws"
        try:
            connection = await _websockets.connect(
                url,
                subprotocols=[Subprotocol(PROTOCOL)],
                ssl=address.ssl,
                compression=None,
                open_timeout=OPEN_S,
                close_timeout=CLOSE_S,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                max_size=FRAME_BYTES_MAX,
                max_queue=FRAMES_MAX,
            )
        except InvalidHandshake as refusal:
            raise _of_refusal(refusal) from refusal
        except (OSError, EOFError, asyncio.TimeoutError, WebSocketException) as trouble:
            if problems.is_distrust(trouble):
                raise Error(str(trouble), code="untrusted") from trouble
            raise Lost(Unavailable(f"no connection: {trouble}")) from trouble
        socket = cls(connection)
        try:
            await socket._say_hello(address, cursor, presence)
        except BaseException:
            await socket.close()
            raise
        return socket

    async def receive(self) -> dict[str, Any]:
        try:
            frame: dict[str, Any] = json.loads(await self._connection.recv())
        except ConnectionClosed as end:
            raise _of_end(end) from end
        except OSError as trouble:
            raise Lost(Unavailable(str(trouble))) from trouble
        return frame

    async def close(self) -> None:
        await self._connection.close()

    async def _say_hello(
        self, address: Address, cursor: str | None, presence: Iterable[int]
    ) -> None:
        user = maybe_text_of(address.act_as)
        await self._send(
            given(id=HELLO, op="hello", token=address.token, user_id=user, cursor=cursor)
        )
        try:
            async with asyncio.timeout(OPEN_S):
                reply = await self.receive()
        except TimeoutError:
            raise Lost(Timeout("hello was not answered")) from None
        if not reply.get("ok"):
            error = problems.of_reply(reply["error"])
            if problems.may_repeat(error, unsent=False, repeatable=True):
                raise Lost(error)
            raise error
        self.greeting = reply["result"]
        if users := texts_of(presence):
            await self._send({"id": PRESENCE, "op": "presence", "user_ids": users})

    async def _send(self, frame: dict[str, Any]) -> None:
        try:
            await self._connection.send(json.dumps(frame))
        except ConnectionClosed as end:
            raise _of_end(end) from end


def _of_refusal(refusal: InvalidHandshake) -> Error | Lost:
    """The server, or somebody in between, did not let a WebSocket begin."""
    answer: Any = getattr(refusal, "response", refusal)  # of newer versions, of older ones
    status = getattr(answer, "status_code", None)
    if status is None:
        return Lost(Unavailable(f"no WebSocket: {refusal}"))
    headers = {name.lower(): value for name, value in answer.headers.items()}
    error = problems.of_answer(status, headers, getattr(answer, "body", None) or b"")
    if status in (408, 429) or status >= 500:
        return Lost(error)
    return error


def _of_end(end: ConnectionClosed) -> Error | Lost:
    """What a close frame says; without one the connection was cut."""
    if end.rcvd is None:
        return Lost(Unavailable("the connection was cut"))
    code, reason = int(end.rcvd.code), end.rcvd.reason
    if code == _UNAUTHENTICATED:
        return Unauthenticated("the token is bad, has expired or was revoked")
    if code == _TOO_MANY:
        return Overloaded("too many connections of this user: a newer one took the place")
    if code in _OUR_FAULT or 4500 <= code <= 4999:
        return Error(f"msgd closed the connection: {code} {reason}", code="malformed_request")
    wait = re.search(r"retry_after_ms=(\d{1,9})", reason)
    after = timedelta(milliseconds=int(wait[1])) if wait else None
    return Lost(error_of("unavailable", f"closed: {code} {reason}", retry_after=after))
