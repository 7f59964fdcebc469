# SPDX-License-Identifier: Apache-2.0
"""What somebody did at one msgd counts at the others, too."""

import time

import helper
from api import World
from test_nodes import at, wait_for_metric

BURST = 20


def test_who_has_spent_a_burst_at_one_has_none_at_another(postgres, start_msgd):
    bus, url = helper.nats()
    try:
        here, there = [
            start_msgd(f"--store={postgres.url}", f"--bus={url}", f"--rate-sends={BURST}:0.001",
                       rate_limits=True) for _ in range(2)]
        for one in (here, there):
            wait_for_metric(one, "msgd_bus_connected", 1)
        world = World(here)
        alice, bob = world.person(), world.person()
        chat = alice.post("/conversations", {"kind": "direct", "user_id": bob.id}).json["id"]

        def send(server, person):
            body = {"content": "hello"}
            return at(server, person).post(f"/conversations/{chat}/messages", body).status

        assert [send(here, alice) for _ in range(BURST)] == [201] * BURST
        assert send(here, alice) == 429
        tries = 0
        while send(there, alice) == 201:
            tries += 1
            assert tries < BURST // 2, "it counts for itself"
            time.sleep(0.25)  # between two questions; it is told every 0.1 s
        assert send(there, bob) == 201
    finally:
        bus.stop()
