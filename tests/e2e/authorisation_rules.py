# SPDX-License-Identifier: Apache-2.0
"""Rows of the authorisation table for the rules of groups, the ways into them, and blocks; and what rules make of the
operations that were there before."""

from authorisation_table import HTTP, WEBSOCKET, Row, conversation, conversation_of, plain, somebody


def invitation(scene, **fields):
    made = scene.cast.owner.post(f"/conversations/{scene.group}/invitations", fields)
    assert made.status == 201, made
    return made.json["token"]


def asking(scene):
    """Somebody who asks to join."""
    person = scene.cast.log_in(somebody(scene))
    token = invitation(scene, needs_approval=True)
    assert person.post("/conversations/join", {"token": token}).status == 202
    return person.id


def joining(scene, state, principal):
    if state == "unknown":
        return {"body": {"token": "mil_" + "A" * 32}}
    if state == "open" and principal.id:  # who is in sees what it is called
        scene.cast.canaries.show(scene.title, principal)
    return {"body": {"token": invitation(scene, needs_approval=state == "approval")}}


def answering(scene, state, _):
    return {"path": {"id": scene.group, "user_id": asking(scene) if state == "asks" else scene.cast.stranger.id}}


def set_rules(scene, **rules):
    assert scene.cast.owner.patch(f"/conversations/{scene.group}/rules", rules).status == 200


def where_rules_hold(scene, state, principal):
    """A conversation in which rules, or a block, say who sends."""
    if state == "announcements":
        set_rules(scene, send="admin")
    elif state == "slow":
        set_rules(scene, slow_mode_s=600)
        principal.post(f"/conversations/{scene.group}/messages", {"content": "before"})
    elif state == "blocked":
        other = scene.cast.log_in(somebody(scene))
        opened = principal.post("/conversations", {"kind": "direct", "user_id": other.id})
        if opened.status == 200:
            assert other.put(f"/me/blocks/{principal.id}").status == 200
            return opened.json["id"]
    return conversation_of(scene, state)


HTTP.update(
    {
        "changeRules": Row(
            lambda s, state, p: {
                "path": {"id": conversation_of(s, state)},
                "body": {"send": "owner"} if state == "owners" else {"slow_mode_s": 0},
            },
            {
                "group": "200 200 403 403 403 404 403",
                "owners": "200 403 403 403 403 404 403",
                "direct": "409 404 409 404 404 404 409",
            },
        ),
        "createInvitation": Row(
            conversation(body={}),
            {
                "group": "201 201 403 403 403 404 403",
                "direct": "409 404 409 404 404 404 409",
            },
        ),
        "listInvitations": Row(
            conversation(),
            {
                "group": "200 200 403 403 403 404 403",
                "direct": "409 404 409 404 404 404 409",
            },
        ),
        "revokeInvitation": Row(
            lambda s, state, p: {"path": {"token": invitation(s)}},
            {
                "any": "204 204 403 403 403 404 403",
            },
        ),
        "joinConversation": Row(
            joining,
            {
                "open": "200 200 200 200 200 200 200",
                "approval": "200 200 200 200 202 202 200",
                "unknown": "404 404 404 404 404 404 404",
            },
        ),
        "listJoinRequests": Row(
            conversation(),
            {
                "group": "200 200 403 403 403 404 403",
                "direct": "409 404 409 404 404 404 409",
            },
        ),
        "acceptJoinRequest": Row(
            answering,
            {
                "asks": "201 201 403 403 403 404 403",
                "does not ask": "404 404 403 403 403 404 403",
            },
        ),
        "declineJoinRequest": Row(
            answering,
            {
                "asks": "204 204 403 403 403 404 403",
                "does not ask": "404 404 403 403 403 404 403",
            },
        ),
        "acceptDirect": Row(
            conversation(),
            {
                "group": "409 409 409 409 403 404 409",
                "direct": "200 404 200 404 404 404 200",
            },
        ),
        "blockUser": Row(
            lambda s, state, p: {"path": {"user_id": somebody(s)}},
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "unblockUser": Row(
            lambda s, state, p: {"path": {"user_id": somebody(s)}},
            {
                "any": "204 204 204 204 204 204 204",
            },
        ),
        "listBlocks": Row(
            plain(),
            {
                "any": "200 200 200 200 200 200 200",
            },
        ),
        "sendToConversation": Row(
            lambda s, state, p: {"path": {"id": where_rules_hold(s, state, p)}, "body": {"content": "hi"}},
            {
                **HTTP["sendToConversation"].wanted,
                "announcements": "201 201 403 403 403 404 403",
                "slow": "201 201 429 429 403 404 429",
                "blocked": "403 403 403 403 403 403 403",
            },
        ),
    }
)

WEBSOCKET["send"] = Row(
    lambda s, state, p: {"conversation_id": where_rules_hold(s, state, p), "content": "hi"},
    {
        **WEBSOCKET["send"].wanted,
        "announcements": "ok ok permission_denied permission_denied permission_denied not_found permission_denied",
        "slow": "ok ok rate_limited rate_limited permission_denied not_found rate_limited",
        "blocked": " ".join(["permission_denied"] * 7),
    },
)


def opened_to_members(rows, name, rule):
    """A further state of an operation: one rule lets every member do it."""
    row = rows[name]

    def request(scene, state, principal):
        if state != "any member":
            return row.request(scene, state, principal)
        set_rules(scene, **{rule: "member"})
        return row.request(scene, "new" if rule == "pin" else "group", principal)

    done = {"addMember": "201"}.get(name, "200") if rows is HTTP else "ok"
    denied, unknown = ("403", "404") if rows is HTTP else ("permission_denied", "not_found")
    wanted = " ".join([done] * 4 + [denied, unknown, done])
    rows[name] = Row(request, {**row.wanted, "any member": wanted})


opened_to_members(HTTP, "renameConversation", "rename")
opened_to_members(HTTP, "addMember", "add")
opened_to_members(HTTP, "pinMessage", "pin")
opened_to_members(HTTP, "unpinMessage", "pin")
opened_to_members(WEBSOCKET, "pin", "pin")
opened_to_members(WEBSOCKET, "unpin", "pin")
