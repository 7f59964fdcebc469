# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_sync.py from ../aio/_conversations.py: change that one.
"""Conversations, their members, and the rules between them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ...pages import Listing
from ...types import (
    Block,
    Conversation,
    ConversationView,
    Invitation,
    JoinRequest,
    Member,
    Role,
)
from .. import _decode as decode
from .._encode import given, part, seconds, text_of, texts_of
from ._base import Calls


class Conversations(Calls):
    def open_direct(self, user: int) -> Conversation:
        """The one conversation with this user, made when there is none."""
        body = {"kind": "direct", "user_id": text_of(user)}
        return decode.conversation(self._call("POST", "/conversations", body))

    def create_group(self, title: str, users: Iterable[int] = ()) -> Conversation:
        """A group of yours with these as its members."""
        body = {"kind": "group", "title": title, "user_ids": texts_of(users)}
        return decode.conversation(
            self._call("POST", "/conversations", body, repeatable=False)
        )

    def load_conversation(self, conversation: int) -> ConversationView:
        return decode.view(self._call("GET", f"/conversations/{text_of(conversation)}"))

    def list_conversations(
        self, *, page_size: int | None = None
    ) -> Listing[ConversationView]:
        """Yours, the latest activity first."""
        return self._list(decode.view, "/conversations", page_size)

    def rename_group(self, conversation: int, title: str) -> Conversation:
        path = f"/conversations/{text_of(conversation)}"
        return decode.conversation(self._call("PATCH", path, {"title": title}))

    def add_member(
        self, conversation: int, user: int, role: Role | str = Role.MEMBER
    ) -> Member:
        """Adding an active member changes nothing."""
        body = {"user_id": text_of(user), "role": role}
        return decode.member(
            self._call("POST", f"/conversations/{text_of(conversation)}/members", body)
        )

    def remove_member(self, conversation: int, user: int) -> Member:
        """Removes another or, with your own id, leaves."""
        path = f"/conversations/{text_of(conversation)}/members/{text_of(user)}"
        return decode.member(self._call("DELETE", path, repeatable=False))

    def change_role(self, conversation: int, user: int, role: Role | str) -> Member:
        path = f"/conversations/{text_of(conversation)}/members/{text_of(user)}"
        return decode.member(self._call("PATCH", path, {"role": role}))

    def list_members(
        self, conversation: int, *, page_size: int | None = None
    ) -> Listing[Member]:
        path = f"/conversations/{text_of(conversation)}/members"
        return self._list(decode.member, path, page_size)

    def change_rules(
        self,
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
        """Who may do what in a group: changes what is given. A role stands for those above it."""
        body = given(
            send=send,
            add=add,
            rename=rename,
            pin=pin,
            slow_mode_s=seconds(slow_mode),
            history_for_newcomers=history_for_newcomers,
            members_max=members_max,
        )
        path = f"/conversations/{text_of(conversation)}/rules"
        return decode.conversation(self._call("PATCH", path, body))

    def create_invitation(
        self,
        conversation: int,
        *,
        lifetime: timedelta | None = None,
        uses_max: int | None = None,
        needs_approval: bool = False,
    ) -> Invitation:
        """A link with which anybody who has its token joins the group."""
        body = given(
            lifetime_s=seconds(lifetime), uses_max=uses_max, needs_approval=needs_approval
        )
        path = f"/conversations/{text_of(conversation)}/invitations"
        return decode.invitation(self._call("POST", path, body, repeatable=False))

    def list_invitations(self, conversation: int) -> tuple[Invitation, ...]:
        """Those that still work."""
        answer = self._call("GET", f"/conversations/{text_of(conversation)}/invitations")
        return decode.items(decode.invitation, answer)

    def revoke_invitation(self, token: str) -> None:
        self._call("DELETE", f"/invitations/{part(token)}")

    def join(self, token: str) -> Member | None:
        """Joins by an invitation; None: somebody has to let you in first."""
        answer = self._call("POST", "/conversations/join", {"token": token})
        return decode.member(answer) if "user_id" in answer else None

    def list_join_requests(
        self, conversation: int, *, page_size: int | None = None
    ) -> Listing[JoinRequest]:
        path = f"/conversations/{text_of(conversation)}/join-requests"
        return self._list(decode.join_request, path, page_size)

    def answer_join_request(
        self, conversation: int, user: int, *, let_in: bool
    ) -> Member | None:
        """Lets the user in as a member, or not."""
        path = f"/conversations/{text_of(conversation)}/join-requests/{text_of(user)}"
        method = "POST" if let_in else "DELETE"
        answer = self._call(method, path, repeatable=False)
        return decode.member(answer) if let_in else None

    def accept_direct(self, conversation: int) -> Conversation:
        """Lets whoever began this conversation write more than one message."""
        path = f"/conversations/{text_of(conversation)}/accept"
        return decode.conversation(self._call("POST", path))

    def block(self, user: int) -> Block:
        """The two of you send each other nothing from now on."""
        return decode.block(self._call("PUT", f"/me/blocks/{text_of(user)}"))

    def unblock(self, user: int) -> None:
        self._call("DELETE", f"/me/blocks/{text_of(user)}")

    def list_blocks(self, *, page_size: int | None = None) -> Listing[Block]:
        return self._list(decode.block, "/me/blocks", page_size)
