# SPDX-License-Identifier: Apache-2.0
"""Lists that are fetched as they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

from ...types import Page

Item = TypeVar("Item")


class Pages(Generic[Item]):
    """All items of a list, fetched a page at a time while somebody iterates.

    Each iteration begins anew. Whoever wants the pages themselves, with their cursors, asks for
    :meth:`page` or :meth:`pages`.
    """

    def __init__(self, load: Callable[[str], Awaitable[Page[Item]]], cursor: str = "") -> None:
        self._load = load
        self._cursor = cursor

    async def page(self, cursor: str = "") -> Page[Item]:
        """One page: the first, or the one that a cursor (`next`, `prev`) leads to."""
        return await self._load(cursor or self._cursor)

    async def pages(self) -> AsyncIterator[Page[Item]]:
        """One page after the other, until there is nothing more."""
        page = await self.page()
        yield page
        while page.has_more and page.next:
            page = await self.page(page.next)
            yield page

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in page.items:
                yield item
