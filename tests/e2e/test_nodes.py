# SPDX-License-Identifier: Apache-2.0
"""Three msgd on one PostgreSQL and one bus: what happens at one is live at the others."""

import time

import helper
import pytest
from api import Api, World
from conftest import WebSocket

# With the bus gone, an event of another server is there within two looks into the store, a second
# apart; the rest is for a machine that does other things.
WITHOUT_BUS_S = 8.0


@pytest.fixture(params=["nats", "redis"])
def nodes(request, postgres, start_msgd):
    """The bus's server, the world of the first node, and all of them."""
    server, url = getattr(helper, request.param)()
    try:
        servers = [start_msgd(f"--store={postgres.url}", f"--node={number}", f"--bus={url}")
                   for number in (1, 2, 3)]
        for one in servers:
            wait_for_metric(one, "msgd_bus_connected", 1)
        yield server, World(servers[0]), servers
    finally:
        server.stop()


def metric(server, name):
    text = Api(server.url).call("GET", "/metrics").body
    return next(float(line.split()[1]) for line in text.splitlines()
                if line.startswith(name + " "))


def wait_for_metric(server, name, value, longest=20.0):
    deadline = time.monotonic() + longest
    while metric(server, name) != value:
        assert time.monotonic() < deadline, f"{name} is not {value}"
        time.sleep(0.02)  # between two questions, not in the place of one


def at(server, person):
    """The same person, asking another server."""
    there = Api(server.url, person.token)
    there.id = person.id
    return there


class Listener:
    """A connection that follows its user from now on."""

    def __init__(self, server, token):
        self.socket = WebSocket(server.address)
        self.socket.send_json({"id": 1, "op": "hello", "token": token, "cursor": ""})
        assert self.socket.read_json()["ok"]
        self.seen = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.__exit__()

    def read_until(self, wanted):
        """Frames until one of them is `wanted`; that one."""
        while True:
            frame = self.socket.read_json()
            self.seen += messages_in(frame)
            if wanted(frame):
                return frame

    def read_messages(self, count):
        while len(self.seen) < count:
            self.read_until(lambda frame: True)
        return self.seen


def messages_in(frame):
    """What is new by this frame, whether it came by event or by sync."""
    if frame.get("event") == "message":
        return [frame["message"]["content"]]
    if frame.get("event") == "sync":
        return [one["content"] for one in frame["conversation"]["messages"]]
    return []


def talk(world):
    alice, bob = world.people(2)
    chat = alice.post("/conversations", {"kind": "direct", "user_id": bob.id}).json["id"]
    return alice, bob, chat


def say(person, chat, content):
    assert person.post(f"/conversations/{chat}/messages", {"content": content}).status == 201


def test_messages_receipts_and_typing_are_live_on_every_node(nodes):
    _, world, servers = nodes
    alice, bob, chat = talk(world)
    with Listener(servers[1], bob.token) as second, Listener(servers[2], alice.token) as third:
        for count in range(1, 7):  # whichever takes the message
            say(at(servers[count % 3], alice), chat, str(count))
            second.read_messages(count)
        wanted = ["1", "2", "3", "4", "5", "6"]
        assert second.seen == third.read_messages(6) == wanted, "once, in order"
        assert at(servers[0], bob).post(f"/conversations/{chat}/read", {"seq": 6}).status < 300
        third.read_until(lambda frame: frame.get("event") in ("receipt", "sync"))
        assert at(servers[0], bob).post(f"/conversations/{chat}/typing").status < 300
        third.read_until(lambda frame: frame.get("event") == "typing")


def test_presence_crosses(nodes):
    _, world, servers = nodes
    alice, bob, _ = talk(world)

    def is_online(frame):
        return frame.get("event") == "presence" and frame["users"][0]["state"] == "online"

    with Listener(servers[2], bob.token) as watcher:
        watcher.socket.send_json({"id": 2, "op": "presence", "user_ids": [alice.id]})
        watcher.read_until(lambda frame: frame.get("id") == 2)
        with Listener(servers[1], alice.token):
            watcher.read_until(is_online)


def test_a_revoked_session_ends_at_once(nodes):
    _, world, servers = nodes
    alice = world.person("Alice")
    with Listener(servers[1], alice.token) as listener:
        begun = time.monotonic()
        assert alice.delete(f"/sessions/{alice.session_id}").status == 204
        assert listener.socket.read_close()[0] == 4401
    assert time.monotonic() - begun < 3.5, "the bus told, and no look into the store was due"


def test_without_the_bus_all_comes_a_little_later(nodes):
    bus, world, servers = nodes
    alice, bob, chat = talk(world)
    with Listener(servers[1], bob.token) as listener:
        say(alice, chat, "1")
        listener.read_messages(1)
        bus.kill()
        for count in range(2, 5):
            begun = time.monotonic()
            say(alice, chat, str(count))
            listener.read_messages(count)
            assert time.monotonic() - begun < WITHOUT_BUS_S
        bus.start()
        for one in servers:
            wait_for_metric(one, "msgd_bus_connected", 1)
        say(alice, chat, "5")
        assert listener.read_messages(5) == ["1", "2", "3", "4", "5"]
