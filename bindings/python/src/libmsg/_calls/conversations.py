# SPDX-License-Identifier: Apache-2.0
"""Conversations, their members and rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ..pages import Listing
from ..types import Conversation, ConversationView, Invitation, JoinRequest, Member, Role
from .base import Calls


class Conversations(Calls):
    __slots__ = ()

    def open_direct(self, actor: int, peer: int) -> Conversation:
        """The one conversation of these two, made when it does not exist yet.

        >>> messenger.open_direct(alice, bob).id == messenger.open_direct(bob, alice).id
        True
        """
        return self._store.open_direct(actor, peer)

    def find_direct(self, actor: int, peer: int) -> Conversation | None:
        """The same when it exists; nothing is made."""
        return self._store.find_direct(actor, peer)

    def create_group(self, actor: int, title: str, users: Iterable[int] = ()) -> Conversation:
        """A group of the actor, its owner, and these users.

        >>> messenger.create_group(alice, "Hiking", [bob]).member_count
        2
        """
        return self._store.create_group(actor, title, tuple(users))

    def load_conversation(self, actor: int, conversation: int) -> ConversationView:
        """A conversation as the actor sees it.

        >>> messenger.load_conversation(alice, talk).unread_count
        0
        """
        return self._store.load_conversation(actor, conversation)

    def list_conversations(
        self, actor: int, *, page_size: int | None = None
    ) -> Listing[ConversationView]:
        """The actor's active conversations, latest activity first."""
        return Listing(
            lambda cursor: self._store.list_conversations(actor, page_size or 0, cursor)
        )

    def rename_group(self, actor: int, conversation: int, title: str) -> Conversation:
        """Gives a group another title."""
        return self._store.rename_group(actor, conversation, title)

    def add_member(
        self, actor: int, conversation: int, user: int, role: Role | str = Role.MEMBER
    ) -> Member:
        """Adds a user to a group; an active member stays as they are."""
        return self._store.add_member(actor, conversation, user, role)

    def remove_member(self, actor: int, conversation: int, user: int) -> Member:
        """Removes another or, with the actor's own id, leaves."""
        return self._store.remove_member(actor, conversation, user)

    def change_role(self, actor: int, conversation: int, user: int, role: Role | str) -> Member:
        """Gives a member of a group another role."""
        return self._store.change_role(actor, conversation, user, role)

    def list_members(
        self, actor: int, conversation: int, *, page_size: int | None = None
    ) -> Listing[Member]:
        """Everybody in a conversation.

        >>> sorted(member.user for member in messenger.list_members(alice, talk)) == [alice, bob]
        True
        """
        return Listing(
            lambda cursor: self._store.list_members(actor, conversation, page_size or 0, cursor)
        )

    def change_rules(
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
        """Changes who may do what in a group, as far as it is given.

        >>> group = messenger.create_group(alice, "News", [bob]).id
        >>> messenger.change_rules(alice, group, send="admin").rules.send
        <Role.ADMIN: 'admin'>
        """
        return self._store.change_rules(
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

    def create_invitation(
        self,
        actor: int,
        conversation: int,
        *,
        lifetime: timedelta | None = None,
        uses_max: int | None = None,
        needs_approval: bool = False,
    ) -> Invitation:
        """A link with which anybody who has it joins the group."""
        return self._store.create_invitation(
            actor, conversation, lifetime, uses_max, needs_approval
        )

    def list_invitations(self, actor: int, conversation: int) -> tuple[Invitation, ...]:
        """Those that still work."""
        return self._store.list_invitations(actor, conversation)

    def revoke_invitation(self, actor: int, token: str) -> None:
        """It works no more."""
        return self._store.revoke_invitation(actor, token)

    def join(self, actor: int, token: str) -> Member | None:
        """Makes the actor a member, or (None) asks for it where approval is needed."""
        return self._store.join(actor, token)

    def list_join_requests(
        self, actor: int, conversation: int, *, page_size: int | None = None
    ) -> Listing[JoinRequest]:
        """Who wants to join, ascending by user id."""
        return Listing(
            lambda cursor: self._store.list_join_requests(
                actor, conversation, page_size or 0, cursor
            )
        )

    def answer_join_request(
        self, actor: int, conversation: int, user: int, *, let_in: bool
    ) -> Member | None:
        """Lets the user in as a member, or not."""
        return self._store.answer_join_request(actor, conversation, user, let_in)

    def accept_direct(self, actor: int, conversation: int) -> Conversation:
        """Lets the one who began a direct conversation go on; sending does so too."""
        return self._store.accept_direct(actor, conversation)
