# SPDX-License-Identifier: Apache-2.0
"""The WebSocket of docs/websocket-api.md: hello, events, resuming, and slow readers."""

import asyncio
import contextlib
import itertools
import json
import re
import time
import urllib.request

import pytest
import websockets

import protocol
from api import World

TIMEOUT_S = 20
ROOMY = {"max_size": None, "max_queue": None}  # else the client stops reading, close included


@pytest.fixture(scope="session")
def world(msgd):
    return World(msgd)


class Live:
    """One connection: replies by id, events in the order they came."""

    def __init__(self, socket):
        self.socket = socket
        self.ids = itertools.count(1)
        self.events = []
        self.cursor = None

    async def receive(self):
        frame = json.loads(await asyncio.wait_for(self.socket.recv(), TIMEOUT_S))
        if "event" in frame:
            protocol.check_event(frame)
        return frame

    def note(self, frame):
        self.events.append(frame)
        if frame.get("cursor"):
            self.cursor = frame["cursor"]

    async def request(self, op, **fields):
        """Sends a request and gives its reply; events on the way are kept."""
        number = next(self.ids)
        request = {"id": number, "op": op, **fields}
        await self.socket.send(json.dumps(request))
        while True:
            frame = await self.receive()
            if "ok" in frame:
                assert frame["id"] == number, frame
                protocol.check_exchange(request, frame)
                return frame
            self.note(frame)

    async def ok(self, op, **fields):
        reply = await self.request(op, **fields)
        assert reply["ok"], reply
        return reply["result"]

    async def event(self, kind):
        """The next event of that kind, from those kept or still to come."""
        while True:
            for i, event in enumerate(self.events):
                if event["event"] == kind:
                    return self.events.pop(i)
            frame = await self.receive()
            assert "event" in frame, frame
            self.note(frame)

    async def live(self):
        return await self.event("live")


@contextlib.asynccontextmanager
async def connect(world, person=None, hello=True, path="/api/v1/ws", **fields):
    url = world.url.replace("http", "ws", 1) + path
    async with websockets.connect(url, subprotocols=["msg.v1.json"], **ROOMY) as socket:
        session = Live(socket)
        if person is not None and hello:
            session.greeting = await session.ok("hello", token=person.token, **fields)
            await session.live()
        yield session


async def closed_with(session):
    try:
        while True:
            await session.receive()
    except websockets.ConnectionClosed as closed:
        assert closed.rcvd.code in protocol.CLOSE_CODES
        return closed.rcvd.code


def run(play, timeout_s=60):
    asyncio.run(asyncio.wait_for(play, timeout_s))


def test_hello_and_send(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, alice) as a, connect(world, bob, path="/") as b:
            assert a.greeting["user"]["id"] == alice.id
            assert a.greeting["user"]["phone"] is not None
            assert a.greeting["session_id"] == alice.session_id
            assert a.greeting["limits"]["frame_bytes"] == 65536
            message = await a.ok("send", receiver_id=bob.id, content="hi", client_id="c1")
            assert message["status"] == "sent" and message["client_id"] == "c1"
            event = await b.event("message")
            assert event["message"]["content"] == "hi"
            assert event["message"]["client_id"] is None
            assert event["conversation_id"] == message["conversation_id"]
            assert event["cursor"] and event["version"] == message["version"]
            own = await a.event("message")
            assert own["message"]["client_id"] == "c1"
            await b.ok("delivered", conversation_id=message["conversation_id"], seq=1)
            await b.ok("read", conversation_id=message["conversation_id"], seq=1)
            seen = [await a.event("receipt") for _ in range(2)]
            assert [(e["member"]["delivered"], e["member"]["read"]) for e in seen] == [
                (1, 0),
                (1, 1),
            ]

    run(play())


def test_requests(world):
    alice, bob = world.people(2)
    bob_name = f"bob{bob.id[-8:]}"
    bob.patch(f"/users/{bob.id}", {"username": bob_name})

    async def play():
        async with connect(world, alice) as a:
            assert await a.ok("ping") is None
            direct = await a.ok("open_direct", username=bob_name)
            assert (await a.ok("open_direct", user_id=bob.id))["id"] == direct["id"]
            for i in range(5):
                await a.ok("send", conversation_id=direct["id"], content=f"m{i}")
            page = await a.ok("history", conversation_id=direct["id"], limit=2, order="asc")
            assert [m["seq"] for m in page["items"]] == [1, 2]
            more = await a.ok(
                "history", conversation_id=direct["id"], cursor=page["page"]["next"], limit=2
            )
            assert [m["seq"] for m in more["items"]] == [3, 4]
            views = await a.ok("conversations")
            assert [v["conversation"]["id"] for v in views["items"]] == [direct["id"]]
            assert await a.ok("typing", conversation_id=direct["id"]) is None

    run(play())


def test_errors(world):
    alice = world.person()

    async def play():
        async with connect(world, alice) as a:
            for op, fields, code, field in [
                ("fly", {}, "invalid_argument", "op"),
                ("send", {"content": "x"}, "invalid_argument", "conversation_id"),
                ("send", {"conversation_id": "5", "content": "x"}, "not_found", None),
                ("history", {"conversation_id": 5}, "invalid_argument", "conversation_id"),
                ("read", {"conversation_id": "5", "seq": 0}, "invalid_argument", "seq"),
                ("open_direct", {"username": "no.such.one"}, "not_found", None),
                ("hello", {}, "conflict", None),
            ]:
                error = (await a.request(op, **fields))["error"]
                assert error["code"] == code, (op, error)
                if field:
                    assert error["field"] == field, (op, error)
                assert set(error) == {"code", "detail", "status", "field", "retry_after_ms"}
            for text in ("nonsense", "{}", "[]"):
                await a.socket.send(text)
            assert await closed_with(a) == 1008

    run(play())


def test_bad_hello(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world) as a:
            early = await a.request("ping")
            assert early["error"]["code"] == "unauthenticated"
            assert not (await a.request("hello", token=alice.token, cursor="x"))["ok"]
            other = await a.request("hello", token=alice.token, user_id=bob.id)
            assert other["error"]["code"] == "permission_denied"
            unnamed = await a.request("hello", token=world.key.token)
            assert unnamed["error"]["code"] == "invalid_argument"
            as_bob = await a.ok("hello", token=world.key.token, user_id=bob.id)
            assert as_bob["user"]["id"] == bob.id and as_bob["session_id"] is None
        async with connect(world) as a:
            assert not (await a.request("hello", token="mss_" + "A" * 43))["ok"]
            assert await closed_with(a) == 4401

    run(play())


def test_token_in_the_upgrade_request(world):
    alice = world.person()

    async def play():
        url = world.url.replace("http", "ws", 1) + "/api/v1/ws"
        headers = {"Authorization": f"Bearer {alice.token}"}
        async with websockets.connect(url, extra_headers=headers) as socket:
            session = Live(socket)
            assert (await session.ok("hello"))["user"]["id"] == alice.id
        with pytest.raises(websockets.InvalidStatusCode) as refused:
            async with websockets.connect(f"{url}?token={alice.token}"):
                pass
        assert refused.value.status_code == 400

    run(play())


def test_resume_from_a_cursor(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, bob, cursor="") as b:
            alice.post("/messages", {"receiver_id": bob.id, "content": "one"})
            await b.event("message")
            cursor = b.cursor
        for text in ("two", "three"):
            alice.post("/messages", {"receiver_id": bob.id, "content": text})
        async with connect(world, bob, cursor=cursor) as b:
            delta = (await b.event("sync"))["conversation"]
            assert [m["content"] for m in delta["messages"]] == ["two", "three"]
            assert delta["view"]["unread_count"] == 3
            again = b.cursor
        async with connect(world, bob, cursor=again) as b:
            assert not [e for e in b.events if e["event"] == "sync"]
        async with connect(world, bob) as b:
            assert not [e for e in b.events if e["event"] == "sync"]

    run(play())


def test_edits_and_deletions_are_events(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, alice) as a, connect(world, bob) as b:
            sent = await a.ok("send", receiver_id=bob.id, content="helo", client_id="c")
            edited = await a.ok("edit", message_id=sent["id"], content="hello")
            assert (edited["content"], edited["seq"]) == ("hello", 1)
            await a.ok("edit", message_id=sent["id"], content="hello")
            gone = await a.ok("delete", message_id=sent["id"], **{"for": "everyone"})
            assert gone["deleted"]
            for live, client_id in ((a, "c"), (b, None)):
                events = [await live.event("message_changed") for _ in range(2)]
                assert [e["message"]["content"] for e in events] == ["hello", ""]
                assert [e["message"]["client_id"] for e in events] == [client_id, client_id]
                assert events[0]["version"] == edited["changed"] and events[0]["cursor"]
            for field, fields in (
                ("message_id", {"op": "edit", "message_id": "x", "content": "y"}),
                ("content", {"op": "edit", "message_id": sent["id"]}),
                ("for", {"op": "delete", "message_id": sent["id"]}),
            ):
                reply = await a.request(**fields)
                assert reply["error"]["field"] == field, reply
            refused = await b.request("edit", message_id=sent["id"], content="mine")
            assert refused["error"]["code"] == "permission_denied"

    run(play())


def test_reactions_pins_and_forwards_are_events(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, alice) as a, connect(world, bob) as b:
            sent = await a.ok("send", receiver_id=bob.id, content="hi")
            await b.ok("react", message_id=sent["id"], emoji="👍")
            event = await a.event("message_changed")
            assert event["reaction"] == {"user_id": bob.id, "emoji": "👍", "removed": False}
            assert event["message"]["reactions"] == [{"emoji": "👍", "count": 1}]
            await b.ok("unreact", message_id=sent["id"], emoji="👍")
            event = await a.event("message_changed")
            assert event["reaction"]["removed"] and "reactions" not in event["message"]
            await b.ok("pin", message_id=sent["id"])
            event = await a.event("message_changed")
            assert event["message"]["pinned"]["user_id"] == bob.id and "reaction" not in event
            await a.ok("unpin", message_id=sent["id"])
            forwarded = await a.ok("forward", message_id=sent["id"],
                                   conversation_id=sent["conversation_id"])
            assert forwarded["forwarded"] == {"hops": 1, "message_id": sent["id"]}
            for _ in range(2):
                event = await b.event("message")
            assert event["message"]["forwarded"] == {"hops": 1}
            await a.ok("send", receiver_id=bob.id, content="re", reply_to=sent["seq"])
            event = await b.event("message")
            assert event["message"]["quote"]["excerpt"] == "hi"
            for field, fields in (
                ("message_id", {"op": "react", "message_id": "x", "emoji": "y"}),
                ("emoji", {"op": "react", "message_id": sent["id"]}),
                ("emoji", {"op": "react", "message_id": sent["id"], "emoji": ""}),
                ("message_id", {"op": "pin"}),
                ("conversation_id", {"op": "forward", "message_id": sent["id"]}),
            ):
                reply = await a.request(**fields)
                assert reply["error"]["field"] == field, reply

    run(play())


def test_deleting_for_oneself_is_told_to_the_own_devices(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, alice) as a, connect(world, bob) as phone, \
                connect(world, bob) as laptop:
            sent = await a.ok("send", receiver_id=bob.id, content="hi")
            gone = await phone.ok("delete", message_id=sent["id"], **{"for": "me"})
            assert gone["hidden"]
            event = await laptop.event("message_hidden")
            assert event["message_id"] == sent["id"] and event["cursor"]
            await a.ok("ping")
            assert not [e for e in a.events if e["event"] == "message_hidden"]

    run(play())


def test_changes_made_meanwhile_come_with_the_resumption(world):
    alice, bob = world.people(2)
    message = alice.post("/messages", {"receiver_id": bob.id, "content": "helo"}).json
    cursor = bob.get("/sync").json["cursor"]
    alice.patch(f"/messages/{message['id']}", {"content": "hello"})

    async def play():
        async with connect(world, bob, cursor=cursor) as b:
            event = await b.event("sync")
            assert [m["content"] for m in event["conversation"]["messages"]] == ["hello"]

    run(play())


def test_two_devices_see_each_other(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, alice) as phone, connect(world, alice) as laptop:
            message = await phone.ok("send", receiver_id=bob.id, content="hi")
            event = await laptop.event("message")
            assert event["message"]["id"] == message["id"]
            bob.post("/messages", {"receiver_id": alice.id, "content": "yo"})
            await phone.event("message")
            await laptop.ok("read", conversation_id=message["conversation_id"], seq=2)
            member = (await phone.event("receipt"))["member"]
            assert (member["user_id"], member["read"]) == (alice.id, 2)

    run(play())


def test_group_events(world):
    alice, bob, carol = world.people(3)

    async def play():
        async with connect(world, bob) as b, connect(world, carol) as c:
            group = world.group(alice, bob)
            assert (await b.event("member"))["member"]["conversation_id"] == group
            assert (await b.event("conversation"))["conversation"]["title"] == "Team"
            alice.patch(f"/conversations/{group}", {"title": "Crew"})
            assert (await b.event("conversation"))["conversation"]["title"] == "Crew"
            alice.post(f"/conversations/{group}/members", {"user_id": carol.id})
            assert (await c.event("member"))["member"]["user_id"] == carol.id
            alice.delete(f"/conversations/{group}/members/{bob.id}")
            while True:
                member = (await b.event("member"))["member"]
                if member["user_id"] == bob.id and not member["active"]:
                    break
            alice.post(f"/conversations/{group}/messages", {"content": "without bob"})
            assert (await c.event("message"))["message"]["content"] == "without bob"
            await b.ok("ping")
            assert not [e for e in b.events if e["event"] == "message"]

    run(play())


def test_typing(world):
    alice, bob = world.people(2)
    conversation = alice.post("/conversations", {"kind": "direct", "user_id": bob.id}).json["id"]

    async def play():
        async with connect(world, bob) as b, connect(world, alice) as a:
            await a.ok("typing", conversation_id=conversation)
            event = await b.event("typing")
            assert event["user_id"] == alice.id and event["expires_in_ms"] > 0
            assert event["cursor"] is None and event["version"] is None
            await a.ok("typing", conversation_id=conversation)  # nobody is told again so soon
            await a.ok("send", conversation_id=conversation, content="typed")
            await b.event("message")
            for events in (a.events, b.events):
                assert not [e for e in events if e["event"] == "typing"]

    run(play())


def test_rest_and_websocket_are_one_path(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, alice) as a, connect(world, bob) as b:
            fields = {"receiver_id": bob.id, "content": "once", "client_id": "same"}
            over_ws = await a.ok("send", **fields)
            over_rest = alice.post("/messages", fields)
            assert over_rest.json == over_ws
            other = await a.request("send", **{**fields, "content": "twice"})
            assert other["error"]["code"] == "idempotency_conflict"
            assert (await b.event("message"))["message"]["id"] == over_ws["id"]
            await b.ok("ping")
            assert not [e for e in b.events if e["event"] == "message"]

    run(play())


def test_pipelined_sends_keep_their_order(world):
    alice, bob = world.people(2)

    async def play():
        async with connect(world, alice) as a, connect(world, bob) as b:
            for i in range(40):
                await a.socket.send(
                    json.dumps({"id": i, "op": "send", "receiver_id": bob.id, "content": str(i)})
                )
            got = [(await b.event("message"))["message"] for _ in range(40)]
            assert [m["content"] for m in got] == [str(i) for i in range(40)]
            assert [m["seq"] for m in got] == list(range(1, 41))

    run(play())


def resyncs(world):
    """Times the server gave up queueing for a session."""
    with urllib.request.urlopen(world.url + "/metrics", timeout=TIMEOUT_S) as answer:
        (line,) = re.findall(rb"^msgd_ws_resyncs_total (\d+)", answer.read(), re.MULTILINE)
        return int(line)


def test_slow_reader_resyncs_without_loss_or_double(start_msgd):
    """The client stops reading until the server has given up queueing, then reads it all."""
    # However long that takes on a busy machine: who reads nothing for 10 s is closed by default.
    world = World(start_msgd("--write-timeout-ms=120000"))
    alice, bob = world.people(2)
    size, count_max = 30_000, 2000  # 60 MB: far beyond the outbox and the buffers of the kernel
    behind = 50  # messages that are sent after that

    async def play():
        url = world.url.replace("http", "ws", 1) + "/api/v1/ws"
        # No pings: their answers would lie unread too.
        options = {"max_size": None, "max_queue": 1, "read_limit": 1024, "ping_interval": None}
        async with websockets.connect(url, **options) as socket:
            b = Live(socket)
            await b.ok("hello", token=bob.token, cursor="")
            await b.live()
            count = 0
            async with connect(world, alice) as a:
                conversation = (await a.ok("open_direct", user_id=bob.id))["id"]
                left = behind
                while left > 0:
                    assert count < count_max, "the server queues without end"
                    # Within 100 frames a second: the server counts.
                    key, pause = str(count), asyncio.create_task(asyncio.sleep(0.011))
                    await a.ok(
                        "send", conversation_id=conversation, content="x" * size, client_id=key
                    )
                    await a.event("message")
                    await pause
                    count += 1
                    if left < behind or (count % 10 == 0 and resyncs(world) > 0):
                        left -= 1
            times = {}
            lives = 0
            while len(times) < count:
                frame = await b.receive()
                if frame.get("event") == "message":
                    seqs = [frame["message"]["seq"]]
                elif frame.get("event") == "sync":
                    delta = frame["conversation"]
                    seqs = [m["seq"] for m in delta["messages"]]
                    if delta["missing"]:
                        seqs += range(delta["missing"]["from"], delta["missing"]["to"] + 1)
                else:
                    lives += frame.get("event") == "live"
                    continue
                for seq in seqs:
                    times[seq] = times.get(seq, 0) + 1
            assert sorted(times) == list(range(1, count + 1))
            assert set(times.values()) == {1}
            while not lives:
                lives += (await b.receive()).get("event") == "live"

    run(play(), 240)


def test_revoking_ends_the_connection(world):
    alice = world.person()
    token = world.key.post(f"/users/{alice.id}/sessions").json
    other = type(alice)(world.url, token["token"])

    async def play():
        async with connect(world, other) as session:
            assert alice.delete(f"/sessions/{token['session']['id']}").status == 204
            assert await closed_with(session) == 4401

    run(play())


def test_seventeenth_connection_closes_the_oldest(world):
    alice = world.person()

    async def play():
        async with contextlib.AsyncExitStack() as stack:
            sessions = [
                await stack.enter_async_context(connect(world, alice)) for _ in range(17)
            ]
            assert await closed_with(sessions[0]) == 4503
            assert await sessions[16].ok("ping") is None
            assert await sessions[1].ok("ping") is None

    run(play())


def test_no_hello_in_time(start_msgd):
    world = World(start_msgd("--ws-hello-timeout-ms=300"))

    async def play():
        async with connect(world) as session:
            assert await closed_with(session) == 4408

    run(play())


def read_tokens(path, other_than=None):
    """dev-tokens.json, once it is there and from another start than `other_than`."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            tokens = json.loads(path.read_text())
            if other_than is None or tokens["url"] != other_than["url"]:
                return tokens
        time.sleep(0.02)
    raise AssertionError(f"no new {path}")


def test_dev_tokens_survive_a_restart(start_msgd, tmp_path):
    store = f"--store=sqlite:{tmp_path}/chat/msg.db"
    path = tmp_path / "chat" / "dev-tokens.json"
    first = start_msgd(store)
    before = read_tokens(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert first.terminate() == 0
    start_msgd(store)
    after = read_tokens(path, other_than=before)
    assert after["key"] == before["key"] and after["users"] == before["users"]
