# SPDX-License-Identifier: Apache-2.0
"""Lists that are fetched a page at a time, while they are gone through.

A call that lists returns at once, and asks nobody until somebody looks::

    for message in messenger.history(alice, talk):          # page after page, as needed
        ...
    page = messenger.history(alice, talk).page()            # one, with cursors in both directions
    page = messenger.history(alice, talk).page(page.next)   # the one behind it, on any later day
    for page in messenger.history(alice, talk).pages():
        ...

With ``libmsg.aio`` it is ``async for``, and ``await`` before ``page()``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from .types import Page

Item = TypeVar("Item")


class Listing(Generic[Item]):
    """A list of which each page is fetched when it is needed. May be gone through again.

    >>> from libmsg.types import Page
    >>> letters = {"": Page(("a", "b"), "2", "", True, False), "2": Page(("c",), "3", "1", False, True)}
    >>> list(Listing(letters.__getitem__))
    ['a', 'b', 'c']
    >>> Listing(letters.__getitem__).page("2").items
    ('c',)
    """

    def __init__(self, fetch: Callable[[str], Page[Item]]) -> None:
        self._fetch = fetch

    def page(self, cursor: str = "") -> Page[Item]:
        """The first page, or the one that a cursor of an earlier page leads to."""
        return self._fetch(cursor)

    def pages(self, cursor: str = "") -> Iterator[Page[Item]]:
        """All pages from there on."""
        while True:
            page = self._fetch(cursor)
            yield page
            if not page.has_more:
                return
            cursor = page.next

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from page.items


class AsyncListing(Generic[Item]):
    """The same for coroutines."""

    def __init__(self, fetch: Callable[[str], Awaitable[Page[Item]]]) -> None:
        self._fetch = fetch

    async def page(self, cursor: str = "") -> Page[Item]:
        """The first page, or the one that a cursor of an earlier page leads to."""
        return await self._fetch(cursor)

    async def pages(self, cursor: str = "") -> AsyncIterator[Page[Item]]:
        """All pages from there on."""
        while True:
            page = await self._fetch(cursor)
            yield page
            if not page.has_more:
                return
            cursor = page.next

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in page.items:
                yield item
