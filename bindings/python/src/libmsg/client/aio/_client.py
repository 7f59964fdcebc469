# SPDX-License-Identifier: Apache-2.0
"""The client: all calls together."""

from __future__ import annotations

import ssl
import weakref
from types import TracebackType

from ._access import Access
from ._live import Live
from ._receipts import Receipts
from ._transport import Transport
from ._users import Users

TIMEOUT_S = 30.0


class Client(Users, Receipts, Access, Live):
    """msgd, over the network, with the words of the library.

    `token` is a session's (``mss_…``), or a backend's key (``msk_…``), which names in `act_as` the
    user it speaks for. Without a token one can sign in, and go on :meth:`with_token`.

    A call is tried again, with growing pauses and as the server asks, until `timeout` seconds are
    over; but only what is harmless twice. Sends are: each has a `client_id`.

    It keeps up to `connections` open and may be used by as many tasks or threads as you like.
    `verify`: an ``ssl.SSLContext``, or False to trust any certificate.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        act_as: int | None = None,
        timeout: float = TIMEOUT_S,
        connections: int = 32,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        super().__init__(
            Transport(url, timeout=timeout, connections=connections, verify=verify), token, act_as
        )
        self._is_view = False
        self._views: weakref.WeakSet[Client] = weakref.WeakSet()

    def acting_as(self, user: int) -> Client:
        """The same connections, speaking for this user; for keys."""
        return self._view(self._token, user)

    def with_token(self, token: str) -> Client:
        """The same connections, speaking for who has this token."""
        return self._view(token, None)

    async def check(self) -> None:
        """Returns when the server can read its store and write to it; else Unavailable."""
        await self._transport.request(
            "GET", "/readyz", headers={}, query=None, body=None, repeatable=True
        )

    async def aclose(self) -> None:
        """Ends its streams and, unless it is a view of another, views and connections."""
        await self._close_streams()
        if self._is_view:
            return
        for view in list(self._views):
            await view._close_streams()
        await self._transport.aclose()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        whom = "" if self._act_as is None else f", act_as={self._act_as}"
        return f"{type(self).__module__.split('._')[0]}.Client({self._transport.url!r}{whom})"

    def _view(self, token: str | None, act_as: int | None) -> Client:
        view = Client.__new__(Client)
        super(Client, view).__init__(self._transport, token, act_as)
        view._is_view = True
        view._views = self._views
        self._views.add(view)
        return view
