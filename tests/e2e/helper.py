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
PORTS_TRIED = 5


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ending_with_us(how=signal.SIGKILL):
    """What a child calls to get this signal when we are gone."""
    return lambda: ctypes.CDLL(None).prctl(1, how)  # PR_SET_PDEATHSIG


class Helper:
    """A program that listens on `port`; `command` is made from that. It is there when its log says
    `ready`."""

    def __init__(self, ready, *command):
        self.ready = ready.encode()
        self.folder = tempfile.mkdtemp(prefix="msg-helper-")
        program = shutil.which(command[0], path="/usr/bin:/usr/sbin:/usr/local/bin")
        assert program, f"{command[0]} is not installed"
        self.process = None
        for _ in range(PORTS_TRIED):  # somebody else may have taken a free one meanwhile
            self.port = free_port()
            self.command = [program, *(word.format(port=self.port, folder=self.folder)
                                       for word in command[1:])]
            if self.try_start():
                return
        raise AssertionError(self.log().decode())

    def log(self):
        with open(f"{self.folder}/log", "rb") as log:
            return log.read()

    def start(self):
        assert self.try_start(), self.log().decode()

    def try_start(self):
        """False: it has ended."""
        with open(f"{self.folder}/log", "ab") as log:
            said_before = log.tell()
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                preexec_fn=ending_with_us())
        deadline = time.monotonic() + START_S
        while self.ready not in self.log()[said_before:]:
            if self.process.poll() is not None:
                return False
            assert time.monotonic() < deadline, self.log().decode()
            time.sleep(0.01)  # between two questions, not in the place of one
        return True

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def nats(*options):
    """(server, URL for msgd)"""
    server = Helper("Server is ready", "nats-server", "-a", "127.0.0.1", "-p", "{port}",
                    "--user", "msg", "--pass", "secret", *options)
    return server, f"nats://msg:secret@127.0.0.1:{server.port}"


def redis():
    """(server, URL for msgd)"""
    server = Helper("Ready to accept", "redis-server", "--bind", "127.0.0.1", "--port", "{port}",
                    "--save", "", "--requirepass", "secret")
    return server, f"redis://:secret@127.0.0.1:{server.port}"
