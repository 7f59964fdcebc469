# SPDX-License-Identifier: Apache-2.0
"""Signing in by phone number through msgd, with codes that go to a webhook of ours."""

import hashlib
import hmac
import http.server
import json
import os
import queue
import ssl
import subprocess
import threading
import time

import pytest

from api import Api
from codes import NONCE, SECRET, Webhook, serve
from conftest import HOST, REPLY_S, WebSocket, upgrade_request

CLOSE_S = 5.0


@pytest.fixture
def webhook():
    hook = Webhook()
    yield hook
    hook.server.shutdown()


@pytest.fixture
def server(start_msgd, webhook, tmp_path):
    return serve(start_msgd, webhook, tmp_path)


def ask(server, phone, nonce=NONCE):
    return Api(server.url).call(
        "POST", "/api/v1/auth/codes", {"phone": phone, "device_nonce": nonce}
    )


def sign_in(server, webhook, phone, **more):
    asked = ask(server, phone)
    assert asked.status == 202, asked
    proof = {
        "request_id": asked.json["request_id"],
        "device_nonce": NONCE,
        "code": webhook.code(phone),
    }
    return proof, Api(server.url).call("POST", "/api/v1/auth/sessions", {**proof, **more})


def test_a_number_signs_in_and_becomes_a_user(server, webhook):
    proof, answer = sign_in(server, webhook, "+14155550150", device_name="Phone")
    assert answer.status == 201, answer
    assert answer.json["is_new_user"] and answer.json["user"]["phone"] == "+14155550150"
    me = Api(server.url, answer.json["token"])
    assert me.call("GET", "/api/v1/me").json["id"] == answer.json["user"]["id"]
    again = Api(server.url).call("POST", "/api/v1/auth/sessions", proof)
    assert again.status == 403 and again.pointers == ["/code"]


def test_answers_do_not_tell_numbers_apart(server, webhook):
    sign_in(server, webhook, "+14155550150")
    answers = [ask(server, p) for p in ("+14155550151", "+14155550150", "+14155550150")]
    bodies = [{k: v for k, v in a.json.items() if k != "request_id"} for a in answers]
    assert bodies[0] == bodies[1] == bodies[2], "new, known, throttled"
    assert len({len(a.body) for a in answers}) == 1
    headers = [sorted(k for k in a.headers.keys()) for a in answers]
    assert headers[0] == headers[1] == headers[2]


def test_requests_that_cannot_succeed_say_why(server):
    assert ask(server, "+905551234567").pointers == ["/phone"]
    assert ask(server, "+905551234567").status == 403
    assert ask(server, "555").status == 422
    assert ask(server, "+14155550150", "short").pointers == ["/device_nonce"]
    wrong = {"request_id": "A" * 32, "device_nonce": NONCE, "code": "000000"}
    assert Api(server.url).call("POST", "/api/v1/auth/sessions", wrong).status == 403


def test_an_address_is_told_when_it_asks_too_often(start_msgd, webhook, tmp_path):
    server = serve(start_msgd, webhook, tmp_path, "--codes-per-address=2")
    assert [ask(server, "+14155550150").status for _ in range(3)] == [202, 202, 429]
    refused = ask(server, "+14155550150")
    assert refused.code == "rate_limited" and int(refused.headers["Retry-After"]) > 3000


def test_a_webhook_that_fails_for_a_moment_is_tried_again(server, webhook):
    webhook.failures = 2
    assert ask(server, "+14155550150").status == 202
    deliveries = []
    for status in (500, 500, 204):
        answered, headers, _ = webhook.posts.get(timeout=REPLY_S)
        assert answered == status
        deliveries.append(headers["X-Msg-Delivery"])
    assert len(set(deliveries)) == 1 and len(deliveries[0]) == 32


@pytest.mark.parametrize("is_known", [True, False])
def test_a_webhook_shows_a_certificate_that_is_trusted(start_msgd, tmp_path, is_known):
    made = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", tmp_path / "key.pem", "-out", made],
        check=True, capture_output=True,
    )
    both = tmp_path / "both.pem"
    both.write_text((tmp_path / "key.pem").read_text() + made.read_text())
    hook = Webhook(both)
    environment = {"SSL_CERT_FILE": str(made)} if is_known else {}
    server = serve(start_msgd, hook, tmp_path, environment=environment)
    assert ask(server, "+14155550150").status == 202
    if is_known:
        assert len(hook.code("+14155550150")) == 6
    else:
        failed = server.wait_for_log("store", level="warn")
        assert "could not be sent" in failed["what"] and hook.posts.empty()
    hook.server.shutdown()


def test_pin_number_and_sessions(server, webhook):
    _, first = sign_in(server, webhook, "+14155550150", device_name="Phone")
    me = Api(server.url, first.json["token"])
    assert me.call("PUT", "/api/v1/me/pin", {"pin": "12"}).pointers == ["/pin"]
    assert me.call("PUT", "/api/v1/me/pin", {"pin": "1234"}).status == 204
    other = Api(server.url, Api(server.url, server.dev_tokens()["key"]).call(
        "POST", f"/api/v1/users/{first.json['user']['id']}/sessions", {"device_name": "Desk"}
    ).json["token"])
    renamed = me.call(
        "PATCH", f"/api/v1/sessions/{first.json['session']['id']}", {"device_name": "New"}
    )
    assert renamed.json["device_name"] == "New" and renamed.json["current"]

    asked = ask(server, "+14155550160")
    proof = {
        "request_id": asked.json["request_id"],
        "device_nonce": NONCE,
        "code": webhook.code("+14155550160"),
    }
    changed = me.call("POST", "/api/v1/me/phone", proof)
    assert changed.status == 200 and changed.json["phone"] == "+14155550160"
    assert other.call("GET", "/api/v1/me").status == 401, "other sessions have ended"
    assert me.call("DELETE", "/api/v1/me/pin").status == 204
    assert me.call("DELETE", "/api/v1/sessions").status == 204
    assert len(me.call("GET", "/api/v1/sessions").json["items"]) == 1


def test_a_key_has_no_pin_and_no_ticket(server):
    key = Api(server.url, server.dev_tokens()["key"])
    assert key.call("PUT", "/api/v1/me/pin", {"pin": "1234"}).status == 403
    assert key.call("POST", "/api/v1/tickets").status == 403
    assert key.call("DELETE", "/api/v1/sessions").status == 403


def ticket_of(api):
    answer = api.call("POST", "/api/v1/tickets")
    assert answer.status == 201, answer
    return answer.json["ticket"]


def hello(socket):
    socket.send_json({"id": 1, "op": "hello"})
    return socket.read_json()


def test_a_ticket_opens_one_websocket(server):
    alice = Api(server.url, server.dev_tokens()["users"]["alice"]["token"])
    ticket = ticket_of(alice)
    path = f"/api/v1/ws?ticket={ticket}"
    with WebSocket(server.address, path=path) as socket:
        assert hello(socket)["result"]["user"]["username"] == "alice"
        session = alice.call("GET", "/api/v1/sessions").json["items"][-1]["id"]
        with WebSocket(server.address, path=path) as second:
            second.send_json({"id": 1, "op": "hello"})
            assert second.read_close()[0] == 4401, "used"
        alice.call("DELETE", f"/api/v1/sessions/{session}")
        assert socket.read_close()[0] == 4401, "its session was revoked"


def test_a_ticket_opens_one_event_stream(server):
    bob = Api(server.url, server.dev_tokens()["users"]["bob"]["token"])
    ticket = ticket_of(bob)
    request = f"GET /api/v1/events?ticket={ticket} HTTP/1.1\r\nHost: t\r\n\r\n".encode()
    with server.connect() as peer:
        peer.send(request)
        assert b" 200 " in peer.read_until(b"\r\n\r\n")
    with server.connect() as peer:
        peer.send(request)
        assert peer.read_response().status == 401


def test_tokens_in_urls_are_refused(server):
    token = server.dev_tokens()["users"]["alice"]["token"]
    for query in (f"token={token}", f"access_token={token}", f"anything={token}"):
        for path in ("/api/v1/me", "/api/v1/events"):
            with server.connect() as peer:
                peer.send(f"GET {path}?{query} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
                assert peer.read_response().status == 400
        with server.connect() as peer:
            peer.send(upgrade_request(path=f"/api/v1/ws?{query}"))
            assert peer.read_response().status == 400


def test_a_session_that_becomes_too_old_loses_its_socket(start_msgd):
    server = start_msgd("--session-age-s=4")
    token = server.dev_tokens()["users"]["alice"]["token"]
    with WebSocket(server.address, Authorization=f"Bearer {token}") as socket:
        assert hello(socket)["ok"]
        begun = time.monotonic()
        code, _ = socket.read_close()
        assert code == 4401
        assert time.monotonic() - begun < 4 + CLOSE_S
    assert Api(server.url, token).call("GET", "/api/v1/me").status == 401


def test_msgctl_signs_in(server, webhook, msgctl, tmp_path):
    run = {"text": True, "cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    login = subprocess.Popen(
        [msgctl, "--url", server.url, "login", "+1 415 555 0150"], stdin=subprocess.PIPE, **run
    )
    token, errors = login.communicate(webhook.code("+14155550150") + "\n", timeout=REPLY_S)
    assert login.returncode == 0, errors
    environment = {**os.environ, "MSG_TOKEN": token.strip(), "MSG_URL": server.url}
    listed = subprocess.run([msgctl, "session", "list"], env=environment, timeout=REPLY_S, **run)
    assert "msgctl" in listed.stdout and "this" in listed.stdout, listed.stderr
    others = subprocess.run(
        [msgctl, "session", "revoke-others"], env=environment, timeout=REPLY_S, **run
    )
    assert others.returncode == 0, others.stderr


def test_no_secret_and_no_number_is_logged(server, webhook):
    proof, answer = sign_in(server, webhook, "+14155550150")
    me = Api(server.url, answer.json["token"])
    ticket = ticket_of(me)
    me.call("PUT", "/api/v1/me/pin", {"pin": "73318462"})
    me.call("GET", "/api/v1/me", query={"token": answer.json["token"]})
    with WebSocket(server.address, path=f"/api/v1/ws?ticket={ticket}") as socket:
        assert hello(socket)["ok"]
    server.terminate()
    text = "\n".join(json.dumps(entry) for entry in server.log)
    secrets = (answer.json["token"], ticket, proof["code"], "4155550150", NONCE, "73318462")
    for secret in secrets:
        assert secret not in text, secret


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--code-webhook=https://a.example/"], "code-webhook-secret-file"),
        (["--code-webhook=http://a.example/", "--code-webhook-secret-file=secret"], "https"),
        (["--code-webhook=x", "--code-webhook-secret-file=secret"], "URL"),
        (["--code-webhook=https://a.example/", "--code-webhook-secret-file=open"], "chmod"),
        (["--sign-in-country=abc"], "country code"),
    ],
)
def test_a_wrong_setting_is_named(arguments, words, tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "open").write_text(SECRET)
    (tmp_path / "open").chmod(0o644)
    ended = subprocess.run(
        [os.path.abspath(os.environ["MSGD"]), "--dev", "--listen", f"{HOST}:0", *arguments],
        cwd=tmp_path, capture_output=True, text=True, timeout=REPLY_S,
    )
    assert ended.returncode != 0 and words in ended.stderr, ended.stderr
