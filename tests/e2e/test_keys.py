# SPDX-License-Identifier: Apache-2.0
"""What a server key may do is said by its scopes, on every route."""

import re
import subprocess

import pytest

import document
from api import Api
from conftest import WebSocket

REFUSAL = "This needs a key with the scope"
SCOPES = ("act_as_user", "admin", "read_metrics")


@pytest.fixture(scope="module")
def keys(msgd):
    """A key of each scope alone; the one of --dev has all."""
    root = Api(msgd.url, msgd.dev_tokens()["key"])
    user = root.post("/users", {"phone": "+14155550170"}).json["id"]
    made = {}
    for scope in SCOPES:
        answer = root.post("/keys", {"name": scope, "scopes": [scope]})
        assert answer.status == 201 and answer.json["key"]["scopes"] == [scope]
        made[scope] = Api(msgd.url, answer.json["secret"], user)
    made["all"] = Api(msgd.url, root.token, user)
    return made


def operations():
    for method, path, operation in document.operations():
        needs = operation.get("security", document.DOCUMENT["security"])
        scopes = {scope for way in needs for scope in way.get("key", [])}
        if scopes:
            yield pytest.param(method, path, scopes, id=f"{method} {path}")


@pytest.mark.parametrize("method, path, enough", operations())
def test_a_key_needs_one_of_the_scopes_of_the_operation(keys, method, path, enough):
    concrete = re.sub(r"{[^}]*}", "5", path)
    for scope in SCOPES:
        if path == "/api/v1/events" and scope in enough:
            continue  # does not end; test_fallbacks has it
        answer = keys[scope].call(method, concrete)
        if path == "/metrics":  # --dev lets everybody on this machine see them
            assert answer.status == 200
        elif scope in enough:
            assert answer.status != 401 and REFUSAL not in answer.body, answer
        else:
            assert answer.status == 403 and REFUSAL in answer.json["detail"], (scope, answer)


def test_metrics_need_their_scope(keys, msgd):
    with msgd.connect() as peer:  # as if through a proxy: not local
        for scope, status in (("read_metrics", 200), ("admin", 403), ("act_as_user", 403), ("all", 200)):
            peer.send(
                f"GET /metrics HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: 192.0.2.1\r\n"
                f"Authorization: Bearer {keys[scope].token}\r\n\r\n".encode()
            )
            assert peer.read_response().status == status, scope


def test_acting_as_a_user_needs_its_scope_over_websocket_too(keys, msgd):
    for scope, is_good in (("act_as_user", True), ("admin", False), ("read_metrics", False)):
        with WebSocket(msgd.address, Authorization=f"Bearer {keys[scope].token}") as socket:
            socket.send_json({"id": 1, "op": "hello", "user_id": keys[scope].user_id})
            answer = socket.read_json()
            assert answer["ok"] == is_good, answer
            assert is_good or answer["error"]["code"] == "permission_denied"


def test_a_key_administers_without_acting(keys):
    admin, user = keys["admin"], keys["admin"].user_id
    made = admin.post(f"/users/{user}/sessions", {"device_name": "Phone"}).json["session"]["id"]
    assert made in [s["id"] for s in admin.get("/sessions").json["items"]]
    assert admin.patch(f"/sessions/{made}", {"device_name": "Desk"}).status == 200
    assert admin.delete(f"/sessions/{made}").status == 204
    assert admin.patch(f"/users/{user}", {"phone": "+14155550171"}).status == 200
    assert admin.get("/conversations").status == 403
    refused = keys["act_as_user"].patch(f"/users/{user}", {"phone": "+14155550172"})
    assert refused.status == 403 and refused.pointers == ["/phone"]
    assert keys["act_as_user"].patch(f"/users/{user}", {"about": "x"}).status == 200


def test_no_key_makes_one_that_may_do_more(keys):
    admin = keys["admin"]
    assert admin.post("/keys", {"name": "n"}).json["key"]["scopes"] == ["admin"]
    for scopes in (["act_as_user"], ["admin", "read_metrics"], list(SCOPES)):
        refused = admin.post("/keys", {"name": "n", "scopes": scopes})
        assert refused.status == 403 and refused.pointers == ["/scopes"]
    for scopes, pointer in (([], "/scopes"), ("admin", "/scopes"), (["root"], "/scopes/0"), ([7], "/scopes/0")):
        refused = admin.post("/keys", {"name": "n", "scopes": scopes})
        assert refused.status == 422 and refused.pointers == [pointer], scopes


def test_msgctl_makes_lists_and_revokes_keys(msgctl, tmp_path):
    def run(*arguments):
        return subprocess.run([msgctl, "--store", "sqlite:chat.db", *arguments], cwd=tmp_path,
                              text=True, capture_output=True, timeout=20)

    made = run("key", "create", "--name", "graphs", "--scope", "read_metrics", "--scope", "admin")
    assert made.returncode == 0 and made.stdout.startswith("msk_"), made
    assert run("key", "new", "--name", "all").returncode == 0
    listed = run("key", "list").stdout
    assert "admin,read_metrics" in listed and "act_as_user,admin,read_metrics" in listed
    wrong = run("key", "new", "--name", "x", "--scope", "root")
    assert wrong.returncode == 2 and "act_as_user" in wrong.stderr, wrong
    key = re.search(r"^(\d+).*graphs$", listed, re.M)[1]
    assert run("key", "revoke", key).returncode == 0
    assert "graphs" not in run("key", "list").stdout


def test_what_keys_administer_is_in_the_audit_trail(start_msgd, msgctl, tmp_path):
    server = start_msgd()
    root = Api(server.url, server.dev_tokens()["key"])
    key = root.post("/keys", {"name": "backend", "scopes": ["admin"]}).json
    admin = Api(server.url, key["secret"])
    user = admin.post("/users", {"phone": "+14155550180"}).json["id"]
    admin.patch(f"/users/{user}", {"phone": "+14155550181", "about": "words of a user"})
    session = admin.post(f"/users/{user}/sessions", {"device_name": "Phone"}).json
    named = Api(server.url, key["secret"], user)
    named.patch(f"/sessions/{session['session']['id']}", {"device_name": "Desk"})
    named.delete(f"/sessions/{session['session']['id']}")
    root.post("/register", {"phoneNumber": "+14155550182"})
    root.delete(f"/keys/{key['key']['id']}")
    assert admin.get("/audit").status == 401

    first = root.get("/audit", limit=4).json
    assert first["page"]["has_more"]
    rest = root.get("/audit", limit=50, cursor=first["page"]["next"]).json
    entries = first["items"] + rest["items"]
    acts = [e["act"] for e in entries]
    assert acts[:9] == [
        "key_revoked", "session_created", "user_created", "session_revoked", "session_renamed",
        "session_created", "user_changed", "user_created", "key_created",
    ]
    changed = entries[6]
    assert changed["by_key_id"] == key["key"]["id"] and changed["by_name"] == "backend"
    assert changed["address"] == "127.0.0.1" and changed["user_id"] == user
    assert changed["detail"] == "phone about"
    assert entries[8]["detail"] == "backend: admin"
    told = str(entries)
    for hidden in ("4155550180", "words of a user", session["token"], key["secret"]):
        assert hidden not in told

    def run(*arguments):
        return subprocess.run([msgctl, *arguments], cwd=tmp_path, text=True, capture_output=True, timeout=20)

    shown = run("--url", server.url, "--key", root.token, "audit", "--limit", "3")
    assert shown.returncode == 0 and len(shown.stdout.splitlines()) == 4, shown
    assert "key_revoked" in shown.stdout and "backend: admin" in shown.stdout
    store = ["--store", "sqlite:own.db"]
    assert run(*store, "key", "new", "--name", "first").returncode == 0
    own = run(*store, "audit")
    assert "operator" in own.stdout and "key_created" in own.stdout, own


def test_a_session_is_nobodys_administrator(msgd):
    alice = Api(msgd.url, msgd.dev_tokens()["users"]["alice"]["token"])
    assert alice.get("/audit").status == 403
    key = Api(msgd.url, msgd.dev_tokens()["key"])
    before = [e["id"] for e in key.get("/audit").json["items"]]
    assert alice.patch(f"/users/{alice.get('/me').json['id']}", {"about": "mine"}).status == 200
    assert [e["id"] for e in key.get("/audit").json["items"]] == before, "one's own is no act of an administrator"
