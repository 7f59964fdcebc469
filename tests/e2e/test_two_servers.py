# SPDX-License-Identifier: Apache-2.0
"""Two msgd on one PostgreSQL: what one of them is told holds on the other."""

import time

import pytest
from api import Api, World
from conftest import WebSocket

SOCKETS_CLOSE_WITHIN_S = 5.0


@pytest.fixture
def servers(postgres, start_msgd):
    """The world of the first, and the second."""
    first = start_msgd(f"--store={postgres.url}", "--node=1")
    world = World(first)
    return world, start_msgd(f"--store={postgres.url}", "--node=2")


def at(server, person):
    """The same person, asking another server."""
    there = Api(server.url, person.token)
    there.id = person.id
    return there


def listen(server, token):
    """A connection that has shown its token."""
    socket = WebSocket(server.address)
    socket.send_json({"id": 1, "op": "hello", "token": token, "cursor": ""})
    assert socket.read_json()["ok"]
    return socket


def test_a_revoked_session_ends_on_every_server(servers):
    world, second = servers
    alice = world.person("Alice")
    assert at(second, alice).get("/me").status == 200
    with listen(second, alice.token) as socket:
        start = time.monotonic()
        assert alice.delete(f"/sessions/{alice.session_id}").status == 204
        refused = at(second, alice).get("/me")
        assert (refused.status, refused.code) == (401, "unauthenticated"), "HTTP asks the store"
        assert socket.read_close()[0] == 4401
        assert time.monotonic() - start < SOCKETS_CLOSE_WITHIN_S


def test_a_revoked_session_leaves_the_others_of_its_user_open(servers):
    world, second = servers
    alice = world.person("Alice")
    other = world.key.post(f"/users/{alice.id}/sessions", {"device_name": "other"}).json
    with listen(second, alice.token) as gone, listen(second, other["token"]) as kept:
        assert alice.delete(f"/sessions/{alice.session_id}").status == 204
        assert gone.read_close()[0] == 4401
        kept.send_json({"id": 2, "op": "ping"})
        while (reply := kept.read_json()).get("id") != 2:
            pass
        assert reply["ok"]


def test_a_revoked_key_ends_on_every_server(servers):
    world, second = servers
    made = world.key.post("/keys", {"name": "backend", "scopes": ["act_as_user"]}).json
    alice = world.person("Alice")
    there = Api(second.url, made["secret"], alice.id)
    assert there.get("/me").status == 200
    assert world.key.delete(f"/keys/{made['key']['id']}").status == 204
    refused = there.get("/me")
    assert (refused.status, refused.code) == (401, "unauthenticated")
