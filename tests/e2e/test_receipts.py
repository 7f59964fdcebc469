# SPDX-License-Identifier: Apache-2.0
"""Receipts in all their forms, privacy of reading, what a resumption is worth, and one's sessions."""

import pytest

from api import World
from test_realtime import closed_with, connect, run


@pytest.fixture(scope="session")
def world(msgd):
    return World(msgd)


def direct(person, other, count):
    for i in range(count):
        sent = person.post("/messages", {"receiver_id": other.id, "content": f"m{i + 1}"})
        assert sent.status == 201, sent
    return sent.json["conversation_id"]


def test_reading_everything_and_marking_unread(world):
    alice, bob, carol = world.people(3)
    chat = direct(alice, bob, 3)
    direct(carol, bob, 2)
    assert bob.post("/conversations/read").json == {"marked": 2}
    assert bob.post("/conversations/read").json == {"marked": 0}
    mark = bob.post(f"/conversations/{chat}/unread", {"seq": 2})
    assert mark.json == {"conversation_id": chat, "unread_from": 2, "unread_count": 2}
    view = bob.get(f"/conversations/{chat}").json
    assert (view["unread_from"], view["unread_count"], view["self"]["read"]) == (2, 2, 3)
    assert alice.get(f"/messages/{chat}-3/status").json["status"] == "read"
    for seq, status in ((0, 422), (4, 422), ("x", 422), (None, 422)):
        assert bob.post(f"/conversations/{chat}/unread", {"seq": seq}).status == status
    assert carol.post(f"/conversations/{chat}/unread", {"seq": 1}).status == 404
    assert world.nobody.post("/conversations/read").status == 401


def test_preferences_are_ones_own_and_told_to_all_devices(world):
    alice, bob, carol = world.people(3)
    chat = direct(alice, bob, 1)
    path = f"/conversations/{chat}/preferences"
    until = "2999-01-01T00:00:00.000Z"

    async def play():
        async with connect(world, bob) as phone, connect(world, bob) as desk, connect(world, alice) as other:
            answer = bob.patch(path, {"pinned": True})
            assert answer.json == {"pinned": True, "archived": False, "muted_until": None}
            answer = bob.patch(path, {"muted_until": until})
            assert answer.json == {"pinned": True, "archived": False, "muted_until": until}
            for device in (phone, desk):
                told = [await device.event("preferences") for _ in range(2)]
                assert [e["conversation_id"] for e in told] == [chat, chat]
                assert told[1]["preferences"] == answer.json
            await other.ok("typing", conversation_id=chat)
            assert not [e for e in other.events if e["event"] == "preferences"]
            assert bob.get(f"/conversations/{chat}").json["preferences"] == answer.json
            assert not alice.get(f"/conversations/{chat}").json["preferences"]["pinned"]

    run(play())
    assert bob.patch(path, {"pinned": False, "muted_until": None}).json["muted_until"] is None
    for wrong in ({"pinned": 1}, {"archived": "x"}, {"muted_until": "soon"}):
        assert bob.patch(path, wrong).status == 422, wrong
    assert carol.patch(path, {"pinned": True}).status == 404


def test_marks_over_the_websocket(world):
    alice, bob = world.people(2)
    chat = direct(alice, bob, 3)

    async def play():
        async with connect(world, bob) as phone, connect(world, bob) as desk:
            member = await phone.ok("read", message_id=f"{chat}-2")
            assert member["read"] == 2
            assert await phone.ok("read_all") == {"marked": 1}
            mark = await phone.ok("unread", message_id=f"{chat}-3")
            assert (mark["unread_from"], mark["unread_count"]) == (3, 1)
            told = await desk.event("unread")
            assert (told["conversation_id"], told["unread_from"]) == (chat, 3)
            await phone.ok("read", conversation_id=chat, seq=3)
            assert (await desk.event("unread"))["unread_from"] is None
            page = await phone.ok("receipts", message_id=f"{chat}-1", state="read")
            assert [item["user_id"] for item in page["items"]] == [bob.id]
            for fields in (
                {"message_id": f"{chat}-1"},
                {"message_id": f"{chat}-1", "state": "sent"},
                {"message_id": "x", "state": "read"},
            ):
                reply = await phone.request("receipts", **fields)
                assert reply["error"]["code"] == "invalid_argument"
            both = await phone.request("read", message_id=f"{chat}-1", conversation_id=chat, seq=1)
            assert both["error"]["field"] == "message_id"

    run(play())


def test_who_received_and_who_read(world):
    alice, *others = world.people(6)
    group = world.group(alice, *others)
    message = alice.post(f"/conversations/{group}/messages", {"content": "x"}).json["id"]
    for person in others[:4]:
        assert person.post(f"/messages/{message}/delivered").status == 200
    for person in others[:3]:
        assert person.post(f"/messages/{message}/read").status == 200
    seen, cursor = [], None
    while True:
        query = {"state": "read", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = alice.get(f"/messages/{message}/receipts", **query).json
        seen += page["items"]
        cursor = page["page"]["next"]
        if not page["page"]["has_more"]:
            break
    assert sorted(item["user_id"] for item in seen) == sorted(p.id for p in others[:3])
    assert all(item["at"] for item in seen)
    delivered = alice.get(f"/messages/{message}/receipts", state="delivered").json["items"]
    assert len(delivered) == 4
    for query in ({}, {"state": "sent"}, {"state": "read", "limit": 0}):
        assert alice.get(f"/messages/{message}/receipts", **query).status == 422


def test_no_read_receipts(world):
    alice, bob = world.people(2)
    chat = direct(alice, bob, 1)
    assert bob.get("/me").json["read_receipts"] is True
    assert alice.get(f"/users/{bob.id}").json["read_receipts"] is None
    off = bob.patch(f"/users/{bob.id}", {"read_receipts": False})
    assert off.json["read_receipts"] is False
    assert bob.patch(f"/users/{bob.id}", {"read_receipts": "no"}).status == 422

    async def play():
        async with connect(world, alice) as a, connect(world, bob) as phone, connect(
            world, bob
        ) as desk:
            await phone.ok("delivered", conversation_id=chat, seq=1)
            await phone.ok("read", conversation_id=chat, seq=1)
            assert (await a.event("receipt"))["member"]["read"] == 0
            await desk.event("receipt")
            assert (await desk.event("receipt"))["member"]["read"] == 1
            await a.ok("send", conversation_id=chat, content="2")
            assert not [e for e in a.events if e["event"] == "receipt"]
            await a.ok("read", conversation_id=chat, seq=1)
            told = await desk.event("receipt")
            assert (told["member"]["delivered"], told["member"]["read"]) == (1, 0)

    run(play())
    assert alice.get(f"/messages/{chat}-1/status").json["status"] == "delivered"
    assert alice.get(f"/messages/{chat}-1/receipts", state="read").json["items"] == []


def test_what_a_resumption_is_worth(world):
    alice, bob = world.people(2)
    chat = direct(alice, bob, 2)
    page = bob.get("/sync").json
    assert page["resumed"] == "beginning"
    assert bob.get("/sync", cursor=page["cursor"]).json["resumed"] == "complete"

    async def play():
        for cursor, word in ((None, "none"), ("", "beginning"), (page["cursor"], "complete")):
            fields = {} if cursor is None else {"cursor": cursor}
            async with connect(world, bob, hello=False) as session:
                greeting = await session.ok("hello", token=bob.token, **fields)
                assert greeting["resumed"] == word
                live = await session.live()
                assert live["resumed"] == word
                event = await session.ok("send", conversation_id=chat, content="x")
                assert event["seq"]
        async with connect(world, bob, hello=False) as session:
            reply = await session.request("hello", token=bob.token, cursor="x" + page["cursor"])
            assert reply["error"]["field"] == "cursor"
            await session.ok("hello", token=bob.token, cursor="")

    run(play())


def test_ones_sessions(world):
    alice = world.person()
    made = world.key.post(f"/users/{alice.id}/sessions", {"device_name": "Tablet"}).json
    tablet = type(alice)(world.url, made["token"])
    listed = alice.get("/sessions").json["items"]
    assert [(s["device_name"], s["current"]) for s in listed] == [("test", True), ("Tablet", False)]
    assert all(s["last_seen_at"] >= s["created_at"] for s in listed)

    async def play():
        async with connect(world, alice) as phone, connect(world, tablet) as other:
            items = (await phone.ok("sessions"))["items"]
            assert [s["current"] for s in items] == [True, False]
            assert await phone.ok("close_session", session_id=items[1]["id"]) is None
            assert await closed_with(other) == 4401
            again = await phone.request("close_session", session_id=items[1]["id"])
            assert again["error"]["code"] == "not_found"
            assert tablet.get("/me").status == 401
            await phone.ok("close_session", session_id=items[0]["id"])
            assert await closed_with(phone) == 4401
        async with connect(world, alice, hello=False) as late:
            reply = await late.request("hello", token=alice.token)
            assert reply["error"]["code"] == "unauthenticated"

    run(play())
