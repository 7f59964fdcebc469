# SPDX-License-Identifier: Apache-2.0
"""People who write over HTTP, each message under a key, and send again what was not answered; one
who reads; and what must be there in the end, whatever was killed meanwhile."""

import http.client
import json
import random
import threading
import time

DEADLINE_S = 30


class Client:
    """One connection at a time; asks until it is answered."""

    def __init__(self, play, token):
        self.play = play
        self.token = token
        self.connection = None

    def call(self, method, path, body=None, key=None):
        """The answer, however often the server dies on the way."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body)
        while True:
            assert self.play.is_up.wait(DEADLINE_S), "no msgd"
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(
                        "127.0.0.1", self.play.server.port, timeout=DEADLINE_S)
                self.connection.request(method, "/api/v1" + path, data, headers)
                answer = self.connection.getresponse()
                text = answer.read()
                if answer.status == 503:  # nobody there, or a killed one's lock still is
                    time.sleep(self.play.pause_s)
                    continue
                assert answer.status in (200, 201), (method, path, answer.status, text)
                return json.loads(text)
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None


class Play:
    """Writers, a reader, and what they were told. `server` has a port and dev_tokens()."""

    def __init__(self, server, pause_s=0):
        self.server = server
        self.pause_s = pause_s  # before what was answered "unavailable" is asked again
        self.gap_start = time.monotonic()
        self.longest_gap_s = 0.0  # between two acknowledgements, since it was set to 0
        self.is_up = threading.Event()
        self.is_over = threading.Event()  # for the writers
        self.is_written = threading.Event()  # for the reader
        self.changed = threading.Condition()
        self.acknowledged = {}  # key -> (sender, seq)
        self.read = 0  # acknowledged receipt of bob
        self.seen = 0  # of bob, by sync
        self.failure = None
        self.people = server.dev_tokens()["users"]
        self.conversation = None
        self.before = 0  # messages there that are others'

    def write(self, number):
        name, peer = [("alice", "bob"), ("bob", "alice")][number % 2]
        client = Client(self, self.people[name]["token"])
        for count in range(10**9):
            if self.is_over.is_set():
                return
            key = f"{number}-{count}"
            body = {"receiver_id": self.people[peer]["id"], "content": f"{name} {key}"}
            message = client.call("POST", "/messages", body, key)
            assert message["content"] == body["content"]
            with self.changed:
                self.acknowledged[key] = (name, message["seq"])
                self.conversation = message["conversation_id"]
                now = time.monotonic()
                self.longest_gap_s = max(self.longest_gap_s, now - self.gap_start)
                self.gap_start = now
                self.changed.notify_all()

    def follow(self):
        """Bob's other device: what sync offers has no hole and comes once; he reads it all."""
        client = Client(self, self.people["bob"]["token"])
        cursor = ""
        while True:
            over = self.is_written.is_set()
            page = client.call("GET", "/sync" + (f"?cursor={cursor}" if cursor else ""))
            cursor = page["cursor"]
            for delta in page["conversations"]:
                seqs = [m["seq"] for m in delta["messages"]]
                if not seqs:
                    continue
                first = delta["missing"]["from"] if delta["missing"] else seqs[0]
                assert first == self.seen + 1, f"after seq {self.seen} came seq {first}"
                self.seen = seqs[-1]
                path = f"/conversations/{delta['view']['conversation']['id']}/read"
                self.read = client.call("POST", path, {"seq": self.seen})["read"]
                assert self.read >= self.seen
            if over and not page["has_more"]:
                return

    def guarded(self, work, *arguments):
        def run():
            try:
                work(*arguments)
            except BaseException as failure:  # told to whoever waits
                with self.changed:
                    self.failure = self.failure or failure
                    self.changed.notify_all()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def end(self, writers, reader):
        """All that was begun is answered, and read."""
        self.is_over.set()
        for thread in writers:
            thread.join(DEADLINE_S)
        self.is_written.set()
        reader.join(DEADLINE_S)
        assert not any(thread.is_alive() for thread in (*writers, reader))
        if self.failure:
            raise self.failure
        assert self.read >= self.seen

    def wait_for(self, more, deadline_s=DEADLINE_S):
        """Until so many more messages were acknowledged."""
        with self.changed:
            goal = len(self.acknowledged) + more
            assert self.changed.wait_for(
                lambda: self.failure or len(self.acknowledged) >= goal, deadline_s), "no answers"
            if self.failure:
                raise self.failure


def check(play):
    """Everything that was acknowledged is there, once, at its seq; a key still gives its message."""
    alice = Client(play, play.people["alice"]["token"])
    messages = []
    while True:
        after = len(messages)
        page = alice.call(
            "GET", f"/conversations/{play.conversation}/messages?order=asc&limit=200&after={after}")
        messages += page["items"]
        if not page["page"]["has_more"]:
            break
    assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1)), "a hole"
    contents = [m["content"] for m in messages]
    assert len(set(contents)) == len(contents), "a message is there twice"
    assert len(contents) == play.before + len(play.acknowledged), "one that nobody was told of"
    for key, (name, seq) in play.acknowledged.items():
        assert contents[seq - 1] == f"{name} {key}", f"acknowledged and lost: {key} at {seq}"
    assert play.seen == len(messages)
    for key, (name, seq) in random.sample(sorted(play.acknowledged.items()), 20):
        peer = play.people["bob" if name == "alice" else "alice"]["id"]
        again = Client(play, play.people[name]["token"]).call(
            "POST", "/messages", {"receiver_id": peer, "content": f"{name} {key}"}, key)
        assert again["seq"] == seq
    bob = Client(play, play.people["bob"]["token"])
    view = bob.call("GET", f"/conversations/{play.conversation}")
    assert view["unread_count"] == 0
    assert view["conversation"]["last_seq"] == len(messages)
