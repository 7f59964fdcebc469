# SPDX-License-Identifier: Apache-2.0
"""From the JSON of msgd to the types of :mod:`libmsg.types`.

Fields that are not known are passed over, so that a client may be older than its server.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from .. import types as t

Json = Any
Item = TypeVar("Item")


def time(text: str) -> datetime:
    """
    >>> time("2026-11-21T09:15:02.123Z")
    datetime.datetime(2026, 11, 21, 9, 15, 2, 123000, tzinfo=datetime.timezone.utc)
    """
    return datetime.fromisoformat(text)


def maybe_time(text: str | None) -> datetime | None:
    return None if text is None else time(text)


def maybe_id(text: str | None) -> int | None:
    return None if text is None else int(text)


def ids(texts: list[str]) -> tuple[int, ...]:
    return tuple(map(int, texts))


def message_kind(text: str) -> t.MessageKind:
    """A kind of a later server is custom: something to pass over, or to show as unknown."""
    try:
        return t.MessageKind(text)
    except ValueError:
        return t.MessageKind.CUSTOM


def user(j: Json) -> t.User:
    audience = j["presence_to"]
    return t.User(
        id=int(j["id"]),
        phone=j["phone"],
        username=j["username"],
        display_name=j["display_name"],
        about=j["about"],
        avatar=j["avatar"],
        created_at=time(j["created_at"]),
        updated_at=time(j["updated_at"]),
        read_receipts=j["read_receipts"],
        presence_to=None if audience is None else t.Audience(audience),
    )


def message(j: Json) -> t.Message:
    conversation, seq = int(j["conversation_id"]), j["seq"]
    own, state = j.get("own_reactions"), j["status"]
    return t.Message(
        id=t.MessageId(conversation, seq),
        sender=int(j["sender_id"]),
        kind=message_kind(j["kind"]),
        content=j["content"],
        created_at=time(j["created_at"]),
        version=int(j["version"]),
        reply_to=j["reply_to"],
        timestamp=maybe_time(j["timestamp"]),
        mentions=ids(j.get("mentions", [])),
        forward=forward(j["forwarded"]) if "forwarded" in j else None,
        client_id=j["client_id"] or "",
        changed=maybe_id(j["changed"]),
        edited_at=maybe_time(j["edited_at"]),
        deleted=j["deleted"],
        hidden=j.get("hidden", False),
        reactions=tuple(t.ReactionCount(r["emoji"], r["count"]) for r in j.get("reactions", ())),
        own_reactions=None if own is None else tuple(own),
        pin=t.Pin(int(j["pinned"]["user_id"]), time(j["pinned"]["at"])) if "pinned" in j else None,
        quote=quote(j["quote"]) if "quote" in j else None,
        state=None if state is None else t.MessageState(state),
    )


def forward(j: Json) -> t.Forward:
    origin = j.get("message_id")
    return t.Forward(j["hops"], None if origin is None else t.MessageId.parse(origin))


def quote(j: Json) -> t.Quote:
    return t.Quote(int(j["sender_id"]), message_kind(j["kind"]), j["excerpt"], j["deleted"])


def maybe_message(j: Json) -> t.Message | None:
    return None if j is None else message(j)


def rules(j: Json) -> t.GroupRules:
    return t.GroupRules(
        send=t.Role(j["send"]),
        add=t.Role(j["add"]),
        rename=t.Role(j["rename"]),
        pin=t.Role(j["pin"]),
        slow_mode=timedelta(seconds=j["slow_mode_s"]),
        history_for_newcomers=j["history_for_newcomers"],
        members_max=j["members_max"],
    )


def conversation(j: Json) -> t.Conversation:
    return t.Conversation(
        id=int(j["id"]),
        kind=t.ConversationKind(j["kind"]),
        title=j["title"] or "",
        direct_users=ids(j["direct_user_ids"]),
        created_by=int(j["created_by"]),
        created_at=time(j["created_at"]),
        last_seq=j["last_seq"],
        member_count=j["member_count"],
        version=int(j["version"]),
        rules=None if j["rules"] is None else rules(j["rules"]),
        awaits=maybe_id(j["awaits"]),
    )


def member(j: Json) -> t.Member:
    return t.Member(
        conversation=int(j["conversation_id"]),
        user=int(j["user_id"]),
        role=t.Role(j["role"]),
        active=j["active"],
        visible_from=j["visible_from"],
        visible_until=j["visible_until"],
        delivered=j["delivered"],
        read=j["read"],
        delivered_at=maybe_time(j["delivered_at"]),
        read_at=maybe_time(j["read_at"]),
        joined_at=time(j["joined_at"]),
        version=int(j["version"]),
    )


def view(j: Json) -> t.ConversationView:
    return t.ConversationView(
        conversation=conversation(j["conversation"]),
        own=member(j["self"]),
        last_message=maybe_message(j["last_message"]),
        unread_count=j["unread_count"],
        mention_count=j["mention_count"],
        pinned=tuple(j["pinned"]),
        unread_from=j["unread_from"],
        preferences=preferences(j["preferences"]),
    )


def preferences(j: Json) -> t.Preferences:
    return t.Preferences(j["pinned"], j["archived"], maybe_time(j["muted_until"]))


def status(j: Json) -> t.MessageStatus:
    return t.MessageStatus(
        id=t.MessageId.parse(j["message_id"]),
        state=t.MessageState(j["status"]),
        recipient_count=j["recipient_count"],
        delivered_count=j["delivered_count"],
        read_count=j["read_count"],
    )


def recipient(j: Json) -> t.RecipientStatus:
    return t.RecipientStatus(
        user=int(j["user_id"]),
        state=t.MessageState(j["status"]),
        delivered_at=maybe_time(j["delivered_at"]),
        read_at=maybe_time(j["read_at"]),
    )


def receipt(j: Json) -> t.Receipt:
    return t.Receipt(int(j["user_id"]), maybe_time(j["at"]))


def reactor(j: Json) -> t.Reactor:
    given = (t.MemberReaction(r["emoji"], time(r["at"])) for r in j["reactions"])
    return t.Reactor(int(j["user_id"]), tuple(given))


def revision(j: Json) -> t.Revision:
    return t.Revision(
        by=int(j["user_id"]),
        at=time(j["at"]),
        version=int(j["version"]),
        deletion=j["deletion"],
        content=j["content"],
    )


def unread_mark(j: Json) -> t.UnreadMark:
    return t.UnreadMark(int(j["conversation_id"]), j["unread_from"], j["unread_count"])


def invitation(j: Json) -> t.Invitation:
    return t.Invitation(
        token=j["token"],
        conversation=int(j["conversation_id"]),
        created_by=int(j["created_by"]),
        created_at=time(j["created_at"]),
        expires_at=maybe_time(j["expires_at"]),
        uses_left=j["uses_left"],
        needs_approval=j["needs_approval"],
    )


def join_request(j: Json) -> t.JoinRequest:
    return t.JoinRequest(int(j["conversation_id"]), int(j["user_id"]), time(j["at"]))


def block(j: Json) -> t.Block:
    return t.Block(int(j["user_id"]), time(j["at"]))


def presence(j: Json) -> t.PersonPresence:
    return t.PersonPresence(
        int(j["user_id"]), t.PresenceState(j["state"]), maybe_time(j["last_seen"])
    )


def notification(j: Json) -> t.Notification:
    return t.Notification(
        id=j["id"],
        kind=t.NotificationKind(j["kind"]),
        at=time(j["at"]),
        conversation=maybe_id(j["conversation_id"]),
        count=j["count"],
        last_message=maybe_message(j["last_message"]),
        news=None if j["news"] is None else t.GroupNews(j["news"]),
        by=maybe_id(j["by"]),
        role=None if j["role"] is None else t.Role(j["role"]),
        text=j["text"],
    )


def session(j: Json) -> t.Session:
    return t.Session(
        id=int(j["id"]),
        user=int(j["user_id"]),
        device_name=j["device_name"],
        created_at=time(j["created_at"]),
        last_seen_at=time(j["last_seen_at"]),
    )


def new_session(j: Json) -> t.NewSession:
    return t.NewSession(session(j["session"]), j["token"])


def signed_in(j: Json) -> t.SignedIn:
    return t.SignedIn(new_session(j), user(j["user"]), j["is_new_user"])


def code_requested(j: Json) -> t.CodeRequested:
    return t.CodeRequested(
        request_id=j["request_id"],
        lifetime=timedelta(seconds=j["lifetime_s"]),
        resend_after=timedelta(seconds=j["resend_after_s"]),
    )


def ticket(j: Json) -> t.NewTicket:
    return t.NewTicket(j["ticket"], time(j["expires_at"]))


def api_key(j: Json) -> t.ApiKey:
    scopes = frozenset(map(t.KeyScope, j["scopes"]))
    return t.ApiKey(int(j["id"]), j["name"], scopes, time(j["created_at"]))


def new_api_key(j: Json) -> t.NewApiKey:
    return t.NewApiKey(api_key(j["key"]), j["secret"])


def audit_entry(j: Json) -> t.AuditEntry:
    return t.AuditEntry(
        id=int(j["id"]),
        at=time(j["at"]),
        act=j["act"],
        by=maybe_id(j["by_key_id"]),
        by_name=j["by_name"],
        address=j["address"],
        user=maybe_id(j["user_id"]),
        session=maybe_id(j["session_id"]),
        key=maybe_id(j["key_id"]),
        detail=j["detail"],
    )


def seq_range(j: Json) -> tuple[int, int] | None:
    return None if j is None else (j["from"], j["to"])


def delta(j: Json) -> t.ConversationDelta:
    return t.ConversationDelta(
        view=view(j["view"]),
        messages=tuple(map(message, j["messages"])),
        missing=seq_range(j["missing"]),
        stale=seq_range(j["stale"]),
        members=tuple(map(member, j["members"])),
        more_members=j["more_members"],
    )


def sync_page(j: Json) -> t.SyncPage:
    return t.SyncPage(
        conversations=tuple(map(delta, j["conversations"])),
        cursor=j["cursor"],
        has_more=j["has_more"],
        resumed=t.Resumed(j["resumed"]),
    )


def items(item: Callable[[Json], Item], j: Json) -> tuple[Item, ...]:
    return tuple(map(item, j["items"]))


def page(item: Callable[[Json], Item], j: Json) -> t.Page[Item]:
    place = j["page"]
    return t.Page(
        items=items(item, j),
        next=place["next"] or "",
        prev=place["prev"] or "",
        has_more=place["has_more"],
        has_prev=place["has_prev"],
    )
