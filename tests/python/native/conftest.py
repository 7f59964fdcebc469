# SPDX-License-Identifier: Apache-2.0
"""What most tests begin with: a store of each kind, two users and their conversation."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import libmsg
import libmsg.aio
import pytest

STORES = ("memory", "sqlite", "rocksdb")
SOURCE = Path(os.environ.get("LIBMSG_SOURCE_DIR", Path(__file__).parents[3]))


def url_of(kind: str, folder: Path) -> str:
    return {
        "memory": "memory:",
        "sqlite": f"sqlite:{folder}/chat.db",
        "rocksdb": f"rocksdb:{folder}/chat",
    }[kind]


@dataclass
class Chat:
    """An open store with two who talk."""

    messenger: libmsg.Messenger
    alice: int
    bob: int
    talk: int

    def say(self, *texts: str) -> list[libmsg.Message]:
        return [self.messenger.send(self.alice, self.talk, text) for text in texts]


def chat_in(messenger: libmsg.Messenger) -> Chat:
    alice = messenger.register_user("+1 415 555 0101", display_name="Alice").id
    bob = messenger.register_user("+1 415 555 0102", display_name="Bob").id
    return Chat(messenger, alice, bob, messenger.open_direct(alice, bob).id)


Result = TypeVar("Result")
PATIENCE_S = 60  # what waits for ever fails


def run(program: Coroutine[object, object, Result]) -> Result:
    """Runs a coroutine in a loop of its own, and not for ever."""
    return asyncio.run(asyncio.wait_for(program, PATIENCE_S))


async def begin(messenger: libmsg.aio.Messenger) -> Chat:
    return await messenger.run(chat_in, messenger.blocking)


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return url_of(request.param, tmp_path)


@pytest.fixture
def chat(url: str):
    with libmsg.open(url) as messenger:
        yield chat_in(messenger)


@pytest.fixture
def memory_chat():
    with libmsg.open("memory:") as messenger:
        yield chat_in(messenger)


def run_python(program: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess:
    """Runs a program in a Python of its own, with what a program needs to have a chat."""
    begin = "import sys; sys.path.insert(0, sys.argv[1]); from conftest import *\n"
    return subprocess.run(
        [sys.executable, "-c", begin + program, str(Path(__file__).parent), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
