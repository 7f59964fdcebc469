# SPDX-License-Identifier: Apache-2.0
"""What all calls stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ...pages import AsyncListing
from ...types import Page
from .. import _decode as decode
from .._encode import given, text_of
from ._transport import Transport

Item = TypeVar("Item")


class Calls:
    """Speaks for one principal: a token and, when it is a key's, the user it acts as."""

    def __init__(self, transport: Transport, token: str | None, act_as: int | None) -> None:
        self._transport = transport
        self._token = token
        self._act_as = act_as
        self._own_id: int | None = act_as

    async def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        repeatable: bool = True,
        wait: float = 0.0,
    ) -> Any:
        headers = {}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._act_as is not None:
            headers["X-User-Id"] = text_of(self._act_as)
        return await self._transport.request(
            method,
            f"/api/v1{path}",
            headers=headers,
            query=query,
            body={} if body is None and method in ("POST", "PUT") else body,
            repeatable=repeatable,
            wait=wait,
        )

    def _list(
        self,
        item: Callable[[Any], Item],
        path: str,
        page_size: int | None,
        **query: Any,
    ) -> AsyncListing[Item]:
        async def load(at: str) -> Page[Item]:
            # A cursor brings along where its list began; it stands alone.
            place = {"cursor": at} if at else {}
            fields = given(limit=page_size, **query) | place
            if at:
                for name in ("before", "after", "around"):
                    fields.pop(name, None)
            return decode.page(item, await self._call("GET", path, query=fields))

        return AsyncListing(load)
