# SPDX-License-Identifier: Apache-2.0
"""Where no WebSocket gets through: the event stream and the sync that waits, from outside."""

import json
import shutil
import subprocess
import threading
import time

import pytest

from api import World
from conftest import WS_PATH, Peer, WebSocket


@pytest.fixture(scope="module")
def world(msgd):
    made = World(msgd)
    made.address = msgd.address
    return made


def direct(a, b):
    return a.post("/conversations", {"kind": "direct", "user_id": b.id}).json["id"]


def say(person, conversation, content):
    answer = person.post(f"/conversations/{conversation}/messages", {"content": content})
    assert answer.status == 201, answer
    return answer.json


class Events:
    """A reader of an event stream, as the HTML standard has it."""

    def __init__(self, world, person, last_id=None, receive_buffer=None, query=""):
        self.peer = Peer(world.address, receive_buffer)
        self.last_id = last_id
        self.retry = None
        last = f"Last-Event-ID: {last_id}\r\n" if last_id is not None else ""
        self.peer.send(
            f"GET /api/v1/events{query} HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n"
            f"Authorization: Bearer {person.token}\r\n{last}\r\n".encode())
        self.head = self.peer.read_until(b"\r\n\r\n").decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.socket.close()

    def read(self):
        """The next event: its data, with the last event id noted."""
        while True:
            name, data, identity = "message", [], None
            for line in self.peer.read_until(b"\n\n").decode()[:-2].split("\n"):
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if field == "event":
                    name = value
                elif field == "data":
                    data.append(value)
                elif field == "id":
                    identity = value
                elif field == "retry":
                    self.retry = int(value)
                else:
                    assert field == "", line  # a comment
            if identity is not None:
                self.last_id = identity
            if data:
                event = json.loads("\n".join(data))
                assert event["event"] == name
                return event

    def wait_for(self, kind):
        while True:
            event = self.read()
            if event["event"] == kind:
                return event


class Taken:
    """Which messages of one conversation a device was given, each to be given once."""

    def __init__(self):
        self.seqs = []

    def message(self, seq):
        assert seq == len(self.seqs) + 1, f"{seq} after {self.seqs[-3:]}"
        self.seqs.append(seq)

    def delta(self, delta):
        if delta["missing"]:
            for seq in range(delta["missing"]["from"], delta["missing"]["to"] + 1):
                self.message(seq)
        for message in delta["messages"]:
            self.message(message["seq"])

    def event(self, event):
        if event["event"] == "message":
            self.message(event["message"]["seq"])
        elif event["event"] == "sync":
            self.delta(event["conversation"])


def test_head_of_a_stream(world):
    alice = world.person()
    with Events(world, alice) as events:
        lines = events.head.lower().split("\r\n")
        assert lines[0] == "http/1.1 200 ok"
        assert "content-type: text/event-stream" in lines
        assert "cache-control: no-store" in lines and "connection: close" in lines
        assert not [x for x in lines if x.startswith(("content-length", "transfer-encoding"))]
        live = events.read()
        assert live["event"] == "live" and events.last_id == live["cursor"]


@pytest.mark.parametrize("fields, status, code", [
    ("", 401, "unauthenticated"),
    ("Authorization: Bearer mss_wrong\r\n", 401, "unauthenticated"),
    ("Accept: application/json\r\n", 406, "not_acceptable"),
    ("Authorization: Bearer {token}\r\nLast-Event-ID: nonsense\r\n", 422, "invalid_argument"),
    ("X-User-Id: 1\r\nAuthorization: Bearer {token}\r\n", 403, "permission_denied"),
])
def test_what_is_refused_is_an_answer_and_no_stream(world, fields, status, code):
    fields = fields.format(token=world.person().token)
    with Peer(world.address) as peer:
        peer.send(f"GET /api/v1/events HTTP/1.1\r\nHost: t\r\n{fields}\r\n".encode())
        response = peer.read_response()
        assert (response.status, response.json()["code"]) == (status, code)


def test_head_request_opens_no_stream(world):
    with Peer(world.address) as peer:
        token = world.person().token
        peer.send(f"HEAD /api/v1/events HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {token}\r\n\r\n"
                  "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        assert peer.read_response(head_only=True).header("content-type") == "text/event-stream"
        assert peer.read_response().status == 200


def test_same_events_in_the_same_order_as_a_websocket(world):
    alice, bob = world.people(2)
    room = direct(alice, bob)
    with Events(world, alice) as events, WebSocket(world.address) as ws:
        ws.send_json({"id": 1, "op": "hello", "token": alice.token})
        assert ws.read_json()["ok"] and ws.read_json()["event"] == "live"
        events.wait_for("live")
        for i in range(60):
            say(bob if i % 3 else alice, room, f"m{i}")
        alice.post(f"/conversations/{room}/read", {"seq": 40})
        bob.post(f"/conversations/{room}/delivered", {"seq": 60})
        bob.post(f"/conversations/{room}/typing")
        say(bob, room, "end")
        streamed, framed = [], []
        while not streamed or streamed[-1].get("message", {}).get("content") != "end":
            streamed.append(events.read())
        while not framed or framed[-1].get("message", {}).get("content") != "end":
            framed.append(ws.read_json())
        assert streamed == framed
        assert [e["event"] for e in streamed][-4:] == ["receipt", "receipt", "typing", "message"]


def test_a_cut_stream_goes_on_from_its_last_id(world):
    alice, bob = world.people(2)
    room = direct(alice, bob)
    count = 300
    sender = threading.Thread(target=lambda: [say(bob, room, f"m{i}") for i in range(count)])
    taken, last = Taken(), ""
    sender.start()
    try:
        while len(taken.seqs) < count:
            with Events(world, alice, last_id=last) as events:
                before = len(taken.seqs)
                while len(taken.seqs) < min(before + 37, count):
                    event = events.read()
                    # A sync page is complete with its last event; a device keeps it as a whole.
                    taken.event(event)
                last = events.last_id
    finally:
        sender.join()
    assert taken.seqs == list(range(1, count + 1))


def test_polls_in_a_row_miss_nothing(world):
    alice, bob = world.people(2)
    room = direct(alice, bob)
    cursor = alice.get("/sync").json["cursor"]
    count = 200
    sender = threading.Thread(target=lambda: [say(bob, room, f"m{i}") for i in range(count)])
    taken, empty = Taken(), 0
    sender.start()
    try:
        while len(taken.seqs) < count:
            page = alice.get("/sync", cursor=cursor, wait_s=20).json
            empty += not page["conversations"]
            for delta in page["conversations"]:
                taken.delta(delta)
            cursor = page["cursor"]
    finally:
        sender.join()
    assert empty == 0


def test_a_poll_waits_and_is_woken(world):
    alice, bob = world.people(2)
    room = direct(alice, bob)
    cursor = alice.get("/sync").json["cursor"]
    start = time.monotonic()
    page = alice.get("/sync", cursor=cursor, wait_s=1).json
    assert page["conversations"] == [] and time.monotonic() - start >= 1
    timer = threading.Timer(0.3, lambda: say(bob, room, "hi"))
    timer.start()
    start = time.monotonic()
    page = alice.get("/sync", cursor=page["cursor"], wait_s=30).json
    assert page["conversations"][0]["messages"][0]["content"] == "hi"
    assert time.monotonic() - start < 15
    timer.join()


def test_wait_is_bounded(world):
    alice = world.person()
    for wrong in (-1, 61, "soon", 2**70):
        answer = alice.get("/sync", wait_s=wrong)
        assert (answer.status, answer.pointers) == (422, ["?wait_s"]), answer


def test_waiting_requests_do_not_take_the_place_of_others(start_msgd):
    server = start_msgd("--in-flight-max=4", "--worker-threads=2")
    world = World(server)
    waiting = []
    for person in world.people(8):
        cursor = person.get("/sync").json["cursor"]
        peer = server.connect()
        peer.send(f"GET /api/v1/sync?cursor={cursor}&wait_s=30 HTTP/1.1\r\nHost: t\r\n"
                  f"Authorization: Bearer {person.token}\r\n\r\n".encode())
        waiting.append(peer)
        metric = "msgd_long_polls %d" % len(waiting)
        while metric not in world.nobody.call("GET", "/metrics").body:
            pass
    assert world.person().get("/me").status == 200
    assert "msgd_requests_in_flight 1\n" in world.nobody.call("GET", "/metrics").body
    server.process.terminate()
    for peer in waiting:
        response = peer.read_response()
        assert response.status == 200 and response.json()["conversations"] == []
        assert response.header("connection") == "close"
        peer.expect_end()
    assert server.process.wait(20) == 0


def test_what_is_asked_of_a_server_that_ends_is_answered_as_before(start_msgd):
    """A browser's EventSource that was refused does not come back by itself."""
    server = start_msgd("--drain-window-ms=700")
    world = World(server)
    alice, bob = world.people(2)
    room = direct(alice, bob)
    cursor = alice.get("/sync").json["cursor"]
    say(bob, room, "hi")
    stream, poll = server.connect(), server.connect()
    for peer, path in ((stream, f"/events?cursor={cursor}"),
                       (poll, f"/sync?cursor={cursor}&wait_s=60")):
        # Begun, as the answer to what stands in front of it says.
        peer.send(f"GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n"
                  f"GET /api/v1{path} HTTP/1.1\r\nHost: t\r\n".encode())
        assert peer.read_response().status == 200
    server.process.terminate()
    server.wait_for_log("drain")
    rest = f"Authorization: Bearer {alice.token}\r\n\r\n".encode()
    stream.send(rest)
    text = stream.read_until(b"\r\n\r\n").decode()
    assert text.startswith("HTTP/1.1 200 "), text
    assert stream.read_until(b"\n\n").startswith(b"event: sync\n")
    while not (text := stream.read_until(b"\n\n").decode()).startswith("event: close\n"):
        pass
    assert '"code":1012' in text
    stream.expect_end()
    poll.send(rest)
    response = poll.read_response()
    assert response.status == 200
    assert response.json()["conversations"][0]["messages"][0]["content"] == "hi"
    poll.expect_end()
    assert server.process.wait(20) == 0


def test_connections_of_a_user_are_counted_together(start_msgd):
    server = start_msgd("--sessions-per-user-max=3")
    world = World(server)
    world.address = server.address
    alice = world.person()
    oldest = Events(world, alice)
    oldest.wait_for("live")
    with WebSocket(server.address, path=WS_PATH) as ws, Events(world, alice) as events:
        ws.send_json({"id": 1, "op": "hello", "token": alice.token})
        assert ws.read_json()["ok"]
        events.wait_for("live")
        cursor = alice.get("/sync").json["cursor"]
        assert alice.get("/sync", cursor=cursor, wait_s=1).status == 200
        assert oldest.wait_for("close")["code"] == 4503
        oldest.peer.expect_end()


def test_revoking_ends_a_stream(world):
    alice = world.person()
    with Events(world, alice) as events:
        events.wait_for("live")
        alice.delete(f"/sessions/{alice.session_id}")
        assert events.wait_for("close")["code"] == 4401
        events.peer.expect_end()


def test_a_stream_ends_with_the_server_and_goes_on_with_the_next(start_msgd):
    server = start_msgd("--drain-window-ms=700")
    world = World(server)
    world.address = server.address
    alice, bob = world.people(2)
    room = direct(alice, bob)
    with Events(world, alice, last_id="") as events:
        events.wait_for("live")
        say(bob, room, "before")
        events.wait_for("message")
        server.process.terminate()
        closed = events.wait_for("close")
        assert closed["code"] == 1012 and closed["reason"] == f"retry_after_ms={events.retry}"
        assert 0 <= events.retry <= 700
        events.peer.expect_end()
    assert server.process.wait(20) == 0
    again = start_msgd(environment={"MSG_STORE": f"sqlite:{server.folder}/msg-data/msg.db"})
    world.address, alice.url, bob.url = again.address, again.url, again.url
    say(bob, room, "after")
    with Events(world, alice, last_id=events.last_id) as events:
        sync = events.read()
        assert [m["content"] for m in sync["conversation"]["messages"]] == ["after"]
        assert events.read()["event"] == "live"


def test_a_slow_reader_costs_bounded_memory_and_loses_nothing(start_msgd):
    server = start_msgd("--outbox-frames-max=32", "--write-timeout-ms=60000")
    world = World(server)
    world.address = server.address
    alice, bob = world.people(2)
    room = direct(alice, bob)
    with Events(world, alice, receive_buffer=4096) as events:
        events.wait_for("live")
        text = "x" * 20_000
        for i in range(400):
            say(bob, room, text)
        taken = Taken()
        while len(taken.seqs) < 400:
            taken.event(events.read())
    metrics = world.nobody.call("GET", "/metrics").body
    assert "msgd_ws_resyncs_total 0\n" not in metrics, "it was never behind"


def test_a_stream_is_kept_alive_by_comments(start_msgd):
    server = start_msgd("--ws-ping-interval-ms=300", "--ws-silence-timeout-ms=900")
    world = World(server)
    world.address = server.address
    with Events(world, world.person()) as events:
        events.wait_for("live")
        for _ in range(5):  # longer than a WebSocket may be silent
            assert events.peer.read_until(b"\n\n") == b":\n\n"


def curl(world, person, path, *more):
    return subprocess.Popen(
        ["curl", "-sN", *more, "-H", f"Authorization: Bearer {person.token}",
         f"http://{world.address[0]}:{world.address[1]}/api/v1{path}"],
        stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_with_curl(world):
    alice, bob = world.people(2)
    room = direct(alice, bob)
    stream = curl(world, alice, "/events", "-H", "Accept: text/event-stream")
    try:
        assert stream.stdout.readline() == "event: live\n"
        cursor = stream.stdout.readline().removeprefix("id: ").strip()
        assert stream.stdout.readline().startswith('data: {"event":"live"')
        say(bob, room, "hello, curl")
        assert stream.stdout.readline() == "\n"
        assert stream.stdout.readline() == "event: message\n"
        assert stream.stdout.readline().startswith("id: ")
        data = json.loads(stream.stdout.readline().removeprefix("data: "))
        assert data["message"]["content"] == "hello, curl"
    finally:
        stream.kill()
        stream.wait()
    poll = curl(world, alice, f"/sync?cursor={cursor}&wait_s=30")
    page = json.loads(poll.communicate(timeout=60)[0])
    assert page["conversations"][0]["messages"][0]["content"] == "hello, curl"
    poll = curl(world, alice, f"/sync?cursor={page['cursor']}&wait_s=30")
    say(bob, room, "and again")
    page = json.loads(poll.communicate(timeout=60)[0])
    assert page["conversations"][0]["messages"][-1]["content"] == "and again"
