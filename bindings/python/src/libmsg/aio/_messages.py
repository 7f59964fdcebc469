# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_aio.py from ../_calls/messages.py: change that one.
"""Messages, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ..local import Draft
from ..pages import AsyncListing
from ..types import Message, MessageId, MessageKind, Order, Reactor, Revision
from ._base import Calls


class Messages(Calls):
    __slots__ = ()

    async def check_draft(self, draft: Draft) -> None:
        """Raises what send() would without asking the store: lengths, encoding, ranges."""
        return await self._run(self._store.check_draft, draft)

    async def send_many(self, drafts: Iterable[Draft]) -> list[Message | Exception]:
        """As many sends as drafts, in order, in as few commits as possible.

        One may fail alone: in its place is its error.
        """
        return await self._run(self._store.send_many, drafts)

    async def forward(
        self, sender: int, message: MessageId, conversation: int, *, client_id: str = ""
    ) -> Message:
        """Sends what another message says."""
        return await self._run(self._store.forward, sender, message, conversation, client_id)

    async def load_origin(self, actor: int, message: MessageId) -> Message:
        """The message that a forwarded one was made from, for whoever may read both."""
        return await self._run(self._store.load_origin, actor, message)

    async def load_message(self, actor: int, message: MessageId) -> Message:
        """One message."""
        return await self._run(self._store.load_message, actor, message)

    def history(
        self,
        actor: int,
        conversation: int,
        *,
        order: Order | str = Order.NEWEST_FIRST,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        page_size: int | None = None,
    ) -> AsyncListing[Message]:
        """A conversation's messages: older or newer than a seq, around one, or of some time.

        `from_` is included, `to` is not. A cursor brings order and dates along.
        """
        return AsyncListing(
            lambda cursor: self._run(self._store.history,
                actor,
                conversation,
                page_size or 0,
                cursor,
                order,
                *((None,) * 5 if cursor else (before, after, around, from_, to)),
            )
        )

    async def edit(self, actor: int, message: MessageId, content: str) -> Message:
        """Gives a text of one's own another content."""
        return await self._run(self._store.edit, actor, message, content)

    async def delete_for_everyone(self, actor: int, message: MessageId) -> Message:
        """Leaves a tombstone; the content is gone from the store."""
        return await self._run(self._store.delete_for_everyone, actor, message)

    async def delete_for_me(self, actor: int, message: MessageId) -> Message:
        """Takes a message away from the actor alone."""
        return await self._run(self._store.delete_for_me, actor, message)

    async def list_revisions(self, actor: int, message: MessageId) -> tuple[Revision, ...]:
        """Who changed the content and when, oldest first: the latest ten."""
        return await self._run(self._store.list_revisions, actor, message)

    async def react(self, actor: int, message: MessageId, emoji: str) -> Message:
        """Gives a reaction; again changes nothing."""
        return await self._run(self._store.react, actor, message, emoji)

    async def remove_reaction(self, actor: int, message: MessageId, emoji: str) -> Message:
        """Takes it back."""
        return await self._run(self._store.remove_reaction, actor, message, emoji)

    def list_reactions(
        self, actor: int, message: MessageId, *, page_size: int | None = None
    ) -> AsyncListing[Reactor]:
        """Who gave what and when, ascending by user id."""
        return AsyncListing(
            lambda cursor: self._run(
                self._store.list_reactions, actor, message, page_size or 0, cursor
            )
        )

    async def pin(self, actor: int, message: MessageId) -> Message:
        """Pins a message for all members."""
        return await self._run(self._store.pin, actor, message)

    async def unpin(self, actor: int, message: MessageId) -> Message:
        """Takes the pin away."""
        return await self._run(self._store.unpin, actor, message)

    async def list_pins(self, actor: int, conversation: int) -> tuple[Message, ...]:
        """Those that the actor may read, the latest pin last."""
        return await self._run(self._store.list_pins, actor, conversation)
