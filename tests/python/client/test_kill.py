# SPDX-License-Identifier: Apache-2.0
"""msgd is killed with -9, again and again, while people send and listen; then everybody has each
message once, and each has the number that its sender was told."""

import asyncio
import itertools
import threading

from libmsg.types import MessageEvent, SyncEvent
from world import Phoenix, World

KILLS = 3
EACH = 60


def test_threads(start_msgd):
    server = start_msgd(kind=Phoenix)
    world = World(server)
    alice, bob, talk = world.pair()
    sent = {}
    due = threading.Semaphore(0)

    def send(person, name):
        for n in range(EACH):
            message = person.client.send(talk, f"{name} {n}")
            sent[message.content] = message.seq
            due.release()

    with alice.client.messages(own=True) as to_alice, bob.client.messages(own=True) as to_bob:
        senders = [
            threading.Thread(target=send, args=pair) for pair in ((alice, "alice"), (bob, "bob"))
        ]
        for thread in senders:
            thread.start()
        for _ in range(KILLS):
            for _ in range(2 * EACH // (KILLS + 1)):
                assert due.acquire(timeout=60)
            server.rise()
        told = [list(itertools.islice(stream, 2 * EACH)) for stream in (to_alice, to_bob)]
        for thread in senders:
            thread.join(60)
    for messages in told:
        assert [m.seq for m in messages] == list(range(1, 2 * EACH + 1))
        assert {m.content: m.seq for m in messages} == sent
    world.close()


def test_asyncio_and_events(start_msgd):
    server = start_msgd(kind=Phoenix)
    world = World(server)
    alice, bob, talk = world.pair()

    async def listen(stream):
        told = []
        async for event in stream:
            if isinstance(event, MessageEvent):
                told.append(event.message.seq)
            elif isinstance(event, SyncEvent):
                assert event.delta.missing is None
                told.extend(m.seq for m in event.delta.messages)
            if told and told[-1] == EACH:
                return told

    async def play():
        async with alice.aio() as sender, bob.aio() as receiver:
            async with receiver.events() as events:
                listening = asyncio.create_task(listen(events))
                for n in range(EACH):
                    await sender.send(talk, str(n))
                    if n % (EACH // KILLS) == EACH // KILLS // 2:
                        rising = asyncio.create_task(asyncio.to_thread(server.rise))
                await rising
                return await asyncio.wait_for(listening, 60)

    assert asyncio.run(play()) == list(range(1, EACH + 1))
    history = bob.client.history(talk, order="oldest_first")
    assert [m.content for m in history] == [str(n) for n in range(EACH)]
    world.close()


def test_a_server_that_stops_in_order_is_waited_for(start_msgd):
    """On SIGTERM connections end with 1012 and a delay; the next server has it all."""
    server = start_msgd("--drain-window-ms=500", "--drain-spread-ms=100", kind=Phoenix)
    world = World(server)
    alice, bob, talk = world.pair()
    with bob.client.messages() as messages:
        alice.client.send(talk, "before")
        assert next(messages).content == "before"
        server.terminate()
        server.rise()
        alice.client.send(talk, "after")
        assert next(messages).content == "after"
    world.close()
