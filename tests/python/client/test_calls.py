# SPDX-License-Identifier: Apache-2.0
"""Every call, against a real msgd; and every operation of its API is some call's."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from libmsg import Conflict, InvalidArgument, NotFound, PermissionDenied
from libmsg.client._sync._transport import Transport
from libmsg.types import (
    Activity,
    Audience,
    ConversationKind,
    GroupNews,
    KeyScope,
    MessageId,
    MessageKind,
    MessageState,
    NotificationKind,
    Preferences,
    PresenceState,
    Resumed,
    Role,
)
from world import ROOT, error_of, texts

OPERATIONS = json.loads((ROOT / "server" / "http" / "openapi.json").read_text())["paths"]
#: What the client reaches by another path, or not at all: streams are WebSockets, and metrics and
#: documents are for other programs.
ELSEWHERE = {
    "sendMessage", "listMessages", "markDelivered", "markRead", "streamEvents", "getHealth",
    "getMetrics", "listNodes", "listProblems", "getOpenapi", "getAsyncapi", "requestCode", "signIn",
    "signInByJwt", "changePhone",
}  # fmt: skip
reached = set()


@pytest.fixture(autouse=True)
def note_requests(monkeypatch):
    asked = Transport.request

    def request(self, method, path, **options):
        reached.add((method, path))
        return asked(self, method, path, **options)

    monkeypatch.setattr(Transport, "request", request)


def test_users(world):
    key = world.key
    made = key.register_user("+1 415 555 7001", username="zoe", display_name="Zoë", about="hm")
    assert (made.phone, made.username, made.display_name) == ("+14155557001", "zoe", "Zoë")
    assert made.created_at.tzinfo is not None
    assert key.load_user(made.id) == made == key.load_user_by_phone("+1 (415) 555-7001")
    assert key.load_user_by_username("zoe").id == made.id
    assert made.id in [u.id for u in key.list_users(page_size=2)]

    zoe = key.acting_as(made.id)
    assert zoe.me().id == made.id
    changed = zoe.update_user(
        username="", about="gone", avatar="x", read_receipts=False, presence_to=Audience.NOBODY
    )
    assert (changed.username, changed.about, changed.avatar) == (None, "gone", "x")
    assert (changed.read_receipts, changed.presence_to) == (False, Audience.NOBODY)
    assert key.update_user(made.id, display_name="Z").display_name == "Z"
    assert isinstance(error_of(key.register_user, "+14155557001"), Conflict)
    assert isinstance(error_of(key.load_user, 5), NotFound)
    assert "Zoë" not in repr(made) and "415" not in repr(made)


def test_direct_conversations_and_messages(world):
    alice, bob, talk = world.pair()
    assert bob.client.open_direct(alice.id).id == talk
    when = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    first = alice.client.send(talk, "one", timestamp=when, client_id="k")
    assert (first.id, first.seq, first.conversation) == (MessageId(talk, 1), 1, talk)
    assert (first.timestamp, first.client_id, first.state) == (when, "k", MessageState.SENT)
    answer = bob.client.send(talk, "two", kind="image", reply_to=1, mentions=[alice.id])
    assert (answer.kind, answer.reply_to, answer.mentions) == (MessageKind.IMAGE, 1, (alice.id,))

    read = alice.client.load_message(answer.id)
    assert (read.quote.sender, read.quote.excerpt) == (alice.id, "one")
    assert "one" not in repr(read).replace("None", "").replace("timezone", "")

    edited = alice.client.edit(first, "uno")
    assert (edited.content, edited.edited_at is None) == ("uno", False)
    (revision,) = alice.client.list_revisions(first)
    assert (revision.by, revision.content, revision.deletion) == (alice.id, "one", False)

    alice.client.react(answer, "👍")
    bob.client.react(answer.id, "👍")
    shown = bob.client.load_message(answer)
    assert [(r.emoji, r.count) for r in shown.reactions] == [("👍", 2)]
    assert shown.own_reactions == ("👍",)
    assert {r.user for r in bob.client.list_reactions(answer)} == {alice.id, bob.id}
    assert bob.client.remove_reaction(answer, "👍").reactions[0].count == 1

    assert bob.client.pin(first).pin.by == bob.id
    assert texts(alice.client.list_pins(talk)) == ["uno"]
    assert bob.client.unpin(first).pin is None

    passed_on = bob.client.forward(first, talk, client_id="f")
    assert passed_on == bob.client.forward(first, talk, client_id="f")
    assert (passed_on.forward.hops, passed_on.forward.origin) == (1, first.id)
    assert bob.client.load_origin(passed_on).id == first.id

    assert alice.client.delete_for_me(answer).hidden
    tombstone = bob.client.delete_for_everyone(answer)
    assert (tombstone.deleted, tombstone.content) == (True, "")


def test_receipts(world):
    alice, bob, talk = world.pair()
    for text in ("one", "two", "three"):
        sent = alice.client.send(talk, text)
    assert bob.client.load_conversation(talk).unread_count == 3
    assert bob.client.mark(talk, 3, MessageState.DELIVERED).delivered == 3
    assert bob.client.mark(talk, 2).read == 2
    status = alice.client.message_status(sent)
    assert (status.state, status.delivered_count, status.read_count) == ("delivered", 1, 0)
    (recipient,) = alice.client.list_recipients(sent)
    assert (recipient.user, recipient.state) == (bob.id, MessageState.DELIVERED)
    (receipt,) = alice.client.list_receipts(MessageId(talk, 2))
    assert receipt.user == bob.id and receipt.at is not None
    assert [r.user for r in alice.client.list_receipts(sent, "delivered")] == [bob.id]
    assert bob.client.mark_all_read() == 1
    mark = bob.client.mark_unread(talk, 2)
    assert (mark.unread_from, mark.unread_count) == (2, 2)
    until = datetime(2999, 1, 1, tzinfo=UTC)
    bob.client.prefer(talk, archived=True, muted_until=until)
    assert bob.client.load_conversation(talk).preferences == Preferences(False, True, until)
    states = [m.state for m in alice.client.history(talk, order="oldest_first")]
    assert states == [MessageState.READ] * 3
    alice.client.typing(talk)
    alice.client.typing(talk, Activity.RECORDING)


def test_groups(world):
    alice, bob, carol = world.people(3)
    group = alice.client.create_group("Team", [bob.id])
    assert (group.kind, group.title, group.member_count) == (ConversationKind.GROUP, "Team", 2)
    assert alice.client.rename_group(group.id, "Crew").title == "Crew"
    assert alice.client.add_member(group.id, carol.id, Role.ADMIN).role == Role.ADMIN
    assert alice.client.change_role(group.id, carol.id, "member").role == Role.MEMBER
    assert {m.user for m in bob.client.list_members(group.id, page_size=1)} == {
        alice.id, bob.id, carol.id,
    }  # fmt: skip
    rules = alice.client.change_rules(
        group.id, send="admin", slow_mode=timedelta(seconds=5), members_max=9
    ).rules
    assert (rules.send, rules.slow_mode, rules.members_max) == ("admin", timedelta(seconds=5), 9)
    assert isinstance(error_of(bob.client.send, group.id, "hi"), PermissionDenied)
    assert not alice.client.remove_member(group.id, carol.id).active
    assert not bob.client.remove_member(group.id, bob.id).active
    assert [v.conversation.id for v in alice.client.list_conversations()] == [group.id]


def test_invitations(world):
    alice, bob, carol, dave = world.people(4)
    group = alice.client.create_group("Club").id
    open_one = alice.client.create_invitation(group, lifetime=timedelta(hours=1), uses_max=2)
    assert open_one.uses_left == 2 and open_one.expires_at > datetime.now(UTC)
    assert open_one.token not in repr(open_one)
    assert bob.client.join(open_one.token).user == bob.id
    asking = alice.client.create_invitation(group, needs_approval=True)
    assert carol.client.join(asking.token) is None
    assert dave.client.join(asking.token) is None
    assert {r.user for r in alice.client.list_join_requests(group)} == {carol.id, dave.id}
    assert alice.client.answer_join_request(group, carol.id, let_in=True).user == carol.id
    assert alice.client.answer_join_request(group, dave.id, let_in=False) is None
    assert len(alice.client.list_invitations(group)) == 2
    alice.client.revoke_invitation(open_one.token)
    assert isinstance(error_of(dave.client.join, open_one.token), NotFound)


def test_blocks(world):
    alice, bob, talk = world.pair()
    assert alice.client.block(bob.id).user == bob.id
    assert [b.user for b in alice.client.list_blocks()] == [bob.id]
    assert isinstance(error_of(bob.client.send, talk, "hi"), PermissionDenied)
    alice.client.unblock(bob.id)
    bob.client.send(talk, "hi")


def test_a_direct_conversation_is_accepted(start_msgd):
    from world import World

    world = World(start_msgd("--direct-needs-acceptance"))
    alice, bob, talk = world.pair()
    assert alice.client.load_conversation(talk).conversation.awaits == bob.id
    alice.client.send(talk, "hello?")
    assert isinstance(error_of(alice.client.send, talk, "hello??"), PermissionDenied)
    assert bob.client.accept_direct(talk).awaits is None
    alice.client.send(talk, "hello!")
    world.close()


def test_sync(world):
    alice, bob, talk = world.pair()
    alice.client.send(talk, "one")
    page = bob.client.sync()
    assert (page.resumed, page.has_more) == (Resumed.BEGINNING, False)
    assert texts(page.conversations[0].messages) == ["one"]
    assert page.conversations[0].view.own.user == bob.id
    alice.client.send(talk, "two")
    later = bob.client.sync(page.cursor, wait=timedelta(seconds=10))
    assert later.resumed == Resumed.COMPLETE
    assert texts(later.conversations[0].messages) == ["two"]
    assert bob.client.sync(later.cursor, page_size=1).conversations == ()


def test_notifications_and_alerts(world):
    alice, bob, talk = world.pair()
    group = alice.client.create_group("Team", [bob.id]).id
    alice.client.send(talk, "one")
    alice.client.send(talk, "two", mentions=[bob.id])
    world.key.alert([bob.id], "Maintenance at ten.", lifetime=timedelta(hours=1))
    kinds = {n.kind: n for n in bob.client.list_notifications()}
    assert kinds[NotificationKind.ALERT].text == "Maintenance at ten."
    assert kinds[NotificationKind.MESSAGE].last_message.content == "two"
    assert kinds[NotificationKind.MENTION].count == 1
    news = kinds[NotificationKind.GROUP]
    assert (news.news, news.by, news.conversation) == (GroupNews.ADDED, alice.id, group)
    bob.client.mark_notifications_read([kinds[NotificationKind.MESSAGE].id, news.id])
    left = {n.kind for n in bob.client.list_notifications(page_size=1)}
    assert left == {NotificationKind.ALERT}
    bob.client.mark_all_notifications_read()
    assert list(bob.client.list_notifications()) == []


def test_presence(world):
    alice, bob, _ = world.pair()
    (there,) = alice.client.presence([bob.id])
    assert (there.user, there.state) == (bob.id, PresenceState.OFFLINE)


def test_sessions_and_tickets(world):
    alice = world.person()
    other = world.key.create_session(alice.id, "tablet")
    assert other.token.startswith("mss_") and other.token not in repr(other)
    second = alice.client.with_token(other.token)
    assert second.me().id == alice.id
    assert alice.client.rename_session(other.session.id, "phone").device_name == "phone"
    assert [s.device_name for s in alice.client.list_sessions()] == ["test", "phone"]
    ticket = alice.client.create_ticket()
    assert ticket.expires_at > datetime.now(UTC)
    alice.client.revoke_session(other.session.id)
    assert error_of(second.me).code == "unauthenticated"
    world.key.create_session(alice.id)
    alice.client.revoke_other_sessions()
    assert len(alice.client.list_sessions()) == 1
    alice.client.set_pin("4711")
    alice.client.remove_pin()


def test_keys_and_audit(world):
    made = world.key.create_api_key("metrics", [KeyScope.READ_METRICS])
    assert made.secret.startswith("msk_") and made.secret not in repr(made)
    assert made.key.scopes == {KeyScope.READ_METRICS}
    assert made.key in world.key.list_api_keys()
    weak = world.key.with_token(made.secret)
    assert isinstance(error_of(weak.list_api_keys), PermissionDenied)
    world.key.revoke_api_key(made.key.id)
    acts = [(e.act, e.key) for e in world.key.list_audit().page().items]
    assert acts[:2] == [("key_revoked", made.key.id), ("key_created", made.key.id)]


def test_a_key_names_whom_it_acts_as(world):
    alice, bob, talk = world.pair()
    sent = world.key.acting_as(alice.id).send(talk, "by key")
    assert sent.sender == alice.id
    assert repr(world.key.acting_as(5)) == f"libmsg.client.Client('{world.url}', act_as=5)"
    error = error_of(world.key.send, talk, "as nobody")
    assert isinstance(error, InvalidArgument) and error.field == "act_as"


def test_check(world):
    world.key.check()


def test_every_operation_was_some_calls():
    """Stands last: what the tests above have asked for."""
    missing = []
    for template, methods in OPERATIONS.items():
        path = re.compile(re.sub(r"\{\w+\}", "[^/]+", template) + "$")
        for method, operation in methods.items():
            name = operation.get("operationId", "") if isinstance(operation, dict) else ""
            is_form = name.endswith("Form") or template.startswith("/api/v1/users/{user_id}/")
            if not name or is_form or name in ELSEWHERE:
                continue
            if not any(m == method.upper() and path.match(p) for m, p in reached):
                missing.append(name)
    assert missing == []
