# SPDX-License-Identifier: Apache-2.0
"""msgd over PostgreSQL is killed again and again, also while it makes the schema and opens; people
write over HTTP, each message under a key, and send again what was not answered."""

import os
import random
import subprocess
import threading

import pytest
from conftest import Msgd, binary
from postgres import Postgres, programs
from writers import DEADLINE_S, Play, check

KILLS = int(os.environ.get("LIBMSG_SERVER_KILLS", 50))
WRITERS = 4


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
        play.end(writers, reader)
        check(play)
        print(KILLS, "kills,", len(play.acknowledged), "messages")
    finally:
        server.stop()
