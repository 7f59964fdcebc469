# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_sync.py from ../aio/_pages.py: change that one.
"""Lists that are fetched as they are read."""

from __future__ import annotations

from collections.abc import Iterator, Callable
from typing import Generic, TypeVar

from ...types import Page

Item = TypeVar("Item")


class Pages(Generic[Item]):
    """All items of a list, fetched a page at a time while somebody iterates.

    Each iteration begins anew. Whoever wants the pages themselves, with their cursors, asks for
    :meth:`page` or :meth:`pages`.
    """

    def __init__(self, load: Callable[[str], Page[Item]], cursor: str = "") -> None:
        self._load = load
        self._cursor = cursor

    def page(self, cursor: str = "") -> Page[Item]:
        """One page: the first, or the one that a cursor (`next`, `prev`) leads to."""
        return self._load(cursor or self._cursor)

    def pages(self) -> Iterator[Page[Item]]:
        """One page after the other, until there is nothing more."""
        page = self.page()
        yield page
        while page.has_more and page.next:
            page = self.page(page.next)
            yield page

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            for item in page.items:
                yield item
