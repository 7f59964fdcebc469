# SPDX-License-Identifier: Apache-2.0
"""What the calls stand on."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from time import monotonic
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from .. import _libmsg

Given = ParamSpec("Given")
Result = TypeVar("Result")

#: How long a thread of the library waits for the loop, which may be gone, or wait for the thread.
ANSWER_S = 30


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

    def _on_loop(self, handler: Callable[Given, object]) -> Callable[Given, object]:
        """For a thread of the library: calls, or awaits, what belongs to the loop, and waits."""
        loop = self._loop

        async def call(*args: Given.args, **kwargs: Given.kwargs) -> object:
            answer = handler(*args, **kwargs)
            return await answer if inspect.isawaitable(answer) else answer

        def from_thread(*args: Given.args, **kwargs: Given.kwargs) -> object:
            calling = call(*args, **kwargs)
            try:
                future = asyncio.run_coroutine_threadsafe(calling, loop)
            except RuntimeError:  # the loop is closed
                calling.close()
                raise
            until = monotonic() + ANSWER_S
            while not wait([future], 0.1).done:
                if loop.is_closed() or monotonic() > until:
                    future.cancel()
                    raise TimeoutError("The event loop did not answer.")
            return future.result()

        return from_thread
