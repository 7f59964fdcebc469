# SPDX-License-Identifier: Apache-2.0
"""Servers from Debian that a test needs beside msgd: each on a free port, gone with the test."""

import ctypes
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_S = 20.0


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ending_with_us(how=signal.SIGKILL):
    """What a child calls to get this signal when we are gone."""
    return lambda: ctypes.CDLL(None).prctl(1, how)  # PR_SET_PDEATHSIG


class Helper:
    """A program that listens on `port`; `command` is made from that."""

    def __init__(self, *command):
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="msg-helper-")
        self.command = [word.format(port=self.port, folder=self.folder) for word in command]
        program = shutil.which(self.command[0], path="/usr/bin:/usr/sbin:/usr/local/bin")
        assert program, f"{self.command[0]} is not installed"
        self.command[0] = program
        self.process = None
        self.start()

    def start(self):
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                preexec_fn=ending_with_us())
        deadline = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, open(f"{self.folder}/log").read()
                time.sleep(0.01)  # between two questions, not in the place of one

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def nats(*options):
    """(server, URL for msgd)"""
    server = Helper("nats-server", "-a", "127.0.0.1", "-p", "{port}", "--user", "msg",
                    "--pass", "secret", *options)
    return server, f"nats://msg:secret@127.0.0.1:{server.port}"


def redis():
    """(server, URL for msgd)"""
    server = Helper("redis-server", "--bind", "127.0.0.1", "--port", "{port}", "--save", "",
                    "--requirepass", "secret")
    return server, f"redis://:secret@127.0.0.1:{server.port}"
