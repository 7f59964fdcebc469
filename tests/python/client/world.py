# SPDX-License-Identifier: Apache-2.0
"""A msgd and people on it, seen through libmsg.client."""

import importlib.util
import itertools
import os
import pathlib
import subprocess
import sys

import libmsg
from libmsg.client import Client, aio

ROOT = pathlib.Path(__file__).parents[3]
sys.path.append(str(ROOT / "tests" / "e2e"))  # what its conftest uses; names of this folder go first
TIMEOUT_S = 20
_phones = itertools.count(1)


def load(name, path):
    """A module of another folder of tests, under a name of its own."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    own = sys.modules.get("conftest")
    try:
        sys.modules["conftest"] = sys.modules["e2e_server"]  # as that folder calls it
        spec.loader.exec_module(module)
    finally:
        sys.modules.pop("conftest")
        if own is not None:
            sys.modules["conftest"] = own
    return module


e2e = load("e2e_server", "e2e/conftest.py")
Msgd = e2e.Msgd


class Phoenix(Msgd):
    """A msgd that can be killed and comes back in the same folder on the same port."""

    def rise(self):
        self.kill()
        self._reader.join(e2e.START_S)
        self.log.clear()
        self.process = subprocess.Popen(
            [
                e2e.binary("MSGD"), "--dev", "--log-format", "json",
                "--listen", f"127.0.0.1:{self.port}", "--no-rate-limits",
            ],
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if not k.startswith("MSG_") and k != "PORT"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        self._reader = type(self._reader)(target=self._read_log, daemon=True)
        self._reader.start()
        self.wait_for_log("listening")


class Person:
    """A user with a session, whose clients are closed with the world."""

    def __init__(self, world, user, token):
        self.world = world
        self.id = user
        self.token = token
        self.client = self.sign_in()

    def sign_in(self, url=None, **options):
        """One more client of this person; perhaps by another way, such as a proxy."""
        options.setdefault("timeout", TIMEOUT_S)
        client = Client(url or self.world.url, self.token, **options)
        self.world.clients.append(client)
        return client

    def aio(self, url=None, **options):
        """To be closed by whoever asks."""
        options.setdefault("timeout", TIMEOUT_S)
        return aio.Client(url or self.world.url, self.token, **options)


class World:
    def __init__(self, msgd):
        tokens = msgd.dev_tokens()
        self.msgd = msgd
        self.url = tokens["url"]
        self.clients = []
        self.key_token = tokens["key"]
        self.key = Client(self.url, tokens["key"], timeout=TIMEOUT_S)
        self.clients.append(self.key)

    def person(self, display_name="Somebody"):
        phone = f"+4930{os.getpid() % 10000:04d}{next(_phones):05d}"
        user = self.key.register_user(phone, display_name=display_name)
        return Person(self, user.id, self.key.create_session(user.id, "test").token)

    def people(self, count):
        return [self.person() for _ in range(count)]

    def pair(self):
        """Two people and their conversation."""
        alice, bob = self.people(2)
        return alice, bob, alice.client.open_direct(bob.id).id

    def close(self):
        for client in self.clients:
            client.close()


def texts(messages):
    return [message.content for message in messages]


def error_of(call, *arguments, **options):
    """The error that a call ends with."""
    try:
        call(*arguments, **options)
    except libmsg.Error as error:
        return error
    raise AssertionError("no error")
