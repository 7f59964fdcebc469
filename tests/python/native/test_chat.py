# SPDX-License-Identifier: Apache-2.0
"""Two people and a store, of each kind."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta, timezone

import libmsg
import pytest
from conftest import Chat, chat_in


def test_what_was_sent_is_there_after_opening_again(url: str) -> None:
    with libmsg.open(url) as messenger:
        chat = chat_in(messenger)
        sent = messenger.send(chat.alice, chat.talk, "Grüße 👋", client_id="once")
        assert sent == messenger.send(chat.alice, chat.talk, "Grüße 👋", client_id="once")
    if url == "memory:":
        return
    with libmsg.open(url) as messenger:
        assert [m.content for m in messenger.history(chat.bob, chat.talk)] == ["Grüße 👋"]
        assert messenger.load_user(chat.alice).phone == "+14155550101"


def test_results_are_frozen_and_their_repr_has_no_bodies(chat: Chat) -> None:
    sent = chat.messenger.send(chat.alice, chat.talk, "a secret", client_id="key")
    assert isinstance(sent.id, libmsg.MessageId) and str(sent.id) == f"{chat.talk}-1"
    assert sent.conversation == chat.talk and sent.seq == 1
    assert sent.kind is libmsg.MessageKind.TEXT
    assert "a secret" not in repr(sent) and "key" not in repr(sent)
    with pytest.raises(AttributeError):
        sent.content = "other"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(sent)) == sent
    assert sent.created_at.tzinfo is timezone.utc
    assert abs(datetime.now(timezone.utc) - sent.created_at) < timedelta(minutes=5)


def test_only_its_sender_sees_the_key_of_a_message(chat: Chat) -> None:
    sent = chat.messenger.send(chat.alice, chat.talk, "hi", client_id="key")
    assert sent.client_id == "key"
    assert chat.messenger.load_message(chat.bob, sent.id).client_id == ""
    assert next(iter(chat.messenger.history(chat.bob, chat.talk))).client_id == ""
    assert next(iter(chat.messenger.history(chat.alice, chat.talk))).client_id == "key"


def test_everything_a_draft_has_arrives(chat: Chat) -> None:
    (first,) = chat.say("first")
    said_at = datetime(2024, 2, 29, 12, 30, 15, 123000, tzinfo=timezone(timedelta(hours=2)))
    sent = chat.messenger.send(
        chat.bob,
        chat.talk,
        "{}",
        kind="custom",
        reply_to=first.seq,
        timestamp=said_at,
        mentions=[chat.alice],
    )
    assert (sent.kind, sent.reply_to, sent.timestamp) == ("custom", 1, said_at)
    assert sent.mentions == (chat.alice,)
    read = chat.messenger.load_message(chat.alice, sent.id)
    assert read.quote is not None and read.quote.excerpt == "first"


def test_errors_are_what_python_calls_them_too(chat: Chat) -> None:
    messenger = chat.messenger
    with pytest.raises(KeyError) as not_found:
        messenger.load_user(17)
    assert isinstance(not_found.value, libmsg.NotFound) and not_found.value.code == "not_found"
    with pytest.raises(libmsg.Conflict) as taken:
        messenger.register_user("+14155550101")
    assert taken.value.field == "phone"
    with pytest.raises(ValueError) as invalid:
        messenger.send(chat.alice, chat.talk, "x" * 70_000)
    assert isinstance(invalid.value, libmsg.InvalidArgument) and invalid.value.field == "content"
    chat.messenger.send(chat.alice, chat.talk, "a", client_id="k")
    with pytest.raises(libmsg.IdempotencyConflict):
        chat.messenger.send(chat.alice, chat.talk, "b", client_id="k")
    carol = messenger.register_user("+1 415 555 0103").id
    with pytest.raises(libmsg.NotFound):
        messenger.send(carol, chat.talk, "hi")
    assert pickle.loads(pickle.dumps(taken.value)).field == "phone"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("x", 1, "hi"), TypeError),
        ((1, 1, b"hi"), TypeError),
        ((2**70, 1, "hi"), libmsg.InvalidArgument),
        ((1, 1, "\ud800"), UnicodeEncodeError),
    ],
)
def test_what_cannot_be_an_argument_is_refused(memory_chat: Chat, arguments, error) -> None:
    with pytest.raises(error):
        memory_chat.messenger.send(*arguments)


def test_times_need_a_zone_and_options_a_name(memory_chat: Chat) -> None:
    with pytest.raises(libmsg.InvalidArgument):
        memory_chat.messenger.history(1, 2, from_=datetime(2024, 1, 1)).page()
    with pytest.raises(TypeError, match="no option named color"):
        libmsg.open("memory:", color="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="node cannot be 'x'"):
        libmsg.open("memory:", node="x")  # type: ignore[arg-type]
    with pytest.raises(libmsg.InvalidArgument):
        libmsg.open("postscript:")
    with pytest.raises(libmsg.InvalidArgument):
        memory_chat.messenger.send(memory_chat.alice, memory_chat.talk, "x", kind="smell")


def test_options_and_limits_count(tmp_path) -> None:
    now = datetime(2025, 3, 1, tzinfo=timezone.utc)
    with libmsg.open("memory:", clock=lambda: now, limits={"content_bytes_max": 3}) as messenger:
        chat = chat_in(messenger)
        assert chat.say("abc")[0].created_at == now
        with pytest.raises(libmsg.InvalidArgument):
            chat.say("abcd")


def test_many_sends_are_a_few_commits_and_one_may_fail_alone(chat: Chat) -> None:
    drafts = [libmsg.Draft(chat.alice, chat.talk, f"{n}") for n in range(500)]
    drafts[250] = libmsg.Draft(chat.alice, 1, "nowhere")
    outcomes = chat.messenger.send_many(drafts)
    assert isinstance(outcomes.pop(250), libmsg.NotFound)
    assert [m.seq for m in outcomes if isinstance(m, libmsg.Message)] == list(range(1, 500))
    with pytest.raises(TypeError):
        chat.messenger.send_many(["hi"])  # type: ignore[list-item]


def test_receipts_go_up_and_tell_how_far(chat: Chat) -> None:
    messenger, (sent,) = chat.messenger, chat.say("hi")
    messenger.mark(chat.bob, chat.talk, 1, "delivered")
    assert messenger.message_status(chat.alice, sent.id).state == "delivered"
    assert messenger.mark(chat.bob, chat.talk, 1).read == 1
    assert [r.user for r in messenger.list_receipts(chat.alice, sent.id)] == [chat.bob]
    assert [r.state for r in messenger.list_recipients(chat.alice, sent.id)] == ["read"]
    assert messenger.mark_all_read(chat.bob) == 0
    assert messenger.mark_unread(chat.bob, chat.talk, 1).unread_count == 1
    assert messenger.load_conversation(chat.bob, chat.talk).unread_from == 1


def test_preferences_are_kept_for_oneself(chat: Chat) -> None:
    messenger, until = chat.messenger, datetime(2999, 1, 1, tzinfo=timezone.utc)
    messenger.prefer(chat.bob, chat.talk, pinned=True)
    both = messenger.prefer(chat.bob, chat.talk, muted_until=until)
    assert both == libmsg.types.Preferences(pinned=True, muted_until=until)
    assert messenger.load_conversation(chat.bob, chat.talk).preferences == both
    assert not messenger.load_conversation(chat.alice, chat.talk).preferences.pinned
    past = datetime(2000, 1, 1, tzinfo=timezone.utc)
    assert messenger.prefer(chat.bob, chat.talk, muted_until=past).muted_until is None


def test_messages_change(chat: Chat) -> None:
    messenger, (one, two) = chat.messenger, chat.say("one", "two")
    assert messenger.edit(chat.alice, one.id, "uno").edited_at is not None
    assert [r.content for r in messenger.list_revisions(chat.bob, one.id)] == ["one"]
    messenger.react(chat.bob, one.id, "👍")
    assert messenger.load_message(chat.bob, one.id).own_reactions == ("👍",)
    (reactor,) = messenger.list_reactions(chat.alice, one.id)
    assert (reactor.user, reactor.reactions[0].emoji) == (chat.bob, "👍")
    assert messenger.remove_reaction(chat.bob, one.id, "👍").reactions == ()
    assert messenger.pin(chat.bob, one.id).pin.by == chat.bob
    assert [m.id for m in messenger.list_pins(chat.alice, chat.talk)] == [one.id]
    assert messenger.unpin(chat.bob, one.id).pin is None
    assert messenger.delete_for_everyone(chat.alice, two.id).deleted
    assert messenger.delete_for_me(chat.bob, one.id).hidden
    saved = messenger.open_direct(chat.alice, chat.alice)
    passed_on = messenger.forward(chat.alice, one.id, saved.id)
    assert passed_on.forward == libmsg.Forward(1, one.id)
    assert messenger.load_origin(chat.alice, passed_on.id).id == one.id
