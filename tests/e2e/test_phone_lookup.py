# SPDX-License-Identifier: Apache-2.0
"""Opening a conversation by phone number: where the operator lets users, so often, and telling little."""

import json
import subprocess

import pytest

from api import Api
from conftest import binary


def session(server_url, tokens, name):
    entry = tokens["users"][name]
    return Api(server_url, entry["token"], entry["id"])


def open_by(api, phone):
    return api.post("/conversations", {"kind": "direct", "phone": phone})


def test_who_is_not_to_be_found_looks_like_nobody(start_msgd):
    server = start_msgd()
    tokens = server.dev_tokens()
    key = Api(server.url, tokens["key"])
    alice, bob, carol = (session(server.url, tokens, name) for name in ("alice", "bob", "carol"))
    phone = {api.id: key.get(f"/users/{api.id}").json["phone"] for api in (alice, bob, carol)}
    opened = open_by(alice, phone[bob.id])
    assert opened.status == 200 and bob.id in opened.json["direct_user_ids"]
    assert open_by(alice, phone[bob.id]).json["id"] == opened.json["id"]
    assert bob.put(f"/me/blocks/{alice.id}").status == carol.put(f"/me/blocks/{alice.id}").status == 200
    answers = [open_by(alice, p) for p in ("+14155559999", phone[bob.id], phone[carol.id])]
    assert [a.status for a in answers] == [404] * 3
    for answer in answers[1:]:
        assert {**answer.json, "request_id": ""} == {**answers[0].json, "request_id": ""}
    assert open_by(alice, "12345").pointers == ["/phone"]
    assert alice.post("/conversations", {"kind": "direct", "phone": "+14155559999", "user_id": bob.id}).status == 422


def test_numbers_are_counted_whether_somebody_has_them_or_not(start_msgd):
    server = start_msgd("--phone-lookups-per-day=3", rate_limits=True)
    tokens = server.dev_tokens()
    alice, bob = (session(server.url, tokens, name) for name in ("alice", "bob"))
    numbers = [f"+1415555{n}" for n in range(7000, 7005)]
    assert [open_by(alice, n).status for n in numbers] == [404] * 3 + [429] * 2
    assert int(open_by(alice, numbers[0]).headers["Retry-After"]) > 20_000, "a day, shared by three"
    assert open_by(bob, numbers[0]).status == 404, "each user has their own"


@pytest.fixture
def bare(start_msgd):
    """Without --dev, on the store that one with it has made."""
    first = start_msgd()
    tokens = first.dev_tokens()
    first.terminate()
    process = subprocess.Popen(
        [binary("MSGD"), "--store", f"sqlite:{first.folder}/msg-data/msg.db", "--listen=127.0.0.1:0", "--log-format=json"],
        stderr=subprocess.PIPE,
    )
    for line in process.stderr:
        entry = json.loads(line)
        if entry["event"] == "listening":
            break
    yield f"http://127.0.0.1:{entry['port']}", tokens
    process.terminate()
    process.communicate()


def test_off_until_configured(bare):
    url, tokens = bare
    alice, bob = (session(url, tokens, name) for name in ("alice", "bob"))
    admin = Api(url, tokens["key"], alice.id)
    phone = Api(url, tokens["key"]).get(f"/users/{bob.id}").json["phone"]
    for number in (phone, "+14155559999"):
        answer = open_by(alice, number)
        assert (answer.status, answer.code) == (403, "permission_denied")
    assert open_by(admin, phone).status == 200, "who may list users may do this, too"
