# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of a test's own, as tests/support/postgres_server.h for the C++ tests."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from helper import ending_with_us

START_S = 60.0


def programs():
    """The folder of the newest PostgreSQL that is installed, or None."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Postgres:
    """Listens on a socket in its own folder; fsync stays on."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="msg-postgres-"))
        self.user = {}
        if os.geteuid() == 0:  # it does not run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        data = self.folder / "data"
        subprocess.run(
            [programs() / "initdb", f"--pgdata={data}", "--username=postgres", "--auth=trust",
             "--encoding=UTF8", "--locale=C", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.user,
        )
        self.process = subprocess.Popen(
            [programs() / "postgres", "-D", data, "-k", self.folder, "-h", "",
             "-c", "shared_buffers=64MB"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.folder / "log", "wb"), cwd=self.folder, preexec_fn=ending_with_us(signal.SIGQUIT), **self.user,
        )
        self.url = f"postgresql:///postgres?user=postgres&host={self.folder}"
        deadline = time.monotonic() + START_S
        while subprocess.run([programs() / "pg_isready", "-q", "-h", self.folder]).returncode:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "PostgreSQL did not start"

    def query(self, sql):
        """Runs SQL and returns its rows as text, one a line."""
        done = subprocess.run(
            [programs() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url],
            check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
