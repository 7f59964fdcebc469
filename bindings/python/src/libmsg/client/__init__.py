# SPDX-License-Identifier: Apache-2.0
"""A client of msgd, with the words of the library and in pure Python::

    from libmsg.client import Client

    with Client("https://chat.example", token) as client:
        talk = client.open_direct(bob).id
        client.send(talk, "Hello!")
        for message in client.history(talk):
            print(message.sender, message.content)

:mod:`libmsg.client.aio` is the same for asyncio. Needs httpx and websockets.
"""

from __future__ import annotations

from ._bridge import EventStream, MessageStream
from ._encode import new_client_id, new_device_nonce
from ._sync._client import Client

__all__ = [
    "Client",
    "EventStream",
    "MessageStream",
    "new_client_id",
    "new_device_nonce",
]
