# SPDX-License-Identifier: Apache-2.0
"""Receipts, sync, notifications, and whom one wants nothing to do with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ..pages import Listing
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
from .base import Calls


class Receipts(Calls):
    __slots__ = ()

    def mark(
        self,
        actor: int,
        conversation: int,
        up_to: int,
        state: MessageState | str = MessageState.READ,
    ) -> Member:
        """Everything up to a seq was read, or delivered; a lower one changes nothing.

        >>> sent = messenger.send(alice, talk, "Hello!")
        >>> messenger.mark(bob, talk, sent.seq).read
        1
        """
        return self._store.mark(actor, conversation, up_to, state)

    def mark_all_read(self, actor: int) -> int:
        """A read receipt in every conversation with something unread; in how many."""
        return self._store.mark_all_read(actor)

    def mark_unread(self, actor: int, conversation: int, from_: int) -> UnreadMark:
        """The actor wants to see the conversation as unread from this seq on."""
        return self._store.mark_unread(actor, conversation, from_)

    def prefer(
        self,
        actor: int,
        conversation: int,
        *,
        pinned: bool | None = None,
        archived: bool | None = None,
        muted_until: datetime | None = None,
    ) -> Preferences:
        """How the actor wants to have it shown; a time that has passed unmutes.

        >>> messenger.prefer(bob, talk, pinned=True).pinned
        True
        """
        return self._store.prefer(actor, conversation, pinned, archived, muted_until)

    def message_status(self, actor: int, message: MessageId) -> MessageStatus:
        """How far a message got.

        >>> sent = messenger.send(alice, talk, "Hello!")
        >>> messenger.message_status(alice, sent.id).state
        <MessageState.SENT: 'sent'>
        """
        return self._store.message_status(actor, message)

    def list_recipients(
        self, actor: int, message: MessageId, *, page_size: int | None = None
    ) -> Listing[RecipientStatus]:
        """How far it got with each."""
        return Listing(
            lambda cursor: self._store.list_recipients(actor, message, page_size or 0, cursor)
        )

    def list_receipts(
        self,
        actor: int,
        message: MessageId,
        state: MessageState | str = MessageState.READ,
        *,
        page_size: int | None = None,
    ) -> Listing[Receipt]:
        """Who has received or read it, and when. A page may have fewer items than its size."""
        return Listing(
            lambda cursor: self._store.list_receipts(
                actor, message, state, page_size or 0, cursor
            )
        )

    def typing(
        self, actor: int, conversation: int, activity: Activity | str = Activity.TYPING
    ) -> None:
        """Tells the others, now, what the actor is doing. Nothing is stored."""
        return self._store.typing(actor, conversation, activity)

    def sync(self, actor: int, cursor: str = "", *, page_size: int | None = None) -> SyncPage:
        """Everything that changed for the actor since the cursor, over all conversations.

        >>> page = messenger.sync(bob)
        >>> _ = messenger.send(alice, talk, "news")
        >>> [d.messages[0].content for d in messenger.sync(bob, page.cursor).conversations]
        ['news']
        """
        return self._store.sync(actor, cursor, page_size or 0)

    def sync_position(self) -> str:
        """The cursor of this moment: syncing from it brings only what comes later."""
        return self._store.sync_position()

    def list_notifications(
        self, actor: int, *, page_size: int | None = None
    ) -> Listing[Notification]:
        """What the user has not seen yet: alerts, news of groups, unread conversations."""
        return Listing(
            lambda cursor: self._store.list_notifications(actor, page_size or 0, cursor)
        )

    def mark_notifications_read(self, actor: int, ids: Iterable[str]) -> None:
        """What was told of messages becomes a read receipt."""
        return self._store.mark_notifications_read(actor, tuple(ids))

    def mark_all_notifications_read(self, actor: int) -> None:
        """Everything there is now."""
        return self._store.mark_all_notifications_read(actor)

    def block(self, actor: int, user: int) -> Block:
        """The two send each other nothing from now on."""
        return self._store.block(actor, user)

    def unblock(self, actor: int, user: int) -> None:
        """They may again."""
        return self._store.unblock(actor, user)

    def list_blocks(
        self, actor: int, *, page_size: int | None = None
    ) -> Listing[Block]:
        """Whom the actor blocks, ascending by user id."""
        return Listing(
            lambda cursor: self._store.list_blocks(actor, page_size or 0, cursor)
        )
