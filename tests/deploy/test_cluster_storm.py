# SPDX-License-Identifier: Apache-2.0
"""The storm of tests/e2e on three nodes behind the load balancer: nodes die, are restarted, the bus
dies or says nothing, and the primary database is lost, while 50 users write on bad connections that
lead to one node now and to another then.

LIBMSG_FAILOVERS is how many primaries die at least, LIBMSG_STORM_SECONDS how long it takes at least,
LIBMSG_STORM_SEED replays one.
"""

import asyncio
import os
import pathlib
import random
import shutil
import tempfile

from cluster_services import MSGD
from cluster_weather import ClusterWeather
from storm.checker import check
from storm.play import Play
from storm.records import Logs
from storm.summary import summarize

FAILOVERS = int(os.environ.get("LIBMSG_FAILOVERS", 1))
SECONDS = float(os.environ.get("LIBMSG_STORM_SECONDS", 20))
SEED = os.environ.get("LIBMSG_STORM_SEED")


def test_nothing_is_lost_doubled_reordered_or_skipped(cluster, front, capsys):
    seed = int(SEED) if SEED else random.SystemRandom().randrange(10**6)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="msg-storm-"))
    front.check_alive = lambda: [cluster.wait_until_up(name) for name in MSGD]

    def make_weather(_server, _proxy, dice, log):
        return ClusterWeather(cluster, FAILOVERS, dice, log)

    play = Play(front, folder, seed, SECONDS, make_weather)
    failures = asyncio.run(play.run())
    logs = Logs.read(folder)
    problems = failures + [str(finding) for finding in check(logs)]
    with capsys.disabled():
        print(f"\nthree nodes, {FAILOVERS} failovers, seed {seed}\n{summarize(logs)}")
        if problems:
            print(f"logs in {folder}")
    assert not problems, f"{len(problems)} findings\n" + "\n".join(problems[:20])
    shutil.rmtree(folder)
