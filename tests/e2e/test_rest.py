# SPDX-License-Identifier: Apache-2.0
"""Every route of docs/http-api.md: what it gives, what it refuses, and to whom."""

import json
import re
import socket
import urllib.request

import pytest

import document
from api import Answer, Api, World

UNKNOWN_ID = "1234567890"


@pytest.fixture(scope="session")
def world(msgd):
    return World(msgd)


def conforms(answer, schema):
    """Checks an answer against a schema of openapi.json and gives its body."""
    assert answer.status < 300, answer
    assert answer.headers["Content-Type"] == "application/json"
    document.validate(answer.json, {"$ref": f"#/components/schemas/{schema}"})
    return answer.json


def is_problem(answer, status, code, *pointers):
    assert (answer.status, answer.code) == (status, code), answer
    body = answer.json
    document.validate(body, {"$ref": "#/components/schemas/Problem"})
    assert body["status"] == status
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert answer.pointers == list(pointers), answer
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    return body


def send(sender, receiver, content="hi", **fields):
    answer = sender.post("/messages", {"receiver_id": receiver.id, "content": content, **fields})
    return conforms(answer, "Message")


# The short forms -------------------------------------------------------------------------------


def test_send_answers_the_message(world):
    alice, bob = world.people(2)
    answer = alice.post(
        "/messages",
        {
            "sender_id": alice.id,
            "receiver_id": bob.id,
            "content": 'é😀 "quoted" \n\u0001',
            "timestamp": "2026-11-21T10:15:02.5+01:00",
            "kind": "custom",
            "client_id": "key 1",
            "unknown": {"ignored": True},
        },
    )
    assert answer.status == 201
    message = conforms(answer, "Message")
    assert message["id"] == f"{message['conversation_id']}-1"
    assert message["seq"] == 1 and message["sender_id"] == alice.id
    assert message["content"] == 'é😀 "quoted" \n\u0001'
    assert message["timestamp"] == "2026-11-21T09:15:02.500Z"
    assert message["kind"] == "custom" and message["client_id"] == "key 1"
    assert message["status"] == "sent" and message["deleted"] is False


def test_send_to_a_group(world):
    alice, bob = world.people(2)
    group = world.group(alice, bob)
    message = conforms(
        bob.post("/messages", {"group_id": group, "content": "hello all"}), "Message"
    )
    assert message["conversation_id"] == group
    assert message["id"] == f"{group}-{message['seq']}"


def test_key_sends_for_anybody(world):
    alice, bob = world.people(2)
    body = {"receiver_id": bob.id, "content": "from a backend"}
    named = world.key.post("/messages", {"sender_id": alice.id, **body})
    assert conforms(named, "Message")["sender_id"] == alice.id
    by_header = world.key.post("/messages", body, **{"X-User-Id": alice.id})
    assert conforms(by_header, "Message")["sender_id"] == alice.id
    is_problem(world.key.post("/messages", body), 422, "invalid_argument", "/sender_id")
    both = world.key.post("/messages", {"sender_id": alice.id, **body}, **{"X-User-Id": bob.id})
    is_problem(both, 422, "invalid_argument", "/sender_id")
    bad = world.key.post("/messages", body, **{"X-User-Id": "x"})
    is_problem(bad, 422, "invalid_argument", "X-User-Id")
    unknown = world.key.post("/messages", {"sender_id": UNKNOWN_ID, **body})
    is_problem(unknown, 404, "not_found", "/sender_id")


def test_session_sends_as_itself_only(world):
    alice, bob = world.people(2)
    answer = alice.post("/messages", {"sender_id": bob.id, "receiver_id": alice.id, "content": "x"})
    is_problem(answer, 403, "permission_denied", "/sender_id")


def test_neither_reading_nor_a_refused_send_makes_a_conversation(world):
    alice, bob = world.people(2)
    assert alice.get("/messages", peer_id=bob.id).json["items"] == []
    refused = alice.post("/messages", {"receiver_id": bob.id, "content": ""})
    is_problem(refused, 422, "invalid_argument", "/content")
    assert alice.get("/conversations").json["items"] == []
    assert bob.get("/conversations").json["items"] == []
    is_problem(alice.get("/messages", peer_id=UNKNOWN_ID), 404, "not_found")


def test_a_session_cannot_take_a_phone_number(world):
    alice, bob = world.people(2)
    for phone in ("+14155550177", bob.get("/me").json["phone"]):  # free and taken look the same
        is_problem(alice.patch(f"/users/{alice.id}", {"phone": phone}), 403, "permission_denied",
                   "/phone")
    moved = world.key.patch(f"/users/{alice.id}", {"phone": "+1 415 555 0177"})
    assert moved.status == 200 and alice.get("/me").json["phone"] == "+14155550177"


def test_a_page_of_large_messages_ends_early(world):
    alice, bob = world.people(2)
    talk = alice.post("/conversations", {"kind": "direct", "user_id": bob.id}).json["id"]
    for i in range(40):
        alice.post(f"/conversations/{talk}/messages", {"content": f"{i:02}" + "x" * 60_000})
    page = bob.get(f"/conversations/{talk}/messages", limit=200)
    assert len(page.body) < 2_000_000
    seen = [m["content"][:2] for m in page.json["items"]]
    assert page.json["page"]["has_more"] and 10 < len(seen) < 40
    while page.json["page"]["has_more"]:
        page = bob.get(f"/conversations/{talk}/messages", limit=200,
                       cursor=page.json["page"]["next"])
        seen += [m["content"][:2] for m in page.json["items"]]
    assert seen == [f"{i:02}" for i in reversed(range(40))]


def test_an_encoded_slash_in_a_path_is_refused(world):
    answer = world.key.call("GET", "/api/v1/users/by-phone/%2B49%2F30")
    assert answer.status == 400


def test_sends_are_idempotent(world):
    alice, bob = world.people(2)
    body = {"receiver_id": bob.id, "content": "once"}
    first = alice.post("/messages", body, **{"Idempotency-Key": "k1"})
    again = alice.post("/messages", {**body, "client_id": "k1"})
    both = alice.post("/messages", {**body, "client_id": "k1"}, **{"Idempotency-Key": "k1"})
    assert (first.status, again.status, both.status) == (201, 201, 201)
    assert first.body == again.body == both.body
    other = alice.post("/messages", {**body, "content": "twice", "client_id": "k1"})
    is_problem(other, 422, "idempotency_conflict", *other.pointers)
    differ = alice.post("/messages", {**body, "client_id": "k2"}, **{"Idempotency-Key": "k1"})
    is_problem(differ, 422, "invalid_argument", "/client_id")
    page = conforms(alice.get("/messages", peer_id=bob.id), "MessagePage")
    assert len(page["items"]) == 1


@pytest.mark.parametrize("client_id", ["", "x" * 129, "tab\t", "é"])
def test_client_id_is_printable_ascii(world, client_id):
    alice, bob = world.people(2)
    answer = alice.post(
        "/messages", {"receiver_id": bob.id, "content": "x", "client_id": client_id}
    )
    if client_id == "":  # as if there was none
        assert answer.status == 201
    else:
        is_problem(answer, 422, "invalid_argument", "/client_id")


def test_send_names_every_wrong_field(world):
    alice, bob = world.people(2)
    answer = alice.post(
        "/messages",
        {"receiver_id": 7, "content": 5, "timestamp": "now", "kind": "fax", "reply_to": "1"},
    )
    is_problem(
        answer,
        422,
        "invalid_argument",
        "/receiver_id",
        "/content",
        "/kind",
        "/reply_to",
        "/timestamp",
    )
    is_problem(
        alice.post("/messages"), 422, "invalid_argument", "/receiver_id", "/content"
    )
    two = alice.post("/messages", {"receiver_id": bob.id, "group_id": "1", "content": "x"})
    is_problem(two, 422, "invalid_argument", "/receiver_id")


def test_send_refuses_what_cannot_be(world):
    alice, bob = world.people(2)
    system = {"receiver_id": bob.id, "content": "x", "kind": "system"}
    is_problem(alice.post("/messages", system), 422, "invalid_argument", "/kind")
    long = {"receiver_id": bob.id, "content": "x" * (64 * 1024 + 1)}
    is_problem(alice.post("/messages", long), 422, "invalid_argument", "/content")
    reply = {"receiver_id": bob.id, "content": "x", "reply_to": 99}
    is_problem(alice.post("/messages", reply), 422, "invalid_argument", "/reply_to")
    nobody = {"receiver_id": UNKNOWN_ID, "content": "x"}
    is_problem(alice.post("/messages", nobody), 404, "not_found")


def test_history_of_two(world):
    alice, bob = world.people(2)
    empty = conforms(alice.get("/messages", user_id=alice.id, peer_id=bob.id), "MessagePage")
    assert empty["items"] == [] and empty["page"]["has_more"] is False
    for i in range(5):
        send(alice if i % 2 else bob, bob if i % 2 else alice, f"m{i}")
    page = conforms(alice.get("/messages", peer_id=bob.id), "MessagePage")
    assert [m["content"] for m in page["items"]] == ["m4", "m3", "m2", "m1", "m0"]
    mine = [m for m in page["items"] if m["sender_id"] == alice.id]
    assert all(m["status"] == "sent" for m in mine)
    assert all(m["status"] is None for m in page["items"] if m not in mine)


def test_history_pages_with_cursors_and_links(world):
    alice, bob = world.people(2)
    for i in range(7):
        send(alice, bob, f"m{i}")
    seen = []
    url = f"/api/v1/messages?peer_id={bob.id}&limit=3&order=asc"
    while url:
        answer = alice.call("GET", url)
        seen += [m["seq"] for m in conforms(answer, "MessagePage")["items"]]
        url = re.search(r'<([^>]*)>; rel="next"', answer.headers.get("Link") or "")
        url = url and url.group(1)
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    last = conforms(alice.get("/messages", peer_id=bob.id, limit=7, order="asc"), "MessagePage")
    assert last["page"]["has_more"] is False
    send(alice, bob, "later")
    later = alice.get("/messages", peer_id=bob.id, cursor=last["page"]["next"])
    assert [m["seq"] for m in later.json["items"]] == [8]


def test_history_parameters(world):
    alice, bob = world.people(2)
    times = [send(alice, bob, f"m{i}")["created_at"] for i in range(6)]

    def seqs(**query):
        answer = alice.get("/messages", peer_id=bob.id, **query)
        return [m["seq"] for m in conforms(answer, "MessagePage")["items"]]

    assert seqs(before=3) == [2, 1]
    assert seqs(after=4) == [6, 5]
    assert seqs(after=0, order="asc", limit=2) == [1, 2]
    assert seqs(around=3, limit=3) == [4, 3, 2]
    assert set(seqs(**{"from": times[0]})) == {1, 2, 3, 4, 5, 6}
    assert seqs(to=times[0]) == []


@pytest.mark.parametrize(
    "query, pointer",
    [
        ({"limit": "0"}, "?limit"),
        ({"limit": "201"}, "?limit"),
        ({"limit": "x"}, "?limit"),
        ({"limit": "99999999999999999999"}, "?limit"),
        ({"order": "up"}, "?order"),
        ({"before": "-1"}, "?before"),
        ({"from": "yesterday"}, "?from"),
        ({"cursor": "nonsense"}, "?cursor"),
        ({"before": "2", "after": "1"}, "?cursor"),
    ],
)
def test_history_refuses(world, query, pointer):
    alice, bob = world.people(2)
    answer = alice.get("/messages", peer_id=bob.id, **query)
    is_problem(answer, 422, "invalid_argument", pointer)


def test_history_needs_one_other_side(world):
    alice, bob = world.people(2)
    is_problem(alice.get("/messages"), 422, "invalid_argument", "?peer_id")
    both = alice.get("/messages", peer_id=bob.id, group_id="1")
    is_problem(both, 422, "invalid_argument", "?peer_id")
    key = world.key.get("/messages", peer_id=bob.id)
    is_problem(key, 422, "invalid_argument", "?user_id")
    other = alice.get("/messages", user_id=bob.id, peer_id=alice.id)
    is_problem(other, 403, "permission_denied", *other.pointers)


# Receipts --------------------------------------------------------------------------------------


def test_receipts_rise_and_status_follows(world):
    alice, bob = world.people(2)
    messages = [send(alice, bob, f"m{i}") for i in range(3)]
    conversation = messages[0]["conversation_id"]

    def status(message):
        return conforms(alice.get(f"/messages/{message['id']}/status"), "Status")

    assert status(messages[2])["status"] == "sent"
    member = conforms(bob.post(f"/messages/{messages[2]['id']}/delivered"), "Member")
    assert (member["delivered"], member["read"]) == (3, 0)
    assert status(messages[2])["status"] == "delivered"
    member = conforms(bob.post(f"/messages/{messages[1]['id']}/read"), "Member")
    assert (member["delivered"], member["read"]) == (3, 2)
    assert [status(m)["status"] for m in messages] == ["read", "read", "delivered"]
    lower = conforms(bob.post(f"/conversations/{conversation}/read", {"seq": 1}), "Member")
    assert lower["read"] == 2
    member = conforms(bob.post(f"/conversations/{conversation}/delivered", {"seq": 3}), "Member")
    assert member["delivered"] == 3
    found = status(messages[0])
    assert (found["recipient_count"], found["read_count"]) == (1, 1)
    assert found["recipients"][0]["user_id"] == bob.id
    assert found["recipients"][0]["read_at"] is not None
    page = conforms(alice.get(f"/messages/{messages[0]['id']}/recipients"), "RecipientPage")
    assert [r["status"] for r in page["items"]] == ["read"]
    history = alice.get("/messages", peer_id=bob.id).json["items"]
    assert [m["status"] for m in history] == ["delivered", "read", "read"]


def test_receipts_refuse(world):
    alice, bob = world.people(2)
    message = send(alice, bob)
    conversation = message["conversation_id"]
    beyond = bob.post(f"/conversations/{conversation}/read", {"seq": 2})
    is_problem(beyond, 422, "invalid_argument", "/seq")
    for body, pointer in [({}, "/seq"), ({"seq": 0}, "/seq"), ({"seq": "1"}, "/seq")]:
        answer = bob.post(f"/conversations/{conversation}/read", body)
        is_problem(answer, 422, "invalid_argument", pointer)
    for bad in ("x", f"{conversation}-0", f"{conversation}-01", f"{UNKNOWN_ID}-1"):
        is_problem(bob.post(f"/messages/{bad}/read"), 404, "not_found")


def test_key_marks_for_a_user(world):
    alice, bob = world.people(2)
    message = send(alice, bob)
    answer = world.key.post(f"/messages/{message['id']}/read", {"user_id": bob.id})
    assert conforms(answer, "Member")["user_id"] == bob.id


def test_typing(world):
    alice, bob = world.people(2)
    conversation = send(alice, bob)["conversation_id"]
    for activity in ("typing", "recording"):
        answer = bob.post(f"/conversations/{conversation}/{activity}")
        assert (answer.status, answer.body) == (204, "")


def test_a_message_is_edited(world):
    alice, bob = world.people(2)
    message = send(alice, bob, "helo", client_id="e")
    edited = conforms(alice.patch(f"/messages/{message['id']}", {"content": "hello"}), "Message")
    assert (edited["content"], edited["client_id"]) == ("hello", "e")
    assert edited["edited_at"] and int(edited["changed"]) > int(edited["version"])
    assert (edited["id"], edited["created_at"]) == (message["id"], message["created_at"])
    again = alice.patch(f"/messages/{message['id']}", {"content": "hello"})
    assert again.json == edited
    seen = conforms(bob.get(f"/messages/{message['id']}"), "Message")
    assert (seen["content"], seen["client_id"]) == ("hello", None)
    revisions = bob.get(f"/messages/{message['id']}/revisions")
    assert revisions.status == 200
    [revision] = revisions.json["items"]
    assert (revision["user_id"], revision["content"]) == (alice.id, "helo")
    assert revision["at"] == edited["edited_at"] and not revision["deletion"]


def test_edits_refuse(world):
    alice, bob, carol = world.people(3)
    path = "/messages/" + send(alice, bob)["id"]
    is_problem(bob.patch(path, {"content": "x"}), 403, "permission_denied")
    is_problem(carol.patch(path, {"content": "x"}), 404, "not_found")
    is_problem(alice.patch(path, {}), 422, "invalid_argument", "/content")
    is_problem(alice.patch(path, {"content": ""}), 422, "invalid_argument", "/content")
    is_problem(alice.patch(f"/messages/{UNKNOWN_ID}-1", {"content": "x"}), 404, "not_found")
    is_problem(carol.get(path + "/revisions"), 404, "not_found")
    image = send(alice, bob, "x", kind="image")
    is_problem(alice.patch(f"/messages/{image['id']}", {"content": "y"}), 409, "conflict")


def erase(person, message):
    return person.delete(f"/messages/{message['id']}", **{"for": "everyone"})


def test_a_message_is_deleted_for_everyone(world):
    alice, bob, carol = world.people(3)
    group = world.group(alice, bob, carol)
    post = f"/conversations/{group}/messages"
    mine = bob.post(post, {"content": "canary", "client_id": "k"}).json
    is_problem(bob.delete(f"/messages/{mine['id']}"), 422, "invalid_argument", "?for")
    is_problem(erase(carol, mine), 403, "permission_denied")
    gone = conforms(erase(bob, mine), "Message")
    assert gone["deleted"] and gone["content"] == "" and gone["seq"] == 1
    assert erase(bob, mine).json == gone
    other = carol.post(post, {"content": "canary"}).json
    assert erase(alice, other).status == 200, "an owner may"
    [revision] = carol.get(f"/messages/{other['id']}/revisions").json["items"]
    assert revision["deletion"] and revision["user_id"] == alice.id
    page = carol.get(post)
    assert [m["deleted"] for m in page.json["items"]] == [True, True]
    assert "canary" not in page.body
    again = bob.post(post, {"content": "canary", "client_id": "k"}).json
    assert (again["seq"], again["deleted"]) == (1, True), "a repeated send does not bring it back"
    is_problem(bob.patch(f"/messages/{mine['id']}", {"content": "x"}), 409, "conflict")


def test_sync_brings_a_changed_message_as_it_is_now(world):
    alice, bob = world.people(2)
    message = send(alice, bob, "0")
    send(alice, bob, "1")
    cursor = conforms(bob.get("/sync"), "SyncPage")["cursor"]
    for text in "abc":
        alice.patch(f"/messages/{message['id']}", {"content": text})
    page = conforms(bob.get("/sync", cursor=cursor), "SyncPage")
    [delta] = page["conversations"]
    assert [(m["seq"], m["content"]) for m in delta["messages"]] == [(1, "c")]
    assert delta["stale"] is None and delta["missing"] is None
    assert bob.get("/sync", cursor=page["cursor"]).json["conversations"] == []


# Conversations and members ---------------------------------------------------------------------


def test_direct_conversation_is_one(world):
    alice, bob = world.people(2)
    first = alice.post("/conversations", {"kind": "direct", "user_id": bob.id})
    again = bob.post("/conversations", {"kind": "direct", "user_id": alice.id})
    assert (first.status, again.status) == (200, 200)
    conversation = conforms(first, "Conversation")
    assert conversation["id"] == again.json["id"]
    assert conversation["kind"] == "direct" and conversation["title"] is None
    assert sorted(conversation["direct_user_ids"]) == sorted([alice.id, bob.id])
    assert send(alice, bob)["conversation_id"] == conversation["id"]


def test_group_and_its_life(world):
    alice, bob, carol = world.people(3)
    group = world.group(alice, bob, title="Team")
    view = conforms(alice.get(f"/conversations/{group}"), "View")
    assert view["conversation"]["title"] == "Team" and view["self"]["role"] == "owner"
    assert view["conversation"]["member_count"] == 2
    renamed = conforms(alice.patch(f"/conversations/{group}", {"title": "Crew"}), "Conversation")
    assert renamed["title"] == "Crew"
    added = alice.post(f"/conversations/{group}/members", {"user_id": carol.id, "role": "admin"})
    assert added.status == 201 and conforms(added, "Member")["role"] == "admin"
    member = alice.patch(f"/conversations/{group}/members/{carol.id}", {"role": "member"})
    assert conforms(member, "Member")["role"] == "member"
    page = conforms(bob.get(f"/conversations/{group}/members"), "MemberPage")
    assert {m["user_id"] for m in page["items"] if m["active"]} == {alice.id, bob.id, carol.id}
    removed = conforms(alice.delete(f"/conversations/{group}/members/{carol.id}"), "Member")
    assert removed["active"] is False and removed["visible_until"] is not None
    left = conforms(bob.delete(f"/conversations/{group}/members/{bob.id}"), "Member")
    assert left["active"] is False


def test_conversations_are_listed_latest_first(world):
    alice, bob, carol = world.people(3)
    first = send(bob, alice)["conversation_id"]
    second = send(carol, alice)["conversation_id"]
    send(bob, alice, "again")
    page = conforms(alice.get("/conversations"), "ViewPage")
    assert [v["conversation"]["id"] for v in page["items"]] == [first, second]
    assert page["items"][0]["unread_count"] == 2
    assert page["items"][0]["last_message"]["content"] == "again"
    halves = conforms(alice.get("/conversations", limit=1), "ViewPage")
    assert halves["page"]["has_more"] is True
    rest = alice.get("/conversations", limit=1, cursor=halves["page"]["next"])
    assert [v["conversation"]["id"] for v in rest.json["items"]] == [second]


def test_conversations_refuse(world):
    alice, bob = world.people(2)
    is_problem(alice.post("/conversations"), 422, "invalid_argument", "/kind")
    odd = alice.post("/conversations", {"kind": "channel"})
    is_problem(odd, 422, "invalid_argument", "/kind")
    is_problem(
        alice.post("/conversations", {"kind": "direct"}), 422, "invalid_argument", "/user_id"
    )
    unknown = alice.post("/conversations", {"kind": "direct", "user_id": UNKNOWN_ID})
    is_problem(unknown, 404, "not_found")
    untitled = alice.post("/conversations", {"kind": "group", "user_ids": ["1", 2]})
    is_problem(untitled, 422, "invalid_argument", "/title", "/user_ids/1")
    long = alice.post("/conversations", {"kind": "group", "title": "x" * 129})
    is_problem(long, 422, "invalid_argument", "/title")
    direct = alice.post("/conversations", {"kind": "direct", "user_id": bob.id}).json["id"]
    renamed = alice.patch(f"/conversations/{direct}", {"title": "x"})
    assert renamed.code == "conflict" and renamed.status == 409


def test_last_owner_stays(world):
    alice, bob = world.people(2)
    group = world.group(alice, bob)
    answer = alice.delete(f"/conversations/{group}/members/{alice.id}")
    assert (answer.status, answer.code) == (409, "conflict")


# Who may do what -------------------------------------------------------------------------------


def everything_in(group, message, user):
    """Requests about a group that only some may make, and who: (method, path, body, roles)."""
    base = f"/api/v1/conversations/{group}"
    members, admins = {"member", "admin", "owner"}, {"admin", "owner"}
    readers = members | {"former"}
    return [
        ("GET", base, None, readers),
        ("GET", f"{base}/messages", None, readers),
        ("GET", f"{base}/members", None, members),
        ("GET", f"/api/v1/messages?group_id={group}", None, readers),
        ("GET", f"/api/v1/messages/{message}", None, readers),
        ("POST", f"{base}/messages", {"content": "x"}, members),
        ("POST", "/api/v1/messages", {"group_id": group, "content": "x"}, members),
        ("POST", f"{base}/typing", {}, members),
        ("POST", f"{base}/recording", {}, members),
        ("PATCH", base, {"title": "New"}, admins),
        ("POST", f"{base}/members", {"user_id": user}, admins),
    ]


@pytest.mark.parametrize("role", ["stranger", "former", "member", "admin", "owner"])
def test_permissions_in_a_group(world, role):
    owner, member, admin, former, stranger, new = world.people(6)
    people = {"owner": owner, "member": member, "admin": admin, "former": former}
    people["stranger"] = stranger
    group = world.group(owner, member, admin, former)
    owner.patch(f"/conversations/{group}/members/{admin.id}", {"role": "admin"})
    message = owner.post(f"/conversations/{group}/messages", {"content": "canary-7"}).json["id"]
    owner.delete(f"/conversations/{group}/members/{former.id}")
    owner.post(f"/conversations/{group}/messages", {"content": "canary-8"})
    for method, path, body, allowed in everything_in(group, message, new.id):
        answer = people[role].call(method, path, body)
        request = f"{method} {path} as {role}: {answer}"
        if role in allowed:
            assert answer.status < 300, request
        elif role == "stranger":
            assert (answer.status, answer.code) == (404, "not_found"), request
        else:
            assert answer.status in (403, 404), request
        if role == "stranger":
            assert "canary" not in answer.body, request
        if role == "former":
            assert "canary-8" not in answer.body, request


def test_absent_and_hidden_look_the_same(world):
    alice, stranger = world.people(2)
    group = world.group(alice)
    hidden = stranger.get(f"/conversations/{group}")
    absent = stranger.get(f"/conversations/{UNKNOWN_ID}")
    for answer in (hidden, absent):
        is_problem(answer, 404, "not_found")
    strip = {"request_id": None}
    assert {**hidden.json, **strip} == {**absent.json, **strip}


def open_routes():
    for method, path, operation in document.operations():
        yield method, path, operation.get("security", document.DOCUMENT["security"])


@pytest.mark.parametrize("method, path, needs", list(open_routes()))
def test_tokens_are_asked_for(world, method, path, needs):
    """No token, a bad one, one of a session where a key is needed: on every route."""
    concrete = path.replace("{user_id}", "5").replace("{username}", "x").replace("{phone}", "x")
    concrete = concrete.replace("{token}", "x")
    concrete = concrete.replace("{id}", "5-1" if "/messages/{id}" in path else "5")
    if needs == [] or {} in needs:
        assert world.nobody.call(method, concrete).status == (200 if method == "GET" else 422)
        return
    bodies = set()
    for token in (None, "mss_" + "A" * 43, "msk_" + "A" * 43, "nonsense", ""):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = world.nobody.call(method, concrete, headers=headers)
        is_problem(answer, 401, "unauthenticated")
        bodies.add(json.dumps({**answer.json, "request_id": None}))
    assert len(bodies) == 1
    basic = world.nobody.call(method, concrete, headers={"Authorization": "Basic eDp5"})
    is_problem(basic, 401, "unauthenticated")
    if needs == [{"key": ["admin"]}]:
        answer = world.person().call(method, concrete)
        is_problem(answer, 403, "permission_denied")


# Users and access ------------------------------------------------------------------------------


def test_users(world):
    made = world.key.post(
        "/users",
        {"phone": "+44 20 7946 0123", "username": "zoe.x", "display_name": "Zoë", "about": "hi"},
    )
    assert made.status == 201
    user = conforms(made, "User")
    assert user["phone"] == "+442079460123" and user["username"] == "zoe.x"
    again = world.key.post("/users", {"phone": "+442079460123"})
    is_problem(again, 409, "conflict", "/phone")
    taken = world.key.post("/users", {"phone": "+442079460124", "username": "zoe.x"})
    is_problem(taken, 409, "conflict", "/username")
    bad = world.key.post("/users", {"phone": "hello"})
    is_problem(bad, 422, "invalid_argument", "/phone")

    for query in ({"phone": "+442079460123"}, {"phone": "0044 20 7946 0123"}, {"username": "zoe.x"}):
        page = conforms(world.key.get("/users", **query), "UserPage")
        assert [u["id"] for u in page["items"]] == [user["id"]]
    plain = world.key.call("GET", "/api/v1/users?phone=+442079460123")
    assert [u["id"] for u in plain.json["items"]] == [user["id"]]
    assert world.key.get("/users", phone="+442079460199").json["items"] == []
    assert len(conforms(world.key.get("/users", limit=2), "UserPage")["items"]) == 2

    stranger = world.person()
    seen = conforms(stranger.get(f"/users/{user['id']}"), "User")
    assert seen["phone"] is None and seen["display_name"] == "Zoë"
    by_name = conforms(stranger.get("/users/by-username/zoe.x"), "User")
    assert by_name["id"] == user["id"] and by_name["phone"] is None
    by_phone = conforms(world.key.get("/users/by-phone/%2B442079460123"), "User")
    assert by_phone["phone"] == "+442079460123"
    is_problem(stranger.get("/users/by-phone/+442079460123"), 403, "permission_denied")
    is_problem(stranger.get(f"/users/{UNKNOWN_ID}"), 404, "not_found")
    is_problem(stranger.get("/users/x"), 404, "not_found")
    is_problem(stranger.get("/users/by-username/nobody.here"), 404, "not_found")


def test_me_and_profile(world):
    alice, bob = world.people(2)
    me = conforms(alice.get("/me"), "User")
    assert me["id"] == alice.id and me["phone"] is not None
    changed = alice.patch(f"/users/{alice.id}", {"display_name": "Alice", "username": "alice.q"})
    assert conforms(changed, "User")["username"] == "alice.q"
    assert conforms(alice.patch(f"/users/{alice.id}", {}), "User")["username"] == "alice.q"
    gone = alice.patch(f"/users/{alice.id}", {"username": None})
    assert conforms(gone, "User")["username"] is None
    other = alice.patch(f"/users/{bob.id}", {"about": "x"})
    is_problem(other, 403, "permission_denied", *other.pointers)
    assert conforms(world.key.patch(f"/users/{bob.id}", {"about": "x"}), "User")["about"] == "x"
    long = alice.patch(f"/users/{alice.id}", {"display_name": "x" * 65})
    is_problem(long, 422, "invalid_argument", "/display_name")
    is_problem(world.key.get("/me"), 422, "invalid_argument", "X-User-Id")


def test_presence_of_others(world):
    """How it changes is in test_presence.py."""
    alice, bob = world.people(2)
    nobody = {"state": "offline", "last_seen": None}
    answer = conforms(alice.get("/presence", user_ids=f"{bob.id},{UNKNOWN_ID},{bob.id}"), "PresenceList")
    assert answer["users"] == [{"user_id": u, **nobody} for u in (bob.id, UNKNOWN_ID, bob.id)]
    is_problem(alice.get("/presence", user_ids="x"), 422, "invalid_argument", "?user_ids")
    shown = conforms(alice.patch(f"/users/{alice.id}", {"presence_to": "nobody"}), "User")
    assert shown["presence_to"] == "nobody"


def test_sessions(world):
    alice = world.person()
    made = world.key.post(f"/users/{alice.id}/sessions", {"device_name": "phone"})
    assert made.status == 201
    second = conforms(made, "NewSession")
    assert second["token"].startswith("mss_")
    listed = conforms(alice.get("/sessions"), "SessionList")
    assert {s["id"] for s in listed["items"]} == {alice.session_id, second["session"]["id"]}
    phone = Api(world.url, second["token"])
    assert phone.get("/me").status == 200
    revoked = alice.delete(f"/sessions/{second['session']['id']}")
    assert (revoked.status, revoked.body) == (204, "")
    is_problem(phone.get("/me"), 401, "unauthenticated")
    is_problem(alice.delete(f"/sessions/{second['session']['id']}"), 404, "not_found")
    is_problem(world.person().delete(f"/sessions/{alice.session_id}"), 404, "not_found")
    is_problem(world.key.post(f"/users/{UNKNOWN_ID}/sessions"), 404, "not_found")


def test_keys(world):
    made = world.key.post("/keys", {"name": "backend"})
    assert made.status == 201
    key = conforms(made, "NewKey")
    other = Api(world.url, key["secret"])
    listed = conforms(other.get("/keys"), "KeyList")
    assert key["key"]["id"] in {k["id"] for k in listed["items"]}
    assert key["secret"] not in json.dumps(listed)
    assert world.key.delete(f"/keys/{key['key']['id']}").status == 204
    is_problem(other.get("/keys"), 401, "unauthenticated")
    is_problem(world.key.delete(f"/keys/{key['key']['id']}"), 404, "not_found")
    is_problem(world.key.post("/keys"), 422, "invalid_argument", "/name")


# Sync ------------------------------------------------------------------------------------------


def test_sync_brings_changes_once(world):
    alice, bob = world.people(2)
    empty = conforms(alice.get("/sync"), "SyncPage")
    assert empty["conversations"] == [] and empty["has_more"] is False
    send(bob, alice, "one")
    page = conforms(alice.get("/sync", cursor=empty["cursor"]), "SyncPage")
    assert [m["content"] for m in page["conversations"][0]["messages"]] == ["one"]
    again = conforms(alice.get("/sync", cursor=page["cursor"]), "SyncPage")
    assert again["conversations"] == []
    by_key = world.key.get("/sync", user_id=alice.id)
    assert len(conforms(by_key, "SyncPage")["conversations"]) == 1
    is_problem(alice.get("/sync", cursor="nonsense"), 422, "invalid_argument", "?cursor")


def test_events_begin_with_live(world):
    """The rest of the stream is in test_fallbacks.py."""
    alice = world.person()
    request = urllib.request.Request(
        f"{world.url}/api/v1/events", headers={"Authorization": f"Bearer {alice.token}"})
    with urllib.request.urlopen(request, timeout=20) as stream:
        assert stream.readline() == b"event: live\n"
        document.check("GET", "/api/v1/events", Answer(stream.status, stream.headers, "event: live"))


def test_sync_tells_of_a_removal_once(world):
    alice, bob = world.people(2)
    group = world.group(alice, bob)
    before = bob.get("/sync").json["cursor"]
    alice.delete(f"/conversations/{group}/members/{bob.id}")
    alice.post(f"/conversations/{group}/messages", {"content": "secret"})
    page = conforms(bob.get("/sync", cursor=before), "SyncPage")
    assert page["conversations"][0]["view"]["self"]["active"] is False
    assert "secret" not in json.dumps(page)
    assert bob.get("/sync", cursor=page["cursor"]).json["conversations"] == []


def test_notifications(world):
    alice, bob = world.people(2)
    group = world.group(alice, bob)
    send(alice, bob, "hello")
    told = world.key.post("/alerts", {"user_ids": [bob.id], "text": "maintenance", "lifetime_s": 60})
    assert told.status == 204
    page = conforms(bob.get("/notifications"), "NotificationPage")
    assert [i["kind"] for i in page["items"]] == ["alert", "group", "message"]
    assert page["items"][1]["conversation_id"] == group and not page["page"]["has_more"]
    seen = [page["items"][0]["id"], page["items"][2]["id"]]
    assert bob.post("/notifications/read", {"ids": seen}).status == 204
    left = bob.get("/notifications").json["items"]
    assert [i["kind"] for i in left] == ["group"]
    assert bob.post("/notifications/read", {"all": True}).status == 204
    assert bob.get("/notifications").json["items"] == []
    is_problem(bob.post("/notifications/read", {"ids": ["x"]}), 422, "invalid_argument", "/ids")
    is_problem(alice.post("/alerts", {"user_ids": [bob.id], "text": "x"}), 403, "permission_denied")
    for wrong, pointer in [
        ({"user_ids": [bob.id], "text": ""}, "/text"),
        ({"user_ids": [bob.id], "text": "x", "lifetime_s": 0}, "/lifetime_s"),
        ({"user_ids": [], "text": "x"}, "/user_ids"),
    ]:
        is_problem(world.key.post("/alerts", wrong), 422, "invalid_argument", pointer)
    is_problem(world.key.post("/alerts", {"user_ids": [UNKNOWN_ID], "text": "x"}), 404, "not_found")


def test_what_keys_do_is_written_down(world):
    """The rest is in test_keys.py."""
    alice = world.person()
    page = conforms(world.key.get("/audit", limit=2), "AuditPage")
    assert [e["act"] for e in page["items"]] == ["session_created", "user_created"]
    assert {e["user_id"] for e in page["items"]} == {alice.id} and page["page"]["has_more"]
    is_problem(alice.get("/audit"), 403, "permission_denied")


# Forms of requests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b'"text"',
        b'{"content":"a","content":"b"}',
        b'{"content":"\\u0000"}',
        b'{"content":"\\ud800"}',
        b'{"content":"\xff"}',
        b'{"a":' * 17 + b"1" + b"}" * 17,
        b'{"n":18446744073709551616}',
        b'{"n":1e999}',
        b"{} {}",
    ],
)
def test_malformed_bodies(world, raw):
    answer = world.person().call("POST", "/api/v1/messages", raw=raw)
    is_problem(answer, 400, "malformed_request")


def test_media_types(world):
    alice = world.person()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json5"):
        answer = alice.call(
            "POST", "/api/v1/messages", {"content": "x"}, headers={"Content-Type": kind}
        )
        is_problem(answer, 415, "unsupported_media_type")
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        answer = alice.call(
            "POST", "/api/v1/messages", {"content": "x"}, headers={"Content-Type": kind}
        )
        assert answer.status == 422
    for accept in ("text/html", "application/xml, text/*", "application/json;q=0"):
        answer = alice.call("GET", "/api/v1/me", headers={"Accept": accept})
        is_problem(answer, 406, "not_acceptable")
    for accept in ("*/*", "application/*", "text/html, application/json;q=0.5", ""):
        assert alice.call("GET", "/api/v1/me", headers={"Accept": accept}).status == 200


def test_a_body_that_nobody_reads_is_ignored(world):
    alice = world.person()
    as_text = {"Content-Type": "text/plain"}
    answer = alice.call("GET", "/api/v1/me", raw=b"not JSON", headers=as_text)
    assert answer.status == 200
    path = f"/api/v1/sessions/{alice.session_id}"
    answer = alice.call("DELETE", path, raw=b"not JSON", headers=as_text)
    assert answer.status == 204


def test_methods(world):
    wrong = world.nobody.call("PUT", "/api/v1/messages")
    is_problem(wrong, 405, "method_not_allowed")
    assert wrong.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    options = world.nobody.call("OPTIONS", "/api/v1/messages")
    assert (options.status, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    is_problem(world.nobody.get("/nothing"), 404, "not_found")
    head = world.person().call("HEAD", "/api/v1/me")
    assert head.status == 200 and head.body == "" and int(head.headers["Content-Length"]) > 0


def test_request_id_is_taken_over(world):
    mine = world.nobody.call("GET", "/healthz", headers={"X-Request-Id": "my-id_1.x"})
    assert mine.headers["X-Request-Id"] == "my-id_1.x"


def test_reading_everything_unread_again_and_who_read(world):
    alice, bob = world.people(2)
    sent = alice.post("/messages", {"receiver_id": bob.id, "content": "hi"}).json
    assert bob.post("/conversations/read").json == {"marked": 1}
    receipts = alice.get(f"/messages/{sent['id']}/receipts", state="read").json
    assert [item["user_id"] for item in receipts["items"]] == [bob.id]
    mark = bob.post(f"/conversations/{sent['conversation_id']}/unread", {"seq": 1}).json
    assert (mark["unread_from"], mark["unread_count"]) == (1, 1)


# Operation -------------------------------------------------------------------------------------


def test_operation(world):
    assert conforms(world.nobody.call("GET", "/healthz"), "Health") == {"status": "ok"}
    assert conforms(world.nobody.call("GET", "/readyz"), "Health")
    assert world.nobody.call("GET", "/openapi.json").json == document.DOCUMENT
    proxied = world.nobody.call("GET", "/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
    is_problem(proxied, 401, "unauthenticated")
    assert world.key.call("GET", "/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status == 200
    metrics = world.nobody.call("GET", "/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert 'msgd_http_requests_total{route="GET /healthz",status="2xx"}' in metrics.body
    for line in metrics.body.splitlines():
        assert line.startswith("#") or re.fullmatch(r"[a-z_]+({.*})? [0-9.e+-]+", line), line


def test_reactions(world):
    alice, bob, carol = world.people(3)
    message = send(alice, bob)
    path = f"/messages/{message['id']}/reactions"
    once = conforms(bob.post(path, {"emoji": "👍"}), "Message")
    assert once["reactions"] == [{"emoji": "👍", "count": 1}]
    assert bob.post(path, {"emoji": "👍"}).json == once
    conforms(alice.post(path, {"emoji": "👍"}), "Message")
    seen = conforms(alice.get(f"/messages/{message['id']}"), "Message")
    assert (seen["reactions"][0]["count"], seen["own_reactions"]) == (2, ["👍"])
    page = conforms(alice.get(path, limit=1), "ReactorPage")
    rest = conforms(alice.get(path, limit=1, cursor=page["page"]["next"]), "ReactorPage")
    assert {r["user_id"] for r in page["items"] + rest["items"]} == {alice.id, bob.id}
    conforms(bob.delete(path, emoji="👍"), "Message")
    none = conforms(alice.delete(path, emoji="👍"), "Message")
    assert "reactions" not in none and "own_reactions" not in none
    is_problem(bob.post(path, {}), 422, "invalid_argument", "/emoji")
    is_problem(bob.post(path, {"emoji": "a b"}), 422, "invalid_argument", "/emoji")
    is_problem(bob.post(path, {"emoji": "x" * 65}), 422, "invalid_argument", "/emoji")
    assert bob.delete(path).status == 422
    is_problem(carol.post(path, {"emoji": "👍"}), 404, "not_found")
    is_problem(carol.get(path), 404, "not_found")


def test_answers_are_quoted(world):
    alice, bob = world.people(2)
    question = send(alice, bob, "Where?")
    answer = send(bob, alice, "Here.", reply_to=question["seq"])
    seen = conforms(alice.get(f"/messages/{answer['id']}"), "Message")
    assert seen["quote"] == {"sender_id": alice.id, "kind": "text", "excerpt": "Where?",
                             "deleted": False}
    erase(alice, question)
    seen = conforms(alice.get(f"/messages/{answer['id']}"), "Message")
    assert seen["quote"]["deleted"] and seen["quote"]["excerpt"] == ""


def test_pins(world):
    alice, bob, carol = world.people(3)
    group = world.group(alice, bob)
    message = bob.post(f"/conversations/{group}/messages", {"content": "text"}).json
    path = f"/messages/{message['id']}/pin"
    is_problem(bob.post(path), 403, "permission_denied")
    pinned = conforms(alice.post(path), "Message")
    assert pinned["pinned"]["user_id"] == alice.id
    assert alice.post(path).json == pinned
    listed = conforms(bob.get(f"/conversations/{group}/pins"), "MessageList")["items"]
    assert [m["id"] for m in listed] == [message["id"]]
    assert conforms(bob.get(f"/conversations/{group}"), "View")["pinned"] == [1]
    assert "pinned" not in conforms(alice.delete(path), "Message")
    is_problem(carol.get(f"/conversations/{group}/pins"), 404, "not_found")


def test_forwarding_tells_nothing_of_the_origin(world):
    alice, bob, carol = world.people(3)
    source = send(bob, alice, "news")
    group = world.group(alice, carol)
    path = f"/messages/{source['id']}/forward"
    answer = alice.post(path, {"conversation_id": group, "client_id": "k"})
    assert answer.status == 201
    sent = conforms(answer, "Message")
    assert sent["forwarded"] == {"hops": 1, "message_id": source["id"]}
    assert alice.post(path, {"conversation_id": group, "client_id": "k"}).json["id"] == sent["id"]
    seen = carol.get(f"/messages/{sent['id']}")
    assert conforms(seen, "Message")["forwarded"] == {"hops": 1}
    assert source["conversation_id"] not in seen.body and bob.id not in seen.body
    origin = f"/messages/{sent['id']}/origin"
    assert conforms(alice.get(origin), "Message")["id"] == source["id"]
    is_problem(carol.get(origin), 404, "not_found")
    is_problem(carol.post(path, {"conversation_id": group}), 404, "not_found")
    is_problem(alice.post(path, {}), 422, "invalid_argument", "/conversation_id")
    is_problem(bob.post(path, {"conversation_id": group}), 404, "not_found")


def test_mentions_are_counted(world):
    alice, bob, carol = world.people(3)
    group = world.group(alice, bob)
    post = f"/conversations/{group}/messages"
    sent = conforms(alice.post(post, {"content": "you", "mentions": [bob.id]}), "Message")
    assert sent["mentions"] == [bob.id]
    view = conforms(bob.get(f"/conversations/{group}"), "View")
    assert (view["unread_count"], view["mention_count"]) == (1, 1)
    bob.post(f"/conversations/{group}/read", {"seq": 1})
    assert bob.get(f"/conversations/{group}").json["mention_count"] == 0
    for bad in ([carol.id], [bob.id, bob.id], ["x"], "x"):
        answer = alice.post(post, {"content": "x", "mentions": bad})
        assert (answer.status, answer.code) == (422, "invalid_argument"), answer


def test_a_message_is_deleted_for_oneself(world):
    alice, bob = world.people(2)
    message = send(alice, bob, "canary")
    cursor = bob.get("/sync").json["cursor"]
    gone = conforms(bob.delete(f"/messages/{message['id']}", **{"for": "me"}), "Message")
    assert gone["hidden"] and gone["content"] == "" and not gone["deleted"]
    assert bob.get(f"/messages/{message['id']}").json == gone
    assert alice.get(f"/messages/{message['id']}").json["content"] == "canary"
    news = conforms(bob.get("/sync", cursor=cursor), "SyncPage")
    assert [m["hidden"] for m in news["conversations"][0]["messages"]] == [True]
    is_problem(bob.delete(f"/messages/{message['id']}", **{"for": "all"}), 422, "invalid_argument",
               "?for")


def test_rules_and_ways_into_a_group(world):
    """What each rule does is in test_rules.py."""
    alice, bob, carol, dora = world.people(4)
    group = world.group(alice)
    place = f"/conversations/{group}"
    changed = conforms(alice.patch(f"{place}/rules", {"slow_mode_s": 5, "pin": "member"}), "Conversation")
    assert changed["rules"] == {
        "send": "member", "add": "admin", "rename": "admin", "pin": "member", "slow_mode_s": 5,
        "history_for_newcomers": False, "members_max": 0,
    }
    assert changed["awaits"] is None
    for name, value in (("slow_mode_s", -1), ("slow_mode_s", "x"), ("send", "king"),
                        ("members_max", -1), ("history_for_newcomers", 1)):
        is_problem(alice.patch(f"{place}/rules", {name: value}), 422, "invalid_argument", f"/{name}")
    for name, value in (("lifetime_s", 0), ("uses_max", 0), ("needs_approval", "x")):
        wrong = alice.post(f"{place}/invitations", {name: value})
        is_problem(wrong, 422, "invalid_argument", f"/{name}")

    open_to_all = conforms(alice.post(f"{place}/invitations", {"lifetime_s": 60, "uses_max": 2}), "Invitation")
    asking = conforms(alice.post(f"{place}/invitations", {"needs_approval": True}), "Invitation")
    listed = conforms(alice.get(f"{place}/invitations"), "InvitationList")["items"]
    assert sorted(i["token"] for i in listed) == sorted([open_to_all["token"], asking["token"]])
    joined = conforms(bob.post("/conversations/join", {"token": open_to_all["token"]}), "Member")
    assert joined["conversation_id"] == group and joined["role"] == "member"
    for person in (carol, dora):
        asked = person.post("/conversations/join", {"token": asking["token"]})
        assert asked.status == 202 and conforms(asked, "Asked") == {"status": "asked"}
    page = conforms(alice.get(f"{place}/join-requests", limit=1), "JoinRequestPage")
    assert [r["user_id"] for r in page["items"]] == [carol.id] and page["page"]["has_more"]
    let_in = alice.post(f"{place}/join-requests/{carol.id}")
    assert let_in.status == 201 and conforms(let_in, "Member")["user_id"] == carol.id
    assert alice.delete(f"{place}/join-requests/{dora.id}").status == 204
    is_problem(alice.delete(f"{place}/join-requests/{dora.id}"), 404, "not_found")
    for token in (asking["token"], asking["token"]):
        assert alice.delete(f"/invitations/{token}").status == 204
    is_problem(dora.post("/conversations/join", {"token": asking["token"]}), 404, "not_found")
    is_problem(dora.post("/conversations/join", {}), 422, "invalid_argument", "/token")
    is_problem(dora.delete("/invitations/nonsense"), 404, "not_found")

    block = conforms(alice.put(f"/me/blocks/{bob.id}"), "Block")
    assert conforms(alice.put(f"/me/blocks/{bob.id}"), "Block") == block
    assert conforms(alice.get("/me/blocks"), "BlockPage")["items"] == [block]
    assert bob.get("/me/blocks").json["items"] == []
    assert [alice.delete(f"/me/blocks/{bob.id}").status for _ in range(2)] == [204, 204]
    is_problem(alice.put(f"/me/blocks/{UNKNOWN_ID}"), 404, "not_found")
    is_problem(alice.put(f"/me/blocks/{alice.id}"), 422, "invalid_argument", "/user_id")
    chat = conforms(alice.post("/conversations", {"kind": "direct", "user_id": bob.id}), "Conversation")
    assert chat["rules"] is None
    conforms(bob.post(f"/conversations/{chat['id']}/accept"), "Conversation")


def test_preferences_and_problems(world):
    alice, bob = world.people(2)
    chat = alice.post("/conversations", {"kind": "direct", "user_id": bob.id}).json["id"]
    path = f"/conversations/{chat}/preferences"
    pinned = conforms(alice.patch(path, {"pinned": True}), "Preferences")
    assert pinned == {"pinned": True, "archived": False, "muted_until": None}
    view = alice.get(f"/conversations/{chat}").json
    assert view["preferences"] == pinned
    assert bob.get(f"/conversations/{chat}").json["preferences"]["pinned"] is False
    is_problem(alice.patch(path, {"pinned": "yes"}), 422, "invalid_argument", "/pinned")
    is_problem(bob.patch(f"/conversations/{UNKNOWN_ID}/preferences", {}), 404, "not_found")
    conforms(world.key.get("/log"), "LogLines")
    is_problem(alice.get("/log"), 403, "permission_denied")


def test_a_server_alone_lists_itself(world):
    [own] = conforms(world.key.get("/nodes"), "NodeStatusList")["items"]
    assert own["self"] and not own["silent"] and own["connections"] >= 1
    assert own["address"] == world.url.removeprefix("http://") and own["host"] == socket.gethostname()
    assert re.fullmatch(r"\d+\.\d+\.\d+", own["version"])
    assert own["store_ready"] and own["bus_connected"] is own["cache_connected"] is None
    assert own["started_at"] < own["seen_at"]
    is_problem(world.person().get("/nodes"), 403, "permission_denied")


# By test_sign_in.py, because they need a code that somebody receives, or what came of it.
WITH_CODES = {"requestCode", "signIn", "changePhone", "setPin", "removePin", "createTicket", "renameSession",
              "revokeOtherSessions", "signInByJwt"}


def test_every_operation_of_the_document_was_answered():
    """By the tests above: each of their answers was held to the document. Runs with its file only."""
    reference = {o["operationId"] for _, _, o in document.operations() if "forms" not in o["tags"]}
    assert document.answered - WITH_CODES == reference - WITH_CODES
