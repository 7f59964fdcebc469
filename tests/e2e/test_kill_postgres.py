# SPDX-License-Identifier: Apache-2.0
"""msgd over PostgreSQL is killed again and again, also while it makes the schema and opens; people
write over HTTP, each message under a key, and send again what was not answered."""

import http.client
import json
import os
import random
import subprocess
import threading
import time

import pytest
from conftest import Msgd, binary
from postgres import Postgres, programs

KILLS = int(os.environ.get("MSG_SERVER_KILLS", 50))
WRITERS = 4
DEADLINE_S = 30


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
    return True


class Mortal(Msgd):
    """A msgd that is killed and comes back in the same folder on the same port."""

    def start(self):
        self._reader.join(DEADLINE_S)
        self.log.clear()
        command = list(self.process.args)
        command[command.index("--listen") + 1] = f"127.0.0.1:{self.port}"
        variables = {k: v for k, v in os.environ.items() if not k.startswith("MSG_") and k != "PORT"}
        self.process = subprocess.Popen(
            command, cwd=self.folder, env=variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def kill_within(self, seconds):
        """Ends it at a moment that has nothing to do with what it does."""
        with pytest.raises(subprocess.TimeoutExpired):
            self.process.wait(random.uniform(0, seconds))
        self.kill()


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
                if answer.status == 503:  # PostgreSQL has not let go of the killed one's lock
                    continue
                assert answer.status in (200, 201), (method, path, answer.status, text)
                return json.loads(text)
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None


class Play:
    """Writers, a reader, and what they were told."""

    def __init__(self, server):
        self.server = server
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

    def wait_for(self, more):
        """Until so many more messages were acknowledged."""
        with self.changed:
            goal = len(self.acknowledged) + more
            assert self.changed.wait_for(
                lambda: self.failure or len(self.acknowledged) >= goal, DEADLINE_S)
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
    assert len(contents) == len(play.acknowledged), "one that nobody was told of"
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


@pytest.fixture
def database():
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    server = Postgres()
    yield server
    server.stop()


def test_nothing_acknowledged_is_lost_to_kills_of_the_server(database):
    seed = random.randrange(2**32)
    print("seed", seed)
    random.seed(seed)
    # The first lives end while they make the schema, each in a place of its own.
    in_opening = KILLS // 5
    for life in range(in_opening):
        database.query(f"CREATE SCHEMA place_{life}")
    server = Mortal(binary("MSGD"), ("--store", database.url))
    try:
        store = server.process.args.index("--store") + 1
        server.kill()
        for life in range(in_opening):
            place = f"{database.url}&options=-csearch_path%3Dplace_{life}"
            server.process.args[store] = place
            server.start()
            server.kill_within(0.3)
        server.start()  # what the last of them left opens
        server.wait_for_log("listening")
        server.kill()
        server.process.args[store] = database.url
        (server.folder / "dev-tokens.json").unlink(missing_ok=True)  # of another place
        server.start()
        server.wait_for_log("listening")

        play = Play(server)
        play.is_up.set()
        writers = [play.guarded(play.write, n) for n in range(WRITERS)]
        reader = play.guarded(play.follow)
        for life in range(KILLS - in_opening):
            if life % 4 == 3:  # before it answers anybody
                play.is_up.clear()
                server.kill()
                server.start()
                server.kill_within(0.2)
            else:
                play.wait_for(random.randint(1, 40))
                play.is_up.clear()
                server.kill()
            server.start()
            server.wait_for_log("listening")
            play.is_up.set()
        play.wait_for(20)
        play.is_over.set()
        for thread in writers:
            thread.join(DEADLINE_S)
        play.is_written.set()
        reader.join(DEADLINE_S)
        assert not any(thread.is_alive() for thread in (*writers, reader))
        if play.failure:
            raise play.failure
        assert play.read >= play.seen
        check(play)
        print(KILLS, "kills,", len(play.acknowledged), "messages")
    finally:
        server.stop()
