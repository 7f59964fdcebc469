# SPDX-License-Identifier: Apache-2.0
"""GET /nodes: several msgd on one PostgreSQL and one bus, each of which lists all; and what others on the bus make of
that, which is nothing."""

import json
import socket
import time

import document
import helper
import pytest
from api import World
from test_nodes import at, say, talk

DEADLINE_S = 30
REPORT_MS = 200


@pytest.fixture(params=["nats", "redis"])
def bus(request):
    """(the bus's server, its URL)"""
    server, url = getattr(helper, request.param)()
    yield server, url
    server.stop()


@pytest.fixture
def start_node(postgres, start_msgd):
    def start(number, *more):
        return start_msgd(f"--store={postgres.url}", f"--node={number}", f"--node-report-ms={REPORT_MS}", *more)

    return start


def wait_until(is_so, seen=None):
    deadline = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline, seen
        time.sleep(0.02)  # between two questions, not in the place of one


class View:
    """What one server's list says."""

    def __init__(self, world, server):
        self.key = at(server, world.key)

    def nodes(self):
        answer = self.key.get("/nodes")
        assert answer.status == 200, answer
        document.validate(answer.json, {"$ref": "#/components/schemas/NodeStatusList"})
        return answer.json["items"]

    def node(self, number):
        return next(one for one in self.nodes() if one["node"] == number)

    def words(self):
        """"1 self", "2", "3 silent"."""
        return [" ".join([str(one["node"]), *(word for word in ("self", "silent") if one[word])]) for one in self.nodes()]

    def wait_for(self, *words):
        seen = []

        def is_so():
            seen[:] = self.words()
            return seen == list(words)

        wait_until(is_so, seen)


def test_each_lists_all_and_who_is_killed_is_silent(bus, start_node):
    servers = [start_node(number, f"--bus={bus[1]}") for number in (1, 2, 3)]
    world = World(servers[0])
    views = [View(world, server) for server in servers]
    views[0].wait_for("1 self", "2", "3")
    views[1].wait_for("1", "2 self", "3")
    views[2].wait_for("1", "2", "3 self")
    for view in views:
        for one, server in zip(view.nodes(), servers):
            assert one["address"] == f"127.0.0.1:{server.port}" and one["host"] == socket.gethostname()
            assert one["store_ready"] and one["cache_connected"] is None
    wait_until(lambda: all(one["bus_connected"] for one in views[0].nodes()))

    alice, _, chat = talk(world)
    with servers[2].connect(), servers[2].connect():
        wait_until(lambda: views[0].node(3)["connections"] >= 2)

    def is_seen_at_work():
        say(at(servers[1], alice), chat, "hello")
        return views[0].node(2)["sends_per_second"] > 0

    wait_until(is_seen_at_work)

    servers[2].kill()
    views[0].wait_for("1 self", "2", "3 silent")
    views[1].wait_for("1", "2 self", "3 silent")
    assert views[0].node(3)["seen_at"] < views[0].node(1)["seen_at"]
    assert servers[1].terminate() == 0
    views[0].wait_for("1 self", "3 silent")


def test_without_a_bus_each_knows_of_itself_alone(start_node):
    servers = [start_node(number) for number in (1, 2)]
    world = World(servers[0])
    for number, server in zip((1, 2), servers):
        [own] = View(world, server).nodes()
        assert (own["node"], own["self"], own["bus_connected"]) == (number, True, None)


class Stranger:
    """Somebody on the bus who has its password, and not the store's secret."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self.stream = self.socket.makefile("rwb")
        assert self.stream.readline().startswith(b"INFO ")
        self.tell(b"CONNECT " + json.dumps({"verbose": False, "user": "msg", "pass": "secret"}).encode() + b"\r\n")
        self.tell(b"SUB msg.nodes 1\r\n")

    def tell(self, line):
        self.stream.write(line)
        self.stream.flush()

    def hear(self):
        """The next report."""
        while True:
            words = self.stream.readline().split()
            if words[0] == b"PING":
                self.tell(b"PONG\r\n")
            elif words[0] == b"MSG":
                return self.stream.read(int(words[-1]) + 2)[:-2]

    def say(self, payload):
        self.tell(b"PUB msg.nodes %d\r\n%s\r\n" % (len(payload), payload))
        while self.hear() != payload:  # it is told itself, so the others were
            pass


def test_who_has_no_part_in_the_store_adds_nobody(start_node):
    server, url = helper.nats()
    try:
        nodes = [start_node(number, f"--bus={url}") for number in (1, 2)]
        view = View(World(nodes[0]), nodes[0])
        view.wait_for("1 self", "2")
        stranger = Stranger(server.port)
        real = stranger.hear()
        assert real[:2] == b"hx"
        source, body, mac = real[2:10], real[10:-16], real[-16:]
        for forged in (
            b"hx" + bytes(8) + body + mac,  # another process
            b"hx" + source + body[:-1] + bytes([body[-1] ^ 1]) + mac,
            b"hC" + real[2:],
            real[:-1],
            b"hx",
            b"",
        ):
            stranger.say(forged)
        heard = view.node(2)["seen_at"]
        wait_until(lambda: view.node(2)["seen_at"] > heard)  # by what was said after all that
        view.wait_for("1 self", "2")
        nodes[1].kill()
        view.wait_for("1 self", "2 silent")
        last = view.node(2)["seen_at"]
        stranger.say(real)
        alive = start_node(3, f"--bus={url}")
        view.wait_for("1 self", "2 silent", "3")
        assert view.node(2)["seen_at"] == last, "what is played back is no sign of life"
        alive.assert_alive()
    finally:
        server.stop()
