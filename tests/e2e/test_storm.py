# SPDX-License-Identifier: Apache-2.0
"""50 users on real sockets, a network that fails, a server that is killed: see tests/README.md.

LIBMSG_STORM_SECONDS is how long each store's storm takes; LIBMSG_STORM_SEED replays one.
"""

import asyncio
import os
import pathlib
import random
import shutil
import tempfile

import pytest
from conftest import binary
from postgres import Postgres
from storm.checker import check
from storm.mortal_msgd import MortalMsgd
from storm.play import Play
from storm.records import Logs
from storm.summary import summarize

SECONDS = float(os.environ.get("LIBMSG_STORM_SECONDS", 40))
SEED = os.environ.get("LIBMSG_STORM_SEED")
FLAGS = (
    "--drain-timeout-ms=1500",
    # All devices come from one address, and come back at once.
    "--unproven-per-address-max=1000",
    # So that slow readers fall behind within seconds.
    "--outbox-frames-max=8",
    "--outbox-bytes-max=65536",
)


@pytest.fixture(params=["sqlite", "rocksdb", "postgresql"])
def store(request):
    """The URL of a store that is not there yet."""
    if request.param != "postgresql":
        yield f"{request.param}:msg-data/chat"
        return
    postgres = Postgres()
    yield postgres.url
    postgres.stop()


def test_nothing_is_lost_doubled_reordered_or_skipped(store, capsys):
    seed = int(SEED) if SEED else random.SystemRandom().randrange(10**6)
    replay = (
        f"LIBMSG_STORM_SEED={seed} LIBMSG_STORM_SECONDS={SECONDS:g} MSGD=… python3 -m pytest "
        f"tests/e2e/test_storm.py -k {store.split(':')[0]}"
    )
    folder = pathlib.Path(tempfile.mkdtemp(prefix="msg-storm-"))
    problems, summary = ride_out(store, folder, seed)
    with capsys.disabled():
        print(f"\n{store}, {SECONDS:g} s, seed {seed}\n{summary}")
        if problems:
            print(f"logs in {folder}, replay: {replay}")
    assert not problems, f"{len(problems)} findings\n" + "\n".join(problems[:20])
    shutil.rmtree(folder)


def ride_out(store, folder, seed):
    """What was not as promised, and the figures."""
    server = MortalMsgd(binary("MSGD"), (*FLAGS, f"--store={store}"))
    try:
        failures = asyncio.run(Play(server, folder, seed, SECONDS).run())
        server.assert_alive()
    except (AssertionError, OSError) as error:
        return [f"the storm did not come to its end: {error!r}"], f"msgd said: {server.log[-20:]}"
    finally:
        server.stop()
    logs = Logs.read(folder)
    return failures + [str(finding) for finding in check(logs)], summarize(logs)
