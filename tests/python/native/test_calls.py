# SPDX-License-Identifier: Apache-2.0
"""The calls beside sending and reading: groups, access, administration, presence, stores."""

from __future__ import annotations

import queue
from datetime import timedelta

import libmsg
import pytest
from conftest import Chat, chat_in, url_of


def test_groups_have_members_and_rules(chat: Chat) -> None:
    messenger, alice, bob = chat.messenger, chat.alice, chat.bob
    carol = messenger.register_user("+1 415 555 0103", username="carol").id
    group = messenger.create_group(alice, "Hiking", [bob])
    assert (group.kind, group.title, group.member_count) == ("group", "Hiking", 2)
    assert messenger.rename_group(alice, group.id, "Walking").title == "Walking"
    assert messenger.add_member(alice, group.id, carol).role is libmsg.Role.MEMBER
    assert messenger.change_role(alice, group.id, carol, "admin").role is libmsg.Role.ADMIN
    assert not messenger.remove_member(alice, group.id, bob).active
    rules = messenger.change_rules(alice, group.id, send="admin", slow_mode=timedelta(seconds=5))
    assert rules.rules is not None and rules.rules.slow_mode == timedelta(seconds=5)
    invitation = messenger.create_invitation(alice, group.id, uses_max=2, needs_approval=True)
    assert invitation.token not in repr(invitation)
    assert messenger.list_invitations(alice, group.id) == (invitation,)
    assert messenger.join(bob, invitation.token) is None
    assert [r.user for r in messenger.list_join_requests(alice, group.id)] == [bob]
    assert messenger.answer_join_request(alice, group.id, bob, let_in=True).user == bob
    messenger.revoke_invitation(alice, invitation.token)
    with pytest.raises(libmsg.NotFound):
        messenger.join(carol, invitation.token)
    with pytest.raises(libmsg.PermissionDenied):
        messenger.send(bob, group.id, "hi")
    members = list(messenger.list_members(alice, group.id))
    assert {m.user for m in members if m.active} == {alice, bob, carol}
    assert messenger.find_direct(alice, carol) is None
    assert messenger.find_direct(alice, bob).id == chat.talk
    titles = [view.conversation.title for view in messenger.list_conversations(alice)]
    assert sorted(titles) == ["", "Walking"]


def test_blocks_and_notifications(chat: Chat) -> None:
    messenger = chat.messenger
    chat.say("one", "two")
    (news,) = messenger.list_notifications(chat.bob)
    assert (news.kind, news.count, news.last_message.content) == ("message", 2, "two")
    messenger.mark_notifications_read(chat.bob, [news.id])
    assert list(messenger.list_notifications(chat.bob)) == []
    messenger.mark_all_notifications_read(chat.bob)
    assert messenger.block(chat.bob, chat.alice).user == chat.alice
    assert [b.user for b in messenger.list_blocks(chat.bob)] == [chat.alice]
    with pytest.raises(libmsg.PermissionDenied):
        chat.say("hello?")
    messenger.unblock(chat.bob, chat.alice)
    chat.say("hello")


def test_users_change_and_have_other_names_elsewhere(chat: Chat) -> None:
    messenger = chat.messenger
    changed = messenger.update_user(chat.alice, username="alice", presence_to="nobody")
    assert changed.presence_to is libmsg.Audience.NOBODY
    assert messenger.load_user_by_username("alice").id == chat.alice
    assert messenger.load_user_by_phone("001 415 555 0101").id == chat.alice
    first = messenger.sign_in_external("https://app.example", "17", display_name="Ann")
    again = messenger.sign_in_external("https://app.example", "17")
    assert first.is_new_user and not again.is_new_user and first.user.id == again.user.id
    assert messenger.load_user_by_external_id("https://app.example", "17").phone is None
    assert messenger.list_external_ids(first.user.id) == (
        libmsg.ExternalId("https://app.example", "17"),
    )
    messenger.note_last_seen([(chat.alice, first.user.created_at)])
    assert len(list(messenger.list_users(page_size=1))) == 3


def test_sessions_tickets_and_keys(chat: Chat) -> None:
    messenger = chat.messenger
    made = messenger.create_session(chat.alice, "phone")
    other = messenger.create_session(chat.alice, "tablet")
    assert made.token not in repr(made)
    principal = messenger.authenticate(made.token)
    assert principal.session == made.session and messenger.act_as(principal) == chat.alice
    assert messenger.rename_session(chat.alice, made.session.id, "fon").device_name == "fon"
    ticket = messenger.create_ticket(made.session)
    assert messenger.redeem_ticket(ticket.ticket).session.id == made.session.id
    with pytest.raises(libmsg.Unauthenticated):
        messenger.redeem_ticket(ticket.ticket)
    assert not messenger.is_too_old(made.session)
    assert messenger.revoke_other_sessions(made.session) == (other.session.id,)
    assert [s.id for s in messenger.list_sessions(chat.alice)] == [made.session.id]
    assert messenger.refresh(principal).session is not None
    messenger.revoke_session(chat.alice, made.session.id)
    with pytest.raises(libmsg.Unauthenticated):
        messenger.refresh(principal)
    key = messenger.create_api_key("backend", ["act_as_user"])
    assert key.key.scopes == {libmsg.KeyScope.ACT_AS_USER} and key.secret not in repr(key)
    assert messenger.act_as(messenger.authenticate(key.secret), chat.bob) == chat.bob
    assert messenger.list_api_keys() == (key.key,)
    messenger.revoke_api_key(key.key.id)
    messenger.check()


def test_administrators_leave_notes(chat: Chat) -> None:
    key = chat.messenger.create_api_key("backend").key
    admin = chat.messenger.administration(key, "192.0.2.7")
    dora = admin.register_user("+1 415 555 0104")
    admin.update_user(dora.id, about="new")
    session = admin.create_session(dora.id, "web").session
    admin.rename_session(dora.id, session.id, "laptop")
    admin.revoke_session(dora.id, session.id)
    admin.alert([chat.alice, dora.id], "Maintenance at noon.")
    made = admin.create_key("metrics", [libmsg.KeyScope.READ_METRICS])
    admin.revoke_key(made.key.id)
    entries = list(admin.list_audit(page_size=3))
    assert [e.act for e in entries] == [
        "key_revoked",
        "key_created",
        "alert_sent",
        "session_revoked",
        "session_renamed",
        "session_created",
        "user_changed",
        "user_created",
    ] or len(entries) == 9
    assert {(e.by, e.address) for e in entries} == {(key.id, "192.0.2.7")}
    (alert,) = chat.messenger.list_notifications(chat.alice)
    assert alert.text == "Maintenance at noon." and "noon" not in repr(alert)


def test_a_code_signs_in(chat: Chat) -> None:
    sent: queue.Queue[tuple[str, str]] = queue.Queue()
    sign_in = chat.messenger.sign_in(
        ["1"],
        lambda phone, code, lifetime: sent.put((phone, code)),
        pin_memory_bytes=1 << 20,
        send_interval=timedelta(seconds=1),
    )
    nonce = "0123456789abcdef"
    asked = sign_in.request_code("+1 415 555 0199", device_nonce=nonce)
    phone, code = sent.get(timeout=20)
    assert phone == "+14155550199" and code.isdecimal()
    with pytest.raises(libmsg.PermissionDenied) as wrong:
        sign_in.verify(asked.request_id, "000000" if code != "000000" else "1", device_nonce=nonce)
    assert wrong.value.field == "code"
    signed_in = sign_in.verify(asked.request_id, code, device_nonce=nonce, device_name="phone")
    assert signed_in.is_new_user and signed_in.session.session.user == signed_in.user.id
    sign_in.set_pin(signed_in.user.id, "2468")
    sign_in.remove_pin(signed_in.user.id)
    assert (sign_in.counters().verified, sign_in.counters().wrong_codes) == (1, 1)
    sign_in.close()
    with pytest.raises(libmsg.Closed):
        sign_in.counters()


def test_presence_tells_who_comes_and_goes(chat: Chat) -> None:
    told: list[libmsg.PersonPresence] = []
    presence = chat.messenger.presence(offline_after=timedelta(0))
    watch, known = presence.watch(chat.bob, [chat.alice], told.extend)
    assert known[0].state is libmsg.PresenceState.OFFLINE
    phone = presence.enter(chat.alice)
    presence.flush()
    phone.touch()
    phone.set_away(True)
    presence.flush()
    assert [p.state for p in told] == ["online", "away"]
    assert presence.look(chat.bob, [chat.alice])[0].state == "away"
    presence.update(chat.alice)
    phone.close()
    presence.store_last_seen(all=True)
    watch.close()
    assert len(presence) <= 2
    presence.enter(chat.bob)  # ends with the presence
    presence.close()


def test_stores_are_copied_and_checked(tmp_path) -> None:
    source, target = url_of("sqlite", tmp_path), url_of("rocksdb", tmp_path)
    with libmsg.open(source) as messenger:
        chat_in(messenger).say(*"abcdefgh")
        with pytest.raises(libmsg.Conflict):
            libmsg.copy_store(source, target)
    stages: list[libmsg.Progress] = []
    report = libmsg.copy_store(source, target, verify=True, progress=stages.append)
    assert (report.messages, report.is_verified, report.difference_count) == (8, True, 0)
    assert {p.stage for p in stages} == {"copying", "comparing"}
    checked = libmsg.check_store(target)
    assert (checked.messages, checked.users, checked.problems) == (8, 2, ())
