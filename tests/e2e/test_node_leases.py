# SPDX-License-Identifier: Apache-2.0
"""msgd with node numbers from PostgreSQL: each has its own, and one that was away for too long makes
no more ids with a number that another has by now."""

import os
import signal
import threading
import time

import pytest
from api import Api, World

DEADLINE_S = 30
ENOUGH = 10  # of what a writer does, before and after


@pytest.fixture
def start_node(own_postgres, start_msgd):
    # What a stopped process has begun is undone after two seconds.
    return lambda: start_msgd(f"--store={own_postgres.url}&msg_timeout_ms=1000", "--node=auto")


def node_of(server):
    metrics = Api(server.url).call("GET", "/metrics").body
    return next(int(line.split()[1]) for line in metrics.splitlines()
                if line.startswith("msgd_node "))


def maker_of(made):
    """The node number in an id."""
    return int(made) >> 12 & 1023


def wait_until(is_so):
    deadline = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)  # between two questions, not in the place of one


def test_each_has_a_number_of_its_own_and_gives_it_back(start_node):
    first, second = start_node(), start_node()
    assert (node_of(first), node_of(second)) == (24, 25)
    assert first.terminate() == 0
    third = start_node()
    assert node_of(third) == 24
    assert maker_of(World(second).person().id) == 25


class Writer(threading.Thread):
    """Says things in one conversation, and makes others, at one server, again until it is told that
    they are there."""

    def __init__(self, name, api, chat):
        super().__init__()
        self.name, self.api, self.chat = name, api, chat
        self.seqs, self.made, self.refusals, self.problems = [], [], [], []
        self.is_over = threading.Event()

    def run(self):
        try:
            while not self.is_over.is_set():
                said = {"content": self.name, "client_id": f"{self.name}-{len(self.seqs)}"}
                self.seqs.append(self.ask(f"/conversations/{self.chat}/messages", said)["seq"])
                self.made.append(self.ask("/conversations", {"kind": "group", "title": "g"})["id"])
        except Exception as problem:  # for the test to show
            self.problems.append(problem)

    def ask(self, path, body):
        while True:
            answer = self.api.post(path, body)
            if answer.status in (200, 201):
                return answer.json
            assert answer.status == 503 and answer.code == "unavailable", answer
            assert answer.headers["Retry-After"], answer
            self.refusals.append(answer)
            time.sleep(0.05)  # a client's backoff

    def wait_for_more(self):
        wanted = len(self.made) + ENOUGH
        wait_until(lambda: self.problems or len(self.made) >= wanted)


def test_who_was_away_for_too_long_makes_no_more_ids_with_its_number(own_postgres, start_node):
    stale = start_node()
    world = World(stale)
    alice = world.person()
    chat = world.group(alice)
    servers = [stale, start_node()]
    writers = []

    def write_at(server):
        writers.append(Writer(f"w{len(writers)}", Api(server.url, alice.token), chat))
        writers[-1].start()
        return writers[-1]

    try:
        for server in servers * 2:
            write_at(server)
        for writer in writers:
            writer.wait_for_more()
        os.kill(stale.process.pid, signal.SIGSTOP)
        wait_until(lambda: own_postgres.query("SELECT count(*) FROM pg_stat_activity "
                                              "WHERE state LIKE 'idle in transaction%'") == "0")
        # A minute later, as far as the database knows; the process's own clock says otherwise.
        own_postgres.query(
            "UPDATE node_lease SET expires_at = now() - interval '1 s' WHERE node = 24")
        heir = start_node()
        assert node_of(heir) == 24
        write_at(heir).wait_for_more()
        of_stale = [len(writer.made) for writer in writers]
        os.kill(stale.process.pid, signal.SIGCONT)
        for writer in writers:
            writer.wait_for_more()
    finally:
        os.kill(stale.process.pid, signal.SIGCONT)
        for writer in writers:
            writer.is_over.set()
        for writer in writers:
            writer.join(DEADLINE_S)
    assert [writer.problems for writer in writers] == [[]] * 5
    for place in (0, 2):
        # The answer to the one in flight may have been on its way already.
        later = {maker_of(made) for made in writers[place].made[of_stale[place] + 1:]}
        assert later == {48}, "another number, of the same writer"
    assert {maker_of(made) for made in writers[4].made} == {24}
    assert node_of(stale) == 48
    assert "24" in stale.wait_for_log("store")["what"]
    everything = [made for writer in writers for made in writer.made]
    assert len(set(everything)) == len(everything), "no id twice"
    seqs = sorted(seq for writer in writers for seq in writer.seqs)
    assert seqs == list(range(1, len(seqs) + 1)), "each message once, none lost"
    print("refusals", sum(len(writer.refusals) for writer in writers))
