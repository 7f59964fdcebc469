# SPDX-License-Identifier: Apache-2.0
"""How often things may be asked, over HTTP and WebSocket."""

import json
import re

import pytest

from api import Api
from conftest import WebSocket
from test_msgctl import Ctl

FEW = ("--rate-sends=4:0.001", "--rate-groups=2:0.001", "--rate-searches=2:0.001", "--rate-other=6:0.001",
       "--rate-anonymous=200:100", "--rate-key=1000:100")


@pytest.fixture
def limited(start_msgd):
    return start_msgd(*FEW, rate_limits=True)


def user(server, name):
    entry = server.dev_tokens()["users"][name]
    return Api(server.url, entry["token"], entry["id"])


def peer_id(server, name):
    return server.dev_tokens()["users"][name]["id"]


def send(api, receiver, text):
    return api.call("POST", "/api/v1/messages", {"receiver_id": receiver, "content": text})


def test_sends_are_limited_and_nothing_is_dropped_silently(limited):
    alice, bob = user(limited, "alice"), user(limited, "bob")
    answers = [send(alice, bob.id, f"m{n}") for n in range(6)]
    assert [a.status for a in answers] == [201] * 4 + [429] * 2
    for n, answer in enumerate(answers[:4]):
        assert answer.headers["RateLimit-Policy"] == '"sends";q=4;w=4000'
        assert re.fullmatch(rf'"sends";r={3 - n};t=\d+', answer.headers["RateLimit"])
    refused = answers[4]
    assert refused.code == "rate_limited"
    assert 900 <= int(refused.headers["Retry-After"]) <= 1000
    assert re.fullmatch(r'"sends";r=0;t=(9\d\d|1000)', refused.headers["RateLimit"])
    listed = bob.call("GET", "/api/v1/messages", query={"peer_id": alice.id}).json["items"]
    assert [m["content"] for m in listed if m["content"].startswith("m")] in (
        ["m0", "m1", "m2", "m3"], ["m3", "m2", "m1", "m0"])
    # Another class and another user are not concerned.
    assert alice.call("GET", "/api/v1/me").status == 200
    assert send(bob, alice.id, "m").status == 201


def test_every_change_of_a_message_counts_as_a_send(limited):
    alice, bob = user(limited, "alice"), user(limited, "bob")
    path = "/api/v1/messages/" + send(alice, bob.id, "x").json["id"]
    assert alice.call("POST", path + "/pin").status < 300
    assert alice.call("DELETE", path + "/pin").status < 300
    assert alice.call("PATCH", path, {"content": "y"}).status == 200
    assert alice.call("PATCH", path, {"content": "w"}).status == 429
    assert alice.call("DELETE", path).status == 429
    assert alice.call("POST", path + "/reactions", {"emoji": "+"}).status == 429


def test_groups_and_searches_have_their_own(limited):
    alice = user(limited, "alice")
    made = [alice.call("POST", "/api/v1/conversations", {"kind": "group", "title": "g"}).status for _ in range(3)]
    assert made == [201, 201, 429]
    found = [alice.call("GET", "/api/v1/users/by-username/bob") for _ in range(3)]
    assert [a.status for a in found] == [200, 200, 429]
    assert found[2].headers["RateLimit-Policy"] == '"searches";q=2;w=2000'


def test_a_key_has_limits_of_its_own(limited):
    tokens = limited.dev_tokens()
    backend = Api(limited.url, tokens["key"], tokens["users"]["alice"]["id"])
    answers = [send(backend, tokens["users"]["bob"]["id"], f"k{n}") for n in range(10)]
    assert [a.status for a in answers] == [201] * 10
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=1000;w=10'
    assert send(user(limited, "alice"), tokens["users"]["bob"]["id"], "own").status == 201


def test_bad_tokens_are_counted_by_address(start_msgd):
    server = start_msgd("--rate-anonymous=3:0.001", rate_limits=True)
    statuses = [Api(server.url, f"mss_{n}").call("GET", "/api/v1/me").status for n in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert user(server, "alice").call("GET", "/api/v1/me").status == 200, "a good token is its user's"
    assert Api(server.url).call("GET", "/api/v1/me").status == 429
    for _ in range(20):
        server.assert_alive()  # health is never counted


def session(server, name):
    socket = WebSocket(server.address)
    socket.send_json({"id": 1, "op": "hello", "token": user(server, name).token})
    assert reply_to(socket, 1)["ok"]
    return socket


def reply_to(socket, number):
    while True:
        frame = socket.read_json()
        if frame.get("id") == number:
            return frame


def test_rest_and_websocket_share_one_bucket(limited):
    alice, bob = user(limited, "alice"), peer_id(limited, "bob")
    with session(limited, "alice") as socket:
        for n in (2, 3):
            socket.send_json({"id": n, "op": "send", "receiver_id": bob, "content": "ws"})
            assert reply_to(socket, n)["ok"]
        assert [send(alice, bob, "rest").status for _ in range(3)] == [201, 201, 429]
        socket.send_json({"id": 4, "op": "send", "receiver_id": bob, "content": "ws"})
        error = reply_to(socket, 4)["error"]
        assert (error["code"], error["status"]) == ("rate_limited", 429)
        assert 900_000 < error["retry_after_ms"] <= 1_000_000
        # It goes on: what is not limited is answered.
        socket.send_json({"id": 5, "op": "ping"})
        assert reply_to(socket, 5)["ok"]


def test_a_session_that_does_not_wait_is_closed_with_4429(limited):
    bob = peer_id(limited, "bob")
    with session(limited, "alice") as socket:
        for n in range(2, 45):
            socket.send_json({"id": n, "op": "send", "receiver_id": bob, "content": "spam"})
        refused = 0
        code = None
        while code is None:
            first, payload = socket.read_frame()
            if first == 0x88:
                code, reason = int.from_bytes(payload[:2], "big"), payload[2:].decode()
            else:
                refused += b"rate_limited" in payload
        assert code == 4429
        assert re.fullmatch(r"retry_after_ms=\d+", reason)
        assert refused == 31


def test_websockets_are_counted_by_address(start_msgd):
    server = start_msgd("--rate-anonymous=2:0.001", rate_limits=True)
    with WebSocket(server.address) as one, WebSocket(server.address) as two, WebSocket(server.address) as three:
        code, reason = three.read_close()
        assert code == 4429 and reason.startswith("retry_after_ms=")


def test_polls_and_streams_count_when_they_start(limited):
    alice = user(limited, "alice")
    statuses = [alice.call("GET", "/api/v1/sync").status for _ in range(8)]
    assert statuses == [200] * 6 + [429] * 2
    assert alice.call("GET", "/api/v1/events", headers={"Accept": "text/event-stream"}).status == 429


def test_refusals_are_counted_for_the_operator(limited):
    alice, bob = user(limited, "alice"), peer_id(limited, "bob")
    for n in range(7):
        send(alice, bob, "x")
    text = Api(limited.url).call("GET", "/metrics").body
    assert 'msgd_rate_limited_total{rule="sends"} 3' in text
    assert 'msgd_rate_limited_total{rule="groups"} 0' in text


def test_defaults_and_no_rate_limits(start_msgd):
    usual = start_msgd(rate_limits=True)
    alice, bob = user(usual, "alice"), peer_id(usual, "bob")
    answer = send(alice, bob, "x")
    assert answer.headers["RateLimit-Policy"] == '"sends";q=60;w=60'
    free = start_msgd()
    answer = send(user(free, "alice"), peer_id(free, "bob"), "x")
    assert answer.status == 201 and "RateLimit" not in answer.headers


@pytest.mark.parametrize("rule", ["60", "0:1", "60:0", "a:b", "60:1:2", "-1:1", "60:1e9"])
def test_a_rule_that_is_none_is_refused(start_msgd, rule):
    with pytest.raises(AssertionError, match="BURST:PER_SECOND"):
        start_msgd(f"--rate-sends={rule}")


def test_msgctl_waits_and_keeps_the_order(start_msgd, msgctl):
    server = start_msgd("--rate-sends=3:5", rate_limits=True)
    server.dev_tokens()
    lines = [f"line {number}" for number in range(8)]
    done = Ctl(msgctl, server.folder).run("chat", "--as", "alice", "bob", text="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stdout + done.stderr
    history = Ctl(msgctl, server.folder).ok("history", "--as", "bob", "alice", "--order", "asc", "--json")
    assert [m["content"] for m in json.loads(history)["items"]] == lines
