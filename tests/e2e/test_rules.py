# SPDX-License-Identifier: Apache-2.0
"""Who may do what in a group, who comes in, who reads what was said before, and who blocks whom:
each rule over HTTP, over the WebSocket, and on every way out."""

import json
import time

import pytest

from api import World
from test_fallbacks import Events
from test_realtime import connect, run


@pytest.fixture(scope="session")
def world(msgd):
    made = World(msgd)
    made.address = msgd.address
    return made


def say(person, conversation, content="hi", **fields):
    return person.post(f"/conversations/{conversation}/messages", {"content": content, **fields})


def said(*arguments, **fields):
    answer = say(*arguments, **fields)
    assert answer.status == 201, answer
    return answer.json


def rule(person, group, **rules):
    answer = person.patch(f"/conversations/{group}/rules", rules)
    assert answer.status == 200, answer
    return answer.json["rules"]


def direct(a, b):
    return a.post("/conversations", {"kind": "direct", "user_id": b.id})


def is_denied(answer):
    assert (answer.status, answer.code) == (403, "permission_denied"), answer


def refused(reply, code="permission_denied"):
    assert not reply["ok"] and reply["error"]["code"] == code, reply
    return reply["error"]


# Rules of a group -------------------------------------------------------------------------------


def test_members_are_told_of_rules_and_only_admins_change_them(world):
    alice, bob, stranger = world.people(3)
    group = world.group(alice, bob)
    path = f"/conversations/{group}/rules"
    is_denied(bob.patch(path, {"send": "member"}))
    assert stranger.patch(path, {"send": "member"}).status == 404
    cursor = bob.get("/sync").json["cursor"]

    async def play():
        async with connect(world, bob) as at_bob:
            wanted = rule(alice, group, send="admin", slow_mode_s=7)
            told = (await at_bob.event("conversation"))["conversation"]
            assert told["id"] == group and told["rules"] == wanted
            page = await at_bob.ok("conversations")
            assert [v["conversation"]["rules"] for v in page["items"]] == [wanted]

    run(play())
    synced = bob.get("/sync", cursor=cursor).json["conversations"]
    assert synced[0]["view"]["conversation"]["rules"]["slow_mode_s"] == 7
    alice.patch(f"/conversations/{group}/members/{bob.id}", {"role": "admin"})
    rule(bob, group, slow_mode_s=0)
    is_denied(bob.patch(path, {"rename": "owner"}))
    rule(alice, group, rename="owner")
    is_denied(bob.patch(path, {"rename": "member"}))
    chat = direct(alice, bob).json["id"]
    assert alice.patch(f"/conversations/{chat}/rules", {"send": "member"}).code == "conflict"


def test_announcements_come_from_admins(world):
    alice, bob = world.people(2)
    group, other = world.group(alice, bob), world.group(bob)
    kept = said(bob, group, "before", client_id="k")
    elsewhere = said(bob, other, "of mine")
    rule(alice, group, send="admin")
    is_denied(say(bob, group))
    is_denied(bob.post("/messages", {"group_id": group, "content": "x"}))
    is_denied(bob.post(f"/messages/{elsewhere['id']}/forward", {"conversation_id": group}))
    assert said(bob, group, "before", client_id="k")["id"] == kept["id"]

    async def play():
        async with connect(world, bob) as at_bob:
            refused(await at_bob.request("send", conversation_id=group, content="x"))
            refused(await at_bob.request("forward", message_id=elsewhere["id"], conversation_id=group))
            news = said(alice, group, "news")
            assert (await at_bob.event("message"))["message"]["content"] == "news"
            await at_bob.ok("react", message_id=news["id"], emoji="+1")

    run(play())


def test_pins_names_and_members_follow_their_rules(world):
    alice, bob, carol = world.people(3)
    group = world.group(alice, bob)
    message = said(bob, group)
    attempts = {
        "pin": lambda: bob.post(f"/messages/{message['id']}/pin"),
        "rename": lambda: bob.patch(f"/conversations/{group}", {"title": "Ours"}),
        "add": lambda: bob.post(f"/conversations/{group}/members", {"user_id": carol.id}),
    }
    for name, attempt in attempts.items():
        is_denied(attempt())
        if name == "add":
            is_denied(bob.post(f"/conversations/{group}/invitations"))
            is_denied(bob.get(f"/conversations/{group}/invitations"))
            is_denied(bob.get(f"/conversations/{group}/join-requests"))
        rule(alice, group, **{name: "member"})
        assert attempt().status < 300
    king = bob.post(f"/conversations/{group}/members", {"user_id": world.person().id, "role": "admin"})
    is_denied(king)

    async def play():
        async with connect(world, bob) as at_bob:
            await at_bob.ok("unpin", message_id=message["id"])
            rule(alice, group, pin="admin")
            refused(await at_bob.request("pin", message_id=message["id"]))

    run(play())


def test_slow_mode_says_when_to_come_back(world):
    alice, bob = world.people(2)
    group = world.group(alice, bob)
    rule(alice, group, slow_mode_s=600)
    first = said(bob, group, "first", client_id="1")
    answer = say(bob, group, "second", client_id="2")
    assert (answer.status, answer.code) == (429, "rate_limited"), answer
    assert 590 <= int(answer.headers["Retry-After"]) <= 600
    assert said(bob, group, "first", client_id="1")["id"] == first["id"]
    for _ in range(3):
        said(alice, group)

    async def play():
        async with connect(world, bob) as at_bob:
            reply = await at_bob.request("send", conversation_id=group, content="x")
            assert 590_000 <= refused(reply, "rate_limited")["retry_after_ms"] <= 600_000
            rule(alice, group, slow_mode_s=0)
            await at_bob.ok("send", conversation_id=group, content="x")

    run(play())


# History ----------------------------------------------------------------------------------------

CANARY = "canary-of-before"
THE_END = "that is all"


def ways_out(world, person, group):
    """Everything by which a member is shown messages of a group, as text."""
    place = f"/conversations/{group}"
    yield person.get("/conversations").body
    yield person.get(place).body
    yield person.get("/sync").body
    for query in ({}, {"order": "asc"}, {"around": 1}, {"before": 3}, {"after": 0},
                  {"from": "2020-01-01T00:00:00Z"}):
        yield person.get(f"{place}/messages", **query).body
        yield person.get("/messages", group_id=group, **query).body
    yield person.get(f"{place}/pins").body
    for seq in (1, 2):
        for what in ("", "/status", "/recipients", "/reactions", "/revisions", "/origin"):
            yield person.get(f"/messages/{group}-{seq}{what}").body
        yield person.get(f"/messages/{group}-{seq}/receipts", state="read").body

    replies = []

    async def play():
        async with connect(world, person) as live:
            replies.append(await live.request("history", conversation_id=group))
            replies.append(await live.request("history", conversation_id=group, around=1))
            replies.append(await live.request("conversations"))
            replies.append(await live.request("receipts", message_id=f"{group}-1", state="read"))

    run(play())
    yield json.dumps(replies)


@pytest.mark.parametrize("shown", [False, True])
def test_history_for_newcomers_on_every_way_out(world, shown):
    alice, bob, carol = world.people(3)
    group = world.group(alice, bob)
    rule(alice, group, history_for_newcomers=shown)
    old = said(alice, group, f"{CANARY} 1")
    assert alice.patch(f"/messages/{old['id']}", {"content": f"{CANARY} 1, edited"}).status == 200
    said(alice, group, f"{CANARY} 2", reply_to=1)
    assert alice.post(f"/messages/{old['id']}/pin").status == 200

    frames = []
    with Events(world, carol) as stream:
        assert stream.read()["event"] == "live"

        async def play():
            async with connect(world, carol) as at_carol:
                added = alice.post(f"/conversations/{group}/members", {"user_id": carol.id})
                assert added.status == 201, added
                assert added.json["visible_from"] == (1 if shown else 3)
                # Something happens to what was said before, and is quoted.
                assert bob.post(f"/messages/{old['id']}/reactions", {"emoji": "+1"}).status < 300
                said(alice, group, "answer", reply_to=1)
                said(alice, group, THE_END)
                while not frames or THE_END not in json.dumps(frames[-1]):
                    frames.append(await at_carol.receive())

        run(play())
        assert (CANARY in json.dumps(frames)) == shown
        streamed = []
        while not streamed or THE_END not in json.dumps(streamed[-1]):
            streamed.append(stream.read())
        assert (CANARY in json.dumps(streamed)) == shown

    assert any(CANARY in text for text in ways_out(world, carol, group)) == shown
    to_bob = {"conversation_id": direct(carol, bob).json["id"]}
    onward = carol.post(f"/messages/{old['id']}/forward", to_bob)
    quoted = say(carol, group, "and I say", reply_to=1)
    reaction = carol.post(f"/messages/{old['id']}/reactions", {"emoji": "x"})
    if shown:
        assert onward.json["content"] == f"{CANARY} 1, edited"
        assert quoted.status == 201 and reaction.status < 300
    else:
        assert (onward.status, quoted.status, reaction.status) == (404, 422, 404)
    # To read it is not to have been told it then.
    status = alice.get(f"/messages/{old['id']}/status").json
    assert status["recipient_count"] == 1
    # And who left reads nothing of later.
    assert alice.delete(f"/conversations/{group}/members/{carol.id}").status == 200
    said(alice, group, "later-canary")
    assert not any("later-canary" in text for text in ways_out(world, carol, group))
    former = carol.get(f"/conversations/{group}").json["conversation"]
    assert former["rules"]["history_for_newcomers"] is False


# Ways in ----------------------------------------------------------------------------------------


def test_invitations_end_by_count_time_and_hand(world):
    alice, *others = world.people(6)
    group = world.group(alice)

    def invite(**fields):
        made = alice.post(f"/conversations/{group}/invitations", fields)
        assert made.status == 201, made
        return made.json["token"]

    def join(person, token):
        return person.post("/conversations/join", {"token": token}).status

    twice = invite(uses_max=2)
    assert [join(p, twice) for p in (others[0], others[0], others[1], others[2])] == [200, 200, 200, 404]
    short = invite(lifetime_s=1)
    until = alice.get(f"/conversations/{group}/invitations").json["items"][0]["expires_at"]
    assert until is not None
    deadline = time.monotonic() + 10
    while alice.get(f"/conversations/{group}/invitations").json["items"]:
        assert time.monotonic() < deadline
    assert join(others[2], short) == 404
    revoked = invite()
    assert others[3].delete(f"/invitations/{revoked}").status == 404, "a stranger knows no group"
    is_denied(others[0].delete(f"/invitations/{revoked}"))
    assert alice.delete(f"/invitations/{revoked}").status == 204
    assert join(others[2], revoked) == 404
    rule(alice, group, members_max=3)
    full = others[2].post("/conversations/join", {"token": invite()})
    assert (full.status, full.code) == (409, "conflict")


def test_who_asks_sees_nothing_until_let_in(world):
    alice, bob, carol = world.people(3)
    group = world.group(alice, bob)
    said(alice, group, CANARY)
    token = alice.post(f"/conversations/{group}/invitations", {"needs_approval": True}).json["token"]
    assert carol.post("/conversations/join", {"token": token}).status == 202
    assert not any(CANARY in text for text in ways_out(world, carol, group))
    assert say(carol, group).status == 404
    is_denied(bob.post(f"/conversations/{group}/join-requests/{carol.id}"))
    is_denied(bob.delete(f"/conversations/{group}/join-requests/{carol.id}"))
    assert carol.post(f"/conversations/{group}/join-requests/{carol.id}").status == 404

    async def play():
        async with connect(world, carol) as at_carol, connect(world, bob) as at_bob:
            assert alice.post(f"/conversations/{group}/join-requests/{carol.id}").status == 201
            for live in (at_carol, at_bob):
                assert (await live.event("member"))["member"]["user_id"] == carol.id
            await at_carol.ok("send", conversation_id=group, content="here I am")

    run(play())


# Between two users ------------------------------------------------------------------------------


def test_blocked_users_send_each_other_nothing(world):
    alice, bob, carol = world.people(3)
    chat = direct(alice, bob).json["id"]
    group = world.group(carol, alice, bob)
    old, of_bob = said(alice, chat, "old"), said(bob, chat, "of bob")
    mine = said(bob, group, "in the group")
    assert alice.put(f"/me/blocks/{bob.id}").status == 200

    for person, peer, own in ((alice, bob, old), (bob, alice, of_bob)):
        is_denied(say(person, chat))
        is_denied(person.post("/messages", {"receiver_id": peer.id, "content": "x"}))
        is_denied(person.post(f"/messages/{mine['id']}/forward", {"conversation_id": chat}))
        is_denied(person.post(f"/messages/{old['id']}/reactions", {"emoji": "x"}))
        is_denied(person.patch(f"/messages/{own['id']}", {"content": "x"}))
        is_denied(person.post(f"/messages/{old['id']}/pin"))
        is_denied(person.post(f"/conversations/{chat}/typing"))
        assert len(person.get(f"/conversations/{chat}/messages").json["items"]) == 2

    async def play():
        async with connect(world, bob) as at_bob:
            for op, fields in (
                ("send", {"conversation_id": chat, "content": "x"}),
                ("send", {"receiver_id": alice.id, "content": "x"}),
                ("forward", {"message_id": mine["id"], "conversation_id": chat}),
                ("react", {"message_id": old["id"], "emoji": "x"}),
                ("edit", {"message_id": of_bob["id"], "content": "x"}),
                ("pin", {"message_id": old["id"]}),
                ("typing", {"conversation_id": chat}),
                ("recording", {"conversation_id": chat}),
            ):
                refused(await at_bob.request(op, **fields))
            await at_bob.ok("send", conversation_id=group, content="still here")

    run(play())
    # Bob does not bring her into his groups, and she hears of none of it.
    mean = world.group(bob)
    is_denied(bob.post(f"/conversations/{mean}/members", {"user_id": alice.id}))
    is_denied(bob.post("/conversations", {"kind": "group", "title": "x", "user_ids": [alice.id]}))
    assert alice.delete(f"/me/blocks/{bob.id}").status == 204
    said(bob, chat, "again")


def test_a_block_holds_before_they_ever_talked(world):
    alice, bob = world.people(2)
    assert alice.put(f"/me/blocks/{bob.id}").status == 200
    is_denied(direct(bob, alice))
    is_denied(direct(alice, bob))
    is_denied(bob.post("/messages", {"receiver_id": alice.id, "content": "x"}))

    async def play():
        async with connect(world, bob) as at_bob:
            refused(await at_bob.request("open_direct", user_id=alice.id))
            refused(await at_bob.request("send", receiver_id=alice.id, content="x"))

    run(play())
    assert alice.get("/conversations").json["items"] == []
    assert alice.delete(f"/me/blocks/{bob.id}").status == 204
    assert direct(bob, alice).status == 200


def test_a_direct_conversation_waits_for_acceptance_where_it_is_asked_for(start_msgd):
    world = World(start_msgd("--direct-needs-acceptance"))
    alice, bob, carol = world.people(3)
    chat = direct(alice, bob).json
    assert chat["awaits"] == bob.id
    said(alice, chat["id"], "may I?")
    is_denied(say(alice, chat["id"]))
    is_denied(alice.post(f"/conversations/{chat['id']}/accept"))
    assert carol.post(f"/conversations/{chat['id']}/accept").status == 404

    async def play():
        async with connect(world, alice) as at_alice:
            refused(await at_alice.request("send", receiver_id=bob.id, content="well?"))
            assert bob.post(f"/conversations/{chat['id']}/accept").json["awaits"] is None
            told = (await at_alice.event("conversation"))["conversation"]
            assert told["id"] == chat["id"] and told["awaits"] is None
            await at_alice.ok("send", receiver_id=bob.id, content="thanks")

    run(play())
    other = direct(carol, bob).json["id"]
    said(carol, other)
    said(bob, other, "who answers accepts")
    said(carol, other)


def test_joins_are_counted_with_groups(start_msgd):
    server = start_msgd("--rate-groups=2:0.001", rate_limits=True)
    alice = World(server).person()
    statuses = [alice.post("/conversations/join", {"token": "mil_" + "A" * 32}).status
                for _ in range(4)]
    assert statuses == [404, 404, 429, 429]
