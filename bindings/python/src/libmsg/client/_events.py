# SPDX-License-Identifier: Apache-2.0
"""From the events of a WebSocket of msgd to those of :mod:`libmsg.types`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .. import types as t
from . import _decode as decode

Json = Any


def event(j: Json) -> t.Event | None:
    """None: of a later server, and nothing that this client could tell."""
    make = _KINDS.get(j["event"])
    if make is None:
        return None
    return make(int(j.get("conversation_id") or 0), j.get("cursor") or "", j)


def _message(conversation: int, cursor: str, j: Json) -> t.Event:
    return t.MessageEvent(conversation, cursor, decode.message(j["message"]))


def _changed(conversation: int, cursor: str, j: Json) -> t.Event:
    r = j.get("reaction")
    reaction = None if r is None else t.ReactionChange(int(r["user_id"]), r["emoji"], r["removed"])
    return t.MessageChangeEvent(conversation, cursor, decode.message(j["message"]), reaction)


def _hidden(conversation: int, cursor: str, j: Json) -> t.Event:
    return t.HideEvent(conversation, cursor, t.MessageId.parse(j["message_id"]))


def _member(conversation: int, cursor: str, j: Json) -> t.Event:
    return t.MemberEvent(conversation, cursor, decode.member(j["member"]))


def _receipt(conversation: int, cursor: str, j: Json) -> t.Event:
    return t.ReceiptEvent(conversation, cursor, decode.member(j["member"]))


def _conversation(conversation: int, cursor: str, j: Json) -> t.Event:
    return t.ConversationEvent(conversation, cursor, decode.conversation(j["conversation"]))


def _unread(conversation: int, cursor: str, j: Json) -> t.Event:
    return t.UnreadEvent(conversation, cursor, decode.unread_mark(j))


def _preferences(conversation: int, cursor: str, j: Json) -> t.Event:
    return t.PreferencesEvent(conversation, cursor, decode.preferences(j["preferences"]))


def _activity(conversation: int, cursor: str, j: Json) -> t.Event:
    lasts = timedelta(milliseconds=j["expires_in_ms"])
    return t.TypingEvent(conversation, cursor, int(j["user_id"]), lasts, t.Activity(j["event"]))


def _presence(conversation: int, cursor: str, j: Json) -> t.Event:
    return t.PresenceEvent(conversation, cursor, tuple(map(decode.presence, j["users"])))


def _sync(_: int, cursor: str, j: Json) -> t.Event:
    delta = decode.delta(j["conversation"])
    return t.SyncEvent(delta.view.conversation.id, cursor, delta)


_KINDS: dict[str, Callable[[int, str, Json], t.Event]] = {
    "message": _message,
    "message_changed": _changed,
    "message_hidden": _hidden,
    "member": _member,
    "receipt": _receipt,
    "conversation": _conversation,
    "unread": _unread,
    "preferences": _preferences,
    "typing": _activity,
    "recording": _activity,
    "presence": _presence,
    "sync": _sync,
}
