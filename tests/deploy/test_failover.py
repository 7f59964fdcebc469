# SPDX-License-Identifier: Apache-2.0
"""The primary dies under load; three msgd behind HAProxy go on with its standby. No acknowledged
message is lost or there twice, and the recovery has a bound.

LIBMSG_FAILOVERS is how often; scripts/test --long asks for ten.
"""

import os
import statistics
import time

from api import Api
from cluster_services import DATABASES
from writers import Play, check

FAILOVERS = int(os.environ.get("LIBMSG_FAILOVERS", 1))
LOSSES_OF_STANDBY = FAILOVERS // 3
WRITERS = 4
HOLD_S = 0.3  # long for a commit, too short for the monitor to see
RECOVERY_S_MAX = 60  # on a machine that does other things; measured: docs/operating.md


def count_messages(cluster):
    """That alice and bob have: other tests use the same cluster."""
    people = cluster.tokens()["users"]
    alice = Api(cluster.url(), people["alice"]["token"])
    chat = alice.post("/conversations", {"kind": "direct", "user_id": people["bob"]["id"]}).json
    latest = alice.get(f"/conversations/{chat['id']}/messages", limit=1).json["items"]
    return latest[0]["seq"] if latest else 0


def test_nothing_acknowledged_is_lost_or_doubled(cluster, front, capsys):
    play = Play(front, pause_s=0.05)
    play.before = count_messages(cluster)
    play.is_up.set()
    writers = [play.guarded(play.write, n) for n in range(WRITERS)]
    reader = play.guarded(play.follow)
    without_writes, until_whole = [], []
    for _ in range(FAILOVERS):
        play.wait_for(100)
        primary = cluster.primary()
        assert primary in DATABASES
        with play.changed:
            play.longest_gap_s = 0
        # What were acknowledged in this time without the standby's word would be lost.
        cluster.hold_replication(primary)
        time.sleep(HOLD_S)
        begin = time.monotonic()
        cluster.kill(primary)
        play.wait_for(WRITERS + 1, RECOVERY_S_MAX)  # one each may have been on its way
        without_writes.append(play.longest_gap_s)
        assert cluster.primary() in set(DATABASES) - {primary}
        play.wait_for(100)  # without a standby
        cluster.start(primary)
        cluster.wait_until_whole()
        until_whole.append(time.monotonic() - begin)
        assert cluster.primary() != primary
    without_standby = []
    for _ in range(LOSSES_OF_STANDBY):
        play.wait_for(100)
        primary = cluster.primary()
        (standby,) = set(DATABASES) - {primary}
        with play.changed:
            play.longest_gap_s = 0
        cluster.kill(standby)
        play.wait_for(200, RECOVERY_S_MAX)
        without_standby.append(play.longest_gap_s)
        assert play.longest_gap_s > 0.5, "nobody waited for the standby's word"
        assert cluster.primary() == primary
        cluster.start(standby)
        cluster.wait_until_whole()
    play.wait_for(100)
    play.end(writers, reader)
    check(play)
    with capsys.disabled():
        print(f"\n{FAILOVERS} failovers, {len(play.acknowledged)} messages; without writes for "
              f"{spread(without_writes)}; until the old primary was a standby {spread(until_whole)}")
        if without_standby:
            print(f"{LOSSES_OF_STANDBY} losses of the standby; without writes for "
                  f"{spread(without_standby)}")
    # The gap is real: there was a primary to lose.
    assert min(without_writes) > 0.5


def spread(seconds):
    return f"{min(seconds):.1f} to {max(seconds):.1f} s, median {statistics.median(seconds):.1f}"
