# SPDX-License-Identifier: Apache-2.0
"""Who is there: asked for, told together, private where wished, and no storm."""

import asyncio
import json
import time

import pytest
import websockets

from api import World
from conftest import Msgd, WebSocket, binary
from postgres import Postgres, programs

QUICK = ("--presence-window-ms=200", "--presence-offline-ms=600")
SETTLES_S = 20


@pytest.fixture(scope="module")
def world():
    server = Msgd(binary("MSGD"), QUICK)
    made = World(server)
    made.address = server.address
    yield made
    server.stop()


class Session(WebSocket):
    """One WebSocket of a person, with hello said."""

    def __init__(self, world, person):
        super().__init__(world.address)
        self.ids = 0
        self.events = []
        self.ok("hello", token=person.token)

    def request(self, op, **fields):
        self.ids += 1
        self.send_json({"id": self.ids, "op": op, **fields})
        while True:
            frame = self.read_json()
            if "ok" in frame:
                assert frame["id"] == self.ids
                return frame
            self.events.append(frame)

    def ok(self, op, **fields):
        reply = self.request(op, **fields)
        assert reply["ok"], reply
        return reply["result"]

    def event(self, kind):
        while True:
            for i, event in enumerate(self.events):
                if event["event"] == kind:
                    return self.events.pop(i)
            self.events.append(self.read_json())

    def presence(self):
        """user id -> state, of the next presence event."""
        event = self.event("presence")
        assert set(event) == {"event", "users"}
        return {u["user_id"]: u["state"] for u in event["users"]}

    def watch(self, *people):
        users = self.ok("presence", user_ids=[p.id for p in people])["users"]
        return {u["user_id"]: u["state"] for u in users}


def contacts(person, *others):
    for other in others:
        person.post("/conversations", {"kind": "direct", "user_id": other.id})


def look(viewer, person):
    answer = viewer.get("/presence", user_ids=person.id)
    assert answer.status == 200, answer
    return answer.json["users"][0]


def wait_for_state(viewer, person, state):
    deadline = time.monotonic() + SETTLES_S
    while (seen := look(viewer, person))["state"] != state:
        assert time.monotonic() < deadline, seen
    return seen


def test_online_away_offline_and_last_seen(world):
    alice, bob = world.people(2)
    contacts(alice, bob)
    with Session(world, bob) as watcher:
        assert watcher.watch(alice) == {alice.id: "offline"}
        phone, laptop = Session(world, alice), Session(world, alice)
        assert watcher.presence() == {alice.id: "online"}
        phone.ok("away", away=True)
        laptop.ok("away", away=True)
        event = watcher.event("presence")["users"][0]
        assert event["state"] == "away" and event["last_seen"] is not None
        laptop.ok("away", away=False)
        event = watcher.event("presence")["users"][0]
        assert event == {"user_id": alice.id, "state": "online", "last_seen": None}
        for device in (phone, laptop):
            device.socket.close()
        event = watcher.event("presence")["users"][0]
        assert event["state"] == "offline" and event["last_seen"] is not None


def test_a_device_on_which_nothing_is_done_is_away(start_msgd):
    server = start_msgd(*QUICK, "--presence-idle-ms=700")
    world = World(server)
    world.address = server.address
    alice, bob = world.people(2)
    contacts(alice, bob)
    with Session(world, bob) as watcher, Session(world, alice) as phone:
        watcher.watch(alice)
        phone.ok("conversations")
        states = []
        while not states or states[-1] != "away":
            phone.ok("ping")  # a program does that by itself
            states += watcher.presence().values()
        phone.ok("conversations")
        while states[-1] != "online":
            states += watcher.presence().values()


def test_nothing_comes_unasked(world):
    alice, bob = world.people(2)
    contacts(alice, bob)
    with Session(world, bob) as idle, Session(world, bob) as watcher:
        watcher.watch(alice)
        with Session(world, alice):
            assert watcher.presence() == {alice.id: "online"}
        assert watcher.watch() == {}  # nobody any more
        wait_for_state(bob, alice, "offline")
        for session in (idle, watcher):
            session.ok("ping")
            assert not [e for e in session.events if e["event"] == "presence"]


def test_privacy(world):
    alice, bob, stranger = world.people(3)
    contacts(alice, bob)
    hidden = {"user_id": alice.id, "state": "offline", "last_seen": None}
    with Session(world, alice), Session(world, bob) as watcher:
        wait_for_state(bob, alice, "online")
        assert look(stranger, alice) == hidden  # contacts is what everybody begins with
        assert alice.get("/me").json["presence_to"] == "contacts"
        assert bob.get(f"/users/{alice.id}").json["presence_to"] is None
        assert watcher.watch(alice) == {alice.id: "online"}
        alice.patch(f"/users/{alice.id}", {"presence_to": "nobody"})
        assert watcher.presence() == {alice.id: "offline"}
        assert look(bob, alice) == hidden and look(alice, alice)["state"] == "online"
        alice.patch(f"/users/{alice.id}", {"presence_to": "everyone"})
        assert watcher.presence() == {alice.id: "online"}
        assert look(stranger, alice)["state"] == "online"
        wrong = alice.patch(f"/users/{alice.id}", {"presence_to": "friends"})
        assert (wrong.status, wrong.pointers) == (422, ["/presence_to"])


def test_refuses(world):
    alice = world.person()
    with Session(world, alice) as session:
        too_many = session.request("presence", user_ids=[str(i) for i in range(1, 258)])
        assert too_many["error"]["code"] == "invalid_argument"
        assert too_many["error"]["field"] == "user_ids"
        assert session.request("presence")["error"]["field"] == "user_ids"
        assert session.request("away", away="yes")["error"]["field"] == "away"
        assert session.watch() == {}
    assert alice.get("/presence", user_ids="1,x").pointers == ["?user_ids"]
    many = ",".join(str(i) for i in range(1, 258))
    assert alice.get("/presence", user_ids=many).pointers == ["?user_ids"]
    assert alice.get("/presence").json == {"users": []}


def test_recording_expires_by_itself(world):
    alice, bob = world.people(2)
    room = alice.post("/conversations", {"kind": "direct", "user_id": bob.id}).json["id"]
    with Session(world, bob) as watcher, Session(world, alice) as session:
        session.ok("recording", conversation_id=room)
        session.ok("typing", conversation_id=room)
        session.ok("recording", conversation_id=room)  # nobody is told again so soon
        event = watcher.event("recording")
        assert event["user_id"] == alice.id and event["conversation_id"] == room
        assert event["expires_in_ms"] > 0 and event["cursor"] is None
        watcher.event("typing")
        assert alice.post(f"/conversations/{room}/recording").status == 204
        watcher.event("recording")
        stranger = world.person()
        assert stranger.post(f"/conversations/{room}/recording").status == 404
        session.ok("send", conversation_id=room, content="done")
        watcher.event("message")
        assert not [e for e in watcher.events if e["event"] in ("typing", "recording")]


def read_tokens(path):
    """What --dev writes beside its store, once it is there."""
    deadline = time.monotonic() + SETTLES_S
    while True:
        try:
            return json.loads(path.read_text())
        except (OSError, ValueError):
            assert time.monotonic() < deadline, f"no {path}"
            time.sleep(0.02)


@pytest.fixture(params=["sqlite", "rocksdb", "postgresql"])
def store(request, tmp_path):
    """The URL of an empty store."""
    if request.param != "postgresql":
        yield f"{request.param}:{tmp_path}/store"
        return
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    server = Postgres()
    yield server.url
    server.stop()


def test_last_seen_and_privacy_survive_a_restart(store, start_msgd, tmp_path):
    server = start_msgd(*QUICK, "--store", store)
    beside = server.folder if store.startswith("postgresql") else tmp_path
    server.dev_tokens = lambda: read_tokens(beside / "dev-tokens.json")
    world = World(server)
    world.address = server.address
    alice, bob = world.people(2)
    contacts(alice, bob)
    with Session(world, alice):
        wait_for_state(bob, alice, "online")
        bob.patch(f"/users/{bob.id}", {"presence_to": "everyone"})
        assert server.terminate() == 0  # while she is there
    again = start_msgd(*QUICK, "--store", store)
    alice.url = bob.url = again.url
    seen = look(bob, alice)
    assert seen["state"] == "offline" and seen["last_seen"] is not None
    assert bob.get("/me").json["presence_to"] == "everyone"
    assert alice.get("/me").json["presence_to"] == "contacts"


def test_a_mass_reconnect_does_not_storm(start_msgd):
    """Everybody watches WATCHED others, loses the connection and comes back, all at once."""
    people_count, watched, window_s = 120, 20, 0.5
    server = start_msgd("--presence-window-ms=500", "--presence-offline-ms=60000")
    world = World(server)
    people = world.people(people_count)
    for person in people:
        person.patch(f"/users/{person.id}", {"presence_to": "everyone"})
    url = server.url.replace("http", "ws", 1) + "/api/v1/ws"

    class Client:
        def __init__(self, index):
            self.person = people[index]
            self.others = [people[(index + k) % people_count].id for k in range(1, watched + 1)]
            self.states, self.frames, self.changes = {}, 0, 0

        def take(self, users):
            self.states.update((u["user_id"], u["state"]) for u in users)

        async def connect(self):
            self.socket = await websockets.connect(url, max_queue=None, open_timeout=60)
            hello = {"id": 1, "op": "hello", "token": self.person.token}
            watch = {"id": 2, "op": "presence", "user_ids": self.others}
            await self.socket.send(json.dumps(hello))
            await self.socket.send(json.dumps(watch))
            self.reader = asyncio.create_task(self.read())

        async def read(self):
            async for text in self.socket:
                frame = json.loads(text)
                if frame.get("id") == 2:
                    self.take(frame["result"]["users"])
                elif frame.get("event") == "presence":
                    self.frames += 1
                    self.changes += len(frame["users"])
                    self.take(frame["users"])

    async def round_of(clients):
        """Everybody connects at once; until all know that all others are there."""
        for client in clients:
            client.frames = client.changes = 0
            client.states = {}
        start = time.monotonic()
        await asyncio.gather(*(c.connect() for c in clients))
        while not all(len(c.states) == watched and set(c.states.values()) == {"online"}
                      for c in clients):
            assert time.monotonic() - start < 60
            await asyncio.sleep(0.05)
        windows = int((time.monotonic() - start) / window_s) + 2
        return windows, sum(c.frames for c in clients), sum(c.changes for c in clients)

    async def cut(clients):
        for client in clients:
            client.reader.cancel()
            client.socket.transport.abort()

    async def play():
        clients = [Client(i) for i in range(people_count)]
        windows, frames, changes = await round_of(clients)
        print("first connect: windows", windows, "frames", frames, "changes", changes)
        assert frames <= people_count * windows
        assert changes <= people_count * watched
        await cut(clients)
        windows, frames, changes = await round_of(clients)
        print("reconnect: windows", windows, "frames", frames, "changes", changes)
        assert frames == changes == 0, "nobody was away to anybody"
        await cut(clients)

    asyncio.run(asyncio.wait_for(play(), 180))
