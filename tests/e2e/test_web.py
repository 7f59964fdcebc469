# SPDX-License-Identifier: Apache-2.0
"""The web client's files and the demo users, as seen from outside.

What is tested of the page itself is in tests/web; this is what msgd does with those who ask.
"""

import gzip
import json
import subprocess
from types import SimpleNamespace

import pytest

from conftest import HOST, Msgd, Peer, binary, upgrade_request


def ask(server, path, method="GET", body=b"", **headers):
    fields = {"Host": f"{HOST}:{server.port}", "Connection": "close"}
    if body:
        fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in fields.items() if v is not None)]
    with server.connect() as peer:
        peer.send("\r\n".join([*lines, "", ""]).encode() + body)
        return peer.read_response(head_only=method == "HEAD")


@pytest.fixture(scope="module")
def web(msgd):
    """A server with the page; one that was built without npm has nothing to test here."""
    if ask(msgd, "/").status == 404:
        assert ask(msgd, "/demo/users").status == 404
        pytest.skip("this msgd was built without npm")
    return msgd


def assets(server):
    html = ask(server, "/").body.decode()
    return [part.split('"')[0] for part in html.split('="')[1:] if part.startswith("/assets/")]


def test_files_have_a_policy(web):
    answer = ask(web, "/")
    assert answer.header("content-type") == "text/html; charset=utf-8"
    policy = answer.header("content-security-policy")
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                 "trusted-types 'none'"):
        assert part in policy
    assert "unsafe" not in policy and "http" not in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert "://" not in answer.body.decode()


def test_files_are_cached_by_what_is_in_them(web):
    first = ask(web, "/")
    assert first.header("cache-control") == "no-cache"
    again = ask(web, "/", If_None_Match=f'"other", W/{first.header("etag")}')
    assert (again.status, again.body) == (304, b"")
    paths = assets(web)
    assert any(path.endswith(".js") for path in paths)
    assert any(path.endswith(".css") for path in paths)
    for path in paths:
        plain = ask(web, path)
        assert "immutable" in plain.header("cache-control")
        small = ask(web, path, Accept_Encoding="br, gzip")
        assert small.header("content-encoding") == "gzip"
        assert gzip.decompress(small.body) == plain.body
        assert small.header("etag") != plain.header("etag")
        assert int(ask(web, path, "HEAD").header("content-length")) == len(plain.body)


def test_only_reading_is_for_files(web):
    answer = ask(web, "/", "POST", b"{}")
    assert (answer.status, answer.header("allow")) == (405, "GET, HEAD, OPTIONS")
    assert ask(web, "/", "OPTIONS").status == 204


@pytest.mark.parametrize("path", ["/index.html", "/assets/", "/assets", "/ASSETS/x.js", "/assets/../",
                                  "/assets/%2e%2e/", "/icon.svg/", "/etc/passwd", "/web.pack"])
def test_what_is_no_file_is_not_found(web, path):
    assert ask(web, path).status in (400, 404)


def upgrade(server, **headers):
    with server.connect() as peer:
        peer.send(upgrade_request(**headers))
        return peer.read_response(head_only=True).status


def test_own_pages_may_open_a_websocket_others_not(web):
    host = f"{HOST}:{web.port}"
    assert upgrade(web, Host=host, Origin=f"http://{host}") == 101
    assert upgrade(web, Host="chat.example.com", Origin="https://chat.example.com") == 101
    for origin in ("https://evil.example", f"http://{host}.evil.example", f"ftp://{host}", host,
                   "null", f"http://{HOST}", "http://"):
        assert upgrade(web, Host=host, Origin=origin) == 403, origin


def test_without_authentication_own_pages_open_none(web):
    server = Msgd(binary("MSGD"), ["--no-authentication"])
    try:
        host = f"{HOST}:{server.port}"
        assert ask(server, "/").status == 200
        assert upgrade(server, Host=host, Origin=f"http://{host}") == 403
    finally:
        server.stop()


def test_no_web():
    server = Msgd(binary("MSGD"), ["--no-web"])
    try:
        host = f"{HOST}:{server.port}"
        assert [ask(server, path).status for path in ("/", "/demo/users")] == [404, 404]
        assert upgrade(server, Host=host, Origin=f"http://{host}") == 403
    finally:
        server.stop()


def demo_users(server):
    return json.loads(ask(server, "/demo/users").body)["users"]


def begin(server, user_id, **headers):
    body = json.dumps({"user_id": user_id, "device_name": "here"}).encode()
    return ask(server, "/demo/sessions", "POST", body, **headers)


def test_demo_users_come_in_with_one_click(web):
    users = demo_users(web)
    assert [user["display_name"] for user in users] == ["Alice", "Bob", "Carol"]
    answer = begin(web, users[0]["id"], Origin=f"http://{HOST}:{web.port}",
                   Sec_Fetch_Site="same-origin")
    assert answer.status == 201
    signed_in = answer.json()
    assert signed_in["user"]["id"] == users[0]["id"]
    token = signed_in["token"]
    me = ask(web, "/api/v1/me", Authorization=f"Bearer {token}")
    assert me.json()["username"] == "alice"
    # A session, not a key.
    assert ask(web, "/api/v1/keys", Authorization=f"Bearer {token}").status == 403


ELSEWHERE = {
    "a name of another site": {"Host": "evil.example"},
    "a name that only begins so": {"Host": "127.0.0.1.evil.example"},
    "no name": {"Host": "0.0.0.0:3000"},
    "a proxy": {"X_Forwarded_For": "10.0.0.7"},
    "another proxy": {"Forwarded": "for=10.0.0.7"},
    "a page of another site": {"Origin": "https://evil.example"},
    "a page of another port": {"Origin": f"http://{HOST}:1"},
    "a sandboxed page": {"Origin": "null"},
    "a request that a page of another site caused": {"Sec_Fetch_Site": "cross-site"},
    "one of the same site": {"Sec_Fetch_Site": "same-site"},
}


@pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_demo_users_are_for_this_machine_only(web, headers):
    user = demo_users(web)[0]["id"]
    assert ask(web, "/demo/users", **headers).status == 404
    assert begin(web, user, **headers).status == 404


def test_a_form_begins_no_session(web):
    user = demo_users(web)[0]["id"]
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        assert begin(web, user, Content_Type=kind).status == 415


def test_nobody_else_is_a_demo_user(web):
    key = web.dev_tokens()["key"]
    body = json.dumps({"phone": "+14155550777", "username": "zoe"}).encode()
    made = ask(web, "/api/v1/users", "POST", body, Authorization=f"Bearer {key}").json()
    assert begin(web, made["id"]).status == 404
    assert begin(web, "1").status == 404


def test_there_are_none_without_dev(web, tmp_path):
    process = subprocess.Popen(
        [binary("MSGD"), "--store", f"sqlite:{tmp_path}/msg.db", "--listen", f"{HOST}:0",
         "--log-format", "json"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        entries = (json.loads(line) for line in process.stderr)
        port = next(entry["port"] for entry in entries if entry["event"] == "listening")
        server = SimpleNamespace(port=port, connect=lambda: Peer((HOST, port)))
        assert [ask(server, path).status for path in ("/", "/demo/users")] == [200, 404]
        assert begin(server, "1").status == 404
    finally:
        process.terminate()
        process.communicate()


def test_a_demo_user_may_take_another_name(web):
    server = Msgd(binary("MSGD"))
    try:
        alice = server.dev_tokens()["users"]["alice"]
        body = json.dumps({"username": "alicia"}).encode()
        answer = ask(server, f"/api/v1/users/{alice['id']}", "PATCH", body,
                     Authorization=f"Bearer {alice['token']}")
        assert answer.status == 200
        assert server.terminate() == 0
        again = Msgd(binary("MSGD"), ["--store", f"sqlite:{server.folder}/msg-data/msg.db"])
        try:
            assert demo_users(again)[0]["id"] == alice["id"]
        finally:
            again.stop()
    finally:
        server.stop()
