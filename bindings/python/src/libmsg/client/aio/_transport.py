# SPDX-License-Identifier: Apache-2.0
"""Requests over connections that are kept, repeated where that is safe."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from typing import Any

import httpx

from ...errors import Closed, Error, InvalidArgument
from .. import _problems as problems
from .._backoff import delay_s

ATTEMPT_S = 10.0


class Transport:
    """One pool of connections to one msgd; all views of a client share it."""

    def __init__(
        self, url: str, *, timeout: float, connections: int, verify: ssl.SSLContext | bool
    ) -> None:
        scheme, mark, rest = url.rstrip("/").partition("://")
        if not mark or scheme not in ("http", "https") or not rest:
            raise InvalidArgument("a URL of msgd is like https://chat.example", field="url")
        self.url = f"{scheme}://{rest}"
        self.timeout = timeout
        self.ssl = _context(verify) if scheme == "https" else None
        # httpx looks at every request that waits whenever one ends: a crowd waits out here.
        self._places = asyncio.Semaphore(connections)
        self._http = httpx.AsyncClient(
            base_url=self.url,
            verify=self.ssl or False,
            limits=httpx.Limits(
                max_connections=connections, max_keepalive_connections=connections
            ),
            headers={"Accept": "application/json", "User-Agent": "libmsg-python"},
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    def check_open(self) -> None:
        if self._http.is_closed:
            raise Closed("the client is closed")

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        query: dict[str, Any] | None,
        body: Any,
        repeatable: bool,
        wait: float = 0.0,
    ) -> Any:
        """What the server answers; None for nothing.

        Tries again until the timeout, which begins when a connection is free, is over: `repeatable`
        requests after any failure that may pass, others only when it is sure that nothing happened.
        `wait`: so long the server may take on purpose.
        """
        self.check_open()
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        if content is not None:
            headers = {**headers, "Content-Type": "application/json"}
        request = self._http.build_request(
            method, path, params=query, headers=headers, content=content
        )
        end = None
        attempt = 0
        while True:
            attempt += 1
            async with self._places:
                end = end or time.monotonic() + self.timeout + wait
                outcome, unsent = await self._try(request, end, wait)
            if not isinstance(outcome, Error):
                return outcome
            pause = delay_s(attempt, outcome.retry_after)
            too_late = time.monotonic() + pause > end
            if too_late or not problems.may_repeat(outcome, unsent, repeatable):
                raise outcome
            await asyncio.sleep(pause)

    async def _try(self, request: httpx.Request, end: float, wait: float) -> tuple[Any, bool]:
        """The answer, or the error; and whether it is sure that nothing was sent."""
        left = max(0.001, end - time.monotonic())
        limit = min(left, ATTEMPT_S + wait)
        request.extensions = {
            "timeout": {"connect": limit, "read": limit, "write": limit, "pool": left},
            "trace": _do_not_delay,
        }
        try:
            answer = await self._http.send(request)
        except httpx.HTTPError as trouble:
            return problems.of_trouble(trouble)
        if not 200 <= answer.status_code < 300:
            return problems.of_answer(answer.status_code, answer.headers, answer.content), False
        if not answer.content:
            return None, False
        try:
            return json.loads(answer.content), False
        except ValueError:
            return problems.of_stranger(answer.status_code, answer.headers), False


def _context(verify: ssl.SSLContext | bool) -> ssl.SSLContext:
    if isinstance(verify, ssl.SSLContext):
        return verify
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _do_not_delay(event: str, info: dict[str, Any]) -> None:
    """Head and body of a request are written one after the other.

    With Nagle's algorithm the body waits until the server has acknowledged the head, which it puts
    off for 40 ms; older versions of httpcore leave it on.
    """
    if event == "connection.connect_tcp.complete":
        connection = info["return_value"].get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
