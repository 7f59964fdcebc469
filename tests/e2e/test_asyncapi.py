# SPDX-License-Identifier: Apache-2.0
"""A conversation in which every message of asyncapi.json is said, each held to it on the way."""

import pytest

import protocol
from api import World
from test_realtime import connect, run


@pytest.fixture(scope="session")
def world(msgd):
    return World(msgd)


def test_the_document_is_served(world):
    assert world.nobody.call("GET", "/asyncapi.json").json == protocol.DOCUMENT


def test_every_message_of_the_document_is_exchanged(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, alice, cursor="") as at_alice, connect(world, bob) as at_bob:
            direct = await at_alice.ok("open_direct", user_id=bob.id)
            await at_bob.event("member")
            await at_bob.event("conversation")
            sent = await at_alice.ok("send", conversation_id=direct["id"], content="hello")
            await at_bob.event("message")
            await messages(at_alice, at_bob, direct["id"], sent["id"])
            await marks(at_alice, at_bob, sent)
            await presence(at_alice, at_bob, alice.id, direct["id"])
            await at_bob.ok("history", conversation_id=direct["id"], limit=10)
            await at_bob.ok("conversations")
            await at_bob.ok("ping")
            assert not (await at_bob.request("sing"))["ok"]
            await at_bob.ok("sessions")
            async with connect(world, alice, cursor="") as again:
                await again.event("sync")
                closed = again.greeting["session_id"]
                await at_alice.ok("close_session", session_id=closed)

    async def messages(at_alice, at_bob, conversation, message):
        for op, fields in [
            ("edit", {"content": "hello, Bob"}),
            ("react", {"emoji": "👍"}),
            ("unreact", {"emoji": "👍"}),
            ("pin", {}),
            ("unpin", {}),
        ]:
            await at_alice.ok(op, message_id=message, **fields)
            await at_bob.event("message_changed")
        copy = await at_alice.ok("forward", message_id=message, conversation_id=conversation)
        await at_bob.event("message")
        await at_alice.ok("delete", message_id=copy["id"], **{"for": "everyone"})
        await at_bob.event("message_changed")
        await at_alice.ok("delete", message_id=copy["id"], **{"for": "me"})
        await at_alice.event("message_hidden")

    async def marks(at_alice, at_bob, sent):
        await at_bob.ok("delivered", message_id=sent["id"])
        await at_alice.event("receipt")
        await at_bob.ok("read", conversation_id=sent["conversation_id"], seq=sent["seq"])
        await at_alice.ok("receipts", message_id=sent["id"], state="read")
        await at_bob.ok("unread", message_id=sent["id"])
        await at_bob.event("unread")
        done = bob.patch(f"/conversations/{sent['conversation_id']}/preferences", {"pinned": True})
        assert done.status == 200
        await at_bob.event("preferences")
        await at_bob.ok("read_all")

    async def presence(at_alice, at_bob, alice_id, conversation):
        await at_alice.ok("typing", conversation_id=conversation)
        await at_bob.event("typing")
        await at_alice.ok("recording", conversation_id=conversation)
        await at_bob.event("recording")
        await at_bob.ok("presence", user_ids=[alice_id])
        await at_alice.ok("away", away=True)
        await at_bob.event("presence")

    run(play())
    assert protocol.seen == set(protocol.DOCUMENT["components"]["messages"])
