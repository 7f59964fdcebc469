# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_aio.py from ../_calls/conversations.py: change that one.
"""Conversations, their members and rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ..pages import AsyncListing
from ..types import Conversation, ConversationView, Invitation, JoinRequest, Member, Role
from ._base import Calls


class Conversations(Calls):
    __slots__ = ()

    async def open_direct(self, actor: int, peer: int) -> Conversation:
        """The one conversation of these two, made when it does not exist yet."""
        return await self._run(self._store.open_direct, actor, peer)

    async def find_direct(self, actor: int, peer: int) -> Conversation | None:
        """The same when it exists; nothing is made."""
        return await self._run(self._store.find_direct, actor, peer)

    async def create_group(self, actor: int, title: str, users: Iterable[int] = ()) -> Conversation:
        """A group of the actor, its owner, and these users."""
        return await self._run(self._store.create_group, actor, title, tuple(users))

    async def load_conversation(self, actor: int, conversation: int) -> ConversationView:
        """A conversation as the actor sees it."""
        return await self._run(self._store.load_conversation, actor, conversation)

    def list_conversations(
        self, actor: int, *, page_size: int | None = None
    ) -> AsyncListing[ConversationView]:
        """The actor's active conversations, latest activity first."""
        return AsyncListing(
            lambda cursor: self._run(self._store.list_conversations, actor, page_size or 0, cursor)
        )

    async def rename_group(self, actor: int, conversation: int, title: str) -> Conversation:
        """Gives a group another title."""
        return await self._run(self._store.rename_group, actor, conversation, title)

    async def add_member(
        self, actor: int, conversation: int, user: int, role: Role | str = Role.MEMBER
    ) -> Member:
        """Adds a user to a group; an active member stays as they are."""
        return await self._run(self._store.add_member, actor, conversation, user, role)

    async def remove_member(self, actor: int, conversation: int, user: int) -> Member:
        """Removes another or, with the actor's own id, leaves."""
        return await self._run(self._store.remove_member, actor, conversation, user)

    async def change_role(
        self, actor: int, conversation: int, user: int, role: Role | str
    ) -> Member:
        """Gives a member of a group another role."""
        return await self._run(self._store.change_role, actor, conversation, user, role)

    def list_members(
        self, actor: int, conversation: int, *, page_size: int | None = None
    ) -> AsyncListing[Member]:
        """Everybody in a conversation."""
        return AsyncListing(
            lambda cursor: self._run(
                self._store.list_members, actor, conversation, page_size or 0, cursor
            )
        )

    async def change_rules(
        self,
        actor: int,
        conversation: int,
        *,
        send: Role | str | None = None,
        add: Role | str | None = None,
        rename: Role | str | None = None,
        pin: Role | str | None = None,
        slow_mode: timedelta | None = None,
        history_for_newcomers: bool | None = None,
        members_max: int | None = None,
    ) -> Conversation:
        """Changes who may do what in a group, as far as it is given."""
        return await self._run(
            self._store.change_rules,
            actor,
            conversation,
            send,
            add,
            rename,
            pin,
            slow_mode,
            history_for_newcomers,
            members_max,
        )

    async def create_invitation(
        self,
        actor: int,
        conversation: int,
        *,
        lifetime: timedelta | None = None,
        uses_max: int | None = None,
        needs_approval: bool = False,
    ) -> Invitation:
        """A link with which anybody who has it joins the group."""
        return await self._run(
            self._store.create_invitation,
            actor, conversation, lifetime, uses_max, needs_approval
        )

    async def list_invitations(self, actor: int, conversation: int) -> tuple[Invitation, ...]:
        """Those that still work."""
        return await self._run(self._store.list_invitations, actor, conversation)

    async def revoke_invitation(self, actor: int, token: str) -> None:
        """It works no more."""
        return await self._run(self._store.revoke_invitation, actor, token)

    async def join(self, actor: int, token: str) -> Member | None:
        """Makes the actor a member, or (None) asks for it where approval is needed."""
        return await self._run(self._store.join, actor, token)

    def list_join_requests(
        self, actor: int, conversation: int, *, page_size: int | None = None
    ) -> AsyncListing[JoinRequest]:
        """Who wants to join, ascending by user id."""
        return AsyncListing(
            lambda cursor: self._run(self._store.list_join_requests,
                actor, conversation, page_size or 0, cursor
            )
        )

    async def answer_join_request(
        self, actor: int, conversation: int, user: int, *, let_in: bool
    ) -> Member | None:
        """Lets the user in as a member, or not."""
        return await self._run(self._store.answer_join_request, actor, conversation, user, let_in)

    async def accept_direct(self, actor: int, conversation: int) -> Conversation:
        """Lets the one who began a direct conversation go on; sending does so too."""
        return await self._run(self._store.accept_direct, actor, conversation)
