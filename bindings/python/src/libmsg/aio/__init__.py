# SPDX-License-Identifier: Apache-2.0
"""libmsg for coroutines: the same calls, awaited.

>>> import asyncio, libmsg.aio
>>> async def main():
...     async with libmsg.aio.open("memory:") as chat:
...         alice = (await chat.register_user("+1 415 555 0101")).id
...         bob = (await chat.register_user("+1 415 555 0102")).id
...         talk = (await chat.open_direct(alice, bob)).id
...         await asyncio.gather(*(chat.send(alice, talk, f"{n}") for n in range(100)))
...         return len([message async for message in chat.history(bob, talk)])
>>> asyncio.run(main())
100
"""

from __future__ import annotations

from .events import EventStream
from .messenger import Messenger, open

__all__ = ["EventStream", "Messenger", "open"]
