# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_aio.py from ../_calls/receipts.py: change that one.
"""Receipts, sync, notifications, and whom one wants nothing to do with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ..pages import AsyncListing
from ..types import (
    Activity,
    Block,
    Member,
    MessageId,
    MessageState,
    MessageStatus,
    Notification,
    Preferences,
    Receipt,
    RecipientStatus,
    SyncPage,
    UnreadMark,
)
from ._base import Calls


class Receipts(Calls):
    __slots__ = ()

    async def mark_all_read(self, actor: int) -> int:
        """A read receipt in every conversation with something unread; in how many."""
        return await self._run(self._store.mark_all_read, actor)

    async def mark_unread(self, actor: int, conversation: int, from_: int) -> UnreadMark:
        """The actor wants to see the conversation as unread from this seq on."""
        return await self._run(self._store.mark_unread, actor, conversation, from_)

    async def prefer(
        self,
        actor: int,
        conversation: int,
        *,
        pinned: bool | None = None,
        archived: bool | None = None,
        muted_until: datetime | None = None,
    ) -> Preferences:
        """How the actor wants to have it shown; a time that has passed unmutes."""
        return await self._run(
            self._store.prefer, actor, conversation, pinned, archived, muted_until
        )

    async def message_status(self, actor: int, message: MessageId) -> MessageStatus:
        """How far a message got."""
        return await self._run(self._store.message_status, actor, message)

    def list_recipients(
        self, actor: int, message: MessageId, *, page_size: int | None = None
    ) -> AsyncListing[RecipientStatus]:
        """How far it got with each."""
        return AsyncListing(
            lambda cursor: self._run(
                self._store.list_recipients, actor, message, page_size or 0, cursor
            )
        )

    def list_receipts(
        self,
        actor: int,
        message: MessageId,
        state: MessageState | str = MessageState.READ,
        *,
        page_size: int | None = None,
    ) -> AsyncListing[Receipt]:
        """Who has received or read it, and when. A page may have fewer items than its size."""
        return AsyncListing(
            lambda cursor: self._run(self._store.list_receipts,
                actor, message, state, page_size or 0, cursor
            )
        )

    async def typing(
        self, actor: int, conversation: int, activity: Activity | str = Activity.TYPING
    ) -> None:
        """Tells the others, now, what the actor is doing. Nothing is stored."""
        return await self._run(self._store.typing, actor, conversation, activity)

    async def sync(self, actor: int, cursor: str = "", *, page_size: int | None = None) -> SyncPage:
        """Everything that changed for the actor since the cursor, over all conversations."""
        return await self._run(self._store.sync, actor, cursor, page_size or 0)

    async def sync_position(self) -> str:
        """The cursor of this moment: syncing from it brings only what comes later."""
        return await self._run(self._store.sync_position)

    def list_notifications(
        self, actor: int, *, page_size: int | None = None
    ) -> AsyncListing[Notification]:
        """What the user has not seen yet: alerts, news of groups, unread conversations."""
        return AsyncListing(
            lambda cursor: self._run(self._store.list_notifications, actor, page_size or 0, cursor)
        )

    async def mark_notifications_read(self, actor: int, ids: Iterable[str]) -> None:
        """What was told of messages becomes a read receipt."""
        return await self._run(self._store.mark_notifications_read, actor, tuple(ids))

    async def mark_all_notifications_read(self, actor: int) -> None:
        """Everything there is now."""
        return await self._run(self._store.mark_all_notifications_read, actor)

    async def block(self, actor: int, user: int) -> Block:
        """The two send each other nothing from now on."""
        return await self._run(self._store.block, actor, user)

    async def unblock(self, actor: int, user: int) -> None:
        """They may again."""
        return await self._run(self._store.unblock, actor, user)

    def list_blocks(
        self, actor: int, *, page_size: int | None = None
    ) -> AsyncListing[Block]:
        """Whom the actor blocks, ascending by user id."""
        return AsyncListing(
            lambda cursor: self._run(self._store.list_blocks, actor, page_size or 0, cursor)
        )
