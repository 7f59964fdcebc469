# SPDX-License-Identifier: Apache-2.0
"""RFC 6455 from outside, in raw frames: the tables are in ws_conformance/.

All cases talk to one msgd, each on a connection of its own, eight at a time. No deadline is to fall
due here: those are tested in test_ws_guard.py."""

import concurrent.futures
import json
import time

import pytest

from api import World
from conftest import START_S, Msgd, binary
from ws_conformance import CHAPTERS, runner, words

AT_ONCE = 8
CASES_MIN = 300
CASES = {f"{chapter.title}: {case.name}": case for chapter in CHAPTERS for case in chapter.cases}
OPTIONS = (
    "--origin=https://chat.example",
    "--origin=http://localhost:5173",
    "--ws-frames-per-second-max=2000",
    "--ws-close-timeout-ms=3000",
    "--head-timeout-ms=600000",
    "--ws-hello-timeout-ms=600000",
    "--ws-silence-timeout-ms=600000",
    "--ws-ping-interval-ms=300000",
)


@pytest.fixture(scope="module")
def server():
    msgd = Msgd(binary("MSGD"), OPTIONS)
    yield msgd
    msgd.stop()


@pytest.fixture(scope="module")
def played(server, request):
    """What became of the cases that were asked for, by name."""
    items = [item for item in request.session.items if item.function is test_answers_as_expected]
    asked = [item.callspec.params["name"] for item in items]
    world = World(server)
    key = world.key
    peer = world.person().id

    def hello():
        hello = {"id": 1, "op": "hello", "token": key.token, "user_id": world.person().id}
        return words.text(json.dumps(hello).encode()), peer

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(runner.run, CASES[name], server, hello)
               for name in asked}


@pytest.mark.parametrize("name", CASES)
def test_answers_as_expected(played, name):
    different = played[name].exception()
    if isinstance(different, AssertionError):
        pytest.fail(str(different), pytrace=False)
    played[name].result()


def test_there_are_enough_different_cases():
    assert sum(len(chapter.cases) for chapter in CHAPTERS) == len(CASES), "two of one name"
    told_apart = {case.sent: name for name, case in CASES.items()}
    twice = [(name, told_apart[c.sent]) for name, c in CASES.items() if told_apart[c.sent] != name]
    assert not twice
    assert all(case.rule.startswith(("RFC ", "docs/")) for case in CASES.values())
    assert len(CASES) >= CASES_MIN
    print({chapter.title: len(chapter.cases) for chapter in CHAPTERS})


def test_nothing_is_left_behind(played, server):
    concurrent.futures.wait(played.values())
    server.assert_alive()
    assert {entry.get("level") for entry in server.log} <= {"debug", "info"}
    key = World(server).key
    deadline = time.monotonic() + START_S
    while True:
        text = key.call("GET", "/metrics").body
        metrics = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        # One connection is open: the one that asks.
        if (metrics["msgd_ws_connections"], metrics["msgd_connections"]) == ("0", "1"):
            break
        assert time.monotonic() < deadline, metrics
        time.sleep(0.05)
