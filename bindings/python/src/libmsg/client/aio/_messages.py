# SPDX-License-Identifier: Apache-2.0
"""Messages, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ...pages import AsyncListing
from ...types import Message, MessageKind, Order, Reactor, Revision
from .. import _decode as decode
from .._encode import (
    MessageLike,
    given,
    message_id,
    new_client_id,
    one_of,
    text_of,
    texts_of,
    time_text,
)
from ._base import Calls

_ORDERS = {Order.NEWEST_FIRST: "desc", Order.OLDEST_FIRST: "asc"}


class Messages(Calls):
    async def send(
        self,
        conversation: int,
        content: str,
        *,
        kind: MessageKind | str = MessageKind.TEXT,
        reply_to: int | None = None,
        mentions: Iterable[int] = (),
        timestamp: datetime | None = None,
        client_id: str | None = None,
    ) -> Message:
        """Sends a message: it is stored, durably, once, when this returns.

        The call makes up a `client_id` and repeats under it what is not answered. Who wants to
        repeat a send after an :class:`~libmsg.Unavailable`, or after a crash of their own program,
        gives one: the same again gives the first message again.
        """
        body = given(
            content=content,
            kind=kind,
            reply_to=reply_to,
            mentions=texts_of(mentions) or None,
            timestamp=time_text(timestamp, "timestamp"),
            client_id=new_client_id() if client_id is None else client_id,
        )
        path = f"/conversations/{text_of(conversation)}/messages"
        return decode.message(await self._call("POST", path, body))

    async def forward(
        self, message: MessageLike, conversation: int, *, client_id: str | None = None
    ) -> Message:
        """Sends what another message says to this conversation."""
        body = {
            "conversation_id": text_of(conversation),
            "client_id": new_client_id() if client_id is None else client_id,
        }
        path = f"/messages/{message_id(message)}/forward"
        return decode.message(await self._call("POST", path, body))

    async def load_origin(self, message: MessageLike) -> Message:
        """The message that a forwarded one was made from."""
        path = f"/messages/{message_id(message)}/origin"
        return decode.message(await self._call("GET", path))

    async def load_message(self, message: MessageLike) -> Message:
        return decode.message(await self._call("GET", f"/messages/{message_id(message)}"))

    def history(
        self,
        conversation: int,
        *,
        order: Order | str | None = None,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        page_size: int | None = None,
    ) -> AsyncListing[Message]:
        """The messages of a conversation, fetched as they are read.

        They begin at a seq, `before`, `after` or `around` it, and go on in the `order`:
        `newest_first`, or `oldest_first`, which is the one of `after` unless you say otherwise.
        `from_` and `to` bound `created_at`, the first included.
        """
        usual = Order.NEWEST_FIRST if after is None else Order.OLDEST_FIRST
        wire_order = _ORDERS[one_of(Order, usual if order is None else order, "order")]
        query = given(
            order=wire_order,
            before=before,
            after=after,
            around=around,
            to=time_text(to, "to"),
        )
        if from_ is not None:
            query["from"] = time_text(from_, "from_")
        path = f"/conversations/{text_of(conversation)}/messages"
        return self._list(decode.message, path, page_size, **query)

    async def edit(self, message: MessageLike, content: str) -> Message:
        """Gives a text of yours another content; the same again changes nothing."""
        path = f"/messages/{message_id(message)}"
        return decode.message(await self._call("PATCH", path, {"content": content}))

    async def delete_for_everyone(self, message: MessageLike) -> Message:
        """Leaves a tombstone; once more changes nothing."""
        path = f"/messages/{message_id(message)}"
        return decode.message(await self._call("DELETE", path, query={"for": "everyone"}))

    async def delete_for_me(self, message: MessageLike) -> Message:
        """Takes it away from you, on all your devices; the others keep it."""
        path = f"/messages/{message_id(message)}"
        return decode.message(await self._call("DELETE", path, query={"for": "me"}))

    async def list_revisions(self, message: MessageLike) -> tuple[Revision, ...]:
        """Who changed the content and when, oldest first: the latest ten."""
        answer = await self._call("GET", f"/messages/{message_id(message)}/revisions")
        return decode.items(decode.revision, answer)

    async def react(self, message: MessageLike, emoji: str) -> Message:
        """Gives a reaction; the same again changes nothing."""
        path = f"/messages/{message_id(message)}/reactions"
        return decode.message(await self._call("POST", path, {"emoji": emoji}))

    async def remove_reaction(self, message: MessageLike, emoji: str) -> Message:
        path = f"/messages/{message_id(message)}/reactions"
        return decode.message(await self._call("DELETE", path, query={"emoji": emoji}))

    def list_reactions(
        self, message: MessageLike, *, page_size: int | None = None
    ) -> AsyncListing[Reactor]:
        """Who gave what and when."""
        path = f"/messages/{message_id(message)}/reactions"
        return self._list(decode.reactor, path, page_size)

    async def pin(self, message: MessageLike) -> Message:
        return decode.message(await self._call("POST", f"/messages/{message_id(message)}/pin"))

    async def unpin(self, message: MessageLike) -> Message:
        return decode.message(await self._call("DELETE", f"/messages/{message_id(message)}/pin"))

    async def list_pins(self, conversation: int) -> tuple[Message, ...]:
        """The latest pin last."""
        answer = await self._call("GET", f"/conversations/{text_of(conversation)}/pins")
        return decode.items(decode.message, answer)
