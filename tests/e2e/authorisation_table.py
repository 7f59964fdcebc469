# SPDX-License-Identifier: Apache-2.0
"""Who may do what. A row is an operation, and has a line for each state of what it is done to: what owner, admin,
member, newcomer, former, stranger and a server key that acts as `member` get, in that order. Cast.py says who they
are and what the messages "old", "middle", "new", "deleted" and "direct" of a scene are; `member` sent all of them.

A conversation that somebody may not know of is 404, never 403.
"""

import itertools
from typing import Callable, NamedTuple

_numbers = itertools.count(1)


class Row(NamedTuple):
    request: Callable  # (scene, state, principal) -> path, query, body, headers; of a WebSocket: fields
    wanted: dict


def phone():
    return f"+4430{next(_numbers):08d}"


def message(**more):
    """An operation on the message that the state names."""
    return lambda scene, state, _: {"path": {"id": scene.messages[state]}, **more}


def conversation_of(scene, state):
    return scene.direct if state == "direct" else scene.group


def conversation(**more):
    return lambda scene, state, _: {"path": {"id": conversation_of(scene, state)}, **more}


def plain(**more):
    return lambda *_: more


def saved(principal):
    """Where a principal talks to itself."""
    made = principal.post("/conversations", {"kind": "direct", "user_id": principal.id})
    return made.json["id"] if made.status == 200 else "1"


def other_user(scene, state):
    return {"of": scene.cast.member, "another": scene.cast.stranger}[state].id


def somebody(scene):
    return scene.cast.key.post("/users", {"phone": phone()}).json["id"]


def spare_session(scene):
    return scene.cast.log_in(scene.cast.member.id).session_id


def spare_key(scene):
    return scene.cast.key.post("/keys", {"name": "spare"}).json["key"]["id"]


PROOF = {"request_id": "x" * 22, "device_nonce": "n" * 16, "code": "000000"}

# Operations that ask for no token, as the documents say too.
OPEN = {
    "getHealth",
    "getReadiness",
    "getOpenapi",
    "getAsyncapi",
    "getMetrics",
    "requestCode",
    "signIn",
    "signInByJwt",
    "registerForm",
}

HTTP = {}
WEBSOCKET = {}

HTTP.update(
    {
        "sendMessage": Row(
            lambda s, state, p: {"body": {"content": "hi", **({"group_id": s.group} if state == "group" else {"receiver_id": s.cast.owner.id})}},
            {
                "group": "201 201 201 201 403 404 201",
                "user": "201 201 201 201 201 201 201",
            },
        ),
        "listMessages": Row(
            lambda s, state, p: {"query": {"group_id": s.group} if state == "group" else {"peer_id": s.cast.owner.id}},
            {
                "group": "200 200 200 200 200 404 200",
                "user": "200 200 200 200 200 200 200",
            },
        ),
        "markDelivered": Row(
            message(body={}),
            {
                "old": "200 200 200 200 403 404 200",
                "middle": "200 200 200 200 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "deleted": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "markRead": Row(
            message(body={}),
            {
                "old": "200 200 200 200 403 404 200",
                "middle": "200 200 200 200 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "deleted": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "getMessageStatus": Row(
            message(),
            {
                "old": "200 200 200 404 403 404 200",
                "middle": "200 200 200 404 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "deleted": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "listRecipients": Row(
            message(),
            {
                "old": "200 200 200 404 403 404 200",
                "middle": "200 200 200 404 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "deleted": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "listReceipts": Row(
            message(query={"state": "read"}),
            {
                "old": "200 200 200 404 403 404 200",
                "middle": "200 200 200 404 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "deleted": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "listRevisions": Row(
            message(),
            {
                "old": "200 200 200 404 200 404 200",
                "middle": "200 200 200 404 404 404 200",
                "new": "200 200 200 200 404 404 200",
                "deleted": "200 200 200 200 404 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "listReactions": Row(
            message(),
            {
                "old": "200 200 200 404 200 404 200",
                "middle": "200 200 200 404 404 404 200",
                "new": "200 200 200 200 404 404 200",
                "deleted": "200 200 200 200 404 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "addReaction": Row(
            message(body={"emoji": "👍"}),
            {
                "old": "200 200 200 404 403 404 200",
                "middle": "200 200 200 404 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "deleted": "409 409 409 409 403 404 409",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "removeReaction": Row(
            message(query={"emoji": "👍"}),
            {
                "old": "200 200 200 404 403 404 200",
                "middle": "200 200 200 404 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "deleted": "409 409 409 409 403 404 409",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "forwardMessage": Row(
            lambda s, state, p: {"path": {"id": s.messages[state]}, "body": {"conversation_id": saved(p)}},
            {
                "old": "201 201 201 404 201 404 201",
                "middle": "201 201 201 404 404 404 201",
                "new": "201 201 201 201 404 404 201",
                "deleted": "409 409 409 409 404 404 409",
                "direct": "201 404 201 404 404 404 201",
            },
        ),
        "getOrigin": Row(
            message(),
            {
                "old": "404 404 404 404 404 404 404",
                "middle": "404 404 404 404 404 404 404",
                "new": "404 404 404 404 404 404 404",
                "deleted": "404 404 404 404 404 404 404",
                "direct": "404 404 404 404 404 404 404",
            },
        ),
        "pinMessage": Row(
            message(body={}),
            {
                "old": "200 200 403 404 403 404 403",
                "middle": "200 200 403 404 403 404 403",
                "new": "200 200 403 403 403 404 403",
                "deleted": "409 409 403 403 403 404 403",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "unpinMessage": Row(
            message(),
            {
                "old": "200 200 403 404 403 404 403",
                "middle": "200 200 403 404 403 404 403",
                "new": "200 200 403 403 403 404 403",
                "deleted": "409 409 403 403 403 404 403",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "getMessage": Row(
            message(),
            {
                "old": "200 200 200 404 200 404 200",
                "middle": "200 200 200 404 404 404 200",
                "new": "200 200 200 200 404 404 200",
                "deleted": "200 200 200 200 404 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "editMessage": Row(
            message(body={"content": "edited"}),
            {
                "old": "403 403 200 404 403 404 200",
                "middle": "403 403 200 404 403 404 200",
                "new": "403 403 200 403 403 404 200",
                "deleted": "403 403 409 403 403 404 409",
                "direct": "403 404 200 404 404 404 200",
            },
        ),
        "deleteMessage": Row(
            lambda s, state, p: {"path": {"id": s.messages[state.split()[0]]}, "query": {"for": state.split()[1]}},
            {
                "old everyone": "200 200 200 404 403 404 200",
                "middle everyone": "200 200 200 404 403 404 200",
                "new everyone": "200 200 200 403 403 404 200",
                "deleted everyone": "200 200 200 403 403 404 200",
                "direct everyone": "403 404 200 404 404 404 200",
                "old me": "200 200 200 404 403 404 200",
                "middle me": "200 200 200 404 403 404 200",
                "new me": "200 200 200 200 403 404 200",
                "deleted me": "200 200 200 200 403 404 200",
                "direct me": "200 404 200 404 404 404 200",
            },
        ),
        "openConversation": Row(
            lambda s, state, p: {"body": {"kind": "group", "title": "t"} if state == "group" else {"kind": "direct", "user_id": s.cast.owner.id}},
            {
                "group": "201 201 201 201 201 201 201",
                "direct": "200 200 200 200 200 200 200",
            },
        ),
        "listConversations": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "getConversation": Row(
            conversation(),
            {
                "group": "200 200 200 200 200 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "renameConversation": Row(
            lambda s, state, p: {"path": {"id": conversation_of(s, state)}, "body": {"title": s.title}},
            {
                "group": "200 200 403 403 403 404 403",
                "direct": "409 404 409 404 404 404 409",
            },
        ),
        "sendToConversation": Row(
            conversation(body={"content": "hi"}),
            {
                "group": "201 201 201 201 403 404 201",
                "direct": "201 404 201 404 404 404 201",
            },
        ),
        "listConversationMessages": Row(
            conversation(),
            {
                "group": "200 200 200 200 200 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "listPins": Row(
            conversation(),
            {
                "group": "200 200 200 200 200 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "markConversationDelivered": Row(
            lambda s, state, p: {"path": {"id": s.messages[state].partition("-")[0]}, "body": {"seq": int(s.messages[state].partition("-")[2])}},
            {
                "old": "200 200 200 200 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "markConversationRead": Row(
            lambda s, state, p: {"path": {"id": s.messages[state].partition("-")[0]}, "body": {"seq": int(s.messages[state].partition("-")[2])}},
            {
                "old": "200 200 200 200 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "markConversationUnread": Row(
            lambda s, state, p: {"path": {"id": s.messages[state].partition("-")[0]}, "body": {"seq": int(s.messages[state].partition("-")[2])}},
            {
                "old": "200 200 200 422 403 404 200",
                "new": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "setPreferences": Row(
            conversation(body={"pinned": True}),
            {
                "group": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "listNodes": Row(
            plain(),
            {
                "any": "403 403 403 403 403 403 200",
            },
        ),
        "listProblems": Row(
            plain(),
            {
                "any": "403 403 403 403 403 403 200",
            },
        ),
        "markAllRead": Row(
            plain(body={}),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "postTyping": Row(
            conversation(body={}),
            {
                "group": "204 204 204 204 403 404 204",
                "direct": "204 404 204 404 404 404 204",
            },
        ),
        "postRecording": Row(
            conversation(body={}),
            {
                "group": "204 204 204 204 403 404 204",
                "direct": "204 404 204 404 404 404 204",
            },
        ),
        "listMembers": Row(
            conversation(),
            {
                "group": "200 200 200 200 403 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "addMember": Row(
            lambda s, state, p: {"path": {"id": conversation_of(s, state)}, "body": {"user_id": somebody(s)}},
            {
                "group": "201 201 403 403 403 404 403",
                "direct": "409 404 409 404 404 404 409",
            },
        ),
        "changeRole": Row(
            lambda s, state, p: {"path": {"id": s.group, "user_id": getattr(s.cast, state.split()[0]).id}, "body": {"role": state.split()[1]}},
            {
                "member admin": "200 200 403 403 403 404 403",
                "newcomer owner": "200 403 403 403 403 404 403",
                "admin member": "200 403 403 403 403 404 403",
                "former member": "404 404 404 404 403 404 404",
                "stranger member": "404 404 404 404 403 404 404",
            },
        ),
        "removeMember": Row(
            lambda s, state, p: {"path": {"id": s.group, "user_id": p.id if state == "oneself" else getattr(s.cast, state).id}},
            {
                "member": "200 200 200 403 403 404 200",
                "admin": "200 200 403 403 403 404 403",
                "owner": "409 403 403 403 403 404 403",
                "former": "404 404 404 404 403 404 404",
                "stranger": "404 404 404 404 403 404 404",
                "oneself": "409 200 200 200 403 404 200",
            },
        ),
        "sync": Row(
            plain(query={"cursor": ""}),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "streamEvents": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "createUser": Row(
            lambda s, state, p: {"body": {"phone": phone()}},
            {
                "new": "403 403 403 403 403 403 201",
            },
        ),
        "listUsers": Row(
            plain(),
            {
                "any": "403 403 403 403 403 403 200",
            },
        ),
        "getUser": Row(
            lambda s, state, p: {"path": {"id": other_user(s, state)}},
            {
                "of": "200 200 200 200 200 200 200",
                "another": "200 200 200 200 200 200 200",
            },
        ),
        "updateUser": Row(
            lambda s, state, p: {"path": {"id": other_user(s, state)}, "body": {"about": "x"}},
            {
                "of": "403 403 200 403 403 403 200",
                "another": "403 403 403 403 403 200 422",
            },
        ),
        "getUserByUsername": Row(
            plain(path={"username": "alice"}),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "getUserByPhone": Row(
            plain(path={"phone": "+14155550101"}),
            {
                "any": "403 403 403 403 403 403 200",
            },
        ),
        "getMe": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "createSession": Row(
            lambda s, state, p: {"path": {"id": other_user(s, state)}, "body": {}},
            {
                "of": "403 403 403 403 403 403 201",
                "another": "403 403 403 403 403 403 201",
            },
        ),
        "listSessions": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "revokeOtherSessions": Row(
            plain(),
            {
                "any": "204 204 204 204 204 204 403",
            },
        ),
        "requestCode": Row(
            plain(body={"phone": "+14155559999", "device_nonce": "n" * 16}),
            {
                "any": "202 202 202 202 202 202 202",
            },
        ),
        "signInByJwt": Row(
            plain(body={"token": "x"}),
            {
                "no issuer": "503 503 503 503 503 503 503",
            },
        ),
        "signIn": Row(
            plain(body=PROOF),
            {
                "any": "403 403 403 403 403 403 403",
            },
        ),
        "changePhone": Row(
            plain(body=PROOF),
            {
                "any": "403 403 403 403 403 403 403",
            },
        ),
        "setPin": Row(
            plain(body={"pin": "1234"}),
            {
                "any": "204 204 204 204 204 204 403",
            },
        ),
        "removePin": Row(
            plain(),
            {
                "any": "204 204 204 204 204 204 403",
            },
        ),
        "createTicket": Row(
            plain(body={}),
            {
                "any": "201 201 201 201 201 201 403",
            },
        ),
        "renameSession": Row(
            lambda s, state, p: {"path": {"id": s.cast.member.session_id}, "body": {"device_name": "x"}},
            {
                "of_member": "404 404 200 404 404 404 200",
            },
        ),
        "revokeSession": Row(
            lambda s, state, p: {"path": {"id": spare_session(s)}},
            {
                "of_member": "404 404 204 404 404 404 204",
            },
        ),
        "createKey": Row(
            plain(body={"name": "made"}),
            {
                "any": "403 403 403 403 403 403 201",
            },
        ),
        "listKeys": Row(
            plain(),
            {
                "any": "403 403 403 403 403 403 200",
            },
        ),
        "listAudit": Row(
            plain(),
            {
                "any": "403 403 403 403 403 403 200",
            },
        ),
        "revokeKey": Row(
            lambda s, state, p: {"path": {"id": spare_key(s)}},
            {
                "any": "403 403 403 403 403 403 204",
            },
        ),
        "getHealth": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "getReadiness": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "getPresence": Row(
            lambda s, state, p: {"query": {"user_ids": s.cast.member.id}},
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "getMetrics": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "getOpenapi": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "getAsyncapi": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "registerForm": Row(
            lambda s, state, p: {"body": {"phoneNumber": phone(), "deviceNonce": "n" * 16}},
            {
                "any": "403 403 403 403 403 403 201",
            },
        ),
        "getUserForm": Row(
            lambda s, state, p: {"path": {"id": other_user(s, state)}},
            {
                "of": "200 200 200 200 200 200 200",
                "another": "200 200 200 200 200 200 200",
            },
        ),
        "sendForm": Row(
            lambda s, state, p: {"body": {"content": "hi", **({"chatId": s.group} if state == "group" else {"receiverId": s.cast.owner.id})}},
            {
                "group": "201 201 201 201 403 404 201",
                "user": "201 201 201 201 201 201 201",
            },
        ),
        "fetchForm": Row(
            lambda s, state, p: {"query": {"chatId": conversation_of(s, state)}},
            {
                "group": "200 200 200 200 200 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "updateStatusForm": Row(
            plain(body={"status": "offline"}),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "openUsersConversation": Row(
            lambda s, state, p: {"path": {"user_id": other_user(s, state)}, "body": {"recipient": s.cast.owner.id}},
            {
                "of": "403 403 200 403 403 403 200",
                "another": "403 403 403 403 403 200 422",
            },
        ),
        "listUsersConversations": Row(
            lambda s, state, p: {"path": {"user_id": other_user(s, state)}},
            {
                "of": "403 403 200 403 403 403 200",
                "another": "403 403 403 403 403 200 422",
            },
        ),
        "sendAsUser": Row(
            lambda s, state, p: {"path": {"user_id": p.id or s.cast.member.id, "conversation_id": conversation_of(s, state)}, "body": {"content": "hi"}},
            {
                "group": "201 201 201 201 403 404 201",
                "direct": "201 404 201 404 404 404 201",
            },
        ),
        "listUsersMessages": Row(
            lambda s, state, p: {"path": {"user_id": p.id or s.cast.member.id, "conversation_id": conversation_of(s, state)}},
            {
                "group": "200 200 200 200 200 404 200",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "listNotifications": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "markNotificationsRead": Row(
            plain(body={"all": True}),
            {
                "any": "204 204 204 204 204 204 204",
            },
        ),
        "fetchNotificationsForm": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "readNotificationsForm": Row(
            plain(body={"all": True}),
            {
                "any": "204 204 204 204 204 204 204",
            },
        ),
        "sendAlert": Row(
            lambda s, state, p: {"body": {"user_ids": [s.cast.member.id], "text": s.cast.canaries.new(s.cast.member)}},
            {
                "any": "403 403 403 403 403 403 204",
            },
        ),
        "createUserForm": Row(
            lambda s, state, p: {"body": {"phone": phone()}},
            {
                "new": "403 403 403 403 403 403 201",
            },
        ),
    }
)

WEBSOCKET.update(
    {
        "send": Row(
            lambda s, state, p: {"conversation_id": conversation_of(s, state), "content": "hi"},
            {
                "group": "ok ok ok ok permission_denied not_found ok",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "edit": Row(
            lambda s, state, p: {"message_id": s.messages[state], "content": "edited"},
            {
                "old": "permission_denied permission_denied ok not_found permission_denied not_found ok",
                "middle": "permission_denied permission_denied ok not_found permission_denied not_found ok",
                "new": "permission_denied permission_denied ok permission_denied permission_denied not_found ok",
                "deleted": "permission_denied permission_denied conflict permission_denied permission_denied not_found conflict",
                "direct": "permission_denied not_found ok not_found not_found not_found ok",
            },
        ),
        "delete": Row(
            lambda s, state, p: {"message_id": s.messages[state.split()[0]], "for": state.split()[1]},
            {
                "old everyone": "ok ok ok not_found permission_denied not_found ok",
                "middle everyone": "ok ok ok not_found permission_denied not_found ok",
                "new everyone": "ok ok ok permission_denied permission_denied not_found ok",
                "direct everyone": "permission_denied not_found ok not_found not_found not_found ok",
                "old me": "ok ok ok not_found permission_denied not_found ok",
                "middle me": "ok ok ok not_found permission_denied not_found ok",
                "new me": "ok ok ok ok permission_denied not_found ok",
                "direct me": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "forward": Row(
            lambda s, state, p: {"message_id": s.messages[state], "conversation_id": saved(p)},
            {
                "old": "ok ok ok not_found ok not_found ok",
                "middle": "ok ok ok not_found not_found not_found ok",
                "new": "ok ok ok ok not_found not_found ok",
                "deleted": "conflict conflict conflict conflict not_found not_found conflict",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "react": Row(
            lambda s, state, p: {"message_id": s.messages[state], "emoji": "👍"},
            {
                "old": "ok ok ok not_found permission_denied not_found ok",
                "middle": "ok ok ok not_found permission_denied not_found ok",
                "new": "ok ok ok ok permission_denied not_found ok",
                "deleted": "conflict conflict conflict conflict permission_denied not_found conflict",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "unreact": Row(
            lambda s, state, p: {"message_id": s.messages[state], "emoji": "👍"},
            {
                "old": "ok ok ok not_found permission_denied not_found ok",
                "middle": "ok ok ok not_found permission_denied not_found ok",
                "new": "ok ok ok ok permission_denied not_found ok",
                "deleted": "conflict conflict conflict conflict permission_denied not_found conflict",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "pin": Row(
            lambda s, state, p: {"message_id": s.messages[state]},
            {
                "old": "ok ok permission_denied not_found permission_denied not_found permission_denied",
                "middle": "ok ok permission_denied not_found permission_denied not_found permission_denied",
                "new": "ok ok permission_denied permission_denied permission_denied not_found permission_denied",
                "deleted": "conflict conflict permission_denied permission_denied permission_denied not_found permission_denied",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "unpin": Row(
            lambda s, state, p: {"message_id": s.messages[state]},
            {
                "old": "ok ok permission_denied not_found permission_denied not_found permission_denied",
                "middle": "ok ok permission_denied not_found permission_denied not_found permission_denied",
                "new": "ok ok permission_denied permission_denied permission_denied not_found permission_denied",
                "deleted": "conflict conflict permission_denied permission_denied permission_denied not_found permission_denied",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "delivered": Row(
            lambda s, state, p: {"message_id": s.messages[state]},
            {
                "old": "ok ok ok ok permission_denied not_found ok",
                "middle": "ok ok ok ok permission_denied not_found ok",
                "new": "ok ok ok ok permission_denied not_found ok",
                "deleted": "ok ok ok ok permission_denied not_found ok",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "read": Row(
            lambda s, state, p: {"message_id": s.messages[state]},
            {
                "old": "ok ok ok ok permission_denied not_found ok",
                "middle": "ok ok ok ok permission_denied not_found ok",
                "new": "ok ok ok ok permission_denied not_found ok",
                "deleted": "ok ok ok ok permission_denied not_found ok",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "read_all": Row(
            plain(),
            {
                "any": "ok ok ok ok ok ok ok",
            },
        ),
        "unread": Row(
            lambda s, state, p: {"message_id": s.messages[state]},
            {
                "old": "ok ok ok invalid_argument permission_denied not_found ok",
                "middle": "ok ok ok invalid_argument permission_denied not_found ok",
                "new": "ok ok ok ok permission_denied not_found ok",
                "deleted": "ok ok ok ok permission_denied not_found ok",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "receipts": Row(
            lambda s, state, p: {"message_id": s.messages[state], "state": "read"},
            {
                "old": "ok ok ok not_found permission_denied not_found ok",
                "middle": "ok ok ok not_found permission_denied not_found ok",
                "new": "ok ok ok ok permission_denied not_found ok",
                "deleted": "ok ok ok ok permission_denied not_found ok",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "sessions": Row(
            plain(),
            {
                "any": "ok ok ok ok ok ok ok",
            },
        ),
        "close_session": Row(
            lambda s, state, p: {"session_id": spare_session(s)},
            {
                "of_member": "not_found not_found ok not_found not_found not_found ok",
            },
        ),
        "typing": Row(
            lambda s, state, p: {"conversation_id": conversation_of(s, state)},
            {
                "group": "ok ok ok ok permission_denied not_found ok",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "recording": Row(
            lambda s, state, p: {"conversation_id": conversation_of(s, state)},
            {
                "group": "ok ok ok ok permission_denied not_found ok",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "presence": Row(
            lambda s, state, p: {"user_ids": [s.cast.member.id]},
            {
                "any": "ok ok ok ok ok ok ok",
            },
        ),
        "away": Row(
            plain(away=False),
            {
                "any": "ok ok ok ok ok ok ok",
            },
        ),
        "history": Row(
            lambda s, state, p: {"conversation_id": conversation_of(s, state)},
            {
                "group": "ok ok ok ok ok not_found ok",
                "direct": "ok not_found ok not_found not_found not_found ok",
            },
        ),
        "conversations": Row(
            plain(),
            {
                "any": "ok ok ok ok ok ok ok",
            },
        ),
        "open_direct": Row(
            lambda s, state, p: {"user_id": s.cast.owner.id},
            {
                "any": "ok ok ok ok ok ok ok",
            },
        ),
        "ping": Row(
            plain(),
            {
                "any": "ok ok ok ok ok ok ok",
            },
        ),
    }
)
