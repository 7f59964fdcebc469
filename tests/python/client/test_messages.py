# SPDX-License-Identifier: Apache-2.0
"""client.messages(): each new message once, whatever happened while nobody listened."""

import asyncio
import itertools

import libmsg
import pytest
from world import texts


def take(messages, count):
    return texts(itertools.islice(messages, count))


def rest(messages):
    """What else there is, when everything was handed out."""
    found = []
    while (message := messages.poll(0.1)) is not None or not messages.is_live:
        if message is not None:
            found.append(message.content)
    return found


def test_from_now_on(world):
    alice, bob, talk = world.pair()
    alice.client.send(talk, "old")
    with bob.client.messages() as messages:
        alice.client.send(talk, "new")
        bob.client.send(talk, "own")
        alice.client.edit(alice.client.send(talk, "newer"), "newest")
        alice.client.send(talk, "end")
        assert take(messages, 3) == ["new", "newer", "end"]


def test_from_the_beginning_and_with_own_ones(world):
    alice, bob, talk = world.pair()
    alice.client.send(talk, "one")
    bob.client.send(talk, "two")
    with bob.client.messages(since="") as messages:
        assert rest(messages) == ["one"]
    with bob.client.messages(since="", own=True) as messages:
        assert rest(messages) == ["one", "two"]


def test_more_than_a_page_of_sync_was_missed(world):
    """Sync brings the newest 50 and says what it left out."""
    alice, bob, talk = world.pair()
    alice.client.send(talk, "0")
    with bob.client.messages(since="") as messages:
        assert take(messages, 1) == ["0"]
        assert rest(messages) == []
        cursor = messages.cursor
    for n in range(1, 71):
        alice.client.send(talk, str(n))
    with bob.client.messages(cursor) as messages:
        assert take(messages, 15) == [str(n) for n in range(1, 16)]
        assert not messages.is_live
        middle = messages.cursor
        assert rest(messages) == [str(n) for n in range(16, 71)]
    # Stopped in the middle of a conversation, it begins that one again.
    with bob.client.messages(middle) as messages:
        assert rest(messages) == [str(n) for n in range(1, 71)]


def test_what_changed_meanwhile_is_no_new_message(world):
    alice, bob, talk = world.pair()
    first = alice.client.send(talk, "first")
    with bob.client.messages(since="") as messages:
        assert rest(messages) == ["first"]
        cursor = messages.cursor
    gone = alice.client.send(talk, "gone")
    changed = alice.client.send(talk, "changed")
    alice.client.edit(first, "FIRST")
    alice.client.react(first, "👍")
    alice.client.edit(changed, "CHANGED")
    alice.client.delete_for_everyone(gone)
    with bob.client.messages(cursor) as messages:
        assert rest(messages) == ["CHANGED"]


def test_what_was_told_live_is_not_told_again_when_it_changes(world):
    alice, bob, talk = world.pair()
    with bob.client.messages() as messages:
        first = alice.client.send(talk, "first")
        alice.client.send(talk, "second")
        assert take(messages, 2) == ["first", "second"]
        cursor = messages.cursor  # the second is not done with
    alice.client.edit(first, "FIRST")
    with bob.client.messages(cursor) as messages:
        assert rest(messages) == ["second"]


def test_many_conversations_and_a_stream_that_began_now(world):
    """Versions of one conversation say nothing of what was told of another."""
    bob, *others = world.people(6)
    talks = [(p, p.client.open_direct(bob.id).id) for p in others]
    before = [p.client.send(talk, f"old {n}") for n, (p, talk) in enumerate(talks)]
    with bob.client.messages() as messages:
        cursor = messages.cursor
    sent = []
    for turn in range(3):
        for n, (p, talk) in enumerate(talks):
            sent.append(f"{n} {turn}")
            p.client.send(talk, sent[-1])
    for (p, _), old in zip(talks, before):
        p.client.edit(old, "changed")
    with bob.client.messages(cursor) as messages:
        told = rest(messages)
    assert sorted(told) == sorted(sent)
    for n in range(5):
        assert [t for t in told if t.startswith(f"{n} ")] == [f"{n} {t}" for t in range(3)]


def test_a_group_joined_late_brings_what_was_sent_since(world):
    alice, bob = world.people(2)
    group = alice.client.create_group("Team").id
    alice.client.change_rules(group, history_for_newcomers=True)
    alice.client.send(group, "long ago")
    with bob.client.messages() as messages:
        cursor = messages.cursor
    alice.client.add_member(group, bob.id)
    alice.client.send(group, "welcome")
    with bob.client.messages(cursor) as messages:
        told = rest(messages)
    assert told == ["welcome"]


def test_whoever_left_meanwhile_does_not_stop_the_others(world):
    alice, bob, talk = world.pair()
    group = alice.client.create_group("Team", [bob.id]).id
    with bob.client.messages() as messages:
        cursor = messages.cursor
    for n in range(60):
        alice.client.send(group, str(n))
    alice.client.remove_member(group, bob.id)
    alice.client.send(group, "not for bob")
    alice.client.send(talk, "still there?")
    with bob.client.messages(cursor) as messages:
        told = rest(messages)
    assert told[-1] == "still there?" or told[0] == "still there?"
    assert [t for t in told if t.isdecimal()] == [str(n) for n in range(60)]
    assert "not for bob" not in told


def test_another_streams_cursor_does_too(world):
    alice, bob, talk = world.pair()
    cursor = bob.client.sync().cursor
    alice.client.send(talk, "hi")
    with bob.client.messages(cursor) as messages:
        assert rest(messages) == ["hi"]
    with pytest.raises(libmsg.InvalidArgument):
        next(bob.client.messages("17.nonsense"))


def test_asyncio(world):
    alice, bob, talk = world.pair()

    async def play():
        async with bob.aio() as receiver, alice.aio() as sender:
            async with receiver.messages() as messages:
                await asyncio.gather(*(sender.send(talk, str(n)) for n in range(20)))
                return sorted([int((await anext(messages)).content) for _ in range(20)])

    assert asyncio.run(play()) == list(range(20))
