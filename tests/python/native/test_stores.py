# SPDX-License-Identifier: Apache-2.0
"""A store that is damaged, and one on PostgreSQL: away, shared, and followed."""

from __future__ import annotations

import asyncio
import sys
import threading
from itertools import count
from pathlib import Path

import libmsg
import libmsg.aio
import pytest
from conftest import SOURCE, chat_in, run, url_of

sys.path.append(str(SOURCE / "tests" / "e2e"))
from postgres import Postgres  # noqa: E402

numbers = count(1)


def damage(kind: str, folder: Path) -> None:
    """Overwrites what the messages are in."""
    files = [folder / "chat.db"] if kind == "sqlite" else (folder / "chat").glob("*.sst")
    for file in files:
        whole = file.read_bytes()
        kept = 100 if kind == "sqlite" else 0  # SQLite's header
        file.write_bytes(whole[:kept] + b"\xff" * 200 + whole[kept + 200 :])


@pytest.mark.parametrize("kind", ["sqlite", "rocksdb"])
def test_damage_is_told_as_such(kind: str, tmp_path: Path) -> None:
    url = url_of(kind, tmp_path)
    with libmsg.open(url) as messenger:
        chat = chat_in(messenger)
        chat.say("x" * 8_000)
    libmsg.open(url).close()  # what was in a log is in a table now
    damage(kind, tmp_path)

    def read() -> None:
        with libmsg.open(url) as messenger:
            list(messenger.history(chat.alice, chat.talk))

    with pytest.raises(libmsg.Corrupt) as found:
        read()
    assert isinstance(found.value, libmsg.Error)
    assert (found.value.code, found.value.retry_after) == ("corrupt", None)
    assert str(tmp_path) in found.value.detail


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("LD_PRELOAD", raising=False)  # a sanitizer is not for PostgreSQL
        postgres = Postgres()
        yield postgres
        postgres.stop()


@pytest.fixture
def postgres_url(server: Postgres) -> str:
    name = f"chat{next(numbers)}"
    server.query(f"CREATE DATABASE {name}")
    return server.url.replace("/postgres?", f"/{name}?")


def said(event: libmsg.Event) -> list[str]:
    """Without a bus, what one process says is synced at another, and what was built on that."""
    if isinstance(event, libmsg.SyncEvent):
        return [message.content for message in event.delta.messages]
    assert isinstance(event, libmsg.MessageEvent)
    return [event.message.content]


def test_two_processes_may_have_one_store(postgres_url: str) -> None:
    with libmsg.open(postgres_url, node=1) as here, libmsg.open(postgres_url, node=2) as there:
        chat = chat_in(here)
        sent = here.send(chat.alice, chat.talk, "hi", client_id="once")
        assert there.send(chat.alice, chat.talk, "hi", client_id="once") == sent
        with pytest.raises(libmsg.IdempotencyConflict):
            there.send(chat.alice, chat.talk, "ho", client_id="once")
        assert there.mark(chat.bob, chat.talk, sent.seq).read == 1
        assert here.message_status(chat.alice, sent.id).state == "read"
        with there.events(chat.bob, timeout=60) as events:
            there.send(chat.alice, chat.talk, "over there")
            assert said(next(events)) == ["over there"]
            kept = there.sync(chat.bob, "").cursor
        here.send(chat.alice, chat.talk, "and here")
        with there.events(chat.bob, since=kept, timeout=60) as events:
            assert said(next(events)) == ["and here"]
        assert len(there.export_messages(chat.bob, chat.talk)) == 3


def test_threads_and_coroutines_write_to_postgresql(postgres_url: str) -> None:
    with libmsg.open(postgres_url) as messenger:
        chat = chat_in(messenger)
        threads = [threading.Thread(target=chat.say, args=["x"] * 25) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    async def write() -> list[int]:
        async with libmsg.aio.open(postgres_url) as awaited:
            sends = (awaited.send(chat.bob, chat.talk, f"{n}") for n in range(200))
            await asyncio.gather(*sends)
            return [m.seq async for m in awaited.history(chat.bob, chat.talk, page_size=100)]

    assert run(write()) == list(range(300, 0, -1))


def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(libmsg.Unavailable) as away:
        libmsg.open(f"postgresql:///chat?host={tmp_path}")
    assert away.value.code == "unavailable"
