# SPDX-License-Identifier: Apache-2.0
"""The client for asyncio::

    async with libmsg.client.aio.Client(url, token) as client:
        async for message in client.messages():
            await client.send(message.conversation, "I see.")

The same calls as :class:`libmsg.client.Client`, awaitable; lists are read by ``async for``.
"""

from __future__ import annotations

from ._client import Client
from ._arrivals import MessageStream
from ._stream import EventStream

__all__ = ["Client", "EventStream", "MessageStream"]
