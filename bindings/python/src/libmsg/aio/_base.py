# SPDX-License-Identifier: Apache-2.0
"""What the calls stand on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from .. import _libmsg

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Calls:
    """Has an open store, and a few threads that wait for it."""

    __slots__ = ("_loop", "_pool", "_store", "__weakref__")
    _store: _libmsg.Store
    _pool: ThreadPoolExecutor
    _loop: asyncio.AbstractEventLoop

    async def _run(
        self, call: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        if self._store.closed:
            return call(*args, **kwargs)  # which says why it cannot
        return await self._loop.run_in_executor(self._pool, lambda: call(*args, **kwargs))
