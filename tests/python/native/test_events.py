# SPDX-License-Identifier: Apache-2.0
"""Streams of events, for threads."""

from __future__ import annotations

import threading

import libmsg
import pytest
from conftest import Chat


def contents(events) -> list[str]:
    """Every new message, however it was told."""
    found = []
    for event in events:
        if isinstance(event, libmsg.MessageEvent):
            found.append(event.message.content)
        elif isinstance(event, libmsg.SyncEvent):
            found.extend(m.content for m in event.delta.messages)
    return found


def test_what_happens_is_told_in_order(chat: Chat) -> None:
    messenger = chat.messenger
    with messenger.events(chat.bob, timeout=10) as events:
        (sent,) = chat.say("hi")
        messenger.mark(chat.bob, chat.talk, 1)
        messenger.react(chat.bob, sent.id, "👍")
        messenger.delete_for_me(chat.bob, sent.id)
        messenger.typing(chat.alice, chat.talk, "recording")
        kinds = [next(events) for _ in range(5)]
    assert [type(event).__name__ for event in kinds] == [
        "MessageEvent",
        "ReceiptEvent",
        "MessageChangeEvent",
        "HideEvent",
        "TypingEvent",
    ]
    assert kinds[0].message.client_id == "" and kinds[0].conversation == chat.talk
    assert kinds[2].reaction == libmsg.ReactionChange(chat.bob, "👍", False)
    assert (kinds[4].activity, kinds[4].cursor) == ("recording", "")


def test_a_cursor_goes_on_where_it_was(chat: Chat) -> None:
    with chat.messenger.events(chat.bob, timeout=10) as events:
        chat.say("one", "two")
        one = next(events)
        kept = one.cursor
    chat.say("three")
    with chat.messenger.events(chat.bob, since=kept, timeout=0.05) as events:
        assert contents(events) == ["two", "three"]
        assert events.is_live
        kept = events.cursor
        chat.say("four")
        assert contents(events) == ["four"]
    assert contents(chat.messenger.events(chat.bob, since=kept, timeout=0.05)) == ["four"]
    everything = chat.messenger.events(chat.bob, since="", timeout=0.05)
    assert contents(everything) == ["one", "two", "three", "four"]


def test_the_cursor_includes_what_was_done_with(chat: Chat) -> None:
    with chat.messenger.events(chat.bob) as events:
        chat.say("one", "two")
        one = events.poll(10)
        assert events.cursor != one.cursor  # it may not have been done with yet
        two = events.poll(10)
        assert events.cursor == one.cursor
        assert events.poll(0.01) is None
        assert events.cursor == two.cursor


def test_a_change_of_several_events_can_be_left_in_its_middle(chat: Chat) -> None:
    messenger = chat.messenger
    with messenger.events(chat.bob, timeout=10) as events:
        group = messenger.create_group(chat.alice, "Hiking", [chat.bob])
        told = [next(events)]
        while not isinstance(told[-1], libmsg.ConversationEvent):
            told.append(next(events))
    members = [e for e in told if isinstance(e, libmsg.MemberEvent)]
    assert chat.bob in {e.member.user for e in members}
    assert all(e.cursor == "" for e in members) and told[-1].cursor
    assert told[-1].changed.id == group.id


def test_a_slow_reader_syncs_and_misses_nothing(chat: Chat) -> None:
    count = 3_000  # more than the queue has room for
    drafts = [libmsg.Draft(chat.alice, chat.talk, f"{n}") for n in range(count)]
    with chat.messenger.events(chat.bob, timeout=5) as events:
        chat.say("begin")
        assert next(events).message.content == "begin"
        for at in range(0, count, 500):
            chat.messenger.send_many(drafts[at : at + 500])
        last = chat.say("end")[0].seq
        seen: list[int] = []
        was_behind = False
        for event in events:
            if isinstance(event, libmsg.MessageEvent):
                seen.append(event.message.seq)
            elif isinstance(event, libmsg.SyncEvent):
                was_behind = True
                if event.delta.missing:
                    seen.extend(range(event.delta.missing[0], event.delta.missing[1] + 1))
                seen.extend(m.seq for m in event.delta.messages)
            if seen[-1] == last:
                break
        assert was_behind
        assert seen == list(range(2, last + 1))


def test_writers_at_the_same_time_lose_and_double_nothing(chat: Chat) -> None:
    each, writers = 300, 4
    seen: list[int] = []

    def read() -> None:
        while len(seen) < each * writers:
            event = events.poll(20)
            if isinstance(event, libmsg.MessageEvent):
                seen.append(event.message.seq)
            elif isinstance(event, libmsg.SyncEvent):
                if event.delta.missing:
                    first, end = event.delta.missing
                    seen.extend(range(first, end + 1))
                seen.extend(m.seq for m in event.delta.messages)
            else:
                assert event is not None

    with chat.messenger.events(chat.bob) as events:
        reader = threading.Thread(target=read)
        reader.start()
        threads = [
            threading.Thread(target=chat.say, args=[f"{n}" for n in range(each)])
            for _ in range(writers)
        ]
        for thread in threads:
            thread.start()
        for thread in [*threads, reader]:
            thread.join()
    assert seen == list(range(1, each * writers + 1))


def test_a_wrong_cursor_is_refused(chat: Chat) -> None:
    with chat.messenger.events(chat.bob, since="nonsense") as events:
        with pytest.raises(libmsg.InvalidArgument) as wrong:
            events.poll(1)
    assert wrong.value.field == "cursor"
    with pytest.raises(libmsg.Closed):
        events.poll(1)
