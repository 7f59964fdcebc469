# SPDX-License-Identifier: Apache-2.0
"""Lists fetch what is read of them, and no more; history by every option."""

import asyncio
import itertools

import pytest
from fault_proxy import FaultProxy
from world import texts

COUNT = 25


@pytest.fixture
def proxy(msgd):
    made = FaultProxy(msgd.port)
    yield made
    made.close()


@pytest.fixture
def talk(world, proxy):
    alice, bob, talk = world.pair()
    for n in range(1, COUNT + 1):
        alice.client.send(talk, str(n))
    return bob, bob.sign_in(proxy.url), talk


def numbers(messages):
    return [int(m.content) for m in messages]


def test_only_what_is_read_is_fetched(talk, proxy):
    _, client, conversation = talk
    messages = client.history(conversation, page_size=10)
    assert proxy.seen == []
    assert numbers(itertools.islice(messages, 10)) == list(range(25, 15, -1))
    assert len(proxy.seen) == 1
    assert numbers(messages) == list(range(25, 0, -1))  # an iteration begins anew
    assert len(proxy.seen) == 1 + 3


def test_pages_lead_in_both_directions(talk):
    _, client, conversation = talk
    messages = client.history(conversation, page_size=10, order="oldest_first")
    first, second, third = messages.pages()
    assert [len(p.items) for p in (first, second, third)] == [10, 10, 5]
    assert (first.has_prev, first.has_more, third.has_more) == (False, True, False)
    assert messages.page(third.prev).items == second.items
    assert client.history(conversation, page_size=10).page(first.next) == second
    # The end of a list is a place, too.
    assert messages.page(third.next).items == ()


def test_history_from_any_place(talk):
    _, client, conversation = talk
    history = client.history
    assert numbers(history(conversation, before=5)) == [4, 3, 2, 1]
    assert numbers(history(conversation, after=22)) == [23, 24, 25]
    newest_first = history(conversation, after=22, order="newest_first", page_size=2)
    assert numbers(newest_first.page().items) == [24, 23]
    assert numbers(newest_first)[:3] == [24, 23, 22]
    around = history(conversation, around=12, page_size=5).page()
    assert 12 in numbers(around.items) and len(around.items) == 5
    assert around.has_more and around.has_prev
    whole = history(conversation, around=12, page_size=5, order="oldest_first")
    assert numbers(whole)[-1] == 25


def test_history_by_dates(talk):
    _, client, conversation = talk
    all_of_them = list(client.history(conversation, order="oldest_first"))
    begin, end = all_of_them[4].created_at, all_of_them[9].created_at
    found = client.history(conversation, from_=begin, to=end, page_size=2)
    wanted = [m for m in all_of_them if begin <= m.created_at < end]
    assert sorted(numbers(found)) == numbers(wanted)


def test_asyncio_reads_lists_too(talk):
    bob, _, conversation = talk

    async def play():
        async with bob.aio() as client:
            messages = client.history(conversation, page_size=10)
            assert [len(p.items) async for p in messages.pages()] == [10, 10, 5]
            assert (await messages.page()).has_more
            return [m async for m in messages]

    assert numbers(asyncio.run(play())) == list(range(25, 0, -1))


def test_many_sends_at_once_over_a_few_connections(world, proxy):
    alice, bob, talk = world.pair()

    async def play():
        async with alice.aio(proxy.url, connections=8) as client:
            sent = await asyncio.gather(*(client.send(talk, str(n)) for n in range(100)))
            return {m.content: m.seq for m in sent}

    sent = asyncio.run(play())
    stored = {m.content: m.seq for m in bob.client.history(talk, page_size=200)}
    assert sent == stored and len(stored) == 100
    assert len(proxy.sockets) <= 1 + 2 * 8


def test_threads_share_a_client(world):
    from concurrent.futures import ThreadPoolExecutor

    alice, bob, talk = world.pair()
    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(lambda n: alice.client.send(talk, str(n)).seq, range(100)))
    assert sorted(sent) == list(range(1, 101))
    assert len(set(texts(bob.client.history(talk)))) == 100
