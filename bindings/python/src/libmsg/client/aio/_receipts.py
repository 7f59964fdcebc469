# SPDX-License-Identifier: Apache-2.0
"""Receipts, notifications, and bringing a device up to date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ...errors import InvalidArgument
from ...pages import AsyncListing
from ...types import (
    Activity,
    Member,
    MessageState,
    MessageStatus,
    Notification,
    Preferences,
    Receipt,
    RecipientStatus,
    SyncPage,
    UnreadMark,
)
from .. import _decode as decode
from .._encode import MessageLike, given, message_id, one_of, seconds, text_of, texts_of, time_text
from ._base import Calls


class Receipts(Calls):
    async def mark(
        self, conversation: int, up_to: int, state: MessageState | str = MessageState.READ
    ) -> Member:
        """Everything up to this seq is read, or delivered; a lower one changes nothing."""
        how = one_of(MessageState, state, "state")
        if how == MessageState.SENT:
            raise InvalidArgument("messages are marked delivered or read", field="state")
        path = f"/conversations/{text_of(conversation)}/{how}"
        return decode.member(await self._call("POST", path, {"seq": up_to}))

    async def mark_all_read(self) -> int:
        """In how many conversations that changed something."""
        answer = await self._call("POST", "/conversations/read")
        return int(answer["marked"])

    async def mark_unread(self, conversation: int, from_: int) -> UnreadMark:
        """You want to see the conversation as unread from this seq on; nobody else is told."""
        path = f"/conversations/{text_of(conversation)}/unread"
        return decode.unread_mark(await self._call("POST", path, {"seq": from_}))

    async def prefer(
        self,
        conversation: int,
        *,
        pinned: bool | None = None,
        archived: bool | None = None,
        muted_until: datetime | None = None,
    ) -> Preferences:
        """How you want to have it shown, on all your devices; a time that has passed unmutes."""
        until = time_text(muted_until, "muted_until")
        body = given(pinned=pinned, archived=archived, muted_until=until)
        path = f"/conversations/{text_of(conversation)}/preferences"
        return decode.preferences(await self._call("PATCH", path, body))

    async def message_status(self, message: MessageLike) -> MessageStatus:
        """How far a message got, over all recipients."""
        return decode.status(await self._call("GET", f"/messages/{message_id(message)}/status"))

    def list_recipients(
        self, message: MessageLike, *, page_size: int | None = None
    ) -> AsyncListing[RecipientStatus]:
        path = f"/messages/{message_id(message)}/recipients"
        return self._list(decode.recipient, path, page_size)

    def list_receipts(
        self,
        message: MessageLike,
        state: MessageState | str = MessageState.READ,
        *,
        page_size: int | None = None,
    ) -> AsyncListing[Receipt]:
        """Who has read it, or has it, and when."""
        path = f"/messages/{message_id(message)}/receipts"
        return self._list(decode.receipt, path, page_size, state=state)

    async def typing(
        self, conversation: int, activity: Activity | str = Activity.TYPING
    ) -> None:
        """Tells the others what you are about to do; it expires by itself."""
        path = f"/conversations/{text_of(conversation)}/{one_of(Activity, activity, 'activity')}"
        await self._call("POST", path, repeatable=False)

    async def sync(
        self,
        cursor: str = "",
        *,
        page_size: int | None = None,
        wait: timedelta | None = None,
    ) -> SyncPage:
        """Everything that changed for you since the cursor, over all conversations, a page of it.

        `wait`: when there is nothing new, answer as soon as there is, or after so long.
        """
        query = given(cursor=cursor or None, limit=page_size, wait_s=seconds(wait))
        longer = 0.0 if wait is None else wait.total_seconds()
        return decode.sync_page(await self._call("GET", "/sync", query=query, wait=longer))

    def list_notifications(
        self, *, page_size: int | None = None
    ) -> AsyncListing[Notification]:
        """What you have not seen yet: alerts, news of groups, conversations."""
        return self._list(decode.notification, "/notifications", page_size)

    async def mark_notifications_read(self, ids: Iterable[str]) -> None:
        """200 at most; what was told of messages becomes a read receipt."""
        await self._call("POST", "/notifications/read", {"ids": list(ids)})

    async def mark_all_notifications_read(self) -> None:
        """All there are now."""
        await self._call("POST", "/notifications/read", {"all": True})

    async def alert(
        self, users: Iterable[int], text: str, *, lifetime: timedelta | None = None
    ) -> None:
        """Tells all of these users, 1,000 at most, or none; a key's."""
        body = given(user_ids=texts_of(users), text=text, lifetime_s=seconds(lifetime))
        await self._call("POST", "/alerts", body, repeatable=False)
