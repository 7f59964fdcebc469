# SPDX-License-Identifier: Apache-2.0
"""Lists that are fetched a page at a time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from itertools import islice

import libmsg
import libmsg.aio
from conftest import Chat, chat_in

TEXTS = [f"{n}" for n in range(1, 26)]


def test_a_history_is_fetched_as_it_is_read(chat: Chat) -> None:
    chat.say(*TEXTS)
    history = chat.messenger.history(chat.bob, chat.talk, order="oldest_first", page_size=10)
    assert [m.content for m in history] == TEXTS
    assert [m.content for m in history] == TEXTS  # again
    assert [len(page.items) for page in history.pages()] == [10, 10, 5]
    newest = chat.messenger.history(chat.bob, chat.talk, page_size=10)
    assert [m.content for m in islice(newest, 3)] == ["25", "24", "23"]


def test_pages_lead_both_ways(chat: Chat) -> None:
    chat.say(*TEXTS)
    history = chat.messenger.history(chat.bob, chat.talk, order="oldest_first", page_size=10)
    first = history.page()
    second = history.page(first.next)
    assert (first.has_prev, first.has_more, second.has_prev) == (False, True, True)
    assert history.page(second.prev) == first
    later = chat.messenger.history(chat.bob, chat.talk, page_size=10)  # cursors bring the order
    assert later.page(first.next) == second
    assert [len(page.items) for page in later.pages(first.next)] == [10, 5]
    around = chat.messenger.history(chat.bob, chat.talk, around=13, page_size=3).page()
    assert [m.seq for m in around.items] == [14, 13, 12]
    before = chat.messenger.history(chat.bob, chat.talk, before=3)
    assert [m.seq for m in before] == [2, 1]


def test_a_date_is_exact_to_the_millisecond() -> None:
    ticks = iter(range(10_000))
    begin = datetime(2025, 1, 1, tzinfo=timezone.utc)
    with libmsg.open(
        "memory:", clock=lambda: begin + timedelta(milliseconds=next(ticks))
    ) as messenger:
        chat = chat_in(messenger)
        sent = chat.say(*TEXTS)
        found = messenger.history(
            chat.bob,
            chat.talk,
            from_=sent[4].created_at,
            to=sent[7].created_at,
            order="oldest_first",
        )
        assert list(m.seq for m in found) == [5, 6, 7]
        # A moment within a millisecond lies behind it.
        inside = sent[4].created_at + timedelta(microseconds=1)
        later = messenger.history(chat.bob, chat.talk, from_=inside, order="oldest_first")
        assert next(iter(later)).seq == 6


def test_coroutines_have_them_too(url: str) -> None:
    async def read() -> None:
        async with await libmsg.aio.open(url) as messenger:
            chat = await messenger.run(chat_in, messenger.blocking)
            await messenger.run(chat.say, *TEXTS)
            history = messenger.history(chat.bob, chat.talk, order="oldest_first", page_size=10)
            assert [m.content async for m in history] == TEXTS
            assert [len(page.items) async for page in history.pages()] == [10, 10, 5]
            first = await history.page()
            assert (await history.page(first.next)).items[0].content == "11"
            around = messenger.history(chat.bob, chat.talk, around=13, page_size=3)
            assert [m.seq for m in (await around.page()).items] == [14, 13, 12]

    asyncio.run(read())
