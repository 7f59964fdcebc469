# SPDX-License-Identifier: Apache-2.0
"""libmsg for coroutines."""

from __future__ import annotations

import asyncio
import gc
import time

import libmsg
import libmsg.aio
import pytest
from conftest import Chat, begin, run, url_of


def test_the_same_calls_are_awaited(url: str) -> None:
    async def talk() -> None:
        async with libmsg.aio.open(url) as messenger:
            alice = (await messenger.register_user("+1 415 555 0101")).id
            bob = (await messenger.register_user("+1 415 555 0102")).id
            talk = (await messenger.open_direct(alice, bob)).id
            sent = await messenger.send(alice, talk, "hi", client_id="once")
            assert await messenger.send(alice, talk, "hi", client_id="once") == sent
            assert (await messenger.mark(bob, talk, 1)).read == 1
            assert [m.content async for m in messenger.history(bob, talk)] == ["hi"]
            with pytest.raises(libmsg.NotFound):
                await messenger.send(alice, 1, "hi")
            with pytest.raises(libmsg.InvalidArgument):
                await messenger.send(alice, talk, "")
            with pytest.raises(libmsg.NotFound):
                await messenger.load_user(1)
            assert len(await messenger.export_messages(alice, talk)) == 1
            outcomes = await messenger.send_many([libmsg.Draft(alice, talk, "a")])
            assert outcomes[0].seq == 2
        assert messenger.closed
        with pytest.raises(libmsg.Closed):
            await messenger.send(alice, talk, "late")
        with pytest.raises(libmsg.Closed):
            await messenger.load_user(alice)
        await messenger.close()

    run(talk())


def test_ten_thousand_sends_share_commits(tmp_path) -> None:
    count = 10_000

    async def send() -> float:
        async with libmsg.aio.open(url_of("sqlite", tmp_path)) as messenger:
            chat = await begin(messenger)
            sends = [messenger.send(chat.alice, chat.talk, f"{n}") for n in range(count)]
            begun = time.perf_counter()
            sent = await asyncio.gather(*sends)
            together = time.perf_counter() - begun
            assert [m.seq for m in sent] == list(range(1, count + 1))
            assert [m.content for m in sent] == [f"{n}" for n in range(count)]
            assert not messenger._pending
            # Commits are what carries a version's milliseconds: far fewer than messages.
            begun = time.perf_counter()
            for n in range(100):
                await messenger.send(chat.alice, chat.talk, f"{n}")
            alone = (time.perf_counter() - begun) / 100
            return together / (count * alone)

    assert run(send()) < 0.5


def test_cancelling_leaves_nothing_behind(url: str) -> None:
    async def cancel() -> None:
        async with libmsg.aio.open(url) as messenger:
            chat = await begin(messenger)
            tasks = [
                asyncio.create_task(messenger.send(chat.alice, chat.talk, f"{n}"))
                for n in range(200)
            ]
            await asyncio.sleep(0)  # all have begun
            assert len(messenger._pending) == 200
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(o, (asyncio.CancelledError, libmsg.Message)) for o in outcomes)
            assert not messenger._pending
            # What was begun is there or not, whole; and the messenger goes on.
            last = await messenger.send(chat.alice, chat.talk, "after")
            history = [m.seq async for m in messenger.history(chat.bob, chat.talk)]
            assert history == list(range(last.seq, 0, -1))

            stream = messenger.events(chat.bob)
            waiting = asyncio.create_task(anext(stream))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await messenger.send(chat.alice, chat.talk, "still told")
            assert (await anext(stream)).message.content == "still told"
            await stream.aclose()
            assert not messenger._pending

    run(cancel())


def test_closing_waits_for_what_was_begun(url: str) -> None:
    async def close() -> list[object]:
        messenger = await libmsg.aio.open(url)
        chat = await begin(messenger)
        tasks = [
            asyncio.create_task(messenger.send(chat.alice, chat.talk, f"{n}")) for n in range(500)
        ]
        reader = asyncio.create_task(anext(messenger.events(chat.alice, since="")))
        await asyncio.sleep(0)
        await messenger.close()
        await asyncio.gather(reader, return_exceptions=True)
        return await asyncio.gather(*tasks)

    assert [m.seq for m in run(close())] == list(range(1, 501))


def test_a_waiting_stream_ends_with_its_messenger(memory_chat: Chat) -> None:
    async def close() -> None:
        messenger = await libmsg.aio.open("memory:")
        chat = await begin(messenger)
        waiting = asyncio.create_task(anext(messenger.events(chat.bob)))
        while not waiting.done() and not messenger.closed:
            await asyncio.sleep(0)
            await messenger.close()
        with pytest.raises(libmsg.Closed):
            await asyncio.wait_for(waiting, 20)

    run(close())


def test_a_stream_loses_and_doubles_nothing(url: str) -> None:
    count = 5_000  # more than its queue has room for

    async def follow() -> list[int]:
        seen: list[int] = []
        async with libmsg.aio.open(url) as messenger:
            chat = await begin(messenger)
            stream = messenger.events(chat.bob)

            async def write() -> None:
                for at in range(0, count, 1000):
                    texts = (f"{n}" for n in range(at, at + 1000))
                    await asyncio.gather(
                        *(messenger.send(chat.alice, chat.talk, text) for text in texts)
                    )

            writer = asyncio.create_task(write())
            was_behind = False
            async for event in stream:
                if not seen:  # who holds the loop up falls behind
                    drafts = [libmsg.Draft(chat.alice, chat.talk, "x")] * 2_000
                    messenger.blocking.send_many(drafts)
                if isinstance(event, libmsg.MessageEvent):
                    seen.append(event.message.seq)
                elif isinstance(event, libmsg.SyncEvent):
                    was_behind = True
                    if event.delta.missing:
                        seen.extend(range(event.delta.missing[0], event.delta.missing[1] + 1))
                    seen.extend(m.seq for m in event.delta.messages)
                if len(seen) >= count + 2_000:
                    break
            await writer
            assert was_behind
        return seen

    assert run(follow()) == list(range(1, count + 2_001))


def test_a_stream_goes_on_from_a_cursor(url: str) -> None:
    async def follow() -> None:
        async with libmsg.aio.open(url) as messenger:
            chat = await begin(messenger)
            async with messenger.events(chat.bob) as stream:
                await messenger.send(chat.alice, chat.talk, "one")
                kept = (await anext(stream)).cursor
            await messenger.send(chat.alice, chat.talk, "two")
            async for event in messenger.events(chat.bob, since=kept):
                assert [m.content for m in event.delta.messages] == ["two"]
                break
            with pytest.raises(libmsg.InvalidArgument):
                await anext(messenger.events(chat.bob, since="nonsense"))

    run(follow())


def test_loops_that_end_early_leave_nothing_running(url: str) -> None:
    async def leave() -> libmsg.aio.Messenger:
        messenger = await libmsg.aio.open(url)
        chat = await begin(messenger)
        messenger.events(chat.bob)
        for n in range(100):
            asyncio.ensure_future(messenger.send(chat.alice, chat.talk, f"{n}"))
        await asyncio.sleep(0)
        return messenger

    messenger = run(leave())
    messenger.blocking.close()  # the loop is gone; its store is not
    del messenger
    gc.collect()
