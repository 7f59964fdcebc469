# SPDX-License-Identifier: Apache-2.0
"""The image of docker-compose.yml's databases: a monitor and a primary run in it, unprivileged,
on a read-only root."""

import os
import pathlib
import tempfile

from compose import read_compose
from conftest import SOURCE
from helper import free_port
from image import Builder, Container, make_bare


def test_a_monitor_and_a_primary_run(tmp_path):
    compose = read_compose(SOURCE, DB_PASSWORD="p@ss'word")
    bare = pathlib.Path(os.environ["LIBMSG_BUILD_DIR"]) / "bare"
    make_bare(bare)
    builder = Builder(pathlib.Path(tempfile.mkdtemp(prefix="msgd-image-", dir="/var/tmp")))
    started = []
    try:
        builder.import_base(bare)
        file = compose["services"]["monitor"]["build"]["dockerfile"]
        builder.build("postgres", "-f", file)
        root, configuration = builder.root_of("postgres"), builder.configuration("postgres")
        ports = {name: str(free_port()) for name in ("monitor", "postgres1")}
        for name, port in ports.items():
            # All share this machine's addresses here.
            variables = compose["services"][name]["environment"] | {
                "NODE_HOST": "127.0.0.1", "NODE_PORT": port, "NODE_LISTEN": "127.0.0.1",
                "MONITOR": f"127.0.0.1:{ports['monitor']}"}
            container = Container(root, configuration, variables, [name])
            started.append(container)
            _, *check = compose["services"][name]["healthcheck"]["test"]
            container.wait_until(
                lambda: container.run("/usr/bin/env", f"PGPORT={port}", *check) == 0)
        sign_in = (f"postgresql://msg@127.0.0.1:{ports['postgres1']}/libmsg"
                   "?target_session_attrs=read-write")
        primary = started[-1]
        primary.wait_until(lambda: primary.run("/usr/bin/psql", "-c", "SELECT 1", sign_in) == 0)
        has_password = ("SELECT 1/count(*) FROM pg_authid "
                        "WHERE rolname = 'msg' AND rolpassword ~ '^SCRAM'")
        owner = f"host=/var/lib/postgresql port={ports['postgres1']} dbname=postgres"
        primary.wait_until(lambda: primary.run(
            "/usr/bin/psql", "-v", "ON_ERROR_STOP=1", "-c", has_password, owner) == 0)
    finally:
        for container in reversed(started):
            container.remove()
        builder.remove()
