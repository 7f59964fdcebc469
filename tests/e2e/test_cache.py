# SPDX-License-Identifier: Apache-2.0
"""Two msgd on one PostgreSQL and one Redis: what one has read the other finds there, and with Redis
stalled, emptied or gone nobody notices."""

import signal
import time

import helper
import pytest
from api import World
from test_nodes import at, metric, say, wait_for_metric


@pytest.fixture
def nodes(own_postgres, start_msgd):
    """Redis, the world of the first node, and both."""
    redis, url = helper.redis()
    try:
        servers = [start_msgd(f"--store={own_postgres.url}", f"--node={number}", f"--cache={url}")
                   for number in (1, 2)]
        for one in servers:
            wait_for_metric(one, "msgd_cache_connected", 1)
        yield redis, World(servers[0]), servers
    finally:
        redis.stop()


def test_nodes_share_what_they_read_and_miss_nothing_without(nodes):
    redis, world, servers = nodes
    alice, bob, carol = world.people(3)
    group = world.group(alice, bob, carol)
    said = []

    def add(content):
        say(alice, group, content)
        said.insert(0, content)

    def read_at_both():
        for _ in range(3):
            for server in servers:
                for person in (bob, carol):
                    page = at(server, person).get(f"/conversations/{group}/messages").json
                    assert [one["content"] for one in page["items"]] == said

    def read_until_shared():
        """Redis may have been slow once, and was left alone for a second then."""
        before = metric(servers[1], "msgd_cache_hits_total")
        deadline = time.monotonic() + 20
        while metric(servers[1], "msgd_cache_hits_total") == before:
            assert time.monotonic() < deadline, "nothing came from the cache"
            read_at_both()

    add("one")
    read_until_shared()
    redis.process.send_signal(signal.SIGSTOP)
    add("while it is stalled")
    read_at_both()
    redis.kill()
    add("without it")
    read_at_both()
    assert metric(servers[1], "msgd_cache_errors_total") > 0
    redis.start()
    for one in servers:
        wait_for_metric(one, "msgd_cache_connected", 1)
    add("when it is back, with nothing")
    read_until_shared()
    assert metric(servers[1], "msgd_cache_refused_total") == 0
